// Conversions of every kind of image source in Chromium and Firefox to tensors and back, by an instance and
// by a client: elements, bitmaps, frames, files, videos, and canvases in sRGB and Display P3.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  launch,
  launchFirefox,
  openRoot,
  root,
  serveFiles,
  skipFirefox,
  useSite,
} from './helpers.mjs';
import {
  EXPECTED_COLOR_SPACES,
  EXPECTED_FLOAT16,
  EXPECTED_SOURCES,
  EXPECTED_VIDEO,
  ONLY_SRGB,
} from './image-sources.mjs';

const files = {
  'index.html': '<!doctype html><title>images</title><body></body>',
  'image-sources.mjs': readFileSync(join(root, 'tests/browser/image-sources.mjs'), 'utf8'),
};
const browsers = {
  Chromium: { start: () => launch(), skip: false },
  Firefox: { start: () => launchFirefox(), skip: skipFirefox },
};

for (const [name, { start, skip }] of Object.entries(browsers)) {
  describe(name, { skip }, () => {
    const site = useSite({ serve: () => serveFiles(files), start, prepare: openRoot });

    for (const entry of ['index', 'worker']) {
      /** Calls a function of image-sources.mjs in the page, with an instance or a client. */
      const run = (read) =>
        site.page.evaluate(
          async ([read, entry]) => {
            const { load, createClient } = await import(`/dist/${entry}.js`);
            const readers = await import('/image-sources.mjs');
            const c = await (load ?? createClient)();
            try {
              return await readers[read](c);
            } finally {
              c.dispose();
            }
          },
          [read, entry],
        );
      const who = entry === 'index' ? 'an instance' : 'a client';

      test(`${who} reads every kind of source, and converts back to the same picture`, async () => {
        const found = await run('readEverySource');
        const { differences } = found;
        // Not in every version.
        if (differences.VideoFrame === 'absent') differences.VideoFrame = ['3×3×4', 0];
        assert.deepEqual(found, EXPECTED_SOURCES);
      });

      test(`${who} keeps Display P3`, async () => {
        const found = await run('readColorSpaces');
        assert.deepEqual(found, Array.isArray(found) ? ONLY_SRGB : EXPECTED_COLOR_SPACES);
        assert.ok(name === 'Firefox' || !Array.isArray(found));
      });

      test(`${who} reads videos, and says what to wait for`, async () => {
        assert.deepEqual(await run('readVideo'), EXPECTED_VIDEO);
      });

      test(`${who} rejects pixels of 16 bits`, async () => {
        const message = await run('readFloat16');
        assert.ok(message === 'absent' || message.endsWith(EXPECTED_FLOAT16), message);
      });
    }
  });
}
