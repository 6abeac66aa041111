// Measures a model with MobileNet's layers on one of tfjs' backends, with its own kernels and with
// corr2d's, in Node and in pages.
import { createImage, LAYERS, mobileNet } from './mobilenet.mjs';

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/**
 * Measures both in alternation and returns medians in ms: { tfjs, corr2d, copies }. `copies` is the part
 * of corr2d's time that the copies between the heaps take. Throws if the results differ by more than
 * rounding.
 */
export async function measure({ backend, size, rounds, threads, assets }) {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu');
  const { setWasmPaths, setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
  const { load } = await import('../../dist/index.js');
  const { register } = await import('../../dist/tfjs.js');
  if (assets) setWasmPaths(`${assets}/@tensorflow/tfjs-backend-wasm/dist/`);
  // On one thread, the build without a shared heap is faster.
  if (threads === 1) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  else setThreadsCount(threads);
  if (!(await tf.setBackend(backend)))
    throw new Error(`tfjs: the backend ${backend} did not start`);
  const c = await load({ threads });

  const image = createImage(tf, size);
  const model = mobileNet(tf);
  const run = () => {
    const begin = performance.now();
    const y = model.run(image);
    const data = y.dataSync();
    const time = performance.now() - begin;
    y.dispose();
    return { time, data };
  };
  const withCorr2d = (action) => {
    const registration = register(tf, c);
    // The first run packs the weights and is not measured.
    run();
    const result = action(registration);
    registration.unregister();
    return result;
  };

  const expected = run().data;
  withCorr2d((registration) => {
    const { data } = run();
    const scale = Math.max(...expected.map(Math.abs));
    const difference = Math.max(...data.map((value, i) => Math.abs(value - expected[i]))) / scale;
    if (!(difference < 1e-4)) {
      throw new Error(
        `The results differ by ${difference} of the largest value; expected at most 1e-4`,
      );
    }
    if (registration.computed !== 2 * LAYERS)
      throw new Error(`corr2d computed ${registration.computed} layers; expected ${2 * LAYERS}`);
  });

  const tfjsTimes = [];
  const corr2dTimes = [];
  for (let round = -1; round < rounds; round++) {
    const measurements = [
      () => tfjsTimes.push(...repeat(run, backend === 'cpu' ? 1 : 5)),
      () => corr2dTimes.push(...withCorr2d(() => repeat(run, 5))),
    ];
    if (round % 2) measurements.reverse();
    for (const measurement of measurements) measurement();
    // The first round is a warm-up.
    if (round < 0) tfjsTimes.length = corr2dTimes.length = 0;
  }
  const copies = measureCopies(tf, c, backend, image);
  const { features } = c;
  model.dispose();
  c.dispose();
  return {
    tfjs: median(tfjsTimes),
    corr2d: median(corr2dTimes),
    copies,
    features,
    version: tf.version_core,
  };
}

const repeat = (run, count) => Array.from({ length: count }, () => run().time);

/** The time to copy the inputs and outputs of all layers, without computing them. */
function measureCopies(tf, c, backend, image) {
  const sizes = [];
  const names = ['FusedConv2D', 'FusedDepthwiseConv2D'];
  const before = names.map((name) => tf.getKernel(name, backend));
  for (const kernel of before) {
    tf.unregisterKernel(kernel.kernelName, backend);
    const kernelFunc = (call) => {
      const y = kernel.kernelFunc(call);
      const count = (shape) => shape.reduce((product, length) => product * length, 1);
      sizes.push([count(call.inputs.x.shape), count(y.shape)]);
      return y;
    };
    tf.registerKernel({ ...kernel, kernelFunc });
  }
  const model = mobileNet(tf);
  model.run(image).dispose();
  model.dispose();
  for (const kernel of before) {
    tf.unregisterKernel(kernel.kernelName, backend);
    tf.registerKernel(kernel);
  }
  const largest = Math.max(...sizes.flat());
  const heap = c.zeros([largest]);
  const other = new Float32Array(largest);
  const times = Array.from({ length: 9 }, () => {
    const begin = performance.now();
    for (const [input, output] of sizes) {
      heap.data.set(other.subarray(0, input));
      other.set(heap.data.subarray(0, output));
    }
    return performance.now() - begin;
  });
  return median(times);
}
