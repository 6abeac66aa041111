// load({ wasm }) in Chromium: a URL, bytes and a Module, and wrong responses of the server.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEmptyPage, root, serveRepository, useSite } from './helpers.mjs';

const simd = readFileSync(join(root, 'dist', 'corr2d-simd.wasm'));
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

let page;
const site = useSite({
  serve: serveRepository,
  async prepare({ browser, url }) {
    ({ page } = await openEmptyPage(browser, new URL('empty', url).href));
  },
});

/**
 * Loads with `options`, whose `wasm` is a URL, and counts streaming compilations. `how` selects what is
 * passed to load(): the URL, or its bytes or module.
 */
const loadWith = (options, how = 'url') =>
  page.evaluate(
    async ([{ wasm, ...rest }, how]) => {
      const { load } = await import('/dist/index.js');
      const make = {
        url: () => wasm,
        URL: () => new URL(wasm, document.baseURI),
        bytes: async () => (await fetch(wasm)).arrayBuffer(),
        view: async () => new Uint8Array(await (await fetch(wasm)).arrayBuffer()),
        module: () => WebAssembly.compileStreaming(fetch(wasm)),
      };
      const source = await make[how]();
      const { compileStreaming } = WebAssembly;
      let streamed = 0;
      WebAssembly.compileStreaming = (response) => {
        streamed++;
        return compileStreaming.call(WebAssembly, response);
      };
      try {
        const c = await load({ wasm: source, ...rest });
        return { variant: c.features.variant, y: c.corr2d([[1, 2]], [[3]]).toArray(), streamed };
      } catch ({ code, message }) {
        return { code, message };
      } finally {
        WebAssembly.compileStreaming = compileStreaming;
      }
    },
    [options, how],
  );

/** A URL to which the server responds with `answer`. */
async function createAnswer(name, answer) {
  await page.route(`**/answers/${name}`, (route) => route.fulfill(answer));
  return `/answers/${name}`;
}

const contentType = 'application/wasm';

test('a URL is compiled while it streams; bytes and a Module are used directly', async () => {
  for (const variant of ['simd', 'relaxed']) {
    for (const how of ['url', 'URL', 'bytes', 'view', 'module']) {
      const found = await loadWith({ wasm: `/dist/corr2d-${variant}.wasm` }, how);
      const streamed = how.toLowerCase() === 'url' ? 1 : 0;
      assert.deepEqual(found, { variant, y: [[3, 6]], streamed }, how);
    }
  }
});

test('a URL is fetched once and then comes from the cache', async () => {
  // A page without Playwright's routes, which disable the cache.
  const own = await site.browser.newPage();
  await own.goto(new URL('no-such-page', site.url).href);
  const sizes = await own.evaluate(async () => {
    const { load } = await import('/dist/index.js');
    const wasm = '/dist/corr2d-simd.wasm';
    for (let i = 0; i < 2; i++) await load({ wasm });
    const fetches = performance.getEntriesByName(new URL(wasm, location).href);
    return fetches.map(({ transferSize }) => transferSize);
  });
  await own.close();
  assert.equal(sizes.length, 2);
  // The first response is compressed; the second is only a revalidation.
  assert.ok(sizes[0] > simd.length / 4 && sizes[1] < 1000, `${sizes} bytes were transferred`);
});

test('LOAD_FAILED names what the server sent instead', async () => {
  const html = { contentType: 'text/html', body: '<!doctype html><title>App</title>' };
  const older = Buffer.from(simd);
  older.write(version.replace(/\d/, '9'), older.lastIndexOf(version), 'latin1');
  const cases = [
    [
      'page',
      html,
      /^load: wasm from .*\/answers\/page \(text\/html\) is not WebAssembly: 33 bytes, an HTML page: "<!doctype html>/,
    ],
    [
      'missing',
      { ...html, status: 404 },
      /answers\/missing: the server responded with status 404$/,
    ],
    [
      'mislabelled',
      { ...html, contentType },
      /answers\/mislabelled \(application\/wasm\) could not be compiled: CompileError: .*expected magic word/,
    ],
    [
      'cut',
      { contentType, body: simd.subarray(0, 40_000) },
      /answers\/cut \(application\/wasm\) could not be compiled: CompileError/,
    ],
    [
      'empty',
      { contentType, body: '' },
      /answers\/empty \(application\/wasm\) could not be compiled: CompileError/,
    ],
    [
      'older',
      { contentType, body: older },
      new RegExp(
        `^load: wasm is from corr2d 9\\S+; expected ${version}, the version of this package$`,
      ),
    ],
  ];
  for (const [name, answer, pattern] of cases) {
    const { code, message } = await loadWith({ wasm: await createAnswer(name, answer) });
    assert.equal(code, 'LOAD_FAILED', name);
    assert.match(message, pattern, name);
  }
  const other = await loadWith({ wasm: '/dist/corr2d-simd.wasm', simd: 'relaxed' });
  assert.deepEqual(other, {
    code: 'LOAD_FAILED',
    message: "load: wasm is the variant simd; expected one with simd: 'relaxed'",
  });
});
