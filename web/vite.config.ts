import { resolve } from 'node:path';
import process from 'node:process';
import { defineConfig } from 'vite';
import { apiDocs } from './plugins/api-docs.ts';
import { code } from './plugins/code.ts';
import { content, preloadFonts } from './plugins/content.ts';
import { projectFacts } from './plugins/facts.ts';
import { offline, SERVICE_WORKER } from './plugins/offline.ts';
import { licences } from './plugins/terms.ts';

// CORR2D_PACKAGE_DIR  build against the package in this folder (its index.js) instead of dist/:
//                     the browser tests do so with kernels that are wrong on purpose
// CORR2D_API          the address of the API reference, which the footer then links
// CORR2D_WEB_OUT      where the built page goes; default build/web
const { CORR2D_PACKAGE_DIR: packageDir, CORR2D_API: api, CORR2D_WEB_OUT: outDir } = process.env;
const root = import.meta.dirname;
const project = resolve(root, '..');

export default defineConfig({
  root,
  base: './', // every address is relative, so the page works under any path
  plugins: [
    content(root),
    preloadFonts,
    code,
    projectFacts(project),
    licences(project),
    apiDocs(api),
    offline(),
  ],
  worker: { format: 'es', plugins: () => [projectFacts(project)] },
  resolve: {
    alias: packageDir ? [{ find: /^corr2d$/, replacement: resolve(packageDir, 'index.js') }] : [],
  },
  build: {
    outDir: outDir ? resolve(outDir) : resolve(project, 'build/web'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // the polyfill is an inline script, which the page's CSP forbids
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        main: resolve(root, 'index.html'),
        [SERVICE_WORKER]: resolve(root, 'src/offline/service-worker.ts'),
      },
      output: {
        // a service worker has power over its own folder, and keeps its address
        entryFileNames: ({ name }) =>
          name === SERVICE_WORKER ? `${name}.js` : 'assets/[name]-[hash].js',
      },
    },
  },
});
