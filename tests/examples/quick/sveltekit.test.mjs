// Tests the SvelteKit example: rendered on the server, and computed again in the browser.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../../browser/helpers.mjs';
import { root } from '../../package/helpers.mjs';
import {
  assertBothShow,
  assertBuildsSilently,
  assertThreads,
  installExample,
  runIn,
  runScript,
  serveProgram,
  serveVite,
} from '../helpers.mjs';

let browser;
let folder;
before(async () => {
  const checker = ['svelte-check@4.7.8', 'typescript@5.9.3'];
  [browser, folder] = await Promise.all([launch(), installExample('sveltekit', checker)]);
});
after(() => browser.close());

/** Builds the example and calls `check(url)` while its server runs. */
async function serveBuild(check) {
  await runScript(folder, 'build');
  const argsFor = (port) => [`PORT=${port}`, `ORIGIN=http://localhost:${port}`, 'node', 'build'];
  await serveProgram(folder, 'env', argsFor, check);
}

const assertShown = (url) => assertBothShow(browser, url);

test('the build prints no warning about the package', () => assertBuildsSilently(folder));

test('the build shows the result on the server and in the browser', () => serveBuild(assertShown));

test('the development server shows the result on the server and in the browser', () =>
  serveVite(folder, assertShown));

test('the example has no type errors', () =>
  runIn(folder, join(folder, 'node_modules/.bin/svelte-check'), ['--fail-on-warnings']));

test('threads on the server, and a client in the browser and on the server', async () => {
  cpSync(join(root, 'tests/examples/programs/next-compute.js'), join(folder, 'src/lib/compute.js'));
  await serveBuild(async (url) => {
    await assertThreads(browser, url, { selector: '#browser', isIsolated: false });
    const [, text] = /<pre id="server">(.*?)<\/pre>/.exec(await (await fetch(url)).text());
    const { threads, isRight } = JSON.parse(text.replaceAll('&quot;', '"'));
    assert.deepEqual({ threads, isRight }, { threads: availableParallelism(), isRight: true });
  });
});
