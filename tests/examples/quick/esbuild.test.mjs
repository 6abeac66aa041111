// esbuild: with code splitting, and as one plain script.
import { after, before, test } from 'node:test';
import { launch } from '../../browser/helpers.mjs';
import {
  assertFolderShows,
  assertFolderThreads,
  assertTypes,
  copyWorkers,
  installExample,
  runScript,
  useProgram,
} from '../helpers.mjs';

let browser;
let folder;
before(async () => {
  [browser, folder] = await Promise.all([launch(), installExample('esbuild')]);
});
after(() => browser.close());

test('esbuild with splitting', async () => {
  await runScript(folder, 'build');
  await assertFolderShows(browser, folder, 'index.html');
});

test('esbuild into one plain script', async () => {
  await runScript(folder, 'build:one-file');
  await assertFolderShows(browser, folder, 'one-file.html');
});

test('its types', () => assertTypes(folder, ['main.js']));

for (const program of ['threads', 'client']) {
  test(`esbuild with ${program}`, async () => {
    useProgram(folder, program);
    await runScript(folder, 'build');
    copyWorkers(folder);
    await assertFolderThreads(browser, folder, 'index.html');
  });
}

test('one plain script does not know where it is: its client is told', async () => {
  useProgram(folder, 'hosted-client');
  await runScript(folder, 'build:one-file');
  copyWorkers(folder);
  await assertFolderThreads(browser, folder, 'one-file.html');
});
