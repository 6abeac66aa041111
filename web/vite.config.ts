import { resolve } from 'node:path';
import process from 'node:process';
import { defineConfig } from 'vite';
import { apiDocs } from './plugins/api-docs.ts';
import { cells } from './plugins/cells.ts';
import { content, preloadFonts } from './plugins/content.ts';
import { projectFacts } from './plugins/facts.ts';
import { figures } from './plugins/figures.ts';
import { licences } from './plugins/licences.ts';
import { offline, SERVICE_WORKER } from './plugins/offline.ts';
import { openGraph } from './plugins/open-graph.ts';
import { readme } from './plugins/readme.ts';

// CORR2D_PACKAGE_DIR  folder of the package to build against (its index.js) instead of dist/; the
//                     browser tests use it with deliberately wrong kernels
// CORR2D_API          folder of the API reference, which is copied to api/ and linked to; default none
// CORR2D_SITE         URL of the page, for previews of links to it; without it their URLs are relative
// CORR2D_WEB_OUT      output folder; default build/web
const {
  CORR2D_PACKAGE_DIR: packageDir,
  CORR2D_API: api,
  CORR2D_SITE: site,
  CORR2D_WEB_OUT: outDir,
} = process.env;
const root = import.meta.dirname;
const project = resolve(root, '..');
const isPackageCore = (id: string) =>
  ['core.js', 'index.js'].some(
    (name) => id === resolve(packageDir ?? resolve(project, 'dist'), name),
  );

export default defineConfig({
  root,
  base: './', // relative URLs, so that the page works under any path
  plugins: [
    content(root),
    figures,
    cells(root),
    preloadFonts,
    readme(project),
    projectFacts(project),
    licences(project),
    apiDocs(api && resolve(api)),
    openGraph(site),
    offline(),
  ],
  worker: { format: 'es', plugins: () => [projectFacts(project)] },
  resolve: {
    alias: packageDir
      ? [
          { find: /^corr2d$/, replacement: resolve(packageDir, 'index.js') },
          { find: /^corr2d\/worker$/, replacement: resolve(packageDir, 'worker.js') },
        ]
      : [],
  },
  build: {
    outDir: outDir ? resolve(outDir) : resolve(project, 'build/web'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // The polyfill is an inline script, which the page's CSP forbids.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        main: resolve(root, 'index.html'),
        [SERVICE_WORKER]: resolve(root, 'src/offline/service-worker.ts'),
      },
      output: {
        // A service worker controls its own folder and needs a stable URL.
        entryFileNames: ({ name }) =>
          name === SERVICE_WORKER ? `${name}.js` : 'assets/[name]-[hash].js',
        // A chunk of its own, whose transfer the page measures. The variants are chunks anyway.
        codeSplitting: { groups: [{ name: 'corr2d', test: isPackageCore }] },
      },
    },
  },
});
