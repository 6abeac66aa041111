// Next.js: on the server and in a client component, bundled by Turbopack and by webpack.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../browser/helpers.mjs';
import {
  assertShows,
  assertTypes,
  freePort,
  installExample,
  runScript,
  startProgram,
} from './helpers.mjs';

let browser;
let folder;
before(async () => {
  [browser, folder] = await Promise.all([
    launch(),
    installExample('next', ['@types/react@19.3.0']),
  ]);
});
after(() => browser.close());

for (const script of ['build', 'build:webpack']) {
  test(`next ${script}`, async () => {
    await runScript(folder, script);
    const port = await freePort();
    const url = `http://localhost:${port}/`;
    const next = join(folder, 'node_modules', '.bin', 'next');
    const stop = await startProgram(folder, next, ['start', '--port', `${port}`], url);
    try {
      const html = await (await fetch(url)).text();
      assert.match(html, /<pre id="server">tensor\(\[\[ 56\.,/, 'computed on the server');
      assert.match(html, /<pre id="browser"><\/pre>/, 'not computed on the server');
      for (const id of ['server', 'browser']) await assertShows(browser, url, `#${id}`);
    } finally {
      await stop();
    }
  });
}

test('its types', () =>
  assertTypes(folder, ['app/layout.jsx', 'app/page.jsx'], ['--jsx', 'preserve']));
