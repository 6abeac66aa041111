// @ts-check
// Bundles the entries of the package, which package.json exports.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VARIANTS } from '../lib/variants.mjs';
import { bundlerOptions, compressOptions, terser } from './bundler.mjs';
import { findGlue, trimGlue } from './glue.mjs';

/**
 * The modules in common.js, which every entry imports, so that each exports the same class Corr2dError.
 * The other modules that `worker` and `tfjs` use are small, and are copied into them: sharing them with
 * core.js would cost every page a larger common.js.
 */
const COMMON_MODULE = /\/(corr2d-error|version)\.js$/;

/**
 * Bundles the entries into `root`/dist, beside the chunks of the variants.
 * @param {string} root
 */
export async function bundleEntries(root) {
  await bundle(root, ['common']);
  await bundle(root, ['worker']);
  await bundle(root, ['tfjs']);
  await bundle(root, ['index', ...VARIANTS]);
}

/**
 * Bundles some entries. What several of them use goes into core.js.
 * @param {string} root @param {readonly string[]} names
 */
async function bundle(root, names) {
  const { rolldown } = await import('rolldown');
  const { input, output } = await bundlerOptions(root);
  const sources = names.map((name) => [
    name,
    join(root, 'bindings', 'src', 'entries', `${name}.ts`),
  ]);
  const externals = await resolveExternals(root, !names.includes('common'));
  const bundled = await rolldown({
    ...input,
    input: Object.fromEntries(sources),
    plugins: [trimGlue, externals, readableTerser(await problemMembers(root))],
  });
  await bundled.write({
    ...output,
    chunkFileNames: '[name].js',
    codeSplitting: { groups: [{ name: 'core', test: /\.ts$/, minShareCount: 2 }] },
    sourcemap: true,
  });
  await bundled.close();
}

/**
 * Resolves the glue, and leaves the imports of the variants' chunks, and of common.js, as they are.
 * @param {string} root @param {boolean} importsCommon @returns {Promise<import('rolldown').Plugin>}
 */
async function resolveExternals(root, importsCommon) {
  const { plainGlue } = await findGlue(root);
  return {
    name: 'externals',
    resolveId(id) {
      if (id === 'corr2d-glue') return plainGlue;
      if (importsCommon && COMMON_MODULE.test(id)) return { id: './common.js', external: true };
      const [, variant] = id.split('corr2d-variant:');
      return variant ? { id: `./variant-${variant}.js`, external: true } : null;
    },
  };
}

/**
 * The names of a problem's members, which are those of C++. No user sees them.
 * @param {string} root
 */
async function problemMembers(root) {
  const path = join(root, 'bindings', 'src', 'runtime', 'abi.generated.ts');
  const names = [...(await readFile(path, 'utf8')).matchAll(/^ {2}([a-z]+(?:_[a-z]+)+): /gm)];
  return new RegExp(`^(${names.map(([, name]) => name).join('|')})$`);
}

/**
 * Terser with output that can be debugged: consoles print the names of classes, and Node prints the
 * line that threw an uncaught error, so lines must not be long.
 * @param {RegExp} shortened Properties whose names are shortened.
 */
function readableTerser(shortened) {
  return terser({
    compress: { ...compressOptions, sequences: false },
    mangle: {
      reserved: [
        'Client',
        'Corr2d',
        'Corr2dError',
        'Plan',
        'RemoteImage',
        'RemotePlan',
        'RemoteTensor',
        'Tensor',
      ],
      properties: { regex: shortened },
    },
    format: { max_line_len: 330, semicolons: false },
    sourceMap: { asObject: true },
  });
}
