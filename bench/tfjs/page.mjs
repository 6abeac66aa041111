// Measures a MobileNet-shaped model on one of tfjs' backends, by its own kernels and by corr2d's, in
// Node and in a page alike.
import { imageFor, LAYERS, mobileNet } from './mobilenet.mjs';

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/**
 * The medians in ms, which are taken in turns: { tfjs, corr2d, copies }; `copies` is what corr2d's time
 * has of copying between the heaps. A difference of results that is not rounding throws.
 */
export async function measure({ backend, size, rounds, threads, assets }) {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu');
  const { setWasmPaths, setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
  const { load } = await import('../../dist/index.js');
  const { register } = await import('../../dist/tfjs.js');
  if (assets) setWasmPaths(`${assets}/@tensorflow/tfjs-backend-wasm/dist/`);
  // For one thread, the build whose heap is not shared is the faster one.
  if (threads === 1) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  else setThreadsCount(threads);
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs: ${backend} did not start`);
  const c = await load({ threads });

  const image = imageFor(tf, size);
  const model = mobileNet(tf);
  const run = () => {
    const begin = performance.now();
    const y = model.run(image);
    const data = y.dataSync();
    const time = performance.now() - begin;
    y.dispose();
    return { time, data };
  };
  const registered = (measured) => {
    const registration = register(tf, c);
    // Packs the weights, which stays out of the times.
    run();
    const found = measured(registration);
    registration.unregister();
    return found;
  };

  const expected = run().data;
  registered((registration) => {
    const { data } = run();
    const scale = Math.max(...expected.map(Math.abs));
    const apart = Math.max(...data.map((value, i) => Math.abs(value - expected[i]))) / scale;
    if (!(apart < 1e-4)) throw new Error(`The results differ by ${apart}`);
    if (registration.computed !== 2 * LAYERS) throw new Error('Not all was computed by corr2d');
  });

  const own = [];
  const ours = [];
  for (let round = -1; round < rounds; round++) {
    const times = [
      () => own.push(...several(run, backend === 'cpu' ? 1 : 5)),
      () => ours.push(...registered(() => several(run, 5))),
    ];
    if (round % 2) times.reverse();
    for (const time of times) time();
    // The first round is for the compilers.
    if (round < 0) own.length = ours.length = 0;
  }
  const copies = copyTime(tf, c, backend, image);
  const { features } = c;
  model.dispose();
  c.dispose();
  return { tfjs: median(own), corr2d: median(ours), copies, features, version: tf.version_core };
}

const several = (run, times) => Array.from({ length: times }, () => run().time);

/** What the copies of all layers take: the same numbers in and out, with nothing computed. */
function copyTime(tf, c, backend, image) {
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
  const most = Math.max(...sizes.flat());
  const heap = c.zeros([most]);
  const other = new Float32Array(most);
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
