// Vite: its development server and its build.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../../browser/helpers.mjs';
import {
  assertFolderShows,
  assertFolderThreads,
  assertShows,
  assertThreads,
  assertTypes,
  freePort,
  installExample,
  runScript,
  startProgram,
  useProgram,
} from '../helpers.mjs';

let browser;
let folder;
before(async () => {
  [browser, folder] = await Promise.all([launch(), installExample('vite')]);
});
after(() => browser.close());

test('vite build', async () => {
  await runScript(folder, 'build');
  await assertFolderShows(browser, join(folder, 'dist'));
});

/** Starts the development server: `check(url)`. */
async function serve(check) {
  const port = await freePort();
  const url = `http://localhost:${port}/`;
  const vite = join(folder, 'node_modules', '.bin', 'vite');
  const stop = await startProgram(folder, vite, ['--port', `${port}`, '--strictPort'], url);
  try {
    await check(url);
  } finally {
    await stop();
  }
}

test('vite, the development server', () => serve((url) => assertShows(browser, url)));

test('its types', () => assertTypes(folder, ['main.js']));

for (const program of ['threads', 'client']) {
  test(`vite with ${program}: build and development server`, async () => {
    useProgram(folder, program);
    await runScript(folder, 'build');
    await assertFolderThreads(browser, join(folder, 'dist'));
    const headers = {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    };
    const config = { server: { headers } };
    writeFileSync(join(folder, 'vite.config.js'), `export default ${JSON.stringify(config)};`);
    await serve((url) => assertThreads(browser, url));
  });
}
