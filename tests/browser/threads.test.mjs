// Threads in a page: where it is cross-origin isolated they all work, and where it is not, or where
// workers cannot start, one does, and says why.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { ISOLATED, launch, openWatched, root } from './helpers.mjs';

/** The name of the variant that this browser gets, but for its instructions. */
const kind = ({ variant, ...rest }) => ({ threaded: variant.endsWith('threads'), ...rest });

describe('threads in Chromium', () => {
  let browser;
  let server;
  before(async () => {
    server = await startServer({ root, port: 8700 });
    browser = await launch();
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  const open = (headers) => openWatched(browser, new URL('empty', server.url).href, headers);

  /** What `load(options)` gives in a page, and whether it computes. */
  const tryToLoad = (page, options) =>
    page.evaluate(async (given) => {
      const { load } = await import('/dist/index.js');
      const c = await load(given);
      const { data } = c.corr2dMultiInOut(c.ones([64, 28, 28]), c.ones([64, 64, 3, 3]));
      const isRight = data.every((value) => Math.abs(value - 576) < 0.01);
      return { isolated: crossOriginIsolated, features: c.features, isRight };
    }, options);

  test('in an isolated page every thread works, to the same bits as one', async () => {
    const { page, troubles, close } = await open(ISOLATED);
    const result = await page.evaluate(async () => {
      const { load } = await import('/dist/index.js');
      const found = [];
      for (const simd of ['simd', 'relaxed']) {
        const [one, three] = [await load({ simd }), await load({ simd, threads: 3 })];
        const compute = (c) => {
          const x = c.normal(0, 1, [64, 28, 28], { seed: 1 });
          const plan = c.planConv2d({
            inputShape: x.shape,
            weight: c.normal(0, 1, [64, 64, 3, 3], { seed: 2 }),
          });
          return { plan, x, out: c.zeros(plan.outputShape) };
        };
        const [a, b] = [one, three].map(compute);
        a.plan.run(a.x, a.out);
        const { tasksOfThread } = three[Symbol.for('corr2d.heap')].constants;
        const counts = () => [0, 1, 2].map((thread) => tasksOfThread(thread));
        let runs = 0;
        do {
          b.plan.run(b.x, b.out);
        } while (Math.min(...counts()) === 0 && ++runs < 100_000);
        const isSame = a.out.data.every((value, i) => value === b.out.data[i]);
        const progress = [];
        const y = await b.plan.runAsync(b.x, { onProgress: (...told) => progress.push(told) });
        const isSameLater = a.out.data.every((value, i) => value === y.data[i]);
        found.push({
          features: three.features,
          isIdle: Math.min(...counts()) === 0,
          isSame,
          isSameLater,
          isDone: progress.at(-1)[0] === b.plan.tasks,
        });
        one.dispose();
        three.dispose();
      }
      return found;
    });
    const good = { isIdle: false, isSame: true, isSameLater: true, isDone: true };
    assert.deepEqual(result, [
      { features: { variant: 'threads', simd: 'simd', threads: 3 }, ...good },
      { features: { variant: 'relaxed-threads', simd: 'relaxed', threads: 3 }, ...good },
    ]);
    assert.deepEqual(troubles, []);
    await close();
  });

  test('dispose ends the workers, round after round', async () => {
    const { page, close } = await open(ISOLATED);
    const rounds = 20;
    const most = await page.evaluate(async (rounds) => {
      const { load } = await import('/dist/index.js');
      const kept = await load({ threads: 2 });
      for (let i = 0; i < rounds; i++) {
        const c = await load({ threads: 3 });
        c.corr2dMultiInOut(c.ones([16, 28, 28]), c.ones([16, 16, 3, 3]));
        c.dispose();
      }
      window.kept = kept;
      return kept.features.threads;
    }, rounds);
    assert.equal(most, 2);
    for (let i = 0; i < 100 && page.workers().length > 1; i++) await page.waitForTimeout(50);
    assert.equal(page.workers().length, 1);
    await page.evaluate(() => window.kept.dispose());
    for (let i = 0; i < 100 && page.workers().length > 0; i++) await page.waitForTimeout(50);
    assert.equal(page.workers().length, 0);
    await close();
  });

  test('auto is one for each core; the static entries, a worker, and own bytes have threads too', async () => {
    const { page, close } = await open(ISOLATED);
    const result = await page.evaluate(async () => {
      const cores = navigator.hardwareConcurrency;
      const { load } = await import('/dist/index.js');
      const auto = await load({ threads: 'auto' });
      const { load: loadThreads } = await import('/dist/threads.js');
      const entry = await loadThreads({ threads: 2 });
      const own = await load({ wasm: '/dist/corr2d-threads.wasm', threads: 2 });
      // In a worker the main thread of the instance may wait.
      const script = new Blob(
        [
          `import { load } from '${location.origin}/dist/index.js';
          const c = await load({ threads: 2 });
          const { data } = c.corr2dMultiInOut(c.ones([64, 28, 28]), c.ones([64, 64, 3, 3]));
          postMessage([c.features.threads, Math.round(data[99])]);`,
        ],
        { type: 'text/javascript' },
      );
      const worker = new Worker(URL.createObjectURL(script), { type: 'module' });
      const inWorker = await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      });
      return {
        auto: auto.features.threads === cores || cores === 1,
        entry: entry.features.threads,
        own: own.features,
        inWorker,
      };
    });
    assert.deepEqual(
      { ...result, own: kind(result.own) },
      {
        auto: true,
        entry: 2,
        own: { threaded: true, simd: 'simd', threads: 2, reason: 'wasm is the variant threads' },
        inWorker: [2, 576],
      },
    );
    await close();
  });

  test('pictures go in and out, and a copy of the elements goes where shared ones may not', async () => {
    const { page, close } = await open(ISOLATED);
    const result = await page.evaluate(async () => {
      const { load } = await import('/dist/index.js');
      const c = await load({ threads: 2 });
      const pixels = new ImageData(300, 200);
      pixels.data.forEach((_, i) => {
        pixels.data[i] = i % 4 === 3 ? 255 : (i * 5) % 256;
      });
      const canvas = new OffscreenCanvas(300, 200);
      canvas.getContext('2d').putImageData(pixels, 0, 0);
      const t = c.fromImage(canvas);
      const same = (picture) =>
        picture instanceof ImageData && picture.data.every((byte, i) => byte === pixels.data[i]);
      const isShared = t.data.buffer instanceof SharedArrayBuffer;
      const copy = t.data.slice();
      const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
      let upload = 'no WebGL';
      if (gl) {
        gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, 300, 200, 0, gl.RED, gl.FLOAT, copy);
        upload = gl.getError();
      }
      const back = structuredClone({ data: copy, shape: t.shape });
      return {
        isShared,
        isCopyShared: copy.buffer instanceof SharedArrayBuffer,
        picture: same(c.toImageData(t)),
        filtered: same(c.filter2d(pixels, [[1]])),
        upload: upload === 0 || upload === 'no WebGL',
        back: c.tensor(back).sub(t).abs().sum().item(),
      };
    });
    assert.deepEqual(result, {
      isShared: true,
      isCopyShared: false,
      picture: true,
      filtered: true,
      upload: true,
      back: 0,
    });
    await close();
  });

  test('a strict policy forbids nothing that threads need', async () => {
    const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
    const { page, troubles, close } = await open({
      ...ISOLATED,
      'Content-Security-Policy': policy,
    });
    const { features, isRight } = await tryToLoad(page, { threads: 2 });
    assert.deepEqual([features.threads, isRight], [2, true]);
    assert.deepEqual(troubles, []);
    await close();
  });

  test('without isolation: one thread, and why', async () => {
    const { page, troubles, close } = await open({});
    const { isolated, features, isRight } = await tryToLoad(page, { threads: 'auto' });
    assert.equal(isolated, false);
    assert.deepEqual(features, {
      variant: 'relaxed',
      simd: 'relaxed',
      threads: 1,
      reason: 'one thread: the page is not cross-origin isolated',
    });
    assert.equal(isRight, true);
    // An entry with threads alone has one there.
    const alone = await page.evaluate(async () => {
      const { load } = await import('/dist/relaxed-threads.js');
      const outcomes = [];
      for (const threads of [undefined, 4]) {
        const c = await load({ threads });
        outcomes.push([c.features.variant, c.features.threads, c.features.reason]);
      }
      return outcomes;
    });
    const reason = 'one thread: the page is not cross-origin isolated';
    assert.deepEqual(alone, [
      ['relaxed-threads', 1, undefined],
      ['relaxed-threads', 1, reason],
    ]);
    assert.deepEqual(troubles, []);
    assert.equal(page.workers().length, 0);
    await close();
  });

  const cannotStart = {
    'a script that is not there': [
      {},
      (route) => route.fulfill({ status: 404 }),
      /could not be loaded/,
    ],
    'a script that is no script': [
      {},
      (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Not found</h1>' }),
      /could not be loaded/,
    ],
    'a script that throws': [
      {},
      (route) =>
        route.fulfill({
          contentType: 'text/javascript',
          headers: ISOLATED,
          body: 'throw new Error("broken")',
        }),
      /broken/,
    ],
    'a policy without workers': [
      {
        'Content-Security-Policy':
          "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'",
      },
      (route) => route.continue(),
      /one thread: a worker did not start: /,
    ],
    'a script that never comes': [{}, () => {}, /1 of 1 workers did not start within 10 s/],
  };
  for (const [name, [headers, answer, reason]] of Object.entries(cannotStart)) {
    test(`${name}: one thread, and why`, async () => {
      const { page, close } = await open({ ...ISOLATED, ...headers });
      await page.context().route('**/thread-worker.js', answer);
      const begin = performance.now();
      const { features, isRight } = await tryToLoad(page, { threads: 2 });
      assert.deepEqual([features.variant, features.threads, isRight], ['relaxed', 1, true]);
      assert.match(features.reason, reason);
      assert.ok(performance.now() - begin < 30_000);
      await close();
    });
  }
});
