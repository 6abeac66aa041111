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
    ImageData: EXACT,
    Blob: EXACT,
    File: EXACT,
    SVGImageElement: EXACT,
  },
  differing: [],
  codes: ['INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  isReturned: true,
  isFiltered: true,
};

/**
 * Reads a picture of 4×3 pixels from each kind of source into a tensor of `c`, an instance or a client,
 * and converts tensors back to pictures. `differences` maps a source to the shape of its tensor and the
 * sum of absolute differences, or to 'absent'; `differing` are the sources that `fromImageAsync` or a client's
 * `image` reads or `filter2d` filters otherwise; `codes` are the errors for sources that are not pictures.
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

  const toBlob = () => new Promise((resolve) => canvas.toBlob(resolve));
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
    ImageData: () => pixels,
    Blob: toBlob,
    File: async () => new File([await toBlob()], 'picture.png'),
    SVGImageElement: () =>
      new Promise((resolve, reject) => {
        const image = document.createElementNS('http://www.w3.org/2000/svg', 'image');
        const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
        image.onload = () => resolve(image);
        image.onerror = reject;
        image.setAttribute('href', canvas.toDataURL('image/png'));
        svg.append(image);
        document.body.append(svg);
      }),
  };
  const differences = {};
  const differing = [];
  const rejected = [{}, document.body];
  for (const [name, source] of Object.entries(make)) {
    if (typeof globalThis[name] !== 'function') {
      differences[name] = 'absent';
      continue;
    }
    const picture = await source();
    const isDecoded = !['Blob', 'File', 'SVGImageElement'].includes(name);
    const read = await (isDecoded ? c.fromImage(picture) : c.fromImageAsync(picture));
    differences[name] = [read.shape.join('×'), difference(read)];
    const isSame = ({ data }) => data.every((byte, i) => byte === pixels.data[i]);
    if (isClient(c)) {
      const kept = await c.image(picture);
      if (!isSame(await c.filter2d(kept, [[1]]))) differing.push(`${name}, kept`);
      kept.dispose();
    }
    if (isDecoded) {
      if (difference(await c.fromImageAsync(picture)) !== 0) differing.push(`${name}, async`);
      if (!isSame(await c.filter2d(picture, [[1]]))) differing.push(`${name}, filtered`);
    }
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
  return { differences, differing, codes, isReturned: same(back), isFiltered: same(filtered) };
}

/** The message of the error that a function throws or rejects with. */
const messageOf = async (run) => {
  try {
    await run();
    return 'no error';
  } catch ({ message }) {
    return message;
  }
};

/** The result of `readColorSpaces` in a browser whose `ImageData` has no colour spaces, such as Firefox. */
export const ONLY_SRGB = [
  "toImageData: this engine has no ImageData with colorSpace 'display-p3'",
  "fromImage: source: this engine has no ImageData with colorSpace 'display-p3'",
];

/** The result of `readColorSpaces` in a browser that has Display P3. */
export const EXPECTED_COLOR_SPACES = {
  red: ['display-p3', [255, 0, 0, 255]],
  identical: ['ImageData', 'canvas', 'out', 'kept', 'toImageData', 'fromImage', 'bitmap'],
  green: ['display-p3', [0, 255, 0, 255]],
  converted: true,
  mismatch: 'filter2d: out.colorSpace is "srgb"; expected \'display-p3\'',
};

/**
 * Filters a canvas in Display P3. `red` is the colour space and first pixel of a red canvas after a filter;
 * `identical` are the ways that give back all bytes; `green` is the same of a WebGL canvas; `converted` whether `fromImage` converts to sRGB as
 * `getImageData` does; `mismatch` the message for an `out` in another colour space.
 */
export async function readColorSpaces(c) {
  const settings = { colorSpace: 'display-p3', willReadFrequently: true };
  const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
  const context = canvas.getContext('2d', settings);
  if (!('colorSpace' in ImageData.prototype)) {
    const options = { colorSpace: 'display-p3' };
    return Promise.all([
      messageOf(() => c.toImageData([[1]], options)),
      messageOf(() => c.fromImage(canvas, options)),
    ]);
  }
  context.fillStyle = 'color(display-p3 1 0 0)';
  context.fillRect(0, 0, 8, 8);
  const filtered = await c.filter2d(context.getImageData(0, 0, 8, 8), [[1]]);
  const red = [filtered.colorSpace, [...filtered.data.subarray(0, 4)]];

  for (let i = 0; i < 64; i++) {
    context.fillStyle = `color(display-p3 ${(i % 8) / 7} ${Math.floor(i / 8) / 7} ${(i % 5) / 4})`;
    context.fillRect(i % 8, Math.floor(i / 8), 1, 1);
  }
  const pixels = context.getImageData(0, 0, 8, 8);
  const isSame = (image) =>
    image instanceof ImageData &&
    image.colorSpace === 'display-p3' &&
    image.data.every((byte, i) => byte === pixels.data[i]);
  const options = { colorSpace: 'display-p3' };
  const restored = async (source) => c.toImageData(await c.fromImage(source, options), options);
  const ways = {
    ImageData: () => c.filter2d(pixels, [[1]]),
    canvas: () => c.filter2d(canvas, [[1]]),
    // A client has no `out`, and an instance no `image`.
    out: () =>
      isClient(c) ? pixels : c.filter2d(pixels, [[1]], { out: new ImageData(8, 8, options) }),
    kept: async () => (isClient(c) ? (await c.image(canvas)).imageData() : pixels),
    toImageData: async () => c.toImageData(await c.fromImageData(pixels), options),
    fromImage: () => restored(canvas),
    bitmap: async () => restored(await createImageBitmap(canvas)),
  };
  const identical = [];
  for (const [name, make] of Object.entries(ways)) if (isSame(await make())) identical.push(name);

  const inSrgb = await c.fromImageData(context.getImageData(0, 0, 8, 8, { colorSpace: 'srgb' }));
  const { data } = await c.fromImage(canvas);
  // The two conversions may round differently.
  const converted = data.every((value, i) => Math.abs(value - inSrgb.data[i]) < 2 / 255);
  const mismatch = isClient(c)
    ? EXPECTED_COLOR_SPACES.mismatch
    : await messageOf(() => c.filter2d(pixels, [[1]], { out: new ImageData(8, 8) }));
  return { red, identical, green: await filterWebGL(c), converted, mismatch };
}

/** The colour space and the pixel of a green WebGL canvas in Display P3 after a filter. */
async function filterWebGL(c) {
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext('webgl', { preserveDrawingBuffer: true });
  if (context === null) return EXPECTED_COLOR_SPACES.green;
  context.drawingBufferColorSpace = 'display-p3';
  context.clearColor(0, 1, 0, 1);
  context.clear(context.COLOR_BUFFER_BIT);
  const { colorSpace, data } = await c.filter2d(canvas, [[1]]);
  return [colorSpace, [...data]];
}

/** Whether `c` is a client, whose functions return promises. */
const isClient = (c) => c.memory() instanceof Promise;

/** The result of `readVideo`. */
export const EXPECTED_VIDEO = {
  before:
    "fromImage: source is a video with readyState 0; expected at least 2 (wait for 'loadeddata')",
  undecoded: 'fromImage: source is an image that is not decoded; await its decode() first',
  decoded: '3×3×4',
  shape: '3×48×64',
  isRed: true,
  isFiltered: true,
};

/** Reads a video of a red canvas, before and after its first frame, and image elements that are not decoded. */
export async function readVideo(c) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
  const context = canvas.getContext('2d');
  const video = document.createElement('video');
  video.muted = true;
  const before = await messageOf(() => c.fromImage(video));
  video.srcObject = canvas.captureStream();
  const loaded = new Promise((resolve) => video.addEventListener('loadeddata', resolve));
  video.play();
  const draw = setInterval(() => {
    context.fillStyle = context.fillStyle === '#ff0000' ? '#fe0000' : '#ff0000';
    context.fillRect(0, 0, 64, 48);
  }, 20);
  await loaded;
  // The first frames may be empty.
  let red;
  do red = await c.fromImage(video, { scale: 1 });
  while (red.data[0] === 0);
  clearInterval(draw);
  const isNearRed = (pixel) => pixel[0] > 240 && pixel[1] < 15 && pixel[2] < 15;
  const { data, width, height } = await c.filter2d(video, [[1]]);
  video.pause();
  const planes = [0, 1, 2].map((i) => red.data[i * 64 * 48 + 1000]);

  const small = Object.assign(document.createElement('canvas'), { width: 4, height: 3 });
  small.getContext('2d').fillRect(0, 0, 4, 3);
  const undecoded = await messageOf(() => c.fromImage(new Image()));
  const element = new Image();
  element.src = small.toDataURL();
  const decoded = (await c.fromImageAsync(element)).shape.join('×');
  return {
    before,
    undecoded,
    decoded,
    shape: red.shape.join('×'),
    isRed: isNearRed(planes),
    isFiltered: width === 64 && height === 48 && isNearRed(data.subarray(4000, 4003)),
  };
}

/** The end of the result of `readFloat16`. */
export const EXPECTED_FLOAT16 =
  "expected an ImageData with 8 bits per channel (pixelFormat 'rgba-unorm8')";

/** The message for pixels of 16 bits, or 'absent' in a browser that has none. */
export async function readFloat16(c) {
  const context = document.createElement('canvas').getContext('2d');
  const pixels = context.getImageData(0, 0, 2, 2, { pixelFormat: 'rgba-float16' });
  if (pixels.data instanceof Uint8ClampedArray) return 'absent';
  return messageOf(() => c.fromImageData(pixels));
}
