// corr2d/tfjs in Chromium: a small network trains on the backend wasm to the losses of the backend cpu.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';
import { openEmptyPage, root, serveRepository, useSite } from './helpers.mjs';

const PACKAGES = '/tests/package/node_modules/@tensorflow';

let page;
const site = useSite({
  serve: serveRepository,
  async prepare({ browser, url }) {
    await ensureNodePackages({ root: join(root, 'tests', 'package') });
    ({ page } = await openEmptyPage(browser, new URL('empty', url).href));
    for (const name of ['core', 'layers', 'backend-cpu', 'backend-wasm']) {
      const file = `${PACKAGES}/tfjs-${name}/dist/tf-${name}.min.js`;
      await page.addScriptTag({ url: new URL(file, site.url).href });
    }
  },
});

test('model.fit on wasm gives the losses of cpu', async () => {
  const { cpu, wasm, computed, delegated } = await page.evaluate(async (packages) => {
    const { tf } = globalThis;
    const { load } = await import('/dist/index.js');
    const { register } = await import('/dist/tfjs.js');
    tf.wasm.setWasmPaths(`${packages}/tfjs-backend-wasm/dist/`);
    const numbers = (shape, seed) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const data = Float32Array.from({ length }, (_, i) => Math.sin(seed * 13 + i * 78.233));
      return tf.tensor(data, shape);
    };
    const train = async (backend) => {
      await tf.setBackend(backend);
      const model = tf.sequential();
      const convolution = { kernelSize: 3, activation: 'tanh' };
      model.add(tf.layers.conv2d({ ...convolution, filters: 4, inputShape: [12, 12, 2] }));
      model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
      model.add(tf.layers.separableConv2d({ ...convolution, filters: 5 }));
      model.add(tf.layers.averagePooling2d({ poolSize: 2, strides: 1 }));
      model.add(tf.layers.flatten());
      model.add(tf.layers.dense({ units: 3, activation: 'softmax' }));
      model.setWeights(model.getWeights().map(({ shape }, i) => numbers(shape, i)));
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
      const losses = [];
      const labels = tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], 'int32');
      await model.fit(numbers([8, 12, 12, 2], 9), tf.oneHot(labels, 3), {
        batchSize: 4,
        epochs: 3,
        shuffle: false,
        callbacks: { onBatchEnd: (_, { loss }) => losses.push(loss) },
      });
      return losses;
    };
    const cpu = await train('cpu');
    await tf.setBackend('wasm');
    const registration = register(tf, await load());
    const wasm = await train('wasm');
    return { cpu, wasm, computed: registration.computed, delegated: registration.delegated };
  }, PACKAGES);
  assert.equal(cpu.length, 6);
  for (const [step, loss] of cpu.entries()) {
    assert.ok(Math.abs(wasm[step] - loss) <= 1e-4 * loss, `step ${step}: ${wasm[step]}, ${loss}`);
  }
  assert.ok(cpu.at(-1) < cpu[0], 'the network learns');
  // Three convolutions and two pools, with their gradients, in each step.
  assert.ok(computed >= 6 * 9, `${computed} calls`);
  assert.equal(delegated, 0);
});
