// The built page as a whole: hosting, offline use, size, and missing features.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startServer } from '../../tools/serve.mjs';
import {
  openEverything,
  openPage,
  readChecks,
  root,
  servePage,
  showFigures,
  useSite,
  waitUntilReady,
} from './helpers.mjs';

/** Compressed bytes that the first load may transfer. */
const FIRST_LOAD = 350_000;

const site = useSite();

async function assertAllMatch(page) {
  const examples = await readChecks(page);
  assert.ok(Object.keys(examples).length >= 10);
  for (const [id, { state, result }] of Object.entries(examples)) {
    assert.equal(state, 'match', `${id}: ${result}`);
  }
}

test('every check of the page holds', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  assert.equal(await page.getAttribute('html', 'data-page'), 'ready');
  await assertAllMatch(page);
  assert.match(await page.textContent('#tally'), /^(\d+) of \1 checks hold$/);
  assert.match(
    await page.textContent('#features'),
    /corr2d 0\.1\.0.*variant.*1 thread.*cross-origin isolated/,
  );
  assert.deepEqual(problems, []);
  await page.close();
});

test('no two primary buttons are seen at once before anything is opened', async () => {
  for (const width of [1440, 360]) {
    const { page } = await openPage(site.browser, site.url, { viewport: { width, height: 700 } });
    await showFigures(page);
    const tops = await page.$$eval('.primary', (buttons) =>
      buttons
        .filter((button) => button.checkVisibility())
        .map((button) => button.getBoundingClientRect().top + scrollY),
    );
    assert.ok(tops.length >= 3, `${tops}`);
    tops.slice(1).forEach((top, i) => {
      assert.ok(top - tops[i] > 700, `at ${width} px, primary buttons are at ${tops}`);
    });
    await page.close();
  }
});

test('the page works under any path and without cross-origin isolation', async () => {
  const host = mkdtempSync(join(tmpdir(), 'corr2d-host-'));
  cpSync(join(root, 'build/web'), join(host, 'some/where/corr2d'), { recursive: true });
  const plain = await startServer({ root: host, port: 0 });
  const context = await site.browser.newContext({ serviceWorkers: 'block' });
  try {
    const url = new URL('some/where/corr2d/', plain.url).href;
    const isolated = await openPage(site.browser, url);
    await assertAllMatch(isolated.page);
    assert.deepEqual(isolated.problems, []);
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
    await waitUntilReady(page);
    assert.equal(await page.evaluate(() => globalThis.crossOriginIsolated), false);
    assert.match(await page.textContent('#features'), /not isolated: the host does not send/);
    await showFigures(page);
    await assertAllMatch(page);
    await page.unrouteAll({ behavior: 'ignoreErrors' }); // requests may still be under way
  } finally {
    await context.close();
    await plain.close();
    rmSync(host, { recursive: true });
  }
});

test('after the first visit the whole page works offline', async () => {
  const context = await site.browser.newContext();
  const own = await servePage();
  const page = await context.newPage();
  await page.goto(own.url);
  await page.waitForFunction(
    async () => (await navigator.serviceWorker.ready).active?.state === 'activated',
  );
  await own.close();
  // The sections that load later come from the cache too.
  await page.reload();
  await waitUntilReady(page);
  await showFigures(page);
  await openEverything(page);
  await assertAllMatch(page);
  await page.waitForFunction(() =>
    /computed and drawn/.test(document.querySelector('#workshop-times').textContent),
  );
  await context.close();
});

test('the first load is small and does not include the editor', async () => {
  const context = await site.browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  const responses = [];
  page.on('response', (response) => responses.push(response));
  await page.goto(site.url);
  await waitUntilReady(page);
  await page.waitForLoadState('networkidle');
  const sizes = new Map();
  for (const response of responses) {
    const body = await response.body();
    const { pathname } = new URL(response.url());
    const isCompressed = /\.(woff2|jpg)$/.test(pathname);
    sizes.set(pathname, isCompressed ? body.length : gzipSync(body).length);
  }
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(total <= FIRST_LOAD, `${total} bytes: ${JSON.stringify([...sizes])}`);
  assert.ok(sizes.size > 5);
  assert.ok(![...sizes.keys()].some((name) => name.includes('editor')), 'the editor is loaded');
  await context.close();
});

test('the page states why corr2d cannot start', async () => {
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
    const context = await site.browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    await prepare(page);
    await page.goto(site.url);
    await waitUntilReady(page);
    assert.equal(await page.getAttribute('html', 'data-page'), 'failed', what);
    assert.ok(await page.isVisible('#failure'), what);
    assert.equal(await page.isVisible('#failure-needs'), needs, what);
    for (const [id, { state }] of Object.entries(await readChecks(page))) {
      assert.equal(state, 'error', `${what}: ${id}`);
    }
    assert.match(await page.textContent('#tally'), /^0 of/, what);
    await context.close();
  }
});

test('without workers, service workers and storage, as in a sandboxed frame, the figures work', async () => {
  const refuse = () => {
    const fail = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    };
    globalThis.Worker = class {
      constructor() {
        fail();
      }
    };
    Object.defineProperty(globalThis, 'localStorage', { get: fail });
    Object.defineProperty(navigator, 'serviceWorker', { get: fail });
  };
  const { page, problems } = await openPage(site.browser, site.url, {
    prepare: (page) => page.addInitScript(refuse),
  });
  assert.equal(await page.getAttribute('html', 'data-page'), 'ready');
  for (const [id, { state }] of Object.entries(await readChecks(page))) {
    if (!id.startsWith('cell-')) assert.equal(state, 'match', id);
  }
  await page.getByText('The operation is insecure.').first().waitFor();
  assert.deepEqual(problems, []);
  await page.close();
});

test('the page can be printed, and can be read without JavaScript', async () => {
  const { page } = await openPage(site.browser, site.url, { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.isVisible('.top'), false);
  assert.equal(await page.locator('[data-cell=multi-in] button').first().isVisible(), false);
  // The printed page is light even in the dark theme.
  const ink = await page.evaluate(() => getComputedStyle(document.body).color);
  assert.equal(ink, 'rgb(27, 33, 36)');
  await page.close();

  const context = await site.browser.newContext({ javaScriptEnabled: false });
  const still = await context.newPage();
  await still.goto(site.url);
  assert.match(await still.locator('.notice:visible').textContent(), /JavaScript.* switched off/);
  assert.ok(await still.getByText('Several input channels').first().isVisible());
  assert.ok(await still.getByText('Two kernels in a row').isVisible());
  for (const part of ['button:not(.inline)', 'input', '.loading', '.workshop', '.check']) {
    assert.equal(await still.locator(`${part}:visible`).count(), 0, part);
  }
  assert.equal(await still.locator('.top nav a:visible').count(), 8);
  await context.close();
});

for (const [width, most] of [
  [1440, 9000],
  [360, 12_000],
]) {
  test(`the page is less than ${most} px tall at a width of ${width} px`, async () => {
    const page = await site.browser.newPage({
      viewport: { width, height: 800 },
      reducedMotion: 'reduce',
    });
    await page.goto(site.url);
    await waitUntilReady(page);
    // All parts are mounted when they come near.
    for (const part of await page.$$('main > section, .figure, [data-lazy]')) {
      await part.evaluate((element) => element.scrollIntoView({ behavior: 'instant' }));
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    }
    await page.waitForSelector('#exercises [data-mounted]');
    await page.waitForSelector('#workshop [data-mounted] canvas');
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    assert.ok(height > 5000 && height < most, `${height} px`);
    await page.close();
  });
}
