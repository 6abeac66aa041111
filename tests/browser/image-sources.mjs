// Converts the image sources of a page to tensors and back. Pages run this file, so it uses no Node APIs.

const EXACT = ['3×3×4', 0];

/** The result of `readEverySource` in a browser that has all sources. */
export const EXPECTED_SOURCES = {
  differences: {
    HTMLCanvasElement: EXACT,
    HTMLImageElement: EXACT,
    OffscreenCanvas: EXACT,
    ImageBitmap: EXACT,
    VideoFrame: EXACT,
  },
  codes: ['INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  isReturned: true,
  isFiltered: true,
};

/**
 * Reads a picture of 4×3 pixels from each kind of source into a tensor of `c`, an instance or a client,
 * and converts tensors back to pictures. `differences` maps a source to the shape of its tensor and the
 * sum of absolute differences, or to 'absent'; `codes` are the errors for sources that are not pictures.
 */
export async function readEverySource(c) {
  const pixels = new ImageData(4, 3);
  pixels.data.forEach((_, i) => {
    pixels.data[i] = i % 4 === 3 ? 255 : (i * 5) % 256;
  });
  const expected = await c.fromImageData(pixels);
  const difference = ({ data }) =>
    data.reduce((sum, value, i) => sum + Math.abs(value - expected.data[i]), 0);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [4, 3];
  canvas.getContext('2d').putImageData(pixels, 0, 0);

  const make = {
    HTMLCanvasElement: () => canvas,
    async HTMLImageElement() {
      const element = new Image();
      element.src = canvas.toDataURL('image/png');
      await element.decode();
      return element;
    },
    OffscreenCanvas() {
      const offscreen = new OffscreenCanvas(4, 3);
      offscreen.getContext('2d').putImageData(pixels, 0, 0);
      return offscreen;
    },
    ImageBitmap: () => createImageBitmap(pixels),
    VideoFrame: () => new VideoFrame(canvas, { timestamp: 0 }),
  };
  const differences = {};
  const rejected = [{}, document.body];
  for (const [name, source] of Object.entries(make)) {
    if (typeof globalThis[name] !== 'function') {
      differences[name] = 'absent';
      continue;
    }
    const picture = await source();
    const read = await c.fromImage(picture);
    differences[name] = [read.shape.join('×'), difference(read)];
    if (name === 'VideoFrame') {
      picture.close();
      rejected.push(picture);
    }
  }
  const codes = [];
  for (const source of rejected) {
    try {
      codes.push(await c.fromImage(source));
    } catch (error) {
      codes.push(error.code);
    }
  }

  const back = await c.toImageData(expected);
  const filtered = await c.filter2d(pixels, [
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
  ]);
  const same = (picture) =>
    picture instanceof ImageData && picture.data.every((byte, i) => byte === pixels.data[i]);
  return { differences, codes, isReturned: same(back), isFiltered: same(filtered) };
}
