// Tests the Next.js example on the server and in a client component, bundled by Turbopack and webpack.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch } from '../browser/helpers.mjs';
import { root } from '../package/helpers.mjs';
import {
  assertBothShow,
  assertThreads,
  assertTypes,
  installExample,
  runScript,
  serveProgram,
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

/** Calls `check(url)` while a Next.js server runs. */
const serve = (command, check) =>
  serveProgram(
    folder,
    join(folder, 'node_modules', '.bin', 'next'),
    (port) => [command, '--port', `${port}`],
    check,
  );

const assertShown = (url) => assertBothShow(browser, url);

for (const script of ['build', 'build:webpack']) {
  test(`next ${script} shows the result on the server and in the browser`, async () => {
    await runScript(folder, script);
    await serve('start', assertShown);
  });
}

test('next dev shows the result on the server and in the browser', () => serve('dev', assertShown));

test('the example has no type errors', () =>
  assertTypes(folder, ['app/layout.jsx', 'app/page.jsx'], ['--jsx', 'preserve']));

describe('threads and a client, in the browser and on the server', () => {
  before(() => {
    const programs = join(root, 'tests/examples/programs');
    cpSync(join(programs, 'next-compute.js'), join(folder, 'app/compute.js'));
    cpSync(join(programs, 'next.config.mjs'), join(folder, 'next.config.mjs'));
  });
  async function assertBothThread(url) {
    await assertThreads(browser, url, { selector: '#browser' });
    const [, text] = /<pre id="server">(.*?)<\/pre>/.exec(await (await fetch(url)).text());
    const found = JSON.parse(text.replaceAll('&quot;', '"'));
    const cores = availableParallelism();
    assert.deepEqual(
      { ...found, reason: undefined },
      { threads: cores, reason: undefined, isRight: true },
    );
  }
  for (const script of ['build', 'build:webpack']) {
    test(`next ${script} computes with threads`, async () => {
      await runScript(folder, script);
      await serve('start', assertBothThread);
    });
  }
  test('next dev computes with threads', () => serve('dev', assertBothThread));
});
