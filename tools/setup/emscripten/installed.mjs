// @ts-check
// Finds an Emscripten that is already installed: on PATH or in $EMSDK.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { info, warn } from '../../lib/log.mjs';
import { CommandError, capture, which } from '../../lib/run.mjs';
import { isTooOld, MINIMUM_VERSION, readVersion } from './toolchain.mjs';

/** @typedef {import('./toolchain.mjs').Emscripten} Emscripten */

/**
 * The first emcc on PATH or in $EMSDK that works and is new enough.
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<Emscripten | null>}
 */
export async function findInstalled(env) {
  const inEmsdk = env.EMSDK ? join(env.EMSDK, 'upstream/emscripten/emcc') : null;
  const candidates = [which('emcc', env), inEmsdk && existsSync(inEmsdk) ? inEmsdk : null];
  for (const emcc of candidates) {
    if (!emcc) continue;
    try {
      const emscripten = await inspect(emcc, env);
      if (emscripten) return emscripten;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      warn(`${emcc} does not work and is not used.\n${error.message}`);
    }
  }
  return null;
}

/**
 * Describes this emcc, or returns null if it is too old.
 * @param {string} emcc @param {Record<string, string | undefined>} env
 * @returns {Promise<Emscripten | null>}
 */
async function inspect(emcc, env) {
  const folder = dirname(emcc);
  const toolEnv = { PATH: `${folder}:${env.PATH}`, EM_NODE_JS: process.execPath };
  const callEnv = { ...env, ...toolEnv };
  const version = await readVersion(emcc, callEnv);
  if (isTooOld(version)) {
    info(`  ${emcc} is version ${version} and is not used; expected ${MINIMUM_VERSION} or newer.`);
    return null;
  }
  const [llvmBin, binaryen] = await Promise.all(
    ['LLVM_ROOT', 'BINARYEN_ROOT'].map(async (key) =>
      (await capture(join(folder, 'em-config'), [key], { env: callEnv })).trim(),
    ),
  );
  return { env: toolEnv, emcc, version, llvmBin, binaryenBin: join(binaryen, 'bin') };
}
