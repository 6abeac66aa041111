// Pictures of a page to tensors and back. Nothing here belongs to Node: pages run it.

/**
 * What one picture of 4×3 pixels becomes, by each way into a tensor and back, on the instance or client
 * `c`.
 */
export async function readEverySource(c) {
  const pixels = new ImageData(4, 3);
  pixels.data.forEach((_, i) => {
    pixels.data[i] = i % 4 === 3 ? 255 : (i * 5) % 256;
  });
  const wanted = await c.fromImageData(pixels);
  const difference = ({ data }) =>
    data.reduce((sum, value, i) => sum + Math.abs(value - wanted.data[i]), 0);
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
  /** The shape, and the sum of all differences. */
  const apart = {};
  const refused = [{}, document.body];
  for (const [name, source] of Object.entries(make)) {
    if (typeof globalThis[name] !== 'function') {
      apart[name] = 'absent';
      continue;
    }
    const picture = await source();
    const read = await c.fromImage(picture);
    apart[name] = [read.shape.join('×'), difference(read)];
    if (name === 'VideoFrame') {
      picture.close();
      refused.push(picture);
    }
  }
  const codes = [];
  for (const source of refused) {
    try {
      codes.push(await c.fromImage(source));
    } catch (error) {
      codes.push(error.code);
    }
  }

  const back = await c.toImageData(wanted);
  const filtered = await c.filter2d(pixels, [
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
  ]);
  const same = (picture) =>
    picture instanceof ImageData && picture.data.every((byte, i) => byte === pixels.data[i]);
  return { apart, codes, back: same(back), filtered: same(filtered) };
}
