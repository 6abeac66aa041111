// The exercises at the end of the chapter, checked for arbitrary sizes.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { assertSameBits, createSharedInstance, sizeOf } from '../helpers.mjs';
import { both, createProblem, draw, integer, problems, values } from './arbitraries.mjs';
import { assertNear, conv2d64 } from './float64.mjs';
import { assertSame, forAll, plus, slice } from './support.mjs';

const c = await createSharedInstance();

forAll(
  'two stacked kernels equal one larger kernel',
  fc.record({
    first: both(1, 4),
    second: both(1, 4),
    more: fc.tuple(integer(-1, 6), integer(-1, 9)),
    values: values(),
  }),
  ({ first, second, more, ...given }, keep) => {
    const { exact } = draw(given.values);
    const [a, b] = [exact(...first), exact(...second)];
    const x = exact(1, 1, ...more.map((size, axis) => first[axis] + second[axis] + size));
    const weight = ({ shape, data }) => ({ shape: [1, 1, ...shape], data });
    const twice = keep(c.conv2d(keep(c.conv2d(x, weight(a))), weight(b)));
    const larger = keep(c.convolve2d(a, b));
    assert.deepEqual(
      larger.shape,
      first.map((k, axis) => k + second[axis] - 1),
    );
    assertSame(keep(c.conv2d(x, weight(larger))), twice);
  },
);

forAll(
  'two stacked layers equal one layer with larger kernels',
  fc.record({
    channels: fc.tuple(integer(1, 3), integer(1, 4), integer(1, 3)),
    first: both(1, 3),
    second: both(1, 3),
    more: fc.tuple(integer(-1, 4), integer(-1, 7)),
    values: values(),
  }),
  ({ channels: [ci, cm, co], first, second, more, ...given }, keep) => {
    const { exact } = draw(given.values);
    const [a, b] = [exact(cm, ci, ...first), exact(co, cm, ...second)];
    const x = exact(2, ci, ...more.map((size, axis) => first[axis] + second[axis] + size));
    const twice = keep(c.conv2d(keep(c.conv2d(x, a)), b));
    const shape = [co, ci, ...first.map((k, axis) => k + second[axis] - 1)];
    const kernel = (tensor, o, i) => {
      const { data } = slice(slice(tensor, 0, o, o + 1), 1, i, i + 1);
      return { shape: tensor.shape.slice(2), data };
    };
    const data = [];
    for (let o = 0; o < co; o++) {
      for (let i = 0; i < ci; i++) {
        let sum = { shape: shape.slice(2), data: new Array(shape[2] * shape[3]).fill(0) };
        for (let m = 0; m < cm; m++) {
          sum = plus(sum, keep(c.convolve2d(kernel(a, m, i), kernel(b, o, m))));
        }
        data.push(...sum.data);
      }
    }
    assertSame(keep(c.conv2d(x, { shape, data })), twice);
  },
  60,
);

/** A convolution as a matrix product of the weight and columns of windows. */
function byMatmul(x, w, { stride, dilation, padding: [top, , left] }, shape, keep) {
  const [co, ci, kh, kw] = w.shape;
  const columns = keep(c.unfold(x, [kh, kw], { stride, dilation, padding: [top, left] }));
  const matrix = { shape: [co, ci * kh * kw], data: w.data };
  return keep(keep(c.matmul(matrix, columns)).reshape(shape));
}

const ungrouped = problems({ pads: 'pairs', groups: [1] });

forAll('unfold and matmul equal conv2d', ungrouped, (problem, keep) => {
  const { x, w, options } = createProblem(problem);
  const expected = keep(c.conv2d(x, w, options));
  assertSame(byMatmul(x, w, options, expected.shape, keep), expected);
});

forAll('unfold and matmul are within the bound of conv2d', ungrouped, (problem, keep) => {
  const { x, w, options } = createProblem(problem, 'uniform');
  const expected = conv2d64(x, w, undefined, options);
  assertNear(byMatmul(x, w, options, expected.shape, keep), expected, 'unfold and matmul');
  assertNear(keep(c.conv2d(x, w, options)), expected, 'conv2d');
});

const layers = fc.record({
  n: integer(1, 2),
  size: fc.tuple(integer(1, 6), integer(1, 9)),
  groups: integer(1, 5),
  inputs: integer(1, 4),
  outputs: integer(1, 4),
  values: values(),
});

forAll(
  'block-diagonal channel mixing by 1×1 equals groups',
  layers,
  ({ n, size, groups, inputs, outputs, ...given }, keep) => {
    const { exact } = draw(given.values);
    const [ci, co] = [groups * inputs, groups * outputs];
    const x = exact(n, ci, ...size);
    const w = exact(co, inputs, 1, 1);
    const blocks = { shape: [co, ci, 1, 1], data: new Array(co * ci).fill(0) };
    w.data.forEach((value, at) => {
      const row = Math.floor(at / inputs);
      blocks.data[row * ci + Math.floor(row / outputs) * inputs + (at % inputs)] = value;
    });
    const mixed = keep(c.conv2d(x, blocks));
    assertSame(keep(c.conv2d(x, w, { groups })), mixed);
    // The chapter's 1×1 layer is the same matrix product.
    const chapter = keep(c.corr2dMultiInOut1x1(slice(x, 0, 0, 1), blocks));
    assertSame(keep(chapter.reshape([1, ...chapter.shape])), slice(mixed, 0, 0, 1));
  },
);

// Bitwise equal, because both start with the bias and add the input channels in the same order, with the
// same multiply-add.
forAll(
  'Y1 = Y2 exactly: a 1×1 layer as a matrix product and as a sliding window',
  fc.tuple(layers, fc.constantFrom('nchw', 'nhwc'), fc.boolean()),
  ([{ n, size, groups, inputs, outputs, ...given }, layout, deterministic], keep) => {
    const { uniform } = draw(given.values);
    const [ci, co] = [groups * inputs, groups * outputs];
    const x = uniform(n, ...(layout === 'nchw' ? [ci, ...size] : [...size, ci]));
    const w = uniform(co, inputs, 1, 1);
    const options = { groups, layout, deterministic, bias: uniform(co) };
    const [y1, y2] = ['gemm', 'direct'].map((algorithm) =>
      keep(c.conv2d(x, w, { ...options, algorithm })),
    );
    assertSameBits(y1, y2, 'conv2d');

    const [X, K] = [uniform(ci, ...size), uniform(co, ci, 1, 1)];
    const [Y1, Y2] = [c.corr2dMultiInOut1x1(X, K), c.corr2dMultiInOut(X, K)].map(keep);
    assertSameBits(Y1, Y2, 'the chapter');
  },
);

forAll(
  'cost: doubling all channels needs 4× the multiply-adds and weights',
  problems({ groups: [1] }),
  ({ input, weight, options }) => {
    const plan = (factor) => {
      const [n, ci, ...size] = input;
      const [co, , ...kernel] = weight;
      const shape = [factor * co, factor * ci, ...kernel];
      const made = c.planConv2d({
        inputShape: [n, factor * ci, ...size],
        weight: { shape, data: new Array(sizeOf(shape)).fill(0) },
        ...options,
      });
      const { macs, flops, outputShape, weightBytes } = made;
      made.dispose();
      assert.equal(macs, sizeOf(outputShape) * sizeOf(shape.slice(1)));
      assert.equal(flops, 2 * macs);
      assert.ok(weightBytes >= 4 * sizeOf(shape));
      return macs;
    };
    assert.equal(plan(2), 4 * plan(1));
  },
  40,
);
