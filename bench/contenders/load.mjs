// Loads the peers, in Node and in pages.

/**
 * @typedef {object} LoadOptions
 * @property {number} threads
 * @property {string} [assets] In a page, the URL path of the peers' packages.
 */

/** TensorFlow.js with its WebAssembly backend. @param {LoadOptions} options */
export async function loadTfjs({ threads, assets }) {
  const tf = await import('@tensorflow/tfjs-core');
  const backend = await import('@tensorflow/tfjs-backend-wasm');
  if (assets) backend.setWasmPaths(`${assets}/@tensorflow/tfjs-backend-wasm/dist/`);
  // On one thread, the build without a shared heap is faster.
  if (threads === 1) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  else backend.setThreadsCount(threads);
  // tfjs uses at most half of the reported cores.
  const cores = { value: 2 * threads, configurable: true };
  if (assets) Object.defineProperty(navigator, 'hardwareConcurrency', cores);
  if (!(await tf.setBackend('wasm'))) throw new Error('tfjs: the backend wasm did not start');
  if (assets) delete navigator.hardwareConcurrency;
  return { tf, backend, version: tf.version_core };
}

/** ONNX Runtime, with its log messages turned off. @param {LoadOptions} options */
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

/**
 * A build of LiteRT. It runs in pages only: its loader adds a script element.
 * @param {LoadOptions & { build: 'relaxed' | 'simd' }} options
 */
export async function loadLiteRt({ threads, assets, build }) {
  const folder = `${assets}/@litertjs/core`;
  // Each import with a query of its own is another instance of the module, which holds one build.
  const litert = await import(`${folder}/dist/index.js?${build}`);
  const isThreaded = build === 'relaxed' && threads > 1;
  // Given a folder, it chooses a relaxed build where the engine has relaxed SIMD.
  const file = build === 'simd' ? 'litert_wasm_compat_internal.js' : '';
  const { liteRtWasm } = await litert.loadLiteRt(`${folder}/wasm/${file}`, { threads: isThreaded });
  const { version } = await (await fetch(`${folder}/package.json`)).json();
  const numThreads = isThreaded ? threads : 1;
  const options = { accelerator: 'wasm', cpuOptions: { numThreads } };
  return { litert, liteRtWasm, options, version, threads: numThreads };
}

/** OpenCV 5. @param {Pick<LoadOptions, 'assets'>} _options */
export async function loadOpencv5(_options) {
  const { loadOpenCV } = await import('@opencvjs/web');
  const cv = await loadOpenCV();
  return { cv, version: /OpenCV ([\d.]+)/.exec(cv.getBuildInformation())[1] };
}

/** libvips with one thread and no cache of results. @param {Pick<LoadOptions, 'assets'>} options */
export async function loadVips({ assets }) {
  const { default: create } = await import('wasm-vips');
  // In a page its workers and its binary are beside its script. JPEG XL, HEIF and SVG are not needed.
  const folder = `${assets}/wasm-vips/lib/`;
  const options = assets ? { locateFile: (name) => folder + name } : {};
  const vips = await create({ ...options, dynamicLibraries: [] });
  vips.concurrency(1);
  vips.Cache.max(0);
  return { vips, version: vips.version() };
}

/** OpenCV 4. In a page it must be loaded as a classic script. @param {Pick<LoadOptions, 'assets'>} options */
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
