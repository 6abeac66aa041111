// Tests the Vite example: its development server and its build.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ISOLATED, launch } from '../../browser/helpers.mjs';
import {
  assertBuildsSilently,
  assertFolderShows,
  assertFolderThreads,
  assertShows,
  assertThreads,
  assertTypes,
  installExample,
  runScript,
  serveVite,
  useProgram,
} from '../helpers.mjs';

let browser;
let folder;
before(async () => {
  [browser, folder] = await Promise.all([launch(), installExample('vite')]);
});
after(() => browser.close());

test('the build shows the result', async () => {
  await runScript(folder, 'build');
  await assertFolderShows(browser, join(folder, 'dist'));
});

test('the development server shows the result', () =>
  serveVite(folder, (url) => assertShows(browser, url)));

test('the example has no type errors', () => assertTypes(folder, ['main.js']));

for (const program of ['threads', 'client']) {
  test(`the build and the development server compute with threads: ${program}`, async () => {
    useProgram(folder, program);
    await assertBuildsSilently(folder);
    await assertFolderThreads(browser, join(folder, 'dist'));
    const config = { server: { headers: ISOLATED } };
    writeFileSync(join(folder, 'vite.config.js'), `export default ${JSON.stringify(config)};`);
    await serveVite(folder, (url) => assertThreads(browser, url));
  });
}
