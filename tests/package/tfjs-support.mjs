// Shared by the tests of corr2d/tfjs: TensorFlow.js on its backends cpu and wasm, and comparisons.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';
import { root } from './helpers.mjs';

const folder = join(root, 'tests', 'package');
const { resolve } = createRequire(join(folder, 'package.json'));

/** Imports a package of TensorFlow.js, such as `tfjs-core`. */
async function importTfjs(name) {
  const module = await import(pathToFileURL(resolve(`@tensorflow/${name}`)).href);
  return module.default ?? module;
}

/** Loads tfjs with both backends, and its layers, which bring the gradients of all operators. */
export async function loadTfjs() {
  await ensureNodePackages({ root: folder });
  const tf = await importTfjs('tfjs-core');
  const { layers, sequential } = await importTfjs('tfjs-layers');
  await importTfjs('tfjs-backend-cpu');
  await importTfjs('tfjs-backend-wasm');
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  return { tf, layers, sequential };
}

/** Numbers from −1 to 1, the same in every run. */
export function numbers(tf, shape, seed = 1) {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(seed * 12.9898 + i * 78.233)),
    shape,
  );
}

/** The result of `compute` as plain data, after disposing of its tensors. */
export function evaluate(tf, compute) {
  const y = tf.tidy(compute);
  const result = { shape: y.shape, data: y.dataSync().slice() };
  y.dispose();
  return result;
}

/** Expects equal shapes, and elements that differ by at most `tolerance` times the largest. */
export function assertClose(actual, expected, what, tolerance = 1e-5) {
  const scale = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  assertWithin(actual, expected, what, () => tolerance * scale);
}

/** Expects equal shapes, and that element i differs by at most `bound(i)`. */
export function assertWithin(actual, expected, what, bound) {
  assert.deepEqual(actual.shape, expected.shape, what);
  expected.data.forEach((value, i) => {
    // Negated, so that NaN fails.
    if (!(Math.abs(actual.data[i] - value) <= bound(i))) {
      assert.fail(`${what}: element ${i} is ${actual.data[i]}; expected ${value} ± ${bound(i)}`);
    }
  });
}
