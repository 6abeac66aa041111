// @ts-check
// Settings that all bundles of dist/ share: Rolldown for bundling, Terser for minifying.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../lib/root.mjs';

/** The version in package.json. @param {string} root @returns {Promise<string>} */
export async function readVersion(root) {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version;
}

/**
 * Imports a module of bindings/src, such as `runtime/lzma.ts`, for tools and tests.
 * @param {string} path
 */
export async function importSource(path) {
  // Imported here because the build installs it.
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({ input: join(ROOT, 'bindings/src', path) });
  const [{ code }] = (await bundle.generate({ format: 'esm' })).output;
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

/** Rolldown's options for every bundle. @param {string} root */
export async function bundlerOptions(root) {
  const define = {
    CORR2D_VERSION: JSON.stringify(await readVersion(root)),
    // The package tests for `process`. Parcel would replace an undeclared `process` with an npm package.
    process: 'globalThis.process',
  };
  /** @type {import('rolldown').InputOptions} */
  const input = {
    transform: { define, target: 'es2022' },
    // These warnings depend on how busy the machine is, and warnings are errors here.
    checks: { bundlerTimings: false },
    onLog(level, log, handle) {
      if (level === 'warn') throw new Error(log.message);
      handle(level, log);
    },
  };
  /** @type {import('rolldown').OutputOptions} */
  const output = { dir: join(root, 'dist'), format: 'esm', minify: false };
  return { input, output };
}

export const compressOptions = {
  passes: 3,
  keep_fargs: false,
  unsafe_arrows: true,
  pure_getters: true,
};

/**
 * Minifies with Terser, whose output is smaller than Rolldown's and keeps the quotes of strings.
 * @param {import('terser').MinifyOptions} [options]
 * @returns {import('rolldown').Plugin}
 */
export function terser(options) {
  return {
    name: 'terser',
    async renderChunk(code) {
      const { minify } = await import('terser');
      const { code: small, map } = await minify(code, {
        module: true,
        ecma: 2020,
        compress: compressOptions,
        ...options,
      });
      return { code: /** @type {string} */ (small), map: /** @type {any} */ (map ?? null) };
    },
  };
}
