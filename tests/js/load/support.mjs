// The binaries, the entries and the engine features that the tests of load() share.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { load } from 'corr2d';
import * as relaxedEntry from 'corr2d/relaxed';
import * as relaxedThreadsEntry from 'corr2d/relaxed-threads';
import * as simdEntry from 'corr2d/simd';
import * as threadsEntry from 'corr2d/threads';
import { assertStillComputes, expectRejection, variant } from '../helpers.mjs';

const require = createRequire(import.meta.url);
/** The version in package.json. */
export const packageVersion = require('corr2d/package.json').version;
/** The bytes of each variant's binary. */
export const wasmOf = Object.fromEntries(
  ['simd', 'relaxed', 'threads', 'relaxed-threads'].map((name) => [
    name,
    readFileSync(require.resolve(`corr2d/wasm/${name}.wasm`)),
  ]),
);
/** The bytes of the binary under test. */
export const wasm = wasmOf[variant];

/** For each variant, the static entry of the package that contains it. */
export const entryOf = {
  simd: simdEntry,
  relaxed: relaxedEntry,
  threads: threadsEntry,
  'relaxed-threads': relaxedThreadsEntry,
};

/**
 * Whether this engine has relaxed SIMD: it validates a module with
 * (func (param v128) (result v128) (f32x4.relaxed_madd …)).
 */
export const hasRelaxed = WebAssembly.validate(
  Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7b, 1, 0x7b, 3, 2, 1, 0],
    ...[10, 13, 1, 11, 0, 0x20, 0, 0x20, 0, 0x20, 0, 0xfd, 0x85, 2, 11],
  ),
);

/** Loads an instance, computes with it, and returns its features. */
export async function assertLoads(options, from = load) {
  const c = await from(options);
  assertStillComputes(c);
  const { features } = c;
  c.dispose();
  return features;
}

/** Expects load(options) to fail with LOAD_FAILED. Returns the error. */
export const expectLoadFailure = (message, options) =>
  expectRejection('LOAD_FAILED', message, load(options));
