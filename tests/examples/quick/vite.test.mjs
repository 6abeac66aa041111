// Tests the Vite example: its development server and its build.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ISOLATED, launch } from '../../browser/helpers.mjs';
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

test('the build shows the result', async () => {
  await runScript(folder, 'build');
  await assertFolderShows(browser, join(folder, 'dist'));
});

/** Calls `check(url)` while the development server runs. */
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

test('the development server shows the result', () => serve((url) => assertShows(browser, url)));

test('the example has no type errors', () => assertTypes(folder, ['main.js']));

for (const program of ['threads', 'client']) {
  test(`the build and the development server compute with threads: ${program}`, async () => {
    useProgram(folder, program);
    await runScript(folder, 'build');
    await assertFolderThreads(browser, join(folder, 'dist'));
    const config = { server: { headers: ISOLATED } };
    writeFileSync(join(folder, 'vite.config.js'), `export default ${JSON.stringify(config)};`);
    await serve((url) => assertThreads(browser, url));
  });
}
