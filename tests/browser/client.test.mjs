// corr2d/worker in Chromium: results, pictures, signals, and workers that end or cannot start.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ISOLATED,
  openEmptyPage,
  STRICT_POLICY,
  serveRepository,
  UNUSABLE_SCRIPTS,
  useSite,
  waitForWorkers,
} from './helpers.mjs';
import { EXPECTED_SOURCES } from './image-sources.mjs';

/** Runs in a page: makes timers 100 times as fast, so that a time-out of 10 s takes 0.1 s. */
function shortenTimers() {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (callback, delay, ...args) => setTimeout(callback, delay / 100, ...args);
}

/** Names the URL, the causes and the section with remedies. */
const NOT_LOADED =
  /has failed: its script could not be loaded: http:.*\/dist\/client-worker.js; usual causes: .*worker-src.*Cross-Origin-Embedder-Policy.*troubleshooting.md#bundlers$/;

describe('a client in Chromium', () => {
  const site = useSite({ serve: serveRepository });
  const open = (headers) =>
    openEmptyPage(site.browser, new URL('tests/empty', site.url).href, headers);

  test('a client computes what an instance computes, under the strictest policy', async () => {
    const { page, problems, close } = await open({ 'Content-Security-Policy': STRICT_POLICY });
    const found = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      const { load } = await import('/dist/index.js');
      const [c, client] = [await load(), await createClient()];
      const [input, weight] = [
        await client.normal(0, 1, [8, 40, 40], { seed: 1 }),
        await client.normal(0, 1, [16, 8, 3, 3], { seed: 2 }),
      ];
      const [y, expected] = [await client.conv2d(input, weight), c.conv2d(input, weight)];
      const own = await createClient({ wasm: '../dist/corr2d-simd.wasm' });
      return {
        features: [client.features, c.features],
        own: own.features.variant,
        isSame: y.data.every((value, i) => value === expected.data[i]),
      };
    });
    assert.deepEqual(found.features[0], found.features[1]);
    assert.equal(found.own, 'simd');
    assert.equal(found.isSame, true);
    assert.deepEqual(problems, []);
    await close();
  });

  test('timers of the page run while the worker computes', async () => {
    const { page, close } = await open();
    const { reports, resumed, sum } = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      let worker;
      const client = await createClient({
        worker() {
          worker = new Worker('/tests/browser/paused-worker.mjs', { type: 'module' });
          return worker;
        },
      });
      const [input, weight] = [
        await client.ones([48, 100, 100]),
        await client.ones([48, 48, 5, 5]),
      ];
      // The run pauses after each batch of tasks, and a timer of the page resumes it.
      let reports = 0;
      let resumed = 0;
      const call = client.conv2d(input, weight, {
        transfer: [input.data.buffer],
        algorithm: 'direct',
        onProgress(done, tasks) {
          reports++;
          if (done === tasks) return;
          setTimeout(() => {
            resumed++;
            worker.postMessage({ abort: 'no call' });
          });
        },
      });
      const { data } = await call;
      return { reports, resumed, sum: data[0] };
    });
    assert.ok(resumed >= 2, `${resumed} timers`);
    assert.deepEqual([reports, sum], [resumed + 1, 48 * 25]);
    await close();
  });

  test('threads are used in an isolated page; elsewhere features.reason says why not', async () => {
    for (const [headers, expected] of [
      [
        { ...ISOLATED, 'Content-Security-Policy': STRICT_POLICY },
        { threads: 3, reason: undefined },
      ],
      [{}, { threads: 1, reason: 'one thread: the page is not cross-origin isolated' }],
    ]) {
      const { page, problems, close } = await open(headers);
      const found = await page.evaluate(async () => {
        const { createClient } = await import('/dist/worker.js');
        const client = await createClient({ threads: 3 });
        const { threads, reason } = client.features;
        const y = await client.corr2dMultiInOut(
          await client.ones([64, 28, 28]),
          await client.ones([64, 64, 3, 3]),
        );
        const isPlain = y.data.buffer instanceof ArrayBuffer;
        return { threads, reason, isPlain, isRight: Math.abs(y.data[99] - 576) < 0.01 };
      });
      assert.deepEqual(found, { ...expected, isPlain: true, isRight: true });
      assert.deepEqual(problems, []);
      await close();
    }
  });

  test('a client reads every kind of image source and returns pictures', async () => {
    const { page, close } = await open();
    const found = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      const { readEverySource } = await import('/tests/browser/image-sources.mjs');
      const client = await createClient();
      return { ...(await readEverySource(client)), left: (await client.memory()).liveTensors };
    });
    assert.deepEqual(found, { ...EXPECTED_SOURCES, left: 0 });
    await close();
  });

  test('an image that stays in the worker is filtered by calls that send only the kernel', async () => {
    const { page, problems, close } = await open();
    const found = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      let sentBytes = 0;
      const client = await createClient({
        worker() {
          const worker = new Worker('/dist/client-worker.js', { type: 'module' });
          const post = worker.postMessage.bind(worker);
          worker.postMessage = (message, transfer = []) => {
            for (const { byteLength = 0 } of transfer) sentBytes += byteLength;
            post(message, transfer);
          };
          return worker;
        },
      });
      const canvas = new OffscreenCanvas(400, 300);
      const context = canvas.getContext('2d', { colorSpace: 'display-p3' });
      context.fillStyle = 'color(display-p3 1 0 0)';
      context.fillRect(0, 0, 400, 300);
      const sources = {
        canvas,
        pixels: context.getImageData(0, 0, 400, 300),
        blob: await canvas.convertToBlob(),
      };
      const images = {};
      for (const [name, source] of Object.entries(sources)) {
        const image = await client.image(source);
        const { data, colorSpace } = await client.filter2d(image, [[1]]);
        images[name] = [
          image.width,
          image.height,
          image.colorSpace,
          colorSpace,
          ...data.slice(0, 4),
        ];
      }
      const image = await client.image(sources.pixels);
      const copied = sentBytes;
      // A slider that moves 20 times.
      const ticks = Array.from({ length: 20 }, (_, i) =>
        client.filter2d(
          image,
          { data: new Float32Array([i / 20]), shape: [1, 1] },
          { latest: true },
        ),
      );
      const settled = await Promise.allSettled(ticks);
      const last = settled.at(-1).value;
      return {
        images,
        sent: sentBytes - copied,
        outcomes: settled.map(({ reason }) => reason?.name ?? 'done'),
        last: [last.colorSpace, ...last.data.slice(0, 4)],
      };
    });
    const red = [255, 0, 0, 255];
    assert.deepEqual(found, {
      images: {
        canvas: [400, 300, 'display-p3', 'display-p3', ...red],
        pixels: [400, 300, 'display-p3', 'display-p3', ...red],
        blob: [400, 300, 'srgb', 'srgb', ...red],
      },
      // The first call had started when the others were made.
      sent: 8,
      outcomes: ['done', ...new Array(18).fill('AbortError'), 'done'],
      last: ['display-p3', 242, 0, 0, 255],
    });
    assert.deepEqual(problems, []);
    await close();
  });

  test('signals, progress and several clients work; dispose ends the workers', async () => {
    const { page, problems, close } = await open();
    const found = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      const worker = () => new Worker('/tests/browser/stepped-worker.mjs', { type: 'module' });
      const clients = await Promise.all([createClient({ worker }), createClient()]);
      const [client] = clients;
      const input = await client.ones([48, 200, 200]);
      const plan = await client.planConv2d({
        inputShape: input.shape,
        weight: await client.ones([48, 48, 5, 5]),
        algorithm: 'direct',
      });
      const reports = [];
      const running = new AbortController();
      const waiting = new AbortController();
      const all = [
        plan.run(input, { onProgress: (...given) => reports.push(given) }),
        plan.run(input, { signal: running.signal, onProgress: () => running.abort('stop') }),
        client.relu([1], { signal: waiting.signal }),
        clients[1].relu([-1, 2]).then(({ data }) => [...data]),
      ];
      waiting.abort('never');
      const settled = await Promise.allSettled(all);
      const outcomes = settled.map(({ reason, value }) => reason ?? value);
      const last = client.relu([5]).catch(({ code }) => code);
      for (const one of clients) one.dispose();
      return {
        shape: outcomes[0].shape,
        outcomes: outcomes.slice(1),
        grows:
          reports.length > 1 && reports.every(([done], i) => done > (reports[i - 1]?.[0] ?? 0)),
        isDone: reports.at(-1)[0] === plan.tasks,
        last: await last,
      };
    });
    assert.deepEqual(found, {
      shape: [48, 196, 196],
      outcomes: ['stop', 'never', [0, 2]],
      grows: true,
      isDone: true,
      last: 'DISPOSED',
    });
    await waitForWorkers(page, 0);
    assert.deepEqual(problems, []);
    await close();
  });

  test('calls are rejected with WORKER_FAILED if the worker ends during a run', async () => {
    const { page, close } = await open();
    await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      const worker = () => new Worker('/tests/browser/paused-worker.mjs', { type: 'module' });
      const client = await createClient({ worker });
      const [input, weight] = [
        await client.ones([48, 100, 100]),
        await client.ones([48, 48, 5, 5]),
      ];
      // The run pauses after its first report.
      await new Promise((resolve) => {
        const calls = [
          client.conv2d(input, weight, { algorithm: 'direct', onProgress: resolve }),
          client.relu([1]),
        ];
        const codes = calls.map((call) => call.catch(({ code, message }) => [code, message]));
        globalThis.outcomes = Promise.all([
          ...codes,
          ...codes.map((code) => code.then(() => client.relu([1]).catch(({ code }) => code))),
        ]);
      });
    });
    const [worker] = page.workers();
    await worker.evaluate(() => close());
    const what = 'the worker of this client has ended';
    assert.deepEqual(await page.evaluate(() => globalThis.outcomes), [
      ['WORKER_FAILED', `conv2d: ${what}`],
      ['WORKER_FAILED', `relu: ${what}`],
      'WORKER_FAILED',
      'WORKER_FAILED',
    ]);
    await close();
  });

  const failures = {
    missing: NOT_LOADED,
    'an HTML page': NOT_LOADED,
    'a script that throws': /has failed: .*broken/,
    'never answered': /did not start within 10 s$/,
  };
  const expectWorkerFailed = async (page, pattern) => {
    const outcome = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      return createClient().then(
        () => 'a client',
        ({ code, message }) => [code, message],
      );
    });
    assert.equal(outcome[0], 'WORKER_FAILED', `${outcome}`);
    assert.match(outcome[1], pattern);
  };
  for (const [name, pattern] of Object.entries(failures)) {
    test(`createClient rejects with WORKER_FAILED if its script is ${name}`, async () => {
      const { page, close } = await open();
      if (name === 'never answered') await page.evaluate(shortenTimers);
      await page.context().route('**/client-worker.js', UNUSABLE_SCRIPTS[name]);
      await expectWorkerFailed(page, pattern);
      await close();
    });
  }

  test('createClient rejects with WORKER_FAILED under a policy without workers', async () => {
    const policy = STRICT_POLICY.replace("worker-src 'self'", "worker-src 'none'");
    const { page, close } = await open({ 'Content-Security-Policy': policy });
    await expectWorkerFailed(page, NOT_LOADED);
    await close();
  });

  test('createClient names the causes if the script lacks the COEP header of the page', async () => {
    const { page, close } = await open(ISOLATED);
    await page.context().route('**/client-worker.js', async (route) => {
      const response = await route.fetch();
      const { 'cross-origin-embedder-policy': _, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    await expectWorkerFailed(page, NOT_LOADED);
    const worker = await page.evaluate(() => globalThis.Worker.name);
    assert.equal(worker, 'Worker');
    await close();
  });

  test('createClient rejects with LOAD_FAILED if a chunk cannot be imported', async () => {
    const { page, close } = await open();
    await page.context().route('**/variant-*.js', (route) => route.fulfill({ status: 404 }));
    const outcome = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      return createClient().catch(({ code, message }) => [code, message]);
    });
    assert.equal(outcome[0], 'LOAD_FAILED');
    assert.match(
      outcome[1],
      /^createClient: the variant relaxed could not be imported: .*variant-relaxed/,
    );
    await waitForWorkers(page, 0);
    await close();
  });
});
