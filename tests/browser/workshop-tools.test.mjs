// The registry of the workshop, with tools of this test beside Filter: one tool is mounted at a time, tools
// share the picture, and a tool that is left keeps no tensors.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { rolldown } from 'rolldown';
import { launch, openRoot, root, serveRepository, useSite } from './helpers.mjs';

const OUT = 'build/workshop-test';

const site = useSite({
  serve: serveRepository,
  start: () => launch(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']),
  prepare: async (site) => {
    const bundle = await rolldown({
      input: ['workshop/workshop', 'workshop/tools', 'shared/link'].map((name) =>
        join(root, 'web/src', `${name}.ts`),
      ),
      transform: { define: { 'import.meta.env.BASE_URL': '"/web/public/"' } },
    });
    await bundle.write({ dir: join(root, OUT), format: 'esm', entryFileNames: '[name].js' });
    await openRoot(site);
  },
});

/**
 * Mounts the workshop with Filter, a tool that draws over the picture, and one without a picture. The page
 * is loaded anew: a workshop that was mounted before would follow changes of the URL, too, and write its own
 * state into it after a delay.
 */
const mountWorkshop = async (page, hash) => {
  await page.goto(site.url);
  await page.evaluate(
    async ([out, hash]) => {
      history.replaceState(null, '', hash);
      const load = (path) => import(`/${path}`);
      const { load: loadPackage } = await load('dist/index.js');
      const { mountWorkshop } = await load(`${out}/workshop.js`);
      const { TOOLS } = await load(`${out}/tools.js`);
      const { Link } = await load(`${out}/link.js`);
      const c = await loadPackage();
      const log = [];
      const fakeTool = (name, isPictureTool) => ({
        id: name,
        label: name,
        load: async () => ({
          createTool({ link, refresh }) {
            const element = document.createElement('p');
            element.textContent = `the tool ${name}`;
            const overlay = document.createElement('div');
            overlay.className = 'test-overlay';
            return {
              element,
              ...(isPictureTool && {
                overlay,
                process: (picture, live) =>
                  log.push(`${name} processes ${picture.shape} ${live ? 'live' : 'still'}`),
              }),
              restore: () => {
                log.push(`${name} restores ${link.get(name)}`);
                refresh();
              },
              dispose: () => log.push(`${name} is disposed of`),
            };
          },
        }),
      });
      document.body.innerHTML = '<section id="workshop"><div id="panel"></div></section>';
      const link = new Link();
      const tools = [...TOOLS, fakeTool('find', true), fakeTool('learn', false)];
      await mountWorkshop(document.querySelector('#panel'), c, link, tools);
      Object.assign(globalThis, { c, log, link });
    },
    [OUT, hash],
  );
};

const countTensors = (page) => page.evaluate(() => globalThis.c.memory().liveTensors);
const tab = (page, name) => page.getByRole('tab', { name });
const readLog = (page) => page.evaluate(() => globalThis.log.splice(0));
const waitForLog = (page, text) =>
  page.waitForFunction((text) => globalThis.log.some((line) => line.includes(text)), text);
const readPanels = (page) =>
  page.locator('[role=tabpanel]:visible').evaluateAll((all) => all.map(({ id }) => id));

test('one tool is mounted at a time and frees everything when it is left', async () => {
  const { page } = site;
  await mountWorkshop(page, '#');
  await page.getByText(/3×427×640, computed and drawn/).waitFor();
  assert.deepEqual(await readPanels(page), ['filter']);
  const inUse = await countTensors(page);
  assert.ok(inUse > 0);

  await tab(page, 'find').click();
  await waitForLog(page, 'processes');
  assert.deepEqual(await readPanels(page), ['find']);
  assert.equal(await page.locator('.mode').count(), 0);
  assert.equal(await countTensors(page), 0);
  assert.equal(await page.locator('.tile-frame > .test-overlay').count(), 1);
  const first = ['find restores null', 'find processes 3,427,640 still'];
  assert.deepEqual(await readLog(page), first);

  // Arrow keys move between the tabs. A tool without a picture hides it.
  await tab(page, 'find').press('ArrowRight');
  await page.getByText('the tool learn').waitFor();
  assert.deepEqual(await readPanels(page), ['learn']);
  assert.equal(await page.locator('.workshop-source').count(), 0);
  assert.deepEqual(await readLog(page), ['find is disposed of', 'learn restores null']);
  await tab(page, 'learn').press('ArrowRight');
  await page.getByText(/3×427×640, computed and drawn/).waitFor();
  await page.locator('.mode').first().waitFor();
  assert.equal(await page.locator('.test-overlay').count(), 0);
  await page.waitForFunction((count) => globalThis.c.memory().liveTensors === count, inUse);
});

test('the camera goes on in the next tool, and stops in one without a picture', async () => {
  const { page } = site;
  await mountWorkshop(page, '#');
  await page.getByText(/3×427×640, computed and drawn/).waitFor();
  const inUse = await countTensors(page);
  await page.locator('#workshop').getByRole('button', { name: 'Use the camera' }).click();
  await page.getByText(/from capture to drawn/).waitFor();
  await tab(page, 'find').click();
  await waitForLog(page, 'find processes 3,480,640 live');
  assert.equal(await countTensors(page), 0);
  await tab(page, 'learn').click();
  await page.getByText('the tool learn').waitFor();
  await tab(page, 'filter').click();
  await page.getByText(/3×427×640, computed and drawn/).waitFor();
  assert.ok(
    await page.locator('#workshop').getByRole('button', { name: 'Use the camera' }).isVisible(),
  );
  assert.equal(
    await page.locator('#workshop').getByRole('button', { name: 'Freeze' }).isVisible(),
    false,
  );
  await page.waitForFunction((count) => globalThis.c.memory().liveTensors === count, inUse);

  // Starting and stopping the camera leaves as much as before.
  await page.locator('#workshop').getByRole('button', { name: 'Use the camera' }).click();
  await page.getByText(/from capture to drawn/).waitFor();
  await page.locator('#workshop').getByRole('button', { name: 'Stop the camera' }).click();
  await page.getByText(/3×427×640, computed and drawn/).waitFor();
  assert.equal(await countTensors(page), inUse);
});

test('each tool has a link, and its state is restored', async () => {
  const { page } = site;
  const open = (hash) =>
    page.evaluate((hash) => {
      location.hash = hash;
    }, hash);
  for (const [hash, tool] of [
    ['#', 'filter'],
    ['#filter', 'filter'],
    ['#find', 'find'],
    ['#learn?lab=stack', 'learn'],
    ['#find?tool=learn', 'learn'],
    ['#?tool=none', 'filter'],
  ]) {
    await mountWorkshop(page, hash);
    assert.deepEqual(await readPanels(page), [tool], hash);
  }
  await tab(page, 'learn').click();
  await page.waitForFunction(() => location.hash.includes('tool=learn'));
  // A link within the page names another tool; one with values names the tool by its key.
  await open('#find');
  await waitForLog(page, 'find restores null');
  assert.deepEqual(await readPanels(page), ['find']);
  await open('#workshop?tool=find&find=3');
  await waitForLog(page, 'find restores 3');
  await open('#workshop?lab=colours');
  await page.locator('.mode-colours').waitFor();
  assert.deepEqual(await readPanels(page), ['filter']);
});

test('a tool that cannot be loaded says so', async () => {
  const { page } = site;
  await page.evaluate(async (out) => {
    history.replaceState(null, '', '#');
    const { mountWorkshop } = await import(`/${out}/workshop.js`);
    const broken = { id: 'broken', label: 'Broken', load: () => Promise.reject(new Error('gone')) };
    document.body.innerHTML = '<section id="workshop"><div id="panel"></div></section>';
    await mountWorkshop(document.querySelector('#panel'), globalThis.c, globalThis.link, [broken]);
  }, OUT);
  assert.equal(await page.textContent('#broken'), 'Broken could not be loaded: gone');
});
