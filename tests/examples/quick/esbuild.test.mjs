// Tests the esbuild example, with code splitting and as one plain script.
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

test('a bundle with code splitting shows the result', async () => {
  await runScript(folder, 'build');
  await assertFolderShows(browser, folder, 'index.html');
});

test('a plain script shows the result', async () => {
  await runScript(folder, 'build:one-file');
  await assertFolderShows(browser, folder, 'one-file.html');
});

test('the example has no type errors', () => assertTypes(folder, ['main.js']));

for (const program of ['threads', 'client']) {
  test(`a bundle computes with threads: ${program}`, async () => {
    useProgram(folder, program);
    await runScript(folder, 'build');
    copyWorkers(folder);
    await assertFolderThreads(browser, folder, 'index.html');
  });
}

test('the client of a plain script computes if the page passes the worker', async () => {
  useProgram(folder, 'hosted-client');
  await runScript(folder, 'build:one-file');
  copyWorkers(folder);
  await assertFolderThreads(browser, folder, 'one-file.html');
});
