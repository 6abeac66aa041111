// @ts-check
// Bundles the chunks of dist/ that are generated: one per variant with its binary, and the two
// workers.
import { isAbsolute, join } from 'node:path';
import { hasThreads } from '../lib/variants.mjs';
import { compress } from './binary.mjs';
import { bundlerOptions, terser } from './bundler.mjs';
import { findGlue, trimGlue } from './glue.mjs';
import { splitIntoStreams } from './streams.mjs';

/**
 * Bundles the chunk of a variant, which entries import by its file name.
 * @param {string} root @param {string} variant @param {Buffer} wasm
 */
export async function bundleVariant(root, variant, wasm) {
  const streams = await splitIntoStreams(wasm);
  const lines = [`const compressed = '${(await compress(streams)).toString('base64')}';`];
  if (hasThreads(variant)) {
    lines.push(...(await threadPoolCode(root, URL_IN_NODE)));
    lines.push('export default { compressed, createModule, createThreadPool };');
  } else {
    lines.push('export default { compressed };');
  }
  await bundleText(root, `variant-${variant}`, lines);
}

/** Bundles the worker that runs one thread of the pool. @param {string} root */
export async function bundleThreadWorker(root) {
  const { threadsGlue } = await findGlue(root);
  // The glue starts a thread if the worker's name is 'em-pthread'.
  await bundleText(root, 'thread-worker', [
    `import ${JSON.stringify(sourcePath(root, 'entries/thread-worker.ts'))};`,
    `import ${JSON.stringify(threadsGlue)};`,
  ]);
}

/**
 * Bundles the worker of corr2d/worker into one file, because some bundlers cannot handle workers
 * that import.
 * @param {string} root
 */
export async function bundleClientWorker(root) {
  await bundleText(root, 'client-worker', [
    // Vite puts worker scripts into a format without `import.meta`, and warns of it outside `new Worker`.
    ...(await threadPoolCode(root, '  startsInNode: true,')),
    `import { serve } from ${JSON.stringify(sourcePath(root, 'worker/host.ts'))};`,
    'serve({ createModule, createThreadPool });',
  ]);
}

/** @param {string} root @param {string} name */
const sourcePath = (root, name) => join(root, 'bindings', 'src', name);

/** Bundlers leave this form alone. Only Node uses it, with the files of the package as they are. */
const URL_IN_NODE = "  url: () => import.meta.resolve?.('./thread-worker.js'),";

/**
 * Lines that declare `createModule` and `createThreadPool`. `inNode` is how Node finds the script of the threads.
 * @param {string} root @param {string} inNode
 */
async function threadPoolCode(root, inNode) {
  const { threadsGlue } = await findGlue(root);
  return [
    `import createModule from ${JSON.stringify(threadsGlue)};`,
    `import { threadPoolFactory } from ${JSON.stringify(sourcePath(root, 'runtime/thread-pool.ts'))};`,
    'const createThreadPool = threadPoolFactory({',
    // Bundlers recognise exactly this form: https://webpack.js.org/guides/web-workers/
    "  start: () => new Worker(new URL('./thread-worker.js', import.meta.url), { type: 'module', name: 'em-pthread' }),",
    inNode,
    '});',
  ];
}

/**
 * Bundles a module with this text into dist/`name`.js.
 * @param {string} root @param {string} name @param {readonly string[]} lines
 */
async function bundleText(root, name, lines) {
  const { rolldown } = await import('rolldown');
  const { input, output } = await bundlerOptions(root);
  const { plainGlue } = await findGlue(root);
  const bundled = await rolldown({
    ...input,
    input: { [name]: name },
    plugins: [
      trimGlue,
      {
        name: 'text',
        resolveId(id) {
          if (id === name) return id;
          if (id === 'corr2d-glue') return plainGlue;
          // package.json declares that nothing has side effects, but the glue in a worker does.
          return isAbsolute(id) ? { id, moduleSideEffects: true } : null;
        },
        load: (id) => (id === name ? lines.join('\n') : null),
      },
      terser(),
    ],
  });
  // No source map: it would be larger than this code, which is generated glue and base64.
  await bundled.write(output);
  await bundled.close();
}
