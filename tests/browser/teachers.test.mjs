// For teachers: links that hide sections, and five-minute tasks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, useSite, waitUntilReady } from './helpers.mjs';

const site = useSite();

const visibleSections = (page) =>
  page.$$eval('main > section:not(#start)', (sections) =>
    sections.filter((section) => section.checkVisibility()).map(({ id }) => id),
  );
const listedSections = (page) =>
  page.$$eval('#sections a:not([hidden])', (links) => links.map(({ hash }) => hash.slice(1)));

test('a link hides sections and their entries in the header, until all are shown', async () => {
  const { page, problems } = await openPage(
    site.browser,
    `${site.url}#outputs?hide=cost,exercises,nothing&fig=4,3,2,2,1,1,1`,
  );
  const shown = ['inputs', 'outputs', 'pointwise', 'groups', 'workshop', 'usage'];
  assert.deepEqual(await visibleSections(page), shown);
  assert.deepEqual(await listedSections(page), shown);
  assert.ok(await page.locator('#outputs').getByText('This link hides some sections').isVisible());
  await page.getByRole('button', { name: 'Show all sections' }).click();
  assert.equal((await visibleSections(page)).length, 8);
  assert.equal((await listedSections(page)).length, 8);
  assert.equal(await page.isVisible('#hidden-sections'), false);
  await page.waitForFunction(() => location.hash === '#outputs?fig=4,3,2,2,1,1,1');
  assert.deepEqual(problems, []);
  await page.close();
});

test('a link to a hidden section shows it', async () => {
  const page = await site.browser.newPage();
  await page.goto(`${site.url}#groups?hide=cost,exercises`);
  await waitUntilReady(page);
  await page.evaluate(() => {
    location.hash = '#cost';
  });
  await page.waitForFunction(() => location.hash === '#cost?hide=exercises');
  assert.ok((await visibleSections(page)).includes('cost'));
  assert.ok(!(await visibleSections(page)).includes('exercises'));
  await page.close();
});

test('teachers choose the sections of a lesson and copy its link', async () => {
  const context = await site.browser.newContext({
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  await page.goto(`${site.url}#teachers?fig=4,3,2,2,1,1,1`);
  await waitUntilReady(page);
  for (const name of ['Inputs', 'Cost', 'Use it']) {
    await page.locator('#teachers').getByLabel(name, { exact: true }).uncheck();
  }
  await page.getByRole('button', { name: 'Copy the lesson’s link' }).click();
  await page.locator('#teachers').getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, `${site.url}#outputs?fig=4,3,2,2,1,1,1&hide=inputs,cost,usage`);
  const lesson = await context.newPage();
  await lesson.goto(copied);
  await waitUntilReady(lesson);
  assert.deepEqual(await visibleSections(lesson), [
    'outputs',
    'pointwise',
    'groups',
    'workshop',
    'exercises',
  ]);
  await context.close();
});

/** The state that the link of each task promises. */
const TASKS = [
  ['windows', { fig: '3,3,1,2,1,0,1' }],
  ['windows', { fig: '5,1,1,3,2,1,1' }],
  ['photo-inputs', { 'photo-inputs': 'red-green.rg' }],
  ['outputs-figure', { out: '3,3,2,2,1,0,1' }],
  ['groups-figure', { groups: '4,1' }],
  ['cost', { cost: '56,56,3,32,32,1,1' }],
  ['cost', { cost: '56,56,3,64,64,1,64' }],
];

const FIGURE = ['size', 'inputs', 'outputs', 'kernel', 'stride', 'padding', 'dilation'];
/** Settings in the order of a link's values. */
const ORDER = { fig: FIGURE, out: FIGURE, cost: ['h', 'w', 'k', 'ci', 'co', 'stride', 'groups'] };

/** The state that a part of the page shows, as far as its controls tell. */
const readState = (page, id) =>
  page.$eval(`#${id}`, (place) => ({
    settings: Object.fromEntries(
      [...place.querySelectorAll('[data-setting]')].map((slider) => [
        slider.dataset.setting,
        slider.closest('.slider').querySelector('output').textContent,
      ]),
    ),
    pressed: [...place.querySelectorAll('[aria-pressed=true]')].map(
      (button) => button.getAttribute('aria-label') ?? button.textContent,
    ),
  }));

test('each five-minute task opens the state that it promises', async () => {
  const { page, problems } = await openPage(site.browser, `${site.url}#teachers`);
  const links = page.locator('#teachers .tasks a');
  assert.equal(await links.count(), TASKS.length);
  for (const [i, [id, values]] of TASKS.entries()) {
    await page.$eval('#teachers', (row) => {
      row.open = true;
    });
    await links.nth(i).click();
    const hash = `#${id}?${Object.entries(values).flat().join('=')}`;
    assert.equal(await page.evaluate(() => location.hash), hash);
    await page.waitForSelector(`#${id} :is([data-mounted], .photo-matrix canvas)`);
    const { settings, pressed } = await readState(page, id);
    const [[key, value]] = Object.entries(values);
    if (key in ORDER) assert.equal(ORDER[key].map((name) => settings[name]).join(), value);
    else if (key === 'groups') assert.equal(pressed[0], '4');
    else assert.match(pressed.join(), /Red.*Green.*Red − green/);
    // The state is still in the URL, so nothing has rejected it.
    assert.equal(await page.evaluate(() => location.hash), hash);
  }
  assert.deepEqual(problems, []);
  await page.close();
});
