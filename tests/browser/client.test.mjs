// corr2d/worker in a page: it computes, and the page goes on; pictures; and what happens where the
// worker ends or cannot start.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { ISOLATED, launch, openWatched, root } from './helpers.mjs';

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

describe('a client in Chromium', () => {
  let browser;
  let server;
  before(async () => {
    server = await startServer({ root, port: 8800 });
    browser = await launch();
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  const open = (headers) => openWatched(browser, new URL('tests/empty', server.url).href, headers);

  test('it computes what an instance does, under the strictest policy', async () => {
    const { page, troubles, close } = await open({ 'Content-Security-Policy': POLICY });
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
    assert.deepEqual(troubles, []);
    await close();
  });

  test('a page goes on while it computes', async () => {
    const { page, close } = await open();
    const { turns, took } = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      const client = await createClient();
      const [input, weight] = [
        await client.ones([64, 400, 400]),
        await client.ones([64, 64, 5, 5]),
      ];
      let turns = 0;
      const timer = setInterval(() => {
        turns++;
      }, 1);
      const begin = performance.now();
      await client.conv2d(input, weight, {
        transfer: [input.data.buffer],
        algorithm: 'direct',
      });
      clearInterval(timer);
      return { turns, took: performance.now() - begin };
    });
    // On the page's own thread there would be none.
    assert.ok(took > 200 && turns > 20, `${turns} turns in ${took} ms`);
    await close();
  });

  test('threads in an isolated page; elsewhere one, and why', async () => {
    for (const [headers, expected] of [
      [
        { ...ISOLATED, 'Content-Security-Policy': POLICY },
        { threads: 3, reason: undefined },
      ],
      [{}, { threads: 1, reason: 'one thread: the page is not cross-origin isolated' }],
    ]) {
      const { page, troubles, close } = await open(headers);
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
      assert.deepEqual(troubles, []);
      await close();
    }
  });

  test('pictures of a page, there and back', async () => {
    const { page, close } = await open();
    const found = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      const { readEverySource } = await import('/tests/browser/image-sources.mjs');
      const client = await createClient();
      return { ...(await readEverySource(client)), left: (await client.memory()).liveTensors };
    });
    const exact = ['3×3×4', 0];
    assert.deepEqual(found, {
      apart: {
        HTMLCanvasElement: exact,
        HTMLImageElement: exact,
        OffscreenCanvas: exact,
        ImageBitmap: exact,
        VideoFrame: exact,
      },
      codes: ['INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
      back: true,
      filtered: true,
      left: 0,
    });
    await close();
  });

  test('signals and progress; several clients; dispose ends their workers', async () => {
    const { page, troubles, close } = await open();
    const found = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      const clients = await Promise.all([createClient(), createClient()]);
      const [client] = clients;
      const input = await client.ones([48, 200, 200]);
      const plan = await client.planConv2d({
        inputShape: input.shape,
        weight: await client.ones([48, 48, 5, 5]),
        algorithm: 'direct',
      });
      const told = [];
      const running = new AbortController();
      const waiting = new AbortController();
      const all = [
        plan.run(input, { onProgress: (...given) => told.push(given) }),
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
        grows: told.length > 1 && told.every(([done], i) => done > (told[i - 1]?.[0] ?? 0)),
        isDone: told.at(-1)[0] === plan.tasks,
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
    for (let i = 0; i < 100 && page.workers().length > 0; i++) await page.waitForTimeout(50);
    assert.equal(page.workers().length, 0);
    assert.deepEqual(troubles, []);
    await close();
  });

  test('a worker that ends is noticed: WORKER_FAILED', async () => {
    const { page, close } = await open();
    await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      globalThis.client = await createClient();
    });
    const [worker] = page.workers();
    const outcome = page.evaluate(async () => {
      const { client } = globalThis;
      const [input, weight] = [
        await client.ones([64, 300, 300]),
        await client.ones([64, 64, 5, 5]),
      ];
      const calls = [client.conv2d(input, weight, { onProgress() {} }), client.relu([1])];
      const codes = calls.map((call) => call.catch(({ code, message }) => [code, message]));
      return Promise.all([
        ...codes,
        ...codes.map((code) => code.then(() => client.relu([1]).catch(({ code }) => code))),
      ]);
    });
    await page.waitForTimeout(100);
    await worker.evaluate(() => close());
    const what = 'the worker of this client has ended';
    assert.deepEqual(await outcome, [
      ['WORKER_FAILED', `conv2d: ${what}`],
      ['WORKER_FAILED', `relu: ${what}`],
      'WORKER_FAILED',
      'WORKER_FAILED',
    ]);
    await close();
  });

  const cannotStart = {
    'a script that is not there': [
      {},
      (route) => route.fulfill({ status: 404 }),
      /has failed: its script could not be loaded$/,
    ],
    'a script that is no script': [
      {},
      (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Not found</h1>' }),
      /has failed: /,
    ],
    'a script that throws': [
      {},
      (route) =>
        route.fulfill({ contentType: 'text/javascript', body: 'throw new Error("broken")' }),
      /has failed: .*broken/,
    ],
    'a policy without workers': [
      { 'Content-Security-Policy': POLICY.replace("worker-src 'self'", "worker-src 'none'") },
      (route) => route.continue(),
      /the worker of this client /,
    ],
    'a script that never comes': [{}, () => {}, /did not start within 10 s$/],
  };
  for (const [name, [headers, answer, message]] of Object.entries(cannotStart)) {
    test(`${name}: WORKER_FAILED`, async () => {
      const { page, close } = await open(headers);
      await page.context().route('**/client-worker.js', answer);
      const outcome = await page.evaluate(async () => {
        const { createClient } = await import('/dist/worker.js');
        return createClient().then(
          () => 'a client',
          ({ code, message }) => [code, message],
        );
      });
      assert.equal(outcome[0], 'WORKER_FAILED', `${outcome}`);
      assert.match(outcome[1], message);
      await close();
    });
  }

  test('a chunk that cannot be imported: LOAD_FAILED', async () => {
    const { page, close } = await open();
    await page.context().route('**/variant-*.js', (route) => route.fulfill({ status: 404 }));
    const outcome = await page.evaluate(async () => {
      const { createClient } = await import('/dist/worker.js');
      return createClient().catch(({ code, message }) => [code, message]);
    });
    assert.equal(outcome[0], 'LOAD_FAILED');
    assert.match(outcome[1], /^load: the variant relaxed could not be imported: .*variant-relaxed/);
    for (let i = 0; i < 100 && page.workers().length > 0; i++) await page.waitForTimeout(50);
    assert.equal(page.workers().length, 0);
    await close();
  });
});
