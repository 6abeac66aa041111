// corr2d/worker in Firefox: handles, and workers whose scripts cannot be loaded.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchFirefox, STRICT_POLICY, serveFiles, skipFirefox } from './helpers.mjs';

const skip = skipFirefox;
const page = { 'index.html': '<!doctype html><title>empty</title>' };

/** Opens an empty page whose responses have these headers, and calls `run(page)`. */
async function withPage(browser, headers, run) {
  const server = await serveFiles(page, headers);
  try {
    const opened = await browser.newPage();
    await opened.goto(server.url);
    return await run(opened);
  } finally {
    await server.close();
  }
}

describe('a client in Firefox', { skip }, () => {
  let browser;
  before(async () => {
    browser = await launchFirefox();
  });
  after(() => browser.close());

  test('tensors stay in the worker, and calls that are not the latest are aborted', async () => {
    const found = await withPage(browser, {}, (opened) =>
      opened.evaluate(async () => {
        const { createClient } = await import('/dist/worker.js');
        const client = await createClient();
        const y = await client.tidy(async (c) => {
          const x = await c.tensor([[[1, -2, 3]]]);
          return c.conv2d(x, [[[[1, 1]]]], { keep: true });
        });
        await client.memory(); // After this, the worker is idle.
        const ticks = [1, 2, 3, 4].map((i) => client.relu([i], { latest: true }));
        const outcomes = await Promise.allSettled(ticks);
        return {
          data: [...(await y.data())],
          live: (await client.memory()).liveTensors,
          outcomes: outcomes.map(({ value, reason }) => value?.data[0] ?? reason.name),
        };
      }),
    );
    const outcomes = [1, 'AbortError', 'AbortError', 4];
    assert.deepEqual(found, { data: [-1, 1], live: 1, outcomes });
  });

  const failures = {
    'a script that is missing': [{}, '/missing.js'],
    'a policy that forbids it': [
      {
        'Content-Security-Policy': STRICT_POLICY.replace("worker-src 'self'", "worker-src 'none'"),
      },
      '/dist/client-worker.js',
    ],
  };
  for (const [name, [headers, script]] of Object.entries(failures)) {
    test(`WORKER_FAILED names the URL and the causes: ${name}`, async () => {
      const [code, message] = await withPage(browser, headers, (opened) =>
        opened.evaluate(async (script) => {
          const { createClient } = await import('/dist/worker.js');
          const worker = () => new Worker(script, { type: 'module' });
          return createClient({ worker }).catch(({ code, message }) => [code, message]);
        }, script),
      );
      assert.equal(code, 'WORKER_FAILED', message);
      assert.match(
        message,
        /its script could not be loaded: \/.*\.js.*; usual causes: .*bundlers$/,
      );
      assert.ok(message.includes(script), message);
    });
  }
});
