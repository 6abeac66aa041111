// Tests corr2d/tfjs: convolutions of TensorFlow.js on its backends cpu and wasm.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createImage, LAYERS, mobileNet } from '../../bench/tfjs/mobilenet.mjs';
import { load } from '../../dist/index.js';
import { Corr2dError, register } from '../../dist/tfjs.js';
import { createClient } from '../../dist/worker.js';
import * as support from './tfjs-support.mjs';

const { assertClose } = support;
const GRADIENTS = [
  'Conv2DBackpropInput',
  'Conv2DBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'DepthwiseConv2dNativeBackpropFilter',
  'MaxPoolGrad',
  'AvgPoolGrad',
];
const KERNELS = [
  ...['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D'],
  ...GRADIENTS,
];

let tf;
let c;
before(async () => {
  ({ tf } = await support.loadTfjs());
  c = await load();
});
after(() => c.dispose());

const numbers = (shape, seed) => support.numbers(tf, shape, seed);
const evaluate = (compute) => support.evaluate(tf, compute);

/** The error that `action` throws, which must be a Corr2dError with this code and message. */
function expectError(code, message, action) {
  let error;
  try {
    action();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof Corr2dError, `${message}: ${error}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
}

/** All fused activations of tfjs. */
const ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'prelu', 'leakyrelu', 'sigmoid'];

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
  for (const activation of ACTIVATIONS) {
    for (const hasBias of [true, false]) {
      const options = (channels) => ({
        strides: 1,
        pad: 'same',
        activation,
        ...(activation === 'leakyrelu' && { leakyreluAlpha: 0.3 }),
        ...(activation === 'prelu' && { preluActivationWeights: numbers([channels], 8) }),
      });
      add(`fused conv2d ${activation} ${hasBias}`, () =>
        tf.fused.conv2d({
          ...options(5),
          x: x(),
          filter: numbers([3, 3, 6, 5], 4),
          ...(hasBias && { bias: numbers([5], 5) }),
        }),
      );
      add(`fused depthwise ${activation} ${hasBias}`, () =>
        tf.fused.depthwiseConv2d({
          ...options(6),
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

    test('elu and prelu leave no intermediate tensors behind', () => {
      const x = numbers([1, 7, 7, 4]);
      const filter = numbers([3, 3, 4, 5], 2);
      const preluActivationWeights = numbers([5], 4);
      const registration = register(tf, c);
      const before = [tf.memory().numTensors, tf.memory().numDataBuffers];
      for (const activation of ['elu', 'prelu']) {
        const options = { x, filter, strides: 1, pad: 'same', activation };
        evaluate(() => tf.fused.conv2d({ ...options, preluActivationWeights }));
      }
      assert.deepEqual([tf.memory().numTensors, tf.memory().numDataBuffers], before);
      assert.deepEqual([registration.computed, registration.delegated], [2, 0]);
      registration.unregister();
      tf.dispose([x, filter, preluActivationWeights]);
    });

    test('NCHW is computed, for which tfjs has no kernel', () => {
      const registration = register(tf, c);
      const x = numbers([1, 7, 7, 4]);
      const filter = numbers([3, 3, 4, 5], 2);
      const y = evaluate(() => tf.conv2d(tf.transpose(x, [0, 3, 1, 2]), filter, 1, 'same', 'NCHW'));
      const wanted = evaluate(() => tf.transpose(tf.conv2d(x, filter, 1, 'same'), [0, 3, 1, 2]));
      assertClose(y, wanted, 'NCHW');
      registration.unregister();
      tf.dispose([x, filter]);
    });

    test('a filter of another shape with the same data is another filter', () => {
      const x = numbers([1, 8, 8, 2]);
      const filter = numbers([3, 1, 2, 2], 2);
      const turned = tf.reshape(filter, [1, 3, 2, 2]);
      const run = (w) => evaluate(() => tf.conv2d(x, w, 1, 'valid'));
      const depthwise = () => evaluate(() => tf.depthwiseConv2d(x, filter, 1, 'valid'));
      const expected = [run(filter), run(turned), depthwise()];
      const registration = register(tf, c);
      const found = [run(filter), run(turned), depthwise()];
      for (const [i, one] of found.entries()) assertClose(one, expected[i], `filter ${i}`);
      registration.unregister();
      tf.dispose([x, filter, turned]);
    });

    test('what corr2d does not support is delegated to the kernels of tfjs', () => {
      const x = numbers([1, 7, 7, 4]);
      const filter = numbers([3, 3, 4, 5], 2);
      const fused = (more) => () =>
        tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', ...more });
      const cases = {
        'leakyrelu without a slope': fused({ activation: 'leakyrelu' }),
        ...(backend === 'cpu' && { 'a bias that is one number': fused({ bias: tf.scalar(2) }) }),
      };
      const expected = Object.entries(cases).map(([name, compute]) => [name, evaluate(compute)]);
      const registration = register(tf, c);
      for (const [name, one] of expected) assert.deepEqual(evaluate(cases[name]), one, name);
      assert.deepEqual([registration.computed, registration.delegated], [0, expected.length]);
      registration.unregister();
      tf.dispose([x, filter]);
    });

    test('errors name the function of tfjs, the argument and its value', () => {
      const x = numbers([1, 7, 7, 4]);
      const filter = numbers([3, 3, 4, 5], 2);
      const depthwise = numbers([3, 3, 4, 1], 2);
      const options = { x, strides: 1, pad: 'same' };
      const registration = register(tf, c);
      const refuses = (code, message, compute) =>
        expectError(code, message, () => evaluate(compute));
      const names =
        /expected one of 'linear', 'relu', 'relu6', 'sigmoid', 'elu', 'prelu', 'leakyrelu'$/;
      for (const [where, run] of [
        ['tf.fused.conv2d', (more) => tf.fused.conv2d({ ...options, filter, ...more })],
        [
          'tf.fused.depthwiseConv2d',
          (more) => tf.fused.depthwiseConv2d({ ...options, filter: depthwise, ...more }),
        ],
      ]) {
        for (const activation of ['swish', 'toString', 3]) {
          const shown = JSON.stringify(activation);
          const message = new RegExp(`^${where}: activation is ${shown}; ${names.source}`);
          refuses('INVALID_ARGUMENT', message, () => run({ activation }));
        }
        const missing = new RegExp(
          `^${where}: preluActivationWeights is undefined; expected a tensor`,
        );
        refuses('INVALID_ARGUMENT', missing, () => run({ activation: 'prelu' }));
      }
      const large = numbers([9, 9, 4, 5], 2);
      refuses('SHAPE_MISMATCH', /^tf\.conv2d: .*9×9.*7×7/, () => tf.conv2d(x, large, 1, 'valid'));
      // Only the cpu backend has a kernel for other types.
      const gradient = () => {
        const shape = { filterShape: [3, 3, 4, 5], strides: 1, pad: 'same', dataFormat: 'NHWC' };
        const dy = tf.ones([1, 7, 7, 5], 'int32');
        return tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, shape);
      };
      if (backend === 'cpu') evaluate(gradient);
      else
        refuses('UNSUPPORTED', /^Conv2DBackpropFilter.*: dy is int32; expected float32/, gradient);
      registration.unregister();
      tf.dispose([x, filter, depthwise, large]);
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
      assert.ok(kernels().every((kernel, i) => kernel && kernel !== before[i]));
      assert.equal(before.includes(undefined), backend === 'wasm');
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
      const message = /^tf\.conv2d: this corr2d instance has been disposed/;
      expectError('DISPOSED', message, () => evaluate(compute));
      registration.unregister();
      assertClose(evaluate(compute), expected, 'by tfjs again');
    });
  });
}

test('register refuses other arguments and names them', async () => {
  const tfjs = /the module of TensorFlow\.js/;
  for (const [shown, value] of [
    ['null', null],
    ['undefined', undefined],
    ['an object', {}],
    ['an object', { getKernel() {} }],
    ['a function', () => 1],
    ['"tf"', 'tf'],
  ]) {
    const message = new RegExp(`^register: tf is ${shown}; expected ${tfjs.source}`);
    expectError('INVALID_ARGUMENT', message, () => register(value, c));
  }
  const client = await createClient();
  for (const [shown, value] of [
    ['null', null],
    ['undefined', undefined],
    ['an object', {}],
    ['an object of type Promise', Promise.resolve(c)],
    ['"c"', 'c'],
    ['an object', tf],
    ['.*', client],
  ]) {
    const message = new RegExp(`^register: c is ${shown}; expected an instance .*await load\\(\\)`);
    expectError('INVALID_ARGUMENT', message, () => register(tf, value));
  }
  await client.dispose();
  const disposed = await load();
  disposed.dispose();
  const message = /^register: c .* has been disposed; expected a usable instance/;
  expectError('DISPOSED', message, () => register(tf, disposed));
  const surplus = /^register: the number of arguments is 3; expected at most 2/;
  expectError('INVALID_ARGUMENT', surplus, () => register(tf, c, {}));
});

test('unregister refuses arguments, and works when it is destructured', () => {
  const own = tf.getKernel('Conv2D', 'wasm');
  const { unregister } = register(tf, c);
  const surplus = /^unregister: the number of arguments is 1; expected none$/;
  expectError('INVALID_ARGUMENT', surplus, () => unregister(1));
  assert.notEqual(tf.getKernel('Conv2D', 'wasm'), own);
  unregister();
  assert.equal(tf.getKernel('Conv2D', 'wasm'), own);
});

test('register throws UNSUPPORTED if tfjs has no kernels to replace', () => {
  const none = { ...tf, getKernel: () => undefined };
  expectError('UNSUPPORTED', /^register: tf has no convolutions/, () => register(none, c));
});
