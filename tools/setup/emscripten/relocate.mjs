// @ts-check
// Makes Debian's programs run from a prefix, with the C library in the same prefix.
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../../lib/run.mjs';

/** The programs that emcc and the project's tools call, by folder. */
const PROGRAMS = {
  'usr/lib/llvm-19/bin': [
    ...['clang', 'lld', 'llvm-ar', 'llvm-nm', 'llvm-objcopy', 'llvm-objdump', 'llvm-dwarfdump'],
    ...['llvm-cxxfilt'],
  ],
  'usr/bin': [
    ...['wasm-opt', 'wasm-as', 'wasm-dis', 'wasm-metadce', 'wasm-emscripten-finalize'],
    ...['wasm-split', 'wasm-ctor-eval', 'wasm-merge'],
  ],
};

/** @typedef {{ debian: string, libraries: string, loader: string }} Architecture */

/** @type {Partial<Record<NodeJS.Architecture, Architecture>>} */
export const ARCHITECTURES = {
  x64: {
    debian: 'amd64',
    libraries: 'usr/lib/x86_64-linux-gnu',
    loader: 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
  },
  arm64: {
    debian: 'arm64',
    libraries: 'usr/lib/aarch64-linux-gnu',
    loader: 'usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1',
  },
};

/**
 * Writes the prefix's loader and library folder into the programs.
 * @param {string} prefix @param {Architecture} architecture
 * @param {Record<string, string | undefined>} env
 */
export async function relocatePrograms(prefix, architecture, env) {
  const loader = join(prefix, architecture.loader);
  const libraries = join(prefix, architecture.libraries);
  const programs = Object.entries(PROGRAMS).flatMap(([folder, names]) =>
    names.map((name) => join(prefix, folder, name)),
  );
  // patchelf itself is not relocated yet and cannot start on its own, so the loader starts it.
  const patchelf = ['--library-path', libraries, join(prefix, 'usr/bin/patchelf')];
  const change = ['--set-interpreter', loader, '--force-rpath', '--set-rpath', libraries];
  await capture(loader, [...patchelf, ...change, ...programs], { env });
}

/** Tells Emscripten where its parts are. @param {string} prefix */
export function writeConfig(prefix) {
  // Emscripten's scripts look for acorn in this folder.
  symlinkSync('../nodejs', join(prefix, 'usr/share/emscripten/node_modules'));
  const config = {
    LLVM_ROOT: join(prefix, 'usr/lib/llvm-19/bin'),
    BINARYEN_ROOT: join(prefix, 'usr'),
    NODE_JS: process.execPath,
    CACHE: join(prefix, 'usr/share/emscripten/cache'),
  };
  const lines = Object.entries(config).map(([key, path]) => `${key} = ${JSON.stringify(path)}\n`);
  writeFileSync(join(prefix, 'emscripten.config'), lines.join(''));
}
