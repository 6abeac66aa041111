// Vite: its development server and its build.
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../../browser/helpers.mjs';
import {
  assertFolderShows,
  assertShows,
  assertTypes,
  freePort,
  installExample,
  runScript,
  startProgram,
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

test('vite, the development server', async () => {
  const port = await freePort();
  const url = `http://localhost:${port}/`;
  const vite = join(folder, 'node_modules', '.bin', 'vite');
  const stop = await startProgram(folder, vite, ['--port', `${port}`, '--strictPort'], url);
  try {
    await assertShows(browser, url);
  } finally {
    await stop();
  }
});

test('its types', () => assertTypes(folder, ['main.js']));
