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
      const c = await load();
      const pixels = new ImageData(4, 3);
      pixels.data.forEach((_, i) => {
        pixels.data[i] = i % 4 === 3 ? 255 : (i * 5) % 256;
      });
      const wanted = c.fromImageData(pixels);
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [4, 3];
      canvas.getContext('2d').putImageData(pixels, 0, 0);
      const offscreen = new OffscreenCanvas(4, 3);
      offscreen.getContext('2d').putImageData(pixels, 0, 0);
      const element = new Image();
      element.src = canvas.toDataURL('image/png');
      await element.decode();
      const bitmap = await createImageBitmap(pixels);
      const frame = new VideoFrame(canvas, { timestamp: 0 });
      const apart = {};
      for (const source of [canvas, offscreen, element, bitmap, frame]) {
        const read = c.fromImage(source);
        const name = Object.prototype.toString.call(source).slice(8, -1);
        apart[name] = [read.shape.join('×'), read.sub(wanted).abs().sum().item()];
      }
      frame.close();
      const codes = [frame, {}, document.body].map((source) => {
        try {
          return c.fromImage(source);
        } catch (error) {
          return error.code;
        }
      });
      const back = c.toImageData(wanted);
      const filtered = c.filter2d(pixels, [
        [0, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
      ]);
      const same = (picture) =>
        picture instanceof ImageData && picture.data.every((byte, i) => byte === pixels.data[i]);
      return { apart, codes, back: same(back), filtered: same(filtered) };
    });
    const exact = ['3×3×4', 0];
    assert.deepEqual(result, {
      apart: {
        HTMLCanvasElement: exact,
        OffscreenCanvas: exact,
        HTMLImageElement: exact,
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
