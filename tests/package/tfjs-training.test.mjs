// Trains small networks with TensorFlow.js on its backend wasm, whose missing kernels corr2d/tfjs brings,
// and compares every loss with that of the backend cpu.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { load } from '../../dist/index.js';
import { register } from '../../dist/tfjs.js';
import { loadTfjs, numbers } from './tfjs-support.mjs';

let tf;
let layers;
let sequential;
let c;
before(async () => {
  ({ tf, layers, sequential } = await loadTfjs());
  c = await load();
});
after(() => c.dispose());

const CLASSES = 3;
const SAMPLES = 16;
const BATCH = 4;
const EPOCHS = 4;

/** The layers between the input, 12×12×2 or 24×2, and the layer that classifies. */
const NETWORKS = {
  'two convolutions, pools and dropout': () => [
    layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.averagePooling2d({ poolSize: 2 }),
    layers.dropout({ rate: 0.25, seed: 7 }),
    layers.flatten(),
    layers.dense({ units: 12, activation: 'tanh' }),
  ],
  'strides, depthwise and separable convolutions': () => [
    layers.conv2d({ filters: 6, kernelSize: [5, 4], strides: [2, 1], padding: 'same' }),
    layers.batchNormalization(),
    layers.reLU({ maxValue: 6 }),
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, activation: 'elu' }),
    layers.separableConv2d({ filters: 5, kernelSize: [2, 3], activation: 'sigmoid' }),
    layers.globalAveragePooling2d({}),
  ],
  'transposed convolution, prelu and 1×1 convolution': () => [
    layers.conv2d({ filters: 4, kernelSize: 3, strides: 3 }),
    layers.prelu({ alphaInitializer: 'ones' }),
    layers.conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, padding: 'same' }),
    layers.leakyReLU({ alpha: 0.2 }),
    layers.conv2d({ filters: 3, kernelSize: 1, useBias: false, activation: 'selu' }),
    layers.flatten(),
  ],
  // tfjs' own MaxPoolGrad on wasm is wrong for windows of negative numbers.
  'maxima of negative numbers': () => [
    layers.conv2d({ filters: 6, kernelSize: 3, activation: 'tanh' }),
    layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    layers.conv2d({ filters: 6, kernelSize: 3, strides: 2 }),
    layers.maxPooling2d({ poolSize: 2, strides: 1 }),
    layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    layers.flatten(),
  ],
  'one axis': () => [
    layers.conv1d({ filters: 6, kernelSize: 5, padding: 'same', activation: 'softplus' }),
    layers.maxPooling1d({ poolSize: 2 }),
    layers.conv1d({ filters: 4, kernelSize: 3, strides: 2 }),
    layers.globalAveragePooling1d({}),
  ],
};

/** Trains a network and returns the loss of every batch, the predictions, and the use of memory. */
async function train(name, createOptimizer, backend, registration) {
  await tf.setBackend(backend);
  const shape = name === 'one axis' ? [24, 2] : [12, 12, 2];
  const model = sequential();
  for (const [i, layer] of NETWORKS[name]().entries()) {
    if (i === 0) model.add(layers.inputLayer({ inputShape: shape }));
    model.add(layer);
  }
  model.add(layers.dense({ units: CLASSES, activation: 'softmax' }));
  tf.tidy(() =>
    model.setWeights(
      // Batch normalisation has weights that must be positive: these are at least 0.6.
      model.getWeights().map((weight, i) => {
        const values = tf.mul(numbers(tf, weight.shape, i + 3), 0.4);
        return weight.shape.length === 1 ? tf.add(values, 1) : values;
      }),
    ),
  );
  model.compile({ optimizer: createOptimizer(), loss: 'categoricalCrossentropy' });
  const x = numbers(tf, [SAMPLES, ...shape], 2);
  const labels = Array.from({ length: SAMPLES }, (_, i) => i % CLASSES);
  const y = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), CLASSES));
  const losses = [];
  const memory = [];
  await model.fit(x, y, {
    batchSize: BATCH,
    epochs: EPOCHS,
    shuffle: false,
    verbose: 0,
    yieldEvery: 'never',
    callbacks: {
      onBatchEnd(_, { loss }) {
        losses.push(loss);
      },
      onEpochEnd() {
        const { numTensors, numDataBuffers } = tf.memory();
        const { liveTensors, liveBytes } = c.memory();
        const weightBytes = registration?.weightBytes;
        memory.push({ numTensors, numDataBuffers, liveTensors, liveBytes, weightBytes });
      },
    },
  });
  const prediction = model.predict(x);
  const predicted = await prediction.data();
  tf.dispose([x, y, prediction]);
  model.dispose();
  return { losses, predicted, memory };
}

describe('training on the backend wasm', () => {
  for (const name of Object.keys(NETWORKS)) {
    for (const [optimizerName, createOptimizer] of [
      ['sgd', () => tf.train.sgd(0.01)],
      ['adam', () => tf.train.adam(0.01)],
    ]) {
      test(`${name}, with ${optimizerName}: the losses are those of the cpu backend`, async () => {
        const expected = await train(name, createOptimizer, 'cpu');
        const epoch = SAMPLES / BATCH;
        const mean = (values) => values.reduce((sum, value) => sum + value, 0) / epoch;
        const [start, end] = [expected.losses.slice(0, epoch), expected.losses.slice(-epoch)];
        assert.ok(mean(end) < mean(start), 'the network learns');
        await tf.setBackend('wasm');
        const registration = register(tf, c);
        const tensors = c.memory().liveTensors;
        const found = await train(name, createOptimizer, 'wasm', registration);
        assert.equal(found.losses.length, epoch * EPOCHS);
        // float32 sums of up to 600 products differ by at most 601·2⁻²⁴ = 4e-5 of their size, in the
        // forward pass and in the gradients. Every step adds its part.
        for (const [step, loss] of expected.losses.entries()) {
          const difference = Math.abs(found.losses[step] - loss);
          const message = `step ${step}: ${found.losses[step]}, ${loss}`;
          assert.ok(difference <= 4e-5 * (step + 1) * Math.abs(loss), message);
        }
        for (const [i, value] of expected.predicted.entries()) {
          assert.ok(
            Math.abs(found.predicted[i] - value) <= 1e-3,
            `${found.predicted[i]}, ${value}`,
          );
        }
        // Nothing grows after the first epoch: neither tfjs' tensors nor corr2d's, nor the packed weights.
        const [first, ...later] = found.memory.slice(1);
        for (const one of later) assert.deepEqual(one, first);
        assert.equal(registration.weightBytes, 0, 'weights are freed with the model');
        assert.equal(c.memory().liveTensors, tensors);
        assert.equal(registration.delegated, 0);
        assert.ok(registration.computed > 0);
        registration.unregister();
      });
    }
  }
});
