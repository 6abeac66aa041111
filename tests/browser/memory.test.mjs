// A page that computes frames and never disposes of tensors stays within a bounded heap. `npm run soak` measures more
// frames, sizes and ways to yield.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, launchFirefox, serveRepository, skipFirefox } from './helpers.mjs';

const engines = {
  Chromium: { start: () => launch(), skip: false },
  Firefox: { start: () => launchFirefox(), skip: skipFirefox },
};

for (const [name, { start, skip }] of Object.entries(engines)) {
  // A loop of messages, unlike one of animation frames, leaves the engine no idle time.
  for (const yields of ['frame', 'message']) {
    test(`frames that are dropped in ${name}, with a ${yields} between them`, {
      skip,
    }, async () => {
      const [server, browser] = [await serveRepository(), await start()];
      try {
        // 15 GB in total. Without the arrays of `MemoryPressure`, Chromium's heap grows to 1.4 GiB.
        const options = { width: 1920, height: 1080, frames: 200, ways: ['nothing'], yields };
        const page = await browser.newPage();
        const query = encodeURIComponent(JSON.stringify(options));
        await page.goto(`${server.url}tools/soak/page.html?options=${query}`);
        const read = () => page.evaluate('document.documentElement.dataset.found ?? null');
        let found = await read();
        for (; found === null; found = await read()) {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        const result = JSON.parse(found);
        assert.equal(result.message, undefined);
        assert.ok(result[0].heapBytes < 2 ** 30, `${result[0].heapBytes}`);
      } finally {
        await browser.close();
        await server.close();
      }
    });
  }
}
