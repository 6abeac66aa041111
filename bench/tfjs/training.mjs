// Measures a training step of a small CNN in tfjs: on the backend wasm with corr2d, which has the
// gradient kernels that wasm lacks, and on the backend cpu with its own kernels. Runs in Node.

const BATCH = 64;

/**
 * Returns times in ms: a step on wasm with corr2d, a prediction there with corr2d and without, and a step
 * on cpu. They are minima, since few steps of the cpu backend fit into a minute.
 */
export async function measureTraining({ threads, steps }) {
  const tf = await import('@tensorflow/tfjs-core');
  const { layers, sequential } = await import('@tensorflow/tfjs-layers');
  await import('@tensorflow/tfjs-backend-cpu');
  const { setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
  const { load } = await import('../../dist/index.js');
  const { register } = await import('../../dist/tfjs.js');
  if (threads === 1) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  else setThreadsCount(threads);

  /** The network of tfjs' MNIST tutorial. */
  const createModel = () => {
    const model = sequential();
    const convolution = { kernelSize: 5, activation: 'relu' };
    model.add(layers.conv2d({ ...convolution, filters: 8, inputShape: [28, 28, 1] }));
    model.add(layers.maxPooling2d({ poolSize: 2 }));
    model.add(layers.conv2d({ ...convolution, filters: 16 }));
    model.add(layers.maxPooling2d({ poolSize: 2 }));
    model.add(layers.flatten());
    model.add(layers.dense({ units: 10, activation: 'softmax' }));
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    return model;
  };
  /** The shortest time of `count` calls after a call that is not measured. */
  const shortest = async (count, call) => {
    const times = [];
    for (let i = 0; i <= count; i++) {
      const begin = performance.now();
      await call();
      times.push(performance.now() - begin);
    }
    return Math.min(...times.slice(1));
  };
  const measure = async (action) => {
    const model = createModel();
    const x = tf.randomUniform([BATCH, 28, 28, 1], 0, 1, 'float32', 3);
    const labels = Array.from({ length: BATCH }, (_, i) => i % 10);
    const y = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), 10));
    const result = await action({
      step: () => model.trainOnBatch(x, y),
      predict: () => tf.tidy(() => model.predict(x).dataSync()),
    });
    tf.dispose([x, y]);
    model.dispose();
    return result;
  };

  const c = await load({ threads });
  await tf.setBackend('wasm');
  const registration = register(tf, c);
  const [step, prediction] = await measure(async (model) => [
    await shortest(steps, model.step),
    await shortest(steps, model.predict),
  ]);
  if (registration.delegated > 0) throw new Error('corr2d has delegated some kernels');
  registration.unregister();
  const ownPrediction = await measure((model) => shortest(steps, model.predict));
  await tf.setBackend('cpu');
  const cpu = await measure((model) => shortest(2, model.step));
  c.dispose();
  return { step, prediction, ownPrediction, cpu, batch: BATCH };
}
