// Bundlers whose examples are a page beside a bundle, and the page that needs none.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch } from '../browser/helpers.mjs';
import {
  assertFolderShows,
  assertFolderThreads,
  assertThreads,
  assertTypes,
  copyWorkers,
  freePort,
  installExample,
  runScript,
  startProgram,
  strictPolicy,
  useProgram,
} from './helpers.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

for (const { name, site, prepare, follow } of [
  { name: 'webpack', site: '.', follow() {} },
  { name: 'rollup', site: '.', follow: copyWorkers },
  {
    name: 'parcel',
    site: 'dist',
    // For corr2d/worker: Parcel knows the exports of a package where it is told to.
    prepare: (folder) => setOption(folder, '@parcel/resolver-default', { packageExports: true }),
    follow() {},
  },
]) {
  describe(name, () => {
    let folder;
    before(async () => {
      folder = await installExample(name);
    });
    test('its build', async () => {
      await runScript(folder, 'build');
      await assertFolderShows(browser, join(folder, site));
    });
    test('its types', () => assertTypes(folder, ['main.js']));
    for (const program of ['threads', 'client']) {
      test(`its build with ${program}`, async () => {
        prepare?.(folder);
        useProgram(folder, program);
        await runScript(folder, 'build');
        follow(folder);
        await assertFolderThreads(browser, join(folder, site));
      });
    }
  });
}

describe('Vite 7', () => {
  let folder;
  before(async () => {
    folder = await installExample('vite', ['vite@7.3.8']);
    const headers = {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    };
    // Its development server bundles what is installed, and leaves scripts of workers behind.
    const config = { server: { headers }, optimizeDeps: { exclude: ['corr2d'] } };
    writeFileSync(join(folder, 'vite.config.js'), `export default ${JSON.stringify(config)};`);
  });
  for (const program of ['threads', 'client']) {
    test(`its build with ${program}`, async () => {
      useProgram(folder, program);
      await runScript(folder, 'build');
      await assertFolderThreads(browser, join(folder, 'dist'));
    });
    test(`its development server with ${program}`, async () => {
      useProgram(folder, program);
      const port = await freePort();
      const url = `http://localhost:${port}/`;
      const vite = join(folder, 'node_modules', '.bin', 'vite');
      const stop = await startProgram(folder, vite, ['--port', `${port}`, '--strictPort'], url);
      try {
        await assertThreads(browser, url);
      } finally {
        await stop();
      }
    });
  }
});

/** Sets an option in the package.json of a folder. */
function setOption(folder, name, value) {
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...manifest, [name]: value }));
}

test('no bundler: an import map', async () => {
  const folder = await installExample('importmap');
  // The map is an inline script, of which a policy wants to know the hash.
  const [, map] = /<script type="importmap">([\s\S]*?)<\/script>/.exec(
    readFileSync(join(folder, 'index.html'), 'utf8'),
  );
  const hash = createHash('sha256').update(map).digest('base64');
  const policy = strictPolicy.replace("script-src 'self'", `script-src 'self' 'sha256-${hash}'`);
  await assertFolderShows(browser, folder, '', policy);
  await assertTypes(folder, ['main.js']);

  useProgram(folder, 'threads');
  await assertFolderThreads(browser, folder, '', policy);
});
