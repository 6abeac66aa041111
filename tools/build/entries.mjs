// @ts-check
// Bundles the entries of the package, which package.json exports.
import { join } from 'node:path';
import { VARIANTS } from '../lib/variants.mjs';
import { bundlerOptions, compressOptions, terser } from './bundler.mjs';
import { findGlue, trimGlue } from './glue.mjs';

/** The modules that the entries `worker` and `tfjs`, which load no binary, share with the others. */
const SHARED_MODULES =
  /(runtime\/(corr2d-error|errors|platform|version)|tensor\/views|operators\/image-data)\.ts$/;

/**
 * Bundles the entries into `root`/dist, beside the chunks of the variants.
 * @param {string} root
 */
export async function bundleEntries(root) {
  const { rolldown } = await import('rolldown');
  const { input, output } = await bundlerOptions(root);
  const names = ['index', 'worker', 'tfjs', ...VARIANTS];
  const sources = names.map((name) => [
    name,
    join(root, 'bindings', 'src', 'entries', `${name}.ts`),
  ]);
  const bundled = await rolldown({
    ...input,
    input: Object.fromEntries(sources),
    plugins: [trimGlue, await resolveChunks(root), readableTerser()],
  });
  await bundled.write({
    ...output,
    chunkFileNames: '[name].js',
    codeSplitting: {
      groups: [
        { name: 'common', test: SHARED_MODULES },
        { name: 'core', test: /\.ts$/, minShareCount: 2 },
      ],
    },
    sourcemap: true,
  });
  await bundled.close();
}

/**
 * Resolves the glue, and leaves the imports of the variants' chunks as they are.
 * @param {string} root @returns {Promise<import('rolldown').Plugin>}
 */
async function resolveChunks(root) {
  const { plainGlue } = await findGlue(root);
  return {
    name: 'chunks',
    resolveId(id) {
      if (id === 'corr2d-glue') return plainGlue;
      const [, variant] = id.split('corr2d-variant:');
      return variant ? { id: `./variant-${variant}.js`, external: true } : null;
    },
  };
}

/**
 * Terser with output that can be debugged: consoles print the names of classes, and Node prints the
 * line that threw an uncaught error, so lines must not be long.
 */
function readableTerser() {
  return terser({
    compress: { ...compressOptions, sequences: false },
    mangle: { reserved: ['Client', 'Corr2d', 'Corr2dError', 'Plan', 'RemotePlan', 'Tensor'] },
    format: { max_line_len: 330, semicolons: false },
    sourceMap: { asObject: true },
  });
}
