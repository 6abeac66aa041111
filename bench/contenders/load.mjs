// Loads the peers, in Node and in a page alike.

/**
 * @typedef {object} LoadOptions
 * @property {number} threads
 * @property {string} [assets] In a page: where the peers' packages are.
 */

/** TensorFlow.js on its WebAssembly backend. @param {LoadOptions} options */
export async function loadTfjs({ threads, assets }) {
  const tf = await import('@tensorflow/tfjs-core');
  const backend = await import('@tensorflow/tfjs-backend-wasm');
  if (assets) backend.setWasmPaths(`${assets}/@tensorflow/tfjs-backend-wasm/dist/`);
  // For one thread, the build whose heap is not shared is the faster one.
  if (threads === 1) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  else backend.setThreadsCount(threads);
  // Of the cores that it is told of it takes half at most.
  const cores = { value: 2 * threads, configurable: true };
  if (assets) Object.defineProperty(navigator, 'hardwareConcurrency', cores);
  if (!(await tf.setBackend('wasm'))) throw new Error('tfjs: its wasm backend did not start');
  if (assets) delete navigator.hardwareConcurrency;
  return { tf, backend, version: tf.version_core };
}

/** ONNX Runtime, quiet. @param {LoadOptions} options */
export async function loadOrt({ threads, assets }) {
  const ort = await import('onnxruntime-web');
  if (assets) ort.env.wasm.wasmPaths = `${assets}/onnxruntime-web/dist/`;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'fatal';
  const sessionOptions = {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  };
  return { ort, sessionOptions, version: ort.env.versions.web };
}

/** OpenCV. In a page it is a script of the old kind. @param {Pick<LoadOptions, 'assets'>} options */
export async function loadOpencv({ assets }) {
  let promise;
  if (assets) {
    const script = document.createElement('script');
    script.src = `${assets}/@techstark/opencv-js/dist/opencv.js`;
    await new Promise((resolve, reject) => {
      Object.assign(script, { onload: resolve, onerror: reject });
      document.head.append(script);
    });
    promise = globalThis.cv;
  } else {
    promise = (await import('@techstark/opencv-js')).default;
  }
  const cv = await promise;
  return { cv, version: /OpenCV ([\d.]+)/.exec(cv.getBuildInformation())[1] };
}
