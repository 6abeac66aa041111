import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { defineConfig, type Plugin } from 'vite';

// CORR2D_PACKAGE_DIR  build against the package in this folder (its index.js) instead of dist/:
//                     the browser tests do so with a kernel that is wrong on purpose
// CORR2D_WEB_OUT      where the built page goes; default build/web
const { CORR2D_PACKAGE_DIR: packageDir, CORR2D_WEB_OUT: outDir } = process.env;

/** Puts the project's terms beside the page, which links to them: as .txt any host shows them. */
const terms: Plugin = {
  name: 'terms',
  generateBundle() {
    for (const [from, fileName] of [
      ['LICENSE', 'LICENSE.txt'],
      ['THIRD_PARTY_NOTICES.md', 'THIRD_PARTY_NOTICES.txt'],
    ] as const) {
      const source = readFileSync(resolve(import.meta.dirname, '..', from));
      this.emitFile({ type: 'asset', fileName, source });
    }
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: './', // every address is relative, so the page works under any path
  plugins: [terms],
  resolve: {
    alias: packageDir ? [{ find: /^corr2d$/, replacement: resolve(packageDir, 'index.js') }] : [],
  },
  build: {
    outDir: outDir ? resolve(outDir) : resolve(import.meta.dirname, '../build/web'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }, // the polyfill is an inline script, which the page's CSP forbids
    reportCompressedSize: true,
  },
});
