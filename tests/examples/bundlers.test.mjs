// Bundlers whose examples are a page beside a bundle, and the page that needs none.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch } from '../browser/helpers.mjs';
import {
  assertFolderShows,
  assertTypes,
  installExample,
  runScript,
  strictPolicy,
} from './helpers.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

for (const { name, site } of [
  { name: 'webpack', site: '.' },
  { name: 'rollup', site: '.' },
  { name: 'parcel', site: 'dist' },
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
  });
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
});
