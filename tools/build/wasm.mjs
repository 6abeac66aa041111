// @ts-check
// Compiles the WebAssembly variants with CMake and Emscripten.
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { step } from '../lib/log.mjs';
import { ROOT } from '../lib/root.mjs';
import { attempt, capture } from '../lib/run.mjs';

/** @typedef {import('../setup/emscripten/toolchain.mjs').Emscripten} Emscripten */

/**
 * Builds the sweep (tests/sweep) as a program for Node and returns its path.
 * @param {{ emscripten: Emscripten, variant: string }} options
 */
export async function buildSweep({ emscripten, variant }) {
  await buildVariant({ emscripten, variant, target: 'corr2d_sweep' });
  return join(ROOT, 'build', `wasm-${variant}`, 'tests', 'sweep', 'corr2d_sweep.cjs');
}

/**
 * Builds the calibration (tools/calibrate) as a program for Node and returns its path.
 * @param {{ emscripten: Emscripten, variant: string }} options
 */
export async function buildCalibration({ emscripten, variant }) {
  await buildVariant({ emscripten, variant, target: 'corr2d_calibrate' });
  return join(ROOT, 'build', `wasm-${variant}`, 'tools', 'calibrate', 'corr2d_calibrate.cjs');
}

/**
 * Builds everything of one variant, or one CMake target of it, below `root`/build.
 * @param {object} options
 * @param {Emscripten} options.emscripten
 * @param {string} options.variant
 * @param {string} [options.root]
 * @param {string} [options.target]
 */
export async function buildVariant({ emscripten, variant, root = ROOT, target = 'all' }) {
  const preset = `wasm-${variant}`;
  const directory = join(root, 'build', preset);
  const emConfig = join(dirname(emscripten.emcc), 'em-config');
  const toolchain = (await capture(emConfig, ['EMSCRIPTEN_ROOT'], { env: emscripten.env })).trim();
  const env = { ...emscripten.env, CORR2D_EMSCRIPTEN: toolchain };
  // A build directory belongs to the toolchain that configured it.
  const stampFile = join(directory, 'toolchain.stamp');
  const stamp = `${toolchain} ${emscripten.version}`;
  const isConfigured = existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === stamp;
  const build = ['--build', '--preset', preset, '--target', target];
  if (isConfigured && (await isUpToDate(build, root, env))) return;
  const suffix = target === 'all' ? '' : ` of ${target}`;
  await step(`Compiling the ${variant} variant${suffix}`, async () => {
    if (!isConfigured) {
      await rm(directory, { recursive: true, force: true });
      await capture('cmake', ['--preset', preset], { cwd: root, env });
      await writeFile(stampFile, stamp);
    }
    await capture('cmake', build, { cwd: root, env });
  });
}

/**
 * Whether Ninja has nothing to do.
 * @param {string[]} build CMake's arguments @param {string} root
 * @param {Record<string, string | undefined>} env
 */
async function isUpToDate(build, root, env) {
  const { status, stdout } = await attempt('cmake', [...build, '--', '-n'], { cwd: root, env });
  return status === 0 && stdout.includes('no work to do');
}
