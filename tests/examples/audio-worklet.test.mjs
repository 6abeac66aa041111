// Tests the convolution reverb of examples/audio-worklet in Chromium and Firefox: its page, and the numbers
// that it computes, built by Vite and from Vite's development server.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { launch, launchFirefox, root, skipFirefox } from '../browser/helpers.mjs';
import { assertTypes, installExample, runScript, serveVite, useProgram } from './helpers.mjs';

let folder;
before(async () => {
  folder = await installExample('audio-worklet');
});

/** Serves the build of the example. */
async function serveBuild(check) {
  await runScript(folder, 'build');
  const headers = {
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
  };
  const server = await startServer({ root: join(folder, 'dist'), port: 0, headers });
  try {
    await check(server.url);
  } finally {
    await server.close();
  }
}

test('the example has no type errors', () =>
  assertTypes(folder, ['main.js'], ['--types', 'vite/client']));

/** In a page: starts the reverb, and returns the status when it is shown. */
async function start() {
  document.querySelector('#start').click();
  const status = document.querySelector('#status');
  while (status.textContent === '') await new Promise((resolve) => setTimeout(resolve, 20));
  return status.textContent;
}

for (const [name, launchBrowser, skip] of [
  ['Chromium', () => launch(['--autoplay-policy=no-user-gesture-required']), false],
  ['Firefox', () => launchFirefox({ 'media.autoplay.default': 0 }), skipFirefox],
]) {
  describe(`the reverb in ${name}`, { skip }, () => {
    let browser;
    before(async () => {
      browser = await launchBrowser();
    });
    after(() => browser?.close());

    /** Opens a page and evaluates a function in it. */
    const evaluate = async (url, run) => {
      const page = await browser.newPage();
      await page.goto(url);
      const found = await page.evaluate(run);
      await page.close();
      return found;
    };
    const readResult = async () => {
      while (!/\}$/.test(document.body.innerText)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return document.body.innerText;
    };

    for (const [what, serve] of [
      ['the build', serveBuild],
      ['the development server', (check) => serveVite(folder, check)],
    ]) {
      test(`${what} plays, and computes the convolution`, async () => {
        cpSync(join(root, 'examples/audio-worklet/main.js'), join(folder, 'main.js'));
        await serve(async (url) => {
          assert.equal(await evaluate(url, start), 'Playing');
        });
        cpSync(join(root, 'tests/browser/reverb-bound.mjs'), join(folder, 'reverb-bound.mjs'));
        useProgram(folder, 'offline-reverb');
        await serve(async (url) => {
          assert.equal(await evaluate(url, readResult), '{"isRight":true}');
        });
      });
    }
  });
}
