// @ts-check
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, capture } from '../../lib/run.mjs';
import { describePrefix } from './prefix.mjs';
import { isTooOld, MINIMUM_VERSION, readVersion } from './toolchain.mjs';

const SOURCE = `#include <wasm_simd128.h>
#include <cstdio>
int main(int argc, char**) {
  v128_t v = wasm_f32x4_splat(argc + 41.0f);
  std::printf("%g\\n", wasm_f32x4_extract_lane(v, 3));
}
`;

/**
 * Compiles and runs a small program with SIMD, and returns the version of emcc.
 * @param {string} prefix @param {Record<string, string | undefined>} env
 */
export async function smokeTest(prefix, env) {
  const emscripten = describePrefix(prefix, '', env);
  const options = { cwd: prefix, env: { ...env, ...emscripten.env } };
  const version = await readVersion(emscripten.emcc, options.env);
  if (isTooOld(version)) {
    const outcome = `printed ${version}; expected ${MINIMUM_VERSION} or newer`;
    throw new CommandError(`${emscripten.emcc} --version`, outcome, '');
  }
  writeFileSync(join(prefix, 'smoke.cpp'), SOURCE);
  await capture(emscripten.emcc, ['-O2', '-msimd128', 'smoke.cpp', '-o', 'smoke.mjs'], options);
  const call = "import('./smoke.mjs').then((smoke) => smoke.default())";
  const printed = await capture(process.execPath, ['-e', call], options);
  if (printed.trim() !== '42') {
    throw new CommandError('The smoke test compiled by emcc', 'did not print 42', printed);
  }
  for (const file of ['smoke.cpp', 'smoke.mjs', 'smoke.wasm']) rmSync(join(prefix, file));
  return version;
}
