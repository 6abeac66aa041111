// Tests the examples for webpack, Rollup, Parcel and import maps, and the Vite example with Vite 7.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ISOLATED, launch, STRICT_POLICY } from '../browser/helpers.mjs';
import {
  assertFolderShows,
  assertFolderThreads,
  assertThreads,
  assertTypes,
  copyWorkers,
  installExample,
  runScript,
  serveVite,
  useProgram,
} from './helpers.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

for (const { name, site, prepare, afterBuild } of [
  { name: 'webpack', site: '.', afterBuild() {} },
  { name: 'rollup', site: '.', afterBuild: copyWorkers },
  {
    name: 'parcel',
    site: 'dist',
    // corr2d/worker needs package exports, which are an option of Parcel.
    prepare: (folder) => setOption(folder, '@parcel/resolver-default', { packageExports: true }),
    afterBuild() {},
  },
]) {
  describe(name, () => {
    let folder;
    before(async () => {
      folder = await installExample(name);
    });
    test('the build shows the result', async () => {
      await runScript(folder, 'build');
      await assertFolderShows(browser, join(folder, site));
    });
    test('the example has no type errors', () => assertTypes(folder, ['main.js']));
    for (const program of ['threads', 'client']) {
      test(`the build computes with threads: ${program}`, async () => {
        prepare?.(folder);
        useProgram(folder, program);
        await runScript(folder, 'build');
        afterBuild(folder);
        await assertFolderThreads(browser, join(folder, site));
      });
    }
  });
}

describe('Vite 7', () => {
  let folder;
  before(async () => {
    folder = await installExample('vite', ['vite@7.3.8']);
    // The development server bundles installed packages, but not the scripts of their workers.
    const config = { server: { headers: ISOLATED }, optimizeDeps: { exclude: ['corr2d'] } };
    writeFileSync(join(folder, 'vite.config.js'), `export default ${JSON.stringify(config)};`);
  });
  for (const program of ['threads', 'client']) {
    test(`the build computes with threads: ${program}`, async () => {
      useProgram(folder, program);
      await runScript(folder, 'build');
      await assertFolderThreads(browser, join(folder, 'dist'));
    });
    test(`the development server computes with threads: ${program}`, async () => {
      useProgram(folder, program);
      await serveVite(folder, (url) => assertThreads(browser, url));
    });
  }
});

/** Sets a field in the package.json of a folder. */
function setOption(folder, name, value) {
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...manifest, [name]: value }));
}

test('a page with an import map computes without a bundler, also with threads', async () => {
  const folder = await installExample('importmap');
  // The map is an inline script, which a policy allows by its hash.
  const [, map] = /<script type="importmap">([\s\S]*?)<\/script>/.exec(
    readFileSync(join(folder, 'index.html'), 'utf8'),
  );
  const hash = createHash('sha256').update(map).digest('base64');
  const policy = STRICT_POLICY.replace("script-src 'self'", `script-src 'self' 'sha256-${hash}'`);
  await assertFolderShows(browser, folder, '', policy);
  await assertTypes(folder, ['main.js']);

  useProgram(folder, 'threads');
  await assertFolderThreads(browser, folder, '', policy);
});
