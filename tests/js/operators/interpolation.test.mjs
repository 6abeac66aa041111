// interpolate, against the definition in float64 and PyTorch's choice of elements.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, createSharedInstance, expectError } from '../helpers.mjs';
import { permuted } from '../properties/support.mjs';

const c = await createSharedInstance();
const { uniform: random } = createRandom(1);

/** The weight of an input at a distance from the coordinate. */
function weightAt(distance, mode, a) {
  const x = Math.abs(distance);
  if (mode === 'bilinear') return Math.max(1 - x, 0);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  return x < 2 ? a * (x ** 3 - 5 * x ** 2 + 8 * x - 4) : 0;
}

/** The weights of all inputs for output `i` of an axis, as PyTorch 1.13 defines them. */
function weightsOf(i, from, to, { mode, alignCorners, antialias, scale }) {
  const weights = new Array(from).fill(0);
  const clamped = (j) => Math.min(Math.max(j, 0), from - 1);
  const ratio = Math.fround(
    alignCorners ? (to > 1 ? (from - 1) / (to - 1) : 0) : scale ? 1 / scale : from / to,
  );
  if (antialias) {
    const stretch = Math.max(ratio, 1);
    const centre = Math.fround((i + 0.5) * ratio);
    const all = weights.map((_, j) => weightAt((j + 0.5 - centre) / stretch, mode, -0.5));
    const radius = (mode === 'bilinear' ? 1 : 2) * stretch;
    const inside = all.map((w, j) =>
      j >= Math.trunc(centre - radius + 0.5) && j < Math.trunc(centre + radius + 0.5) ? w : 0,
    );
    const sum = inside.reduce((total, w) => total + w);
    return inside.map((w) => w / sum);
  }
  if (mode === 'nearest') {
    weights[clamped(Math.floor(Math.fround(i * ratio)))] = 1;
    return weights;
  }
  const isSame = mode === 'bilinear' && from === to;
  const x = alignCorners || isSame ? i * (isSame ? 1 : ratio) : (i + 0.5) * ratio - 0.5;
  const at = mode === 'bilinear' ? Math.max(x, 0) : x;
  const first = Math.floor(at) - 1;
  for (let j = first; j < first + 4; j++) weights[clamped(j)] += weightAt(at - j, mode, -0.75);
  return weights;
}

/** Expects interpolate's result for an input N×C×H×W, in a layout. */
function assertInterpolates(x, [height, width], options, scale = []) {
  const { mode = 'nearest', layout = 'nchw' } = options;
  const [n, ch, h, w] = x.shape;
  const weightsAlong = (from, to, ratio) =>
    Array.from({ length: to }, (_, i) =>
      weightsOf(i, from, to, { ...options, mode, scale: ratio }),
    );
  const rows = weightsAlong(h, height, scale[0]);
  const columns = weightsAlong(w, width, scale[1]);
  const target = scale.length > 0 ? { scale } : { size: [height, width] };
  const y = c.interpolate(permuted(x, 'nchw', layout), { ...options, ...target });
  const what = `${x.shape} to ${height}×${width}, ${JSON.stringify({ ...options, ...target })}`;
  const nchw = permuted({ shape: y.shape, data: [...y.data] }, layout, 'nchw');
  assert.deepEqual([...nchw.shape], [n, ch, height, width], what);
  nchw.data.forEach((value, i) => {
    const plane = Math.floor(i / (height * width));
    const row = rows[Math.floor(i / width) % height];
    const column = columns[i % width];
    let [sum, magnitude] = [0, 0];
    row.forEach((a, j) => {
      if (a === 0) return;
      column.forEach((b, k) => {
        const product = a * b * x.data[(plane * h + j) * w + k];
        sum += product;
        magnitude += Math.abs(product);
      });
    });
    if (mode === 'nearest') assert.equal(value, Math.fround(sum), what);
    else
      assert.ok(
        Math.abs(value - sum) <= 2 ** -24 * 60 * magnitude + 1e-30,
        `${what}: ${value}, not ${sum}`,
      );
  });
  y.dispose();
}

const MODES = [
  { mode: 'nearest' },
  ...['bilinear', 'bicubic'].flatMap((mode) =>
    [false, true].flatMap((alignCorners) =>
      [false, true].map((antialias) => ({ mode, alignCorners, antialias })),
    ),
  ),
];

for (const options of MODES) {
  test(`interpolate: every size and layout: ${JSON.stringify(options)}`, () => {
    for (const [h, w] of [
      [1, 1],
      [2, 3],
      [5, 4],
      [7, 9],
      [13, 33],
    ]) {
      for (const size of [
        [1, 1],
        [2, 3],
        [5, 4],
        [10, 8],
        [9, 21],
        [14, 66],
      ]) {
        assertInterpolates(random(2, 1, h, w), size, options);
        for (const ch of [1, 3, 5]) {
          assertInterpolates(random(1, ch, h, w), size, { ...options, layout: 'nhwc' });
        }
      }
    }
  });

  test(`interpolate: fractional scales: ${JSON.stringify(options)}`, () => {
    for (const scale of [
      [2, 2],
      [0.5, 3],
      [1.3, 0.7],
      [2.9, 1.04],
      [1 / 3, 1],
    ]) {
      const [h, w] = [6, 17];
      const size = [h, w].map((one, i) => Math.floor(one * scale[i]));
      assertInterpolates(random(1, 2, h, w), size, options, scale);
    }
  });
}

test('interpolate: nearest chooses the element that float32 arithmetic gives, for every pair of sizes', () => {
  for (let from = 1; from <= 90; from++) {
    const line = c.arange(from);
    const x = line.reshape([1, 1, from]);
    line.dispose();
    for (let to = 1; to <= 90; to++) {
      const y = c.interpolate(x, { size: [1, to] });
      const ratio = Math.fround(from / to);
      y.data.forEach((value, i) => {
        const expected = Math.min(Math.floor(Math.fround(i * ratio)), from - 1);
        assert.equal(value, expected, `${from} to ${to}, element ${i}`);
      });
      y.dispose();
    }
    x.dispose();
  }
});

test('interpolate: large pictures, whose rows and columns form several tiles', () => {
  assertInterpolates(random(1, 1, 3, 5000), [2, 9001], { mode: 'bilinear' });
  assertInterpolates(random(1, 1, 400, 300), [3, 2], { mode: 'bicubic', antialias: true });
  assertInterpolates(random(1, 1, 300, 2), [700, 250], { mode: 'bilinear', alignCorners: true });
});

test('interpolate: an image without a batch, and an empty batch', () => {
  const y = c.interpolate(
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
    { scale: 2 },
  );
  assert.deepEqual(y.toArray(), [
    [
      [1, 1, 2, 2],
      [1, 1, 2, 2],
      [3, 3, 4, 4],
      [3, 3, 4, 4],
    ],
  ]);
  const empty = c.interpolate({ shape: [0, 2, 3, 4], data: [] }, { size: 7, mode: 'bicubic' });
  assert.deepEqual(empty.shape, [0, 2, 7, 7]);
  for (const one of [y, empty]) one.dispose();
});

test('interpolate: NaN reaches only the outputs that read it', () => {
  const x = new Array(20).fill(1);
  x[10] = Number.NaN;
  const y = c.interpolate(
    { shape: [1, 1, 20], data: x },
    { size: [1, 5], mode: 'bilinear', antialias: true },
  );
  assert.deepEqual(Array.from(y.data, Number.isNaN), [false, false, true, true, false]);
  y.dispose();
});

test('interpolate: errors name the argument and the way out', () => {
  const x = { shape: [1, 1, 4, 5], data: new Array(20).fill(1) };
  const rejects = (options, message, input = x, code = 'INVALID_ARGUMENT') =>
    expectError(c, code, message, () => c.interpolate(input, options));
  rejects({}, 'interpolate: size and scale are missing; expected one of them');
  rejects(undefined, 'interpolate: size and scale are missing; expected one of them');
  rejects(
    { size: 2, scale: 2 },
    'interpolate: size and scale are both given; expected one of them',
  );
  rejects(
    { size: 0 },
    'interpolate: size is 0; expected a whole number from 1 to 2147483647, or [h, w]',
  );
  rejects(
    { size: [2, 0] },
    'interpolate: size[1] is 0; expected a whole number from 1 to 2147483647',
  );
  rejects({ size: [2] }, 'interpolate: size is an array of length 1; expected a number or [h, w]');
  rejects({ scale: 0 }, 'interpolate: scale is 0; expected a number above 0, or [h, w]');
  rejects({ scale: [1, -2] }, 'interpolate: scale[1] is -2; expected a number above 0');
  rejects(
    { scale: [1] },
    'interpolate: scale is an array of length 1; expected a number or [h, w]',
  );
  rejects({ scale: Number.NaN }, /^interpolate: scale is NaN; expected a finite/);
  rejects(
    { scale: 0.2 },
    /^interpolate: scale is 0\.2, 0\.2 for 4×5; expected an output of 1×1 to/,
  );
  rejects(
    { scale: 1e12 },
    /^interpolate: scale is 1000000000000, .* for 4×5; expected an output of/,
  );
  for (const name of ['alignCorners', 'antialias']) {
    rejects(
      { size: 2, [name]: true },
      `interpolate: ${name} is true and mode is 'nearest'; expected 'bilinear' or 'bicubic'`,
    );
  }
  rejects({ size: 2, mode: 'area' }, /^interpolate: mode is "area"; expected one of 'nearest', /);
  rejects(
    { size: 2 },
    /^interpolate: x is 4×5; expected N×C×H×W or C×H×W/,
    { shape: [4, 5], data: x.data },
    'SHAPE_MISMATCH',
  );
  for (const shape of [
    [1, 0, 4, 5],
    [1, 1, 0, 5],
  ]) {
    for (const layout of ['nchw', 'nhwc']) {
      rejects(
        { size: 2, layout },
        /^interpolate: x is .*; expected no axis of length 0/,
        { shape, data: [] },
        'SHAPE_MISMATCH',
      );
    }
  }
  rejects({ size: 2 ** 20 }, /^interpolate: not enough memory/, x, 'OUT_OF_MEMORY');
});
