// Conversions between pixels and tensors, and filter2d: colour spaces, borders, alpha and errors.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  assertTensor,
  createRandom,
  expectError,
  expectRejection,
  loadVariant,
  memoryInUse,
} from '../helpers.mjs';

let c;
before(async () => {
  c = await loadVariant();
});
after(() => c.dispose());

/** A picture of random bytes. */
function picture(width, height, seed = 1) {
  const { integer } = createRandom(seed);
  const data = Uint8ClampedArray.from({ length: width * height * 4 }, () => integer(0, 255));
  return { data, width, height };
}

const channel = ({ data }, i) => Array.from(data).filter((_, at) => at % 4 === i);

/** Sizes around the four pixels that one SIMD step handles. */
const SIZES = [
  [1, 1],
  [2, 1],
  [3, 1],
  [1, 4],
  [5, 1],
  [3, 2],
  [7, 1],
  [4, 2],
  [3, 3],
  [16, 9],
  [31, 17],
];

test('fromImageData gives 3 channels, or 4 with alpha, each byte times 1/255 or scale', () => {
  for (const [width, height] of SIZES) {
    const image = picture(width, height);
    for (const [options, channels, scale] of [
      [undefined, 3, 1 / 255],
      [{}, 3, 1 / 255],
      [{ channels: 3, scale: undefined }, 3, 1 / 255],
      [{ channels: 4 }, 4, 1 / 255],
      [{ scale: 1 }, 3, 1],
      [{ channels: 4, scale: -0.3 }, 4, -0.3],
      [{ channels: undefined, scale: 0 }, 3, 0],
    ]) {
      const expected = Array.from({ length: channels }, (_, i) => channel(image, i))
        .flat()
        .map((byte) => Math.fround(byte * Math.fround(scale)));
      const what = `${width}×${height}, ${JSON.stringify(options)}`;
      assertTensor(c.fromImageData(image, options), [channels, height, width], expected, what);
    }
  }
});

test('fromImageData with 1 channel gives 0.299 R + 0.587 G + 0.114 B', () => {
  for (const [width, height] of SIZES) {
    const image = picture(width, height, 2);
    for (const scale of [1 / 255, 1, 2]) {
      const { shape, data } = c.fromImageData(image, { channels: 1, scale });
      assert.deepEqual(shape, [1, height, width]);
      data.forEach((value, i) => {
        const [r, g, b] = image.data.subarray(4 * i);
        const expected = (0.299 * r + 0.587 * g + 0.114 * b) * scale;
        // Roundings on the way to a result: a constant, its product, two sums, the scale and its product.
        const bound = 7 * 2 ** -24 * expected;
        assert.ok(Math.abs(value - expected) <= bound, `${value} and ${expected}`);
      });
    }
  }
});

test('fromImageData maps white to 1 and black to 0', () => {
  const image = { data: Uint8ClampedArray.of(255, 255, 255, 9, 0, 0, 0, 9), width: 2, height: 1 };
  assertTensor(c.fromImageData(image), [3, 1, 2], [1, 0, 1, 0, 1, 0]);
  const [white, black] = c.fromImageData(image, { channels: 1 }).data;
  assert.ok(Math.abs(white - 1) <= 7 * 2 ** -24, `${white}`);
  assert.equal(black, 0);
});

test('fromImageData accepts objects like ImageData and copies their data', () => {
  class ImageData {
    data = Uint8ClampedArray.of(51, 102, 153, 204);
    width = 1;
    height = 1;
    colorSpace = 'srgb';
  }
  const image = new ImageData();
  const t = c.fromImageData(image, { scale: 1 });
  image.data.fill(0);
  assertTensor(t, [3, 1, 1], [51, 102, 153]);
  const bytes = Uint8Array.of(9, 9, 1, 2, 3, 4).subarray(2);
  assertTensor(
    c.fromImageData({ data: bytes, width: 1, height: 1 }, { scale: 1 }),
    [3, 1, 1],
    [1, 2, 3],
  );
});

test('toImageData interleaves channels; alpha is the fourth channel, or 255', () => {
  for (const [width, height] of SIZES) {
    const { data } = picture(width, height, 3);
    const planes = (count) => {
      const values = [];
      for (let i = 0; i < count; i++) values.push(...channel({ data }, i));
      return c.tensor(values, [count, height, width]);
    };
    for (const channels of [1, 3, 4]) {
      const image = c.toImageData(planes(channels), { max: 255 });
      assert.deepEqual(Object.keys(image).sort(), ['colorSpace', 'data', 'height', 'width']);
      assert.ok(image.data instanceof Uint8ClampedArray);
      assert.equal(image.data.byteLength, image.data.buffer.byteLength);
      const expected = data.map((byte, i) => {
        if (i % 4 === 3) return channels === 4 ? byte : 255;
        return channels === 1 ? data[4 * Math.floor(i / 4)] : byte;
      });
      assert.deepEqual(image, { data: expected, width, height, colorSpace: 'srgb' });
    }
    assert.deepEqual(
      c.toImageData(planes(1).reshape([height, width]), { max: 255 }),
      c.toImageData(planes(1), { max: 255 }),
    );
  }
});

test('toImageData rounds to nearest, clamps, and maps NaN to 0', () => {
  const bytes = (values, options) => {
    const { data } = c.toImageData([values], options);
    return channel({ data }, 0);
  };
  const steps = { min: 0, max: 255 };
  assert.deepEqual(
    bytes([0, 0.49, 0.51, 1, 1.49, 1.51, 254.49, 254.51, 255], steps),
    [0, 0, 1, 1, 1, 2, 254, 255, 255],
  );
  // Ties go to even, as in an assignment to a Uint8ClampedArray.
  const halves = Array.from({ length: 255 }, (_, i) => i + 0.5);
  assert.deepEqual(bytes(halves, steps), [...Uint8ClampedArray.from(halves)]);
  assert.deepEqual(
    bytes([-0.6, -1, -1e30, -Infinity, 255.4, 256, 300, 1e30, Infinity, NaN, -0], steps),
    [0, 0, 0, 0, 255, 255, 255, 255, 255, 0, 0],
  );
  assert.deepEqual(bytes([0, 0.5, 1, 2, -1]), [0, 128, 255, 255, 0]);
  assert.deepEqual(bytes([0, 0.5, 1], { min: undefined, max: undefined }), [0, 128, 255]);
  assert.deepEqual(bytes([-1, 0, 1, 3], { min: -1, max: 3 }), [0, 64, 128, 255]);
  assert.deepEqual(bytes([-1, 0, 1], { min: -1 }), [0, 128, 255]);
});

test('toImageData rounds to within half a byte', () => {
  const { next } = createRandom(4);
  for (const [min, max] of [
    [0, 1],
    [-1, 1],
    [0.25, 0.5],
    [-1000, 3000],
    [1e-6, 2e-6],
  ]) {
    const values = Array.from({ length: 1001 }, () => min + (max - min) * (1.2 * next() - 0.1));
    const t = c.tensor(values, [7, 143]);
    const { data } = c.toImageData(t, { min, max });
    t.data.forEach((value, i) => {
      const exact = Math.min(255, Math.max(0, ((value - min) * 255) / (max - min)));
      // Rounded: min, max, their difference, the factor, value − min and the product.
      const slack = 8 * 2 ** -24 * 255 * (1 + (Math.abs(min) + Math.abs(max)) / (max - min));
      assert.ok(Math.abs(data[4 * i] - exact) <= 0.5 + slack, `${value} became ${data[4 * i]}`);
    });
  }
});

test('toImageData inverts fromImageData for all 256 values in every channel', () => {
  const all = new Uint8ClampedArray(4 * 256);
  for (let i = 0; i < 256; i++) all.set([i, 255 - i, (i * 7) % 256, (i * 11) % 256], 4 * i);
  for (const [width, height] of [
    [256, 1],
    [1, 256],
    [16, 16],
  ]) {
    const image = { data: all, width, height, colorSpace: 'srgb' };
    assert.deepEqual(c.toImageData(c.fromImageData(image, { channels: 4 })), image);
    const opaque = { ...image, data: all.map((byte, i) => (i % 4 === 3 ? 255 : byte)) };
    assert.deepEqual(c.toImageData(c.fromImageData(image)), opaque);
    assert.deepEqual(c.toImageData(c.fromImageData(image, { scale: 2 }), { max: 510 }), opaque);
  }
  const grey = new Uint8ClampedArray(4 * 256);
  for (let i = 0; i < 256; i++) grey.set([i, i, i, 255], 4 * i);
  const image = { data: grey, width: 256, height: 1, colorSpace: 'srgb' };
  assert.deepEqual(c.toImageData(c.fromImageData(image, { channels: 1 })), image);
});

test('a picture passes through corr2dMultiInOut unchanged, shifted by one pixel', () => {
  const image = picture(40, 30, 5);
  const X = c.fromImageData(image);
  // Each output channel is one input channel, shifted by one pixel.
  const K = c.zeros([3, 3, 3, 3]);
  for (const i of [0, 1, 2]) K.at(i).at(i).data[4] = 1;
  const output = c.toImageData(c.corr2dMultiInOut(X, K));
  assert.deepEqual([output.width, output.height], [38, 28]);
  for (const [x, y] of [
    [0, 0],
    [37, 27],
    [12, 20],
  ]) {
    const at = 4 * ((y + 1) * 40 + x + 1);
    assert.deepEqual(
      [...output.data.subarray(4 * (y * 38 + x)).subarray(0, 4)],
      [...image.data.subarray(at, at + 3), 255],
    );
  }
});

test('fromImageData rejects values that are not pictures', () => {
  const good = picture(2, 3);
  const invalid = (image, message) =>
    expectError(c, 'INVALID_ARGUMENT', message, () => c.fromImageData(image));
  for (const [bad, shown, hint = ''] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [7, '7'],
    ['image', '"image"'],
    [{}, 'an object'],
    [good.data, 'an object of type Uint8ClampedArray'],
    [[[1, 2]], 'an array of length 1'],
    [c.ones([3, 2, 2]), 'a tensor of 3×2×2', ' (toImageData converts it; conv2d filters it)'],
    [Symbol('s'), 'a symbol'],
    [() => good, 'a function'],
    [5n, '5n'],
  ]) {
    invalid(
      bad,
      `fromImageData: imageData is ${shown}; expected an ImageData with 8 bits per channel${hint}`,
    );
  }
  for (const [data, shown] of [
    [Array.from(good.data), 'an array of length 24'],
    [Float32Array.from(good.data), 'an object of type Float32Array'],
    [new Uint16Array(24), 'an object of type Uint16Array'],
    [good.data.buffer, 'an object of type ArrayBuffer'],
  ]) {
    const message = `fromImageData: imageData.data is ${shown}; expected a Uint8ClampedArray or Uint8Array of RGBA pixels`;
    invalid({ ...good, data }, message);
  }
  for (const side of ['width', 'height']) {
    for (const [bad, shown] of [
      [0, '0'],
      [-2, '-2'],
      [1.5, '1.5'],
      [NaN, 'NaN'],
      ['2', '"2"'],
      [undefined, 'undefined'],
      [2 ** 31, '2147483648'],
      [1e20, '100000000000000000000'],
      [2n, '2n'],
    ]) {
      invalid(
        { ...good, [side]: bad },
        `fromImageData: imageData.${side} is ${shown}; expected a whole number from 1 to 1073741824`,
      );
    }
  }
  expectError(
    c,
    'SHAPE_MISMATCH',
    'fromImageData: imageData has 24 bytes; expected 36 for 3×3 pixels of RGBA',
    () => c.fromImageData({ ...good, width: 3 }),
  );
  expectError(c, 'SHAPE_MISMATCH', /^fromImageData: imageData has 0 bytes/, () =>
    c.fromImageData({ data: new Uint8ClampedArray(), width: 2 ** 30, height: 2 ** 30 }),
  );
});

test('fromImageData and toImageData reject bad options', () => {
  const good = picture(2, 3);
  for (const [channels, shown] of [
    [2, '2'],
    [0, '0'],
    [5, '5'],
    ['3', '"3"'],
    [null, 'null'],
    [NaN, 'NaN'],
    [3n, '3n'],
  ]) {
    expectError(
      c,
      'INVALID_ARGUMENT',
      `fromImageData: channels is ${shown}; expected 1, 3 or 4`,
      () => c.fromImageData(good, { channels }),
    );
  }
  for (const [bad, what] of [
    ['1', '"1"; expected a number'],
    [null, 'null; expected a number'],
    [1n, '1n; expected a number'],
    [NaN, 'NaN; expected a finite float32 number'],
    [Infinity, 'Infinity; expected a finite float32 number'],
    [1e39, '1e+39; expected a finite float32 number'],
  ]) {
    expectError(c, 'INVALID_ARGUMENT', `fromImageData: scale is ${what}`, () =>
      c.fromImageData(good, { scale: bad }),
    );
    for (const name of ['min', 'max']) {
      expectError(c, 'INVALID_ARGUMENT', `toImageData: ${name} is ${what}`, () =>
        c.toImageData([[1]], { [name]: bad }),
      );
    }
  }
  for (const [options, min, max] of [
    [{ min: 1 }, 1, 1],
    [{ max: 0 }, 0, 0],
    [{ min: 3, max: 2 }, 3, 2],
    [{ min: 1, max: 1 + 2 ** -30 }, 1, 1 + 2 ** -30], // the same float32
  ]) {
    expectError(
      c,
      'INVALID_ARGUMENT',
      `toImageData: min is ${min}; expected a float32 number less than max, which is ${max}`,
      () => c.toImageData([[1]], options),
    );
  }
  for (const [name, run, names] of [
    ['fromImageData', (options) => c.fromImageData(good, options), 'channels, scale'],
    ['toImageData', (options) => c.toImageData([[1]], options), 'min, max, colorSpace'],
  ]) {
    expectError(
      c,
      'INVALID_ARGUMENT',
      `${name}: unknown option "chanels"; expected one of ${names}`,
      () => run({ chanels: 1 }),
    );
    for (const [bad, shown] of [
      [null, 'null'],
      [3, '3'],
      ['x', '"x"'],
      [[1], 'an array of length 1'],
    ]) {
      const message = new RegExp(`^${name}: options is ${shown}; expected an object such as {`);
      expectError(c, 'INVALID_ARGUMENT', message, () => run(bad));
    }
  }
});

test('toImageData rejects shapes that are not pictures', () => {
  for (const [shape, shown] of [
    [[], 'a single number (0-d)'],
    [[3], '[3]'],
    [[2, 3, 3], '2×3×3'],
    [[5, 3, 3], '5×3×3'],
    [[1, 3, 3, 3], '1×3×3×3'],
    [[3, 0, 4], '3×0×4'],
    [[0, 2], '0×2'],
    [[0, 2, 2], '0×2×2'],
  ]) {
    const t = c.ones(shape);
    expectError(
      c,
      'SHAPE_MISMATCH',
      `toImageData: tensor is ${shown}; expected h×w or C×h×w with C of 1, 3 or 4, and no axis of length 0`,
      () => c.toImageData(t),
    );
  }
});

test('converting pictures leaks no memory', () => {
  const before = memoryInUse(c);
  const image = picture(33, 21, 6);
  for (let i = 0; i < 100; i++) {
    const t = c.fromImageData(image, { channels: 4 });
    c.toImageData(t);
    c.toImageData(t.toArray());
    t.dispose();
  }
  assert.deepEqual(memoryInUse(c), before);
});

test('filter2d rejects bad arguments', () => {
  const picture = { data: new Uint8ClampedArray(4 * 5 * 6), width: 5, height: 6 };
  const rejects = (code, message, run) => expectError(c, code, message, run);
  const kernel = [[1]];
  for (const bad of [null, undefined, 3, {}, { ...picture, data: [1] }]) {
    rejects('INVALID_ARGUMENT', /^filter2d: imageData/, () => c.filter2d(bad, kernel));
  }
  for (const bad of [null, 'x', {}, [[1], [2, 3]]]) {
    rejects('INVALID_ARGUMENT', /^filter2d: kernel/, () => c.filter2d(picture, bad));
  }
  for (const bad of [1, [1, 2], [[[1]]]]) {
    rejects('SHAPE_MISMATCH', /^filter2d: kernel/, () => c.filter2d(picture, bad));
  }
  const withOptions = (options) => () => c.filter2d(picture, kernel, options);
  for (const border of ['circular', 'constant', 'Reflect', '', null, 0]) {
    rejects('INVALID_ARGUMENT', /^filter2d: border/, withOptions({ border }));
  }
  for (const bias of ['0', null, [0], true, NaN, Infinity, -Infinity, 1e39]) {
    rejects('INVALID_ARGUMENT', /^filter2d: bias/, withOptions({ bias }));
  }
  for (const preserveAlpha of [0, 1, null, 'false', {}]) {
    rejects('INVALID_ARGUMENT', /^filter2d: preserveAlpha/, withOptions({ preserveAlpha }));
  }
  for (const name of ['scale', 'Bias', 'boundary', 'padding']) {
    rejects('INVALID_ARGUMENT', new RegExp(`^filter2d: .*${name}`), withOptions({ [name]: 1 }));
  }
  for (const out of [null, 3, {}]) {
    rejects('INVALID_ARGUMENT', /^filter2d: out/, withOptions({ out }));
  }
  rejects('SHAPE_MISMATCH', /^filter2d: imageData/, () =>
    c.filter2d({ ...picture, width: 4 }, kernel),
  );
  const out = { data: new Uint8ClampedArray(4 * 5 * 6), width: 6, height: 5 };
  rejects('SHAPE_MISMATCH', /^filter2d: out/, withOptions({ out }));
});

test('filter2d names the element of a kernel that is not finite', () => {
  const image = picture(5, 6);
  for (const [bad, shown] of [
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [1e39, 'Infinity'], // as a float32
  ]) {
    for (const [rows, columns, row, column] of [
      [3, 3, 1, 1],
      [3, 3, 0, 2],
      [1, 7, 0, 6],
      [9, 2, 8, 0],
      [15, 15, 14, 14],
    ]) {
      const kernel = Array.from({ length: rows }, () => new Array(columns).fill(0));
      kernel[row][column] = bad;
      const message = `filter2d: kernel[${row}][${column}] is ${shown}; expected a finite float32 number`;
      expectError(c, 'INVALID_ARGUMENT', message, () => c.filter2d(image, kernel));
    }
  }
  const data = [0, 1, 2, NaN];
  const message = /^filter2d: kernel\[1\]\[1\] is NaN/;
  expectError(c, 'INVALID_ARGUMENT', message, () => c.filter2d(image, { data, shape: [2, 2] }));
});

test('filter2d and toImageData keep the colour space', () => {
  const image = picture(3, 2);
  for (const colorSpace of ['srgb', 'display-p3', 'srgb-linear', 'display-p3-linear']) {
    const filtered = c.filter2d({ ...image, colorSpace }, [[1]]);
    assert.deepEqual(filtered, { ...image, colorSpace });
    const out = { ...image, data: new Uint8ClampedArray(24), colorSpace };
    assert.equal(c.filter2d({ ...image, colorSpace }, [[1]], { out }), out);
    assert.deepEqual(out, filtered);
    assert.equal(c.toImageData([[1]], { colorSpace }).colorSpace, colorSpace);
  }
  assert.equal(c.filter2d(image, [[1]]).colorSpace, 'srgb');
  assert.equal(c.toImageData([[1]]).colorSpace, 'srgb');
  assert.equal(c.toImageData([[1]], { colorSpace: undefined }).colorSpace, 'srgb');
  // A tensor has the numbers as they are.
  const wide = { ...image, colorSpace: 'display-p3' };
  assert.deepEqual(c.fromImageData(wide).data, c.fromImageData(image).data);
  assert.deepEqual(c.fromImage(wide).data, c.fromImageData(image).data);
  assert.deepEqual(
    c.fromImage(wide, { colorSpace: 'display-p3' }).data,
    c.fromImageData(image).data,
  );
});

test('a bitmap or frame that was closed is named as closed', () => {
  const sizes = {
    ImageBitmap: { width: 0, height: 0 },
    VideoFrame: { displayWidth: 0, displayHeight: 0, codedWidth: 0, codedHeight: 0 },
  };
  for (const [name, size] of Object.entries(sizes)) {
    const source = { ...size, close() {}, [Symbol.toStringTag]: name };
    const expected = (what) =>
      `${what} has been closed; expected an open ImageBitmap or VideoFrame`;
    expectError(c, 'INVALID_ARGUMENT', expected('fromImage: source'), () => c.fromImage(source));
    expectError(c, 'INVALID_ARGUMENT', expected('filter2d: imageData'), () =>
      c.filter2d(source, [[1]]),
    );
  }
});

test('pixels without a colour space are in that of the input or the option', () => {
  const { data, width, height } = picture(3, 2);
  const wide = { data, width, height, colorSpace: 'display-p3' };
  const out = { data: new Uint8ClampedArray(24), width, height };
  assert.equal(c.filter2d(wide, [[1]], { out }), out);
  assert.deepEqual(out, { data, width, height });
  const options = { colorSpace: 'display-p3' };
  assert.equal(c.filter2d({ data, width, height }, [[1]], options).colorSpace, 'display-p3');
  assert.equal(c.fromImage({ data, width, height }, options).size, 18);
});

test('colour spaces that differ or do not exist are rejected', () => {
  const image = { ...picture(3, 2), colorSpace: 'display-p3' };
  const names = "one of 'srgb', 'display-p3', 'srgb-linear', 'display-p3-linear'";
  const rejects = (message, run) => expectError(c, 'INVALID_ARGUMENT', message, run);
  const kept = "expected 'srgb'";
  rejects(`fromImage: source.colorSpace is "display-p3"; ${kept}`, () =>
    c.fromImage(image, { colorSpace: 'srgb' }),
  );
  rejects(`filter2d: imageData.colorSpace is "display-p3"; ${kept}`, () =>
    c.filter2d(image, [[1]], { colorSpace: 'srgb' }),
  );
  const out = { ...picture(3, 2), colorSpace: 'srgb' };
  rejects(`filter2d: out.colorSpace is "srgb"; expected 'display-p3'`, () =>
    c.filter2d(image, [[1]], { out }),
  );
  for (const [bad, shown] of [
    ['P3', '"P3"'],
    [null, 'null'],
    [5, '5'],
  ]) {
    rejects(`toImageData: colorSpace is ${shown}; expected ${names}`, () =>
      c.toImageData([[1]], { colorSpace: bad }),
    );
    rejects(`fromImage: colorSpace is ${shown}; expected ${names}`, () =>
      c.fromImage(image, { colorSpace: bad }),
    );
    rejects(`fromImageData: imageData.colorSpace is ${shown}; expected ${names}`, () =>
      c.fromImageData({ ...image, colorSpace: bad }),
    );
  }
});

/** Runs a function with another global class `ImageData`. */
function withImageData(ImageData, run) {
  globalThis.ImageData = ImageData;
  try {
    run();
  } finally {
    delete globalThis.ImageData;
  }
}

test('an engine whose ImageData lacks the colour space is UNSUPPORTED', () => {
  const message = /: this engine has no ImageData with colorSpace 'display-p3'$/;
  class Old {
    constructor(data, width, height) {
      Object.assign(this, { data, width, height });
    }
  }
  class OnlySrgb extends Old {
    constructor(data, width, height, { colorSpace = 'srgb' } = {}) {
      super(data, width, height);
      if (colorSpace !== 'srgb') throw new TypeError(`${colorSpace} is no valid enum value`);
      this.colorSpace = colorSpace;
    }
  }
  const image = { ...picture(3, 2), colorSpace: 'display-p3' };
  for (const one of [Old, OnlySrgb]) {
    withImageData(one, () => {
      assert.ok(c.toImageData([[1]]) instanceof one);
      assert.ok(c.filter2d(picture(3, 2), [[1]]) instanceof one);
      expectError(c, 'UNSUPPORTED', message, () =>
        c.toImageData([[1]], { colorSpace: 'display-p3' }),
      );
      expectError(c, 'UNSUPPORTED', message, () => c.filter2d(image, [[1]]));
      const out = { ...image, data: new Uint8ClampedArray(24) };
      assert.deepEqual(c.filter2d(image, [[1]], { out }).data, image.data);
    });
  }
});

test('an engine whose canvas lacks the colour space is UNSUPPORTED', () => {
  const { OffscreenCanvas } = globalThis;
  globalThis.OffscreenCanvas = class {
    getContext(_, { colorSpace }) {
      throw new TypeError(`${colorSpace} is no valid enum value`);
    }
  };
  try {
    const bitmap = fake('ImageBitmap', { width: 2, height: 2 });
    const message = /: this engine has no ImageData with colorSpace 'display-p3-linear'$/;
    const options = { colorSpace: 'display-p3-linear' };
    expectError(c, 'UNSUPPORTED', message, () => c.fromImage(bitmap, options));
    expectError(c, 'UNSUPPORTED', message, () => c.filter2d(bitmap, [[1]], options));
  } finally {
    globalThis.OffscreenCanvas = OffscreenCanvas;
  }
});

test('pixels of 16 bits are rejected, and the message says how to get 8', () => {
  class Float16Array extends Uint16Array {}
  // The engine's class, or one with its name for engines without it.
  const data = new (globalThis.Float16Array ?? Float16Array)(16);
  const image = { data, width: 2, height: 2, pixelFormat: 'rgba-float16' };
  const message = globalThis.Float16Array
    ? /: imageData is an object; expected an ImageData with 8 bits .* \(pixelFormat 'rgba-unorm8'\)$/
    : /: imageData\.data is an object of type Uint16Array; expected a Uint8ClampedArray or Uint8Array/;
  expectError(c, 'INVALID_ARGUMENT', message, () => c.fromImageData(image));
  expectError(c, 'INVALID_ARGUMENT', message, () => c.filter2d(image, [[1]]));
});

test('colours of transparent pixels do not bleed if alpha is not preserved', () => {
  const [clear, green] = [
    [255, 255, 255, 0],
    [0, 255, 0, 255],
  ];
  const data = Uint8ClampedArray.from([clear, clear, green, green].flat());
  const image = { data, width: 4, height: 1 };
  const box = new Array(3).fill(new Array(3).fill(1 / 9));
  assert.deepEqual(
    [...c.filter2d(image, box, { preserveAlpha: false }).data.subarray(4, 12)],
    [0, 255, 0, 85, 0, 255, 0, 170],
  );
  const preserved = [170, 255, 170, 0, 85, 255, 85, 255];
  assert.deepEqual([...c.filter2d(image, box).data.subarray(4, 12)], preserved);
  const explicit = c.filter2d(image, box, { preserveAlpha: true });
  assert.deepEqual([...explicit.data.subarray(4, 12)], preserved);
});

test('fromImage and fromImageAsync read pixels like fromImageData', async () => {
  const image = picture(4, 3);
  const expected = c.fromImageData(image, { channels: 4, scale: 2 });
  const options = { channels: 4, scale: 2 };
  assert.deepEqual(c.fromImage(image, options).data, expected.data);
  assert.deepEqual((await c.fromImageAsync(image, options)).data, expected.data);
  expectError(c, 'INVALID_ARGUMENT', 'fromImage: channels is 2; expected 1, 3 or 4', () =>
    c.fromImage(image, { channels: 2 }),
  );
});

/** An object that looks like one of a browser's classes. */
const fake = (name, properties) => ({ [Symbol.toStringTag]: name, ...properties });

test('each function names the one that reads the value', async () => {
  const rejects = (message, run) => expectError(c, 'INVALID_ARGUMENT', message, run);
  const canvas = fake('HTMLCanvasElement', { width: 2, height: 2 });
  rejects(/HTMLCanvasElement; expected .* \(fromImage and filter2d read it\)$/, () =>
    c.fromImageData(canvas),
  );
  rejects(/HTMLCanvasElement; expected .* \(fromImageData and fromImage convert images\)$/, () =>
    c.conv2d(canvas, [[[[1]]]]),
  );
  rejects(/expected a tensor, .* \(fromImageData and fromImage convert images\)$/, () =>
    c.toImageData(picture(2, 2)),
  );
  for (const file of [new Blob(['x']), fake('File')]) {
    const hint =
      /of type (Blob|File); expected .* \(fromImageAsync and createImageBitmap read it\)$/;
    rejects(hint, () => c.fromImage(file));
    rejects(hint, () => c.fromImageData(file));
    rejects(hint, () => c.filter2d(file, [[1]]));
    await expectRejection(
      'UNSUPPORTED',
      /^fromImageAsync: source cannot be decoded without createImageBitmap.*fromImageData$/,
      c.fromImageAsync(file),
    );
  }
  const tensor = c.ones([3, 2, 2]);
  for (const run of [() => c.filter2d(tensor, [[1]]), () => c.fromImage(tensor)]) {
    rejects(/a tensor of 3×2×2; expected .* \(toImageData converts it; conv2d filters it/, run);
  }
});

test('a source that is NaN is rejected like other numbers', () =>
  expectRejection(
    'INVALID_ARGUMENT',
    /^fromImageAsync: source is NaN; expected an ImageData/,
    c.fromImageAsync(NaN),
  ));

test('images without pixels are rejected with what to wait for', () => {
  for (const [source, message] of [
    [
      fake('HTMLVideoElement', { readyState: 1, videoWidth: 4, videoHeight: 3 }),
      "a video with readyState 1; expected at least 2 (wait for 'loadeddata')",
    ],
    [
      fake('HTMLImageElement', { complete: false, naturalWidth: 0, naturalHeight: 0 }),
      'an image that is not decoded; await its decode() first',
    ],
    [
      fake('HTMLImageElement', { complete: false, naturalWidth: 7, naturalHeight: 7 }),
      'an image that is not decoded; await its decode() first',
    ],
    [
      fake('HTMLImageElement', { complete: true, naturalWidth: 0, naturalHeight: 0 }),
      'an image that is not decoded; await its decode() first',
    ],
  ]) {
    expectError(c, 'INVALID_ARGUMENT', `fromImage: source is ${message}`, () =>
      c.fromImage(source),
    );
    expectError(c, 'INVALID_ARGUMENT', `filter2d: imageData is ${message}`, () =>
      c.filter2d(source, [[1]]),
    );
  }
});

for (const file of ['cv2-4.6.json', 'scipy-1.10.json']) {
  const url = new URL(`../../fixtures/images/${file}`, import.meta.url);
  for (const { name, data, expected, kernel, width, height, ...options } of JSON.parse(
    readFileSync(url, 'utf8'),
  )) {
    test(`filter2d equals ${file}: ${name}`, () => {
      const image = { data: Uint8Array.from(data), width, height };
      assert.deepEqual([...c.filter2d(image, kernel, options).data], expected);
    });
  }
}
