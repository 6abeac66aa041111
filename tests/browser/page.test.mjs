// The built page as a whole: where it can be hosted, how it looks, what it weighs.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startServer } from '../../tools/serve.mjs';
import { examplesOf, goTo, launch, meetFigures, openAnswers, openPage, root } from './helpers.mjs';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Bytes that the first load may take, compressed. */
const FIRST_LOAD = 350_000;

let browser;
let server;

before(async () => {
  browser = await launch();
  server = await startServer({ root: join(root, 'build/web'), port: 8250 });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens all that is hidden or fetched late, so that it is there to be looked at. */
async function unfold(page) {
  for (const section of ['lab', 'cost', 'speed']) await goTo(page, section);
  await openAnswers(page);
  await page.locator('[data-cell=stack] .code.editable').click();
  await page.locator('[data-cell=stack] .cm-content').waitFor();
}

async function assertAllMatch(page) {
  const examples = await examplesOf(page);
  assert.ok(Object.keys(examples).length >= 10);
  for (const [id, { state, result }] of Object.entries(examples)) {
    assert.equal(state, 'match', `${id}: ${result}`);
  }
}

test('every check of the page holds, by the figures the chapter has', async () => {
  const { page, troubles } = await openPage(browser, server.url);
  assert.equal(await page.getAttribute('html', 'data-page'), 'ready');
  await assertAllMatch(page);
  assert.match(await page.textContent('#tally'), /^10 of 10 checks hold$/);
  assert.match(
    await page.textContent('#features'),
    /corr2d 0\.1\.0.*variant.*1 thread.*cross-origin isolated/,
  );
  assert.deepEqual(troubles, []);
  await page.close();
});

test('it works under any path, and where nothing isolates it', async () => {
  const host = mkdtempSync(join(tmpdir(), 'corr2d-host-'));
  cpSync(join(root, 'build/web'), join(host, 'some/where/corr2d'), { recursive: true });
  const plain = await startServer({ root: host, port: 8260 });
  const context = await browser.newContext({ serviceWorkers: 'block' });
  try {
    const url = new URL('some/where/corr2d/', plain.url).href;
    const isolated = await openPage(browser, url);
    await assertAllMatch(isolated.page);
    assert.deepEqual(isolated.troubles, []);
    await isolated.page.close();

    const page = await context.newPage();
    await page.route('**', async (route) => {
      const response = await route.fetch();
      const headers = response.headers();
      delete headers['cross-origin-opener-policy'];
      delete headers['cross-origin-embedder-policy'];
      await route.fulfill({ response, headers });
    });
    await page.goto(url);
    await page.waitForSelector('[data-page=ready]', { state: 'attached', timeout: 60_000 });
    assert.equal(await page.evaluate(() => globalThis.crossOriginIsolated), false);
    assert.match(await page.textContent('#features'), /not isolated: the host does not send/);
    await meetFigures(page);
    await assertAllMatch(page);
  } finally {
    await context.close();
    await plain.close();
    rmSync(host, { recursive: true });
  }
});

test('after the first visit it works offline, with all its parts', async () => {
  const context = await browser.newContext();
  const own = await startServer({ root: join(root, 'build/web'), port: 8270 });
  const page = await context.newPage();
  await page.goto(own.url);
  await page.waitForFunction(
    async () => (await navigator.serviceWorker.ready).active?.state === 'activated',
  );
  await own.close();
  // What is fetched late comes from the cache too.
  await page.reload();
  await page.waitForSelector('[data-page=ready]', { state: 'attached', timeout: 60_000 });
  await meetFigures(page);
  await unfold(page);
  await assertAllMatch(page);
  await page.waitForFunction(() =>
    /computed and drawn/.test(document.querySelector('#lab-times').textContent),
  );
  await context.close();
});

test('a link brings back what was changed, wherever it leads', async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}#cost?fig=4,3,2,2,1,1,1&lab=colours`);
  await page.waitForFunction(
    () => Math.abs(document.querySelector('#cost').getBoundingClientRect().top) < 120,
  );
  await goTo(page, 'cost');
  await page.waitForTimeout(1000);
  const top = await page.evaluate(
    () => document.querySelector('#cost').getBoundingClientRect().top,
  );
  assert.ok(Math.abs(top) < 120, `the section is at ${top} when all has been fetched`);
  await meetFigures(page);
  assert.equal(await page.locator('#windows [role=grid]').count(), 2);
  assert.equal(await page.locator('#windows .channel').count(), 3);
  await goTo(page, 'lab');
  assert.equal(await page.getAttribute('#lab-tab-colours', 'aria-selected'), 'true');
  // A link within the page keeps it.
  await page.locator('.top nav').getByText('Outputs').click();
  await page.waitForFunction(
    () => location.hash === '#outputs?fig=4%2C3%2C2%2C2%2C1%2C1%2C1&lab=colours',
  );
  await page.close();
});

for (const width of [1440, 360]) {
  test(`every link of the head leads to its section, at ${width} px`, async () => {
    const page = await browser.newPage({
      viewport: { width, height: 800 },
      reducedMotion: 'reduce',
    });
    await page.goto(server.url);
    await page.waitForSelector('[data-page=ready]', { state: 'attached' });
    for (const id of ['exercises', 'outputs', 'lab', 'inputs', 'speed', 'cost', 'pointwise']) {
      await page.click(`.top nav a[href="#${id}"]`);
      // Until what is fetched and laid out on the way has its place.
      await page.waitForTimeout(700);
      const top = await page.$eval(`#${id}`, (section) => section.getBoundingClientRect().top);
      assert.ok(Math.abs(top - 80) < 60, `${id} is at ${top}`);
    }
    await page.close();
  });
}

/** What axe-core finds on the page as it is. */
async function violationsOf(page) {
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await globalThis.axe.run(document, { runOnly: tags });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
}

test('axe-core finds nothing in either theme, and nothing is wider than the window', async () => {
  const { page, troubles } = await openPage(browser, server.url, {
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  await unfold(page);
  await page.evaluate(axe);
  const shots = join(root, 'build/screenshots');
  mkdirSync(shots, { recursive: true });
  for (const theme of ['dark', 'light']) {
    assert.equal(await page.getAttribute('html', 'data-theme'), theme);
    assert.deepEqual(await violationsOf(page), [], theme);
    for (const width of [768, 360, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(scrollWidth, width, `at ${width} px`);
      if (width === 768) continue;
      const path = join(shots, `${theme}-${width}.png`);
      await page.screenshot({ path, fullPage: true });
    }
    await page.click('#theme');
  }
  assert.deepEqual(troubles, []);
  await page.close();
});

test('the first load is small, and the editor is none of it', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  const sizes = new Map();
  page.on('response', async (response) => {
    const body = await response.body();
    const { pathname } = new URL(response.url());
    const isCompressed = /\.(woff2|jpg)$/.test(pathname);
    sizes.set(pathname, isCompressed ? body.length : gzipSync(body).length);
  });
  await page.goto(server.url);
  await page.waitForSelector('[data-page=ready]', { state: 'attached' });
  await page.waitForLoadState('networkidle');
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(total <= FIRST_LOAD, `${total} bytes: ${JSON.stringify([...sizes])}`);
  assert.ok(sizes.size > 5);
  assert.ok(![...sizes.keys()].some((name) => name.includes('editor')), 'no editor yet');
  await context.close();
});

test('where corr2d cannot start, the page says why', async () => {
  const withoutSimd = () => {
    WebAssembly.validate = () => false;
  };
  const withoutWasm = () => {
    delete globalThis.WebAssembly;
  };
  for (const [what, needs, prepare] of [
    ['no SIMD', true, (page) => page.addInitScript(withoutSimd)],
    ['no WebAssembly', true, (page) => page.addInitScript(withoutWasm)],
    ['no network', false, (page) => page.route(/variant-/, (route) => route.abort())],
  ]) {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    await prepare(page);
    await page.goto(server.url);
    await page.waitForSelector('[data-page=failed]', { state: 'attached' });
    assert.ok(await page.isVisible('#failure'), what);
    assert.equal(await page.isVisible('#failure-needs'), needs, what);
    for (const [id, { state }] of Object.entries(await examplesOf(page))) {
      assert.equal(state, 'error', `${what}: ${id}`);
    }
    assert.match(await page.textContent('#tally'), /^0 of/, what);
    await context.close();
  }
});

test('it can be printed, and read without JavaScript', async () => {
  const { page } = await openPage(browser, server.url, { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.isVisible('.top'), false);
  assert.equal(await page.locator('[data-cell=multi-in] button').first().isVisible(), false);
  // On paper the page is light, whatever the screen is.
  const ink = await page.evaluate(() => getComputedStyle(document.body).color);
  assert.equal(ink, 'rgb(27, 33, 36)');
  await page.close();

  const context = await browser.newContext({ javaScriptEnabled: false });
  const still = await context.newPage();
  await still.goto(server.url);
  assert.match(await still.locator('.notice:visible').textContent(), /JavaScript.* switched off/);
  assert.ok(await still.getByText('Several input channels').first().isVisible());
  assert.ok(await still.getByText('Two kernels in a row').isVisible());
  for (const part of ['.cell', '.figure', '.lab', '.cost', '.speed', '.check']) {
    assert.equal(await still.locator(`${part}:visible`).count(), 0, part);
  }
  await context.close();
});
