// @ts-check
// Post-processing of the WebAssembly binaries after linking.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capture } from '../lib/run.mjs';

/** @typedef {import('../setup/emscripten/toolchain.mjs').Emscripten} Emscripten */

/**
 * The binary as it is published: functions reordered, with a stamp that names variant and version.
 * @param {string} wasm Path of the linked binary.
 * @param {string} stamp
 * @param {Emscripten} emscripten
 */
export async function finishBinary(wasm, stamp, emscripten) {
  return addStamp(await reorderFunctions(wasm, emscripten), stamp);
}

/**
 * Repeats the optimisation, which Emscripten runs once, until nothing changes, and sorts the functions by name, which
 * it then removes. Instances of a template are then neighbours, so the binary compresses 1.5 % better than with
 * functions sorted by how often they are called.
 * @param {string} wasm @param {Emscripten} emscripten
 */
async function reorderFunctions(wasm, { emcc, env }) {
  const emConfig = join(dirname(emcc), 'em-config');
  const binaryen = (await capture(emConfig, ['BINARYEN_ROOT'], { env })).trim();
  const output = join(dirname(wasm), 'corr2d.reordered.wasm');
  const options = [
    '--all-features',
    '-O3',
    '--converge',
    '--reorder-functions-by-name',
    '--strip-debug',
    wasm,
    '-o',
    output,
  ];
  await capture(join(binaryen, 'bin', 'wasm-opt'), options, { env });
  return readFile(output);
}

/**
 * Appends a custom section "corr2d" with this text, which bindings/src/runtime/compile.ts checks.
 * @param {Buffer} wasm @param {string} text
 */
function addStamp(wasm, text) {
  const name = Buffer.from('corr2d');
  const content = Buffer.concat([Buffer.from([name.length]), name, Buffer.from(text)]);
  // In LEB128 a length below 128 is one byte of that value. The name takes 7 of the 127 bytes.
  if (content.length > 127)
    throw new Error(`The stamp "${text}" is ${text.length} characters; expected at most 120`);
  return Buffer.concat([wasm, Buffer.from([0, content.length]), content]);
}

/**
 * Compresses to the LZMA format: 10 % smaller than zlib's, even by Zopfli.
 * @param {Uint8Array} bytes
 */
export async function compress(bytes) {
  const folder = await mkdtemp(join(tmpdir(), 'corr2d-lzma-'));
  try {
    const [input, output] = [join(folder, 'input'), join(folder, 'output')];
    await writeFile(input, bytes);
    await capture('python3', [
      fileURLToPath(new URL('compress-lzma.py', import.meta.url)),
      input,
      output,
    ]);
    return await readFile(output);
  } finally {
    await rm(folder, { recursive: true });
  }
}
