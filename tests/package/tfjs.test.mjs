// Tests corr2d/tfjs: convolutions of TensorFlow.js on its backends cpu and wasm.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createImage, LAYERS, mobileNet } from '../../bench/tfjs/mobilenet.mjs';
import { load } from '../../dist/index.js';
import { Corr2dError, register } from '../../dist/tfjs.js';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';
import { root } from './helpers.mjs';

const KERNELS = ['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D'];

let tf;
let c;
before(async () => {
  const folder = join(root, 'tests', 'package');
  await ensureNodePackages({ root: folder });
  const { resolve } = createRequire(join(folder, 'package.json'));
  const use = (name) => import(pathToFileURL(resolve(`@tensorflow/${name}`)).href);
  const core = await use('tfjs-core');
  tf = core.default ?? core;
  await use('tfjs-backend-cpu');
  await use('tfjs-backend-wasm');
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  c = await load();
});
after(() => c.dispose());

/** A tensor of numbers from −1 to 1, the same in every run. */
function numbers(shape, seed = 1) {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(seed * 12.9898 + i * 78.233)),
    shape,
  );
}

/** The result of `compute` as plain data, after disposing of its tensors. */
function evaluate(compute) {
  const y = tf.tidy(compute);
  const result = { shape: y.shape, data: y.dataSync().slice() };
  y.dispose();
  return result;
}

function assertClose(actual, expected, what, tolerance = 1e-5) {
  assert.deepEqual(actual.shape, expected.shape, what);
  const scale = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  expected.data.forEach((value, i) => {
    // Negated, so that NaN fails.
    if (!(Math.abs(actual.data[i] - value) <= tolerance * scale)) {
      assert.fail(`${what}: element ${i} is ${actual.data[i]}; expected ${value}`);
    }
  });
}

/** Convolutions of every kind: name → a function that computes one. */
function convolutions() {
  const all = {};
  const x = () => numbers([2, 9, 8, 6]);
  const add = (name, compute) => {
    all[name] = compute;
  };
  const four = [
    [0, 0],
    [1, 2],
    [0, 1],
    [0, 0],
  ];
  const windows = [
    ['valid', 1, 1],
    ['valid', 2, 1],
    ['valid', [1, 2], 1],
    ['valid', 1, 2],
    ['same', 1, 1],
    ['same', 2, 1],
    ['same', [3, 2], 1],
    ['same', 1, [2, 1]],
    [0, 1, 1],
    [1, 2, 1, 'floor'],
    [2, 1, 1, 'round'],
    [1, 3, 1, 'ceil'],
    [1, 2, 1, 'round'],
    [four, 1, 1],
    [four, 2, 1, 'floor'],
  ];
  for (const [kh, kw] of [
    [3, 3],
    [1, 1],
    [2, 3],
    [3, 1],
    [5, 4],
  ]) {
    for (const [pad, strides, dilations, rounding] of windows) {
      const name = `${kh}×${kw} ${JSON.stringify([pad, strides, dilations, rounding])}`;
      add(`conv2d ${name}`, () =>
        tf.conv2d(x(), numbers([kh, kw, 6, 5], 2), strides, pad, 'NHWC', dilations, rounding),
      );
      add(`depthwise ${name}`, () =>
        tf.depthwiseConv2d(
          x(),
          numbers([kh, kw, 6, 2], 3),
          strides,
          pad,
          'NHWC',
          dilations,
          rounding,
        ),
      );
    }
  }
  for (const activation of ['linear', 'relu', 'relu6', 'sigmoid', 'leakyrelu']) {
    for (const hasBias of [true, false]) {
      const options = {
        x: null,
        strides: 1,
        pad: 'same',
        activation,
        ...(activation === 'leakyrelu' && { leakyreluAlpha: 0.3 }),
      };
      add(`fused conv2d ${activation} ${hasBias}`, () =>
        tf.fused.conv2d({
          ...options,
          x: x(),
          filter: numbers([3, 3, 6, 5], 4),
          ...(hasBias && { bias: numbers([5], 5) }),
        }),
      );
      add(`fused depthwise ${activation} ${hasBias}`, () =>
        tf.fused.depthwiseConv2d({
          ...options,
          x: x(),
          filter: numbers([3, 3, 6, 1], 6),
          ...(hasBias && { bias: numbers([6], 7) }),
        }),
      );
    }
  }
  add('an image without a batch', () =>
    tf.conv2d(numbers([9, 8, 6]), numbers([3, 3, 6, 5], 2), 1, 'same'),
  );
  add('a dense layer as a 1×1 convolution', () =>
    tf.conv2d(numbers([1, 1, 1, 40]), numbers([1, 1, 40, 30]), 1, 0),
  );
  return all;
}

for (const backend of ['cpu', 'wasm']) {
  describe(backend, () => {
    before(async () => {
      assert.ok(await tf.setBackend(backend));
    });

    test('a MobileNet gives the same results as without corr2d, fused and not', () => {
      const size = backend === 'cpu' ? 64 : 160;
      const image = createImage(tf, size);
      for (const isFused of [true, false]) {
        const model = mobileNet(tf, { isFused });
        const expected = evaluate(() => model.run(image));
        const tensors = tf.memory().numTensors;
        const live = c.memory();
        const registration = register(tf, c);
        const first = evaluate(() => model.run(image));
        assertClose(first, expected, 'the model', 1e-4);
        assert.ok(expected.data.some((value) => value > 0.1));
        assert.equal(registration.computed, LAYERS);
        assert.equal(registration.delegated, 0);
        const packed = registration.weightBytes;
        assert.ok(packed > 12e6, `${packed} bytes of weights`);

        // Weights are packed once.
        const second = evaluate(() => model.run(image));
        assert.deepEqual(second, first);
        assert.equal(registration.weightBytes, packed);
        assert.equal(registration.computed, 2 * LAYERS);
        assert.equal(tf.memory().numTensors, tensors);
        assert.deepEqual(
          [c.memory().liveTensors, c.memory().liveBytes],
          [live.liveTensors, live.liveBytes],
        );

        // Packed weights are freed with the model.
        model.dispose();
        assert.equal(registration.weightBytes, 0);
        registration.unregister();
      }
      image.dispose();
    });

    test('every window, padding and activation gives the results of tfjs', async () => {
      const all = convolutions();
      assert.ok(Object.keys(all).length > 120);
      // The cpu backend of tfjs computes the definition in plain loops.
      await tf.setBackend('cpu');
      const expected = Object.entries(all).map(([name, compute]) => [name, evaluate(compute)]);
      await tf.setBackend(backend);
      const registration = register(tf, c);
      try {
        for (const [name, one] of expected) {
          const { computed } = registration;
          assertClose(evaluate(all[name]), one, name);
          assert.equal(registration.computed, computed + 1, `${name}: computed by corr2d`);
        }
      } finally {
        registration.unregister();
      }
      assert.equal(registration.weightBytes, 0);
    });

    test('unsupported activations are delegated to the kernels of tfjs', () => {
      const x = numbers([1, 7, 7, 4]);
      const filter = numbers([3, 3, 4, 5], 2);
      const depthwise = numbers([3, 3, 4, 1], 3);
      const common = { x, strides: 1, pad: 'same' };
      const cases = {
        elu: () => tf.fused.conv2d({ ...common, filter, activation: 'elu' }),
        prelu: () =>
          tf.fused.conv2d({
            ...common,
            filter,
            activation: 'prelu',
            preluActivationWeights: numbers([5], 4),
          }),
        'depthwise elu': () =>
          tf.fused.depthwiseConv2d({ ...common, filter: depthwise, activation: 'elu' }),
      };
      const expected = Object.entries(cases).map(([name, compute]) => [name, evaluate(compute)]);
      const registration = register(tf, c);
      for (const [name, one] of expected) assert.deepEqual(evaluate(cases[name]), one, name);
      assert.deepEqual([registration.computed, registration.delegated], [0, expected.length]);

      // corr2d computes NCHW, for which tfjs has no kernel.
      const y = evaluate(() => tf.conv2d(tf.transpose(x, [0, 3, 1, 2]), filter, 1, 'same', 'NCHW'));
      const wanted = evaluate(() => tf.transpose(tf.conv2d(x, filter, 1, 'same'), [0, 3, 1, 2]));
      assertClose(y, wanted, 'NCHW');
      registration.unregister();
    });

    test('changed weights are packed again, and the number of kept plans is limited', () => {
      const registration = register(tf, c);
      const initial = numbers([3, 3, 2, 2], 1);
      const filter = tf.variable(initial);
      initial.dispose();
      const x = numbers([1, 5, 5, 2]);
      const run = () => evaluate(() => tf.conv2d(x, filter, 1, 'valid'));
      const first = run();
      const packed = registration.weightBytes;
      const twice = tf.mul(filter, 2);
      filter.assign(twice);
      twice.dispose();
      const doubled = run();
      assertClose(doubled, { ...first, data: first.data.map((value) => 2 * value) }, 'assigned');
      assert.equal(registration.weightBytes, packed);
      for (let size = 6; size < 20; size++) {
        tf.tidy(() => tf.conv2d(numbers([1, size, size, 2]), filter, 1, 'valid'));
      }
      assert.deepEqual(run(), doubled);
      assert.ok(registration.weightBytes <= 4 * packed, `${registration.weightBytes} bytes`);
      // A different bias needs a different plan.
      const biased = (value) =>
        evaluate(() => {
          const bias = tf.fill([2], value);
          return tf.fused.conv2d({ x, filter, strides: 1, pad: 'valid', bias });
        });
      const [one, two] = [biased(1), biased(2)];
      assertClose(two, { ...one, data: one.data.map((value) => value + 1) }, 'bias');
      filter.dispose();
      assert.equal(registration.weightBytes, 0);
      registration.unregister();
      x.dispose();
    });

    test('unregister restores the kernels of tfjs', () => {
      const kernels = () => KERNELS.map((name) => tf.getKernel(name, backend));
      const before = kernels();
      const isWatched = () => Object.keys(tf.backend()).includes('disposeData');
      assert.equal(isWatched(), false);
      const registration = register(tf, c);
      assert.ok(kernels().every((kernel, i) => kernel !== before[i]));
      const filter = numbers([3, 3, 2, 2]);
      const x = numbers([1, 5, 5, 2]);
      evaluate(() => tf.conv2d(x, filter, 1, 'same'));
      assert.ok(registration.weightBytes > 0 && isWatched());
      registration.unregister();
      assert.deepEqual(kernels(), before);
      assert.equal(isWatched(), false);
    });

    test('the first of two registrations can be unregistered before the second', () => {
      const kernels = () => KERNELS.map((name) => tf.getKernel(name, backend));
      const registration = register(tf, c);
      const filter = numbers([3, 3, 2, 2]);
      const x = numbers([1, 5, 5, 2]);
      const expected = evaluate(() => tf.conv2d(x, filter, 1, 'same'));
      const other = register(tf, c);
      const [mine] = kernels();
      registration.unregister();
      registration.unregister();
      assert.equal(kernels()[0], mine);
      assertClose(
        evaluate(() => tf.conv2d(x, filter, 1, 'same')),
        expected,
        'the other',
      );
      assert.equal(other.computed, 1);
      assert.equal(registration.weightBytes, 0);
      other.unregister();
      assertClose(
        evaluate(() => tf.conv2d(x, filter, 1, 'same')),
        expected,
        'by tfjs',
      );
      assert.equal(other.computed, 1);
      tf.dispose([x, filter]);
      assert.deepEqual([registration.weightBytes, other.weightBytes], [0, 0]);
    });

    test('a disposed instance throws DISPOSED; one without memory delegates to tfjs', async () => {
      const own = await load();
      const registration = register(tf, own);
      const compute = () => tf.conv2d(numbers([1, 5, 5, 2]), numbers([3, 3, 2, 2]), 1, 'same');
      const expected = evaluate(compute);
      own[Symbol.for('corr2d.heap')].call.failAllocationAfter(0);
      assertClose(evaluate(compute), expected, 'by tfjs');
      assert.deepEqual([registration.computed, registration.delegated], [1, 1]);
      own.dispose();
      assert.throws(
        () => evaluate(compute),
        (error) => error instanceof Corr2dError && error.code === 'DISPOSED',
      );
      registration.unregister();
      assertClose(evaluate(compute), expected, 'by tfjs again');
    });
  });
}

test('register throws UNSUPPORTED if tfjs has no kernels to replace', () => {
  const none = { ...tf, getKernel: () => undefined };
  assert.throws(
    () => register(none, c),
    (error) => error instanceof Corr2dError && error.code === 'UNSUPPORTED',
  );
});
