// Pictures of a page to tensors and back, and pictures through a filter, in a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { launch, openEmpty, root } from './helpers.mjs';

test('every source of pictures is read alike, and ImageData comes back', async () => {
  const server = await startServer({ root, port: 8600 });
  const browser = await launch();
  try {
    const page = await openEmpty(browser, server);
    const result = await page.evaluate(async () => {
      const { load } = await import('/dist/index.js');
      const { readEverySource } = await import('/tests/browser/image-sources.mjs');
      return readEverySource(await load());
    });
    const exact = ['3×3×4', 0];
    assert.deepEqual(result, {
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
    });
  } finally {
    await browser.close();
    await server.close();
  }
});
