// @ts-check
import { CommandError, capture } from '../../lib/run.mjs';

/**
 * @typedef {object} Emscripten
 * @property {Record<string, string>} env Variables to add to the environment of every emcc call.
 * @property {string} emcc
 * @property {string} version
 * @property {string} llvmBin The folder of clang, wasm-ld and llvm-objdump.
 * @property {string} binaryenBin The folder of wasm-opt and wasm-dis.
 */

export const MINIMUM_VERSION = '3.1.69';

/**
 * The version that emcc prints.
 * @param {string} emcc @param {Record<string, string | undefined>} env
 */
export async function readVersion(emcc, env) {
  const text = await capture(emcc, ['--version'], { env });
  const version = /\b\d+\.\d+\.\d+\b/.exec(text.split('\n')[0]);
  if (!version) throw new CommandError(`${emcc} --version`, 'printed no version', text);
  return version[0];
}

/** @param {string} version */
export function isTooOld(version) {
  const [actual, minimum] = [version, MINIMUM_VERSION].map((text) => text.split('.').map(Number));
  const index = minimum.findIndex((part, i) => part !== actual[i]);
  return index >= 0 && actual[index] < minimum[index];
}
