// @ts-check
// Builds dist/: the WebAssembly binaries, the JavaScript bundles and the type declarations.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { step } from '../lib/log.mjs';
import { ROOT } from '../lib/root.mjs';
import { VARIANTS } from '../lib/variants.mjs';
import { finishBinary } from './binary.mjs';
import { readVersion } from './bundler.mjs';
import { bundleClientWorker, bundleThreadWorker, bundleVariant } from './chunks.mjs';
import { emitDeclarations } from './declarations.mjs';
import { bundleEntries } from './entries.mjs';
import { runIfChanged } from './stamp.mjs';
import { buildVariant } from './wasm.mjs';

/** @typedef {import('../setup/emscripten/toolchain.mjs').Emscripten} Emscripten */

/** The files and folders that `buildPackage` needs in a copy of the project. */
export const PACKAGE_SOURCES = [
  ...['bindings', 'cmake', 'cpp', 'tests/sweep', 'tools/calibrate'],
  ...['CMakeLists.txt', 'CMakePresets.json', 'package.json'],
];

/**
 * Builds dist/ of the project in `root`: this repository, or a copy that a test has modified.
 * @param {object} options
 * @param {Emscripten} options.emscripten
 * @param {string} [options.root]
 * @param {readonly string[]} [options.variants] The variants to compile; the outputs of the others
 *   must already be in `root`/build.
 */
export async function buildPackage({ emscripten, root = ROOT, variants = VARIANTS }) {
  for (const variant of variants) await buildVariant({ emscripten, variant, root });
  const built = ['corr2d.mjs', 'corr2d.wasm'].flatMap((name) =>
    VARIANTS.map((variant) => join(root, 'build', `wasm-${variant}`, name)),
  );
  const options = {
    stampFile: join(root, 'build', 'package.stamp'),
    inputs: [
      join(root, 'package.json'),
      join(root, 'bindings'),
      fileURLToPath(new URL('.', import.meta.url)),
      ...built,
    ],
    output: join(root, 'dist'),
  };
  await runIfChanged(options, () => step('Bundling dist/', () => writeDist(root, emscripten)));
}

/** The hash of the interface between C++ and TypeScript. @param {string} root */
async function readAbiHash(root) {
  const file = join(root, 'bindings', 'src', 'runtime', 'abi.generated.ts');
  const hash = /abiHash = '(\w+)'/.exec(await readFile(file, 'utf8'))?.[1];
  if (hash === undefined) throw new Error(`${file} has no abiHash; expected a line abiHash = '…'`);
  return hash;
}

/** @param {string} root @param {Emscripten} emscripten */
async function writeDist(root, emscripten) {
  const [version, abiHash] = [await readVersion(root), await readAbiHash(root)];
  const dist = join(root, 'dist');
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });

  for (const variant of VARIANTS) {
    const built = join(root, 'build', `wasm-${variant}`, 'corr2d.wasm');
    const wasm = await finishBinary(built, `${variant} ${version} ${abiHash}`, emscripten);
    await writeFile(join(dist, `corr2d-${variant}.wasm`), wasm);
    await bundleVariant(root, variant, wasm);
  }
  await bundleThreadWorker(root);
  await bundleClientWorker(root);
  await bundleEntries(root);
  await emitDeclarations(root);
}
