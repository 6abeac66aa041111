// load() in dedicated, shared and service workers. Service workers forbid import(), so they need a static
// entry.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveFiles, useSite } from './helpers.mjs';

const answer = `
  async function answer(load) {
    try {
      const c = await load();
      return [c.features.variant, c.corr2d([[1, 2]], [[3]]).toArray()];
    } catch ({ code, message }) {
      return [code, message];
    }
  }`;
const files = {
  'index.html': '<!doctype html><title>workers</title>',
  'dedicated.js': `
    import { load } from './dist/index.js';
    import { load as loadSimd } from './dist/simd.js';
    ${answer}
    postMessage([await answer(load), await answer(loadSimd)]);`,
  'shared.js': `
    import { load } from './dist/index.js';
    import { load as loadSimd } from './dist/simd.js';
    ${answer}
    onconnect = async ({ ports: [port] }) => {
      port.postMessage([await answer(load), await answer(loadSimd)]);
    };`,
  'service.js': `
    import { load } from './dist/index.js';
    import { load as loadSimd } from './dist/simd.js';
    import { load as loadRelaxed } from './dist/relaxed.js';
    import { createClient } from './dist/worker.js';
    ${answer}
    onmessage = async ({ source }) => {
      const client = await createClient().catch(({ code }) => code);
      source.postMessage([
        await answer(load), await answer(loadSimd), await answer(loadRelaxed), client,
      ]);
    };`,
};

const computed = [[3, 6]];
let page;
useSite({
  serve: () => serveFiles(files),
  async prepare({ browser, url }) {
    page = await browser.newPage();
    await page.goto(url);
  },
});

const both = [
  ['relaxed', computed],
  ['simd', computed],
];

test('load works in a dedicated worker', async () => {
  const found = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker('dedicated.js', { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      }),
  );
  assert.deepEqual(found, both);
});

test('load works in a shared worker', async () => {
  const found = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const worker = new SharedWorker('shared.js', { type: 'module' });
        worker.port.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message ?? 'not started'));
      }),
  );
  assert.deepEqual(found, both);
});

test('static entries load in a service worker; the main entry rejects with LOAD_FAILED', async () => {
  const [main, ...others] = await page.evaluate(async () => {
    await navigator.serviceWorker.register('service.js', { type: 'module' });
    const { active } = await navigator.serviceWorker.ready;
    return new Promise((resolve) => {
      navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
      navigator.serviceWorker.startMessages();
      active.postMessage('compute');
    });
  });
  assert.equal(main[0], 'LOAD_FAILED');
  assert.match(
    main[1],
    /^load: the variant relaxed could not be imported: .*ServiceWorker.*load from corr2d\/simd there\)$/,
  );
  assert.deepEqual(others, [['simd', computed], ['relaxed', computed], 'WORKER_FAILED']);
});
