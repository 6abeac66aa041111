// Tests the gradients that corr2d/tfjs computes, kernel by kernel, on the backends cpu and wasm.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { load } from '../../dist/index.js';
import { register } from '../../dist/tfjs.js';
import { assertWithin, evaluate, loadTfjs, numbers } from './tfjs-support.mjs';

let tf;
let c;
before(async () => {
  ({ tf } = await loadTfjs());
  c = await load();
});
after(() => c.dispose());

const FOUR = [[0, 0], [1, 2], [0, 1], [0, 0]]; // biome-ignore format: one row for each axis

/** Padding, strides and rounding mode. */
const WINDOWS = [
  ['valid', 1],
  ['valid', 2],
  ['valid', [1, 2]],
  ['valid', [3, 1]],
  ['same', 1],
  ['same', 2],
  ['same', [3, 2]],
  [0, 1],
  [1, 2, 'floor'],
  [2, 1, 'round'],
  [1, 3, 'ceil'],
  [1, 2, 'round'],
  [FOUR, 1],
  [FOUR, 2, 'floor'],
];
const FILTERS = [[3, 3], [1, 1], [2, 3], [3, 1], [5, 4]]; // biome-ignore format: short

/** Calls of the four kernels: a name, the kernel, its inputs, its attributes and its number of products. */
function* calls() {
  const inputShape = [2, 9, 8, 6];
  for (const filterSize of FILTERS) {
    for (const [pad, strides, dimRoundingMode] of WINDOWS) {
      for (const [multiplier, kernel] of [
        [0, 'Conv2D'],
        [1, 'DepthwiseConv2dNative'],
        [3, 'DepthwiseConv2dNative'],
      ]) {
        const isDepthwise = multiplier > 0;
        const filterShape = [...filterSize, 6, multiplier || 5];
        const info = tf.backend_util.computeConv2DInfo(
          ...[inputShape, filterShape, strides, 1, pad, dimRoundingMode, isDepthwise],
        );
        const attrs = { strides, pad, dimRoundingMode, dataFormat: 'NHWC', dilations: 1 };
        const [batch, rows, columns, channels] = info.outShape;
        const name = `${filterSize.join('×')} ${JSON.stringify([pad, strides, dimRoundingMode])}`;
        const dy = info.outShape;
        const taps = filterSize[0] * filterSize[1];
        yield {
          name: `${kernel}BackpropInput ${name}`,
          kernel: `${kernel}BackpropInput`,
          inputs: { dy, filter: filterShape },
          attrs: { ...attrs, inputShape },
          products: taps * (isDepthwise ? multiplier : channels),
        };
        yield {
          name: `${kernel}BackpropFilter ${name}`,
          kernel: `${kernel}BackpropFilter`,
          inputs: { x: inputShape, dy },
          attrs: { ...attrs, filterShape },
          products: batch * rows * columns,
        };
      }
    }
  }
}

/** Window size, padding, strides and rounding mode of pools. */
const POOLS = [
  ...[1, 2, 3, [2, 3], [3, 1]].flatMap((size) =>
    [1, 2, [2, 1], 3].flatMap((strides) => ['valid', 'same'].map((pad) => [size, pad, strides])),
  ),
  [3, 1, 1],
  [3, 1, 2, 'floor'],
  [3, 2, 1],
  [2, 1, 3, 'ceil'],
  [4, 3, 2, 'round'],
  [[2, 4], 0, 1],
  [2, 0, 5, 'ceil'],
];

/** Calls of the gradients of pools, of numbers and of numbers that are often equal. */
function* poolCalls() {
  for (const [filterSize, pad, strides, dimRoundingMode] of POOLS) {
    for (const isRounded of [false, true]) {
      const input = [2, 9, 8, 5];
      const dy = tf.backend_util.computePool2DInfo(
        ...[input, filterSize, strides, 1, pad, dimRoundingMode],
      ).outShape;
      const attrs = { filterSize, strides, pad, dimRoundingMode };
      const name = JSON.stringify([filterSize, pad, strides, dimRoundingMode]);
      for (const kernel of ['MaxPoolGrad', 'AvgPoolGrad']) {
        // The cpu backend does not round in AvgPoolGrad.
        if (kernel === 'AvgPoolGrad' && dimRoundingMode !== undefined) continue;
        const inputs = { dy, input, ...(kernel === 'MaxPoolGrad' && { output: dy }) };
        yield { name: `${kernel} ${name}`, kernel, inputs, attrs, isRounded, products: 36 };
      }
    }
  }
}

/** Runs a kernel on numbers, or on their absolute values. */
function run({ kernel, inputs, attrs, isRounded }, isAbsolute = false) {
  return evaluate(tf, () => {
    const given = Object.entries(inputs).map(([name, shape], i) => {
      const tensor = numbers(tf, shape, i + 2);
      if (isRounded && name === 'input') return [name, tf.round(tensor)];
      return [name, isAbsolute && name !== 'input' ? tf.abs(tensor) : tensor];
    });
    return tf.engine().runKernel(kernel, Object.fromEntries(given), attrs);
  });
}

for (const backend of ['cpu', 'wasm']) {
  describe(backend, () => {
    test('every gradient of every window is that of the cpu backend', async () => {
      // The cpu backend adds in float64. A sum of K products in float32 differs from it by at most
      // (K + 1)·ε·Σ|x·w|; the factor 2 covers the rounding of the expected value and Winograd's sums.
      await tf.setBackend('cpu');
      const all = [...calls(), ...poolCalls()];
      assert.ok(all.length > FILTERS.length * WINDOWS.length * 6 + POOLS.length * 2);
      const expected = all.map((call) => [call, run(call), run(call, true)]);
      await tf.setBackend(backend);
      const registration = register(tf, c);
      const tensors = [tf.memory().numTensors, tf.memory().numDataBuffers];
      const live = c.memory().liveTensors;
      try {
        for (const [call, one, sizes] of expected) {
          const { computed } = registration;
          const factor = 2 * (call.products + 1) * 2 ** -24;
          assertWithin(run(call), one, call.name, (i) => factor * sizes.data[i]);
          assert.equal(registration.computed, computed + 1, `${call.name}: computed by corr2d`);
        }
        assert.deepEqual([tf.memory().numTensors, tf.memory().numDataBuffers], tensors);
        assert.equal(c.memory().liveTensors, live);
      } finally {
        registration.unregister();
      }
    });

    test('NCHW gradients equal those of NHWC', async () => {
      await tf.setBackend(backend);
      const registration = register(tf, c);
      const [to, from] = [[0, 3, 1, 2], [0, 2, 3, 1]]; // biome-ignore format: a pair
      const given = { x: numbers(tf, [2, 7, 6, 3]), filter: numbers(tf, [3, 2, 3, 4], 2) };
      const dy = numbers(tf, [2, 7, 6, 4], 3);
      const inputShape = [2, 3, 7, 6];
      const attrs = { strides: 1, pad: 'same', filterShape: given.filter.shape };
      const both = (kernel, inputs, isImage) => {
        const nhwc = evaluate(tf, () =>
          tf.engine().runKernel(kernel, inputs, { ...attrs, inputShape: [2, 7, 6, 3] }),
        );
        const nchw = evaluate(tf, () => {
          const turned = Object.entries(inputs).map(([name, tensor]) => [
            name,
            name === 'filter' ? tensor : tf.transpose(tensor, to),
          ]);
          const all = { ...attrs, inputShape, dataFormat: 'NCHW' };
          const y = tf.engine().runKernel(kernel, Object.fromEntries(turned), all);
          return isImage ? tf.transpose(y, from) : y;
        });
        assertWithin(nchw, nhwc, kernel, () => 1e-4);
      };
      both('Conv2DBackpropInput', { dy, filter: given.filter }, true);
      both('Conv2DBackpropFilter', { x: given.x, dy }, false);
      registration.unregister();
      tf.dispose([given, dy]);
    });

    // tfjs-core refuses them, and the kernels of the cpu backend ignore the dilation.
    test('gradients of dilated depthwise convolutions are adjoints', async () => {
      await tf.setBackend(backend);
      const registration = register(tf, c);
      const dot = (a, b) => a.data.reduce((sum, value, i) => sum + value * b.data[i], 0);
      for (const dilations of [2, [1, 3], [2, 1]]) {
        for (const pad of ['valid', 'same']) {
          const shapes = { x: [2, 9, 8, 3], filter: [3, 2, 3, 2] };
          const x = numbers(tf, shapes.x);
          const filter = numbers(tf, shapes.filter, 2);
          const forward = () => tf.depthwiseConv2d(x, filter, 1, pad, 'NHWC', dilations);
          const y = evaluate(tf, forward);
          const dy = numbers(tf, y.shape, 3);
          const attrs = { strides: 1, pad, dilations };
          const gradient = (name, inputs, shape) =>
            evaluate(tf, () =>
              tf.engine().runKernel(`DepthwiseConv2dNativeBackprop${name}`, inputs, {
                ...attrs,
                ...shape,
              }),
            );
          const dx = gradient('Input', { dy, filter }, { inputShape: shapes.x });
          const dw = gradient('Filter', { x, dy }, { filterShape: shapes.filter });
          const wanted = dot(y, { data: dy.dataSync() });
          const name = JSON.stringify([dilations, pad]);
          assert.ok(Math.abs(dot(dx, { data: x.dataSync() }) - wanted) < 1e-3, name);
          assert.ok(Math.abs(dot(dw, { data: filter.dataSync() }) - wanted) < 1e-3, name);
          tf.dispose([x, filter, dy]);
        }
      }
      assert.equal(registration.delegated, 0);
      registration.unregister();
    });
  });
}
