// Threads in Chromium: in a cross-origin isolated page all of them execute tasks. Without isolation, or
// if workers cannot start, one thread computes and features.reason says why.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stepClock } from '../js/stepped-clock.mjs';
import {
  ISOLATED,
  openEmptyPage,
  STRICT_POLICY,
  serveRepository,
  UNUSABLE_SCRIPTS,
  useSite,
  waitForWorkers,
} from './helpers.mjs';

describe('threads in Chromium', () => {
  const site = useSite({ serve: serveRepository });
  const open = (headers) => openEmptyPage(site.browser, new URL('empty', site.url).href, headers);

  /** Loads corr2d in a page: its features, and whether it computes correctly. */
  const tryToLoad = (page, options) =>
    page.evaluate(async (given) => {
      const { load } = await import('/dist/index.js');
      const c = await load(given);
      const { data } = c.corr2dMultiInOut(c.ones([64, 28, 28]), c.ones([64, 64, 3, 3]));
      const isRight = data.every((value) => Math.abs(value - 576) < 0.01);
      return { isolated: crossOriginIsolated, features: c.features, isRight };
    }, options);

  test('in an isolated page every thread executes tasks, with the bits of one thread', async () => {
    const { page, problems, close } = await open(ISOLATED);
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
        const { tasksOfThread } = three[Symbol.for('corr2d.heap')].module;
        const counts = () => [0, 1, 2].map((thread) => tasksOfThread(thread));
        // A thread that the system does not schedule executes nothing; the tests' time limit ends this.
        do b.plan.run(b.x, b.out);
        while (Math.min(...counts()) === 0);
        const isSame = a.out.data.every((value, i) => value === b.out.data[i]);
        const progress = [];
        const y = await b.plan.runAsync(b.x, { onProgress: (...report) => progress.push(report) });
        const isSameLater = a.out.data.every((value, i) => value === y.data[i]);
        found.push({
          features: three.features,
          isSame,
          isSameLater,
          isDone: progress.at(-1)[0] === b.plan.tasks,
        });
        one.dispose();
        three.dispose();
      }
      return found;
    });
    const good = { isSame: true, isSameLater: true, isDone: true };
    assert.deepEqual(result, [
      { features: { variant: 'threads', simd: 'simd', threads: 3 }, ...good },
      { features: { variant: 'relaxed-threads', simd: 'relaxed', threads: 3 }, ...good },
    ]);
    assert.deepEqual(problems, []);
    await close();
  });

  test('dispose ends the workers of each instance', async () => {
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
    await waitForWorkers(page, 1);
    await page.evaluate(() => window.kept.dispose());
    await waitForWorkers(page, 0);
    await close();
  });

  test('auto means one thread per core; static entries, workers and bytes as `wasm` have threads too', async () => {
    const { page, close } = await open(ISOLATED);
    const result = await page.evaluate(async () => {
      const cores = navigator.hardwareConcurrency;
      const { load } = await import('/dist/index.js');
      const auto = await load({ threads: 'auto' });
      const { load: loadThreads } = await import('/dist/threads.js');
      const entry = await loadThreads({ threads: 2 });
      const own = await load({ wasm: '/dist/corr2d-threads.wasm', threads: 2 });
      // In a worker the calling thread may block.
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
    assert.deepEqual(result, {
      auto: true,
      entry: 2,
      own: {
        variant: 'threads',
        simd: 'simd',
        threads: 2,
        reason: 'wasm is the variant threads',
      },
      inWorker: [2, 576],
    });
    await close();
  });

  test('pictures are read and written; APIs that reject shared memory accept a copy of the elements', async () => {
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

  test('threads work under the strictest policy', async () => {
    const { page, problems, close } = await open({
      ...ISOLATED,
      'Content-Security-Policy': STRICT_POLICY,
    });
    const { features, isRight } = await tryToLoad(page, { threads: 2 });
    assert.deepEqual([features.threads, isRight], [2, true]);
    assert.deepEqual(problems, []);
    await close();
  });

  test('without isolation one thread computes, and features.reason says why', async () => {
    const { page, problems, close } = await open({});
    const { isolated, features, isRight } = await tryToLoad(page, { threads: 'auto' });
    assert.equal(isolated, false);
    assert.deepEqual(features, {
      variant: 'relaxed',
      simd: 'relaxed',
      threads: 1,
      reason: 'one thread: the page is not cross-origin isolated',
    });
    assert.equal(isRight, true);
    // An entry that only has a variant with threads uses one thread.
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
    assert.deepEqual(problems, []);
    assert.equal(page.workers().length, 0);
    await close();
  });

  const failures = {
    missing: /could not be loaded/,
    'an HTML page': /could not be loaded/,
    'a script that throws': /broken/,
    'never answered': /1 of 1 workers did not start within 10 s/,
  };
  const expectOneThread = async (page, reason) => {
    const { features, isRight } = await tryToLoad(page, { threads: 2 });
    assert.deepEqual([features.variant, features.threads, isRight], ['relaxed', 1, true]);
    assert.match(features.reason, reason);
  };
  for (const [name, reason] of Object.entries(failures)) {
    test(`one thread computes if the script of the workers is ${name}`, async () => {
      const { page, close } = await open(ISOLATED);
      if (name === 'never answered') await page.evaluate(stepClock, 250);
      await page.context().route('**/thread-worker.js', UNUSABLE_SCRIPTS[name]);
      await expectOneThread(page, reason);
      await close();
    });
  }

  test('one thread computes under a policy without workers', async () => {
    const policy = STRICT_POLICY.replace("worker-src 'self'", "worker-src 'none'");
    const { page, close } = await open({ ...ISOLATED, 'Content-Security-Policy': policy });
    await expectOneThread(page, /one thread: a worker did not start: /);
    await close();
  });
});
