// An edge runtime: Cloudflare's workerd, which compiles no bytes and takes a Module.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { assertTypes, expected, freePort, installExample, startProgram } from './helpers.mjs';

let folder;
before(async () => {
  folder = await installExample('cloudflare');
});

/** What a worker answers. */
async function answerOf(main) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const wrangler = join(folder, 'node_modules', '.bin', 'wrangler');
  const args = ['dev', main, '--ip', '127.0.0.1', '--port', `${port}`];
  const stop = await startProgram(folder, wrangler, args, url);
  try {
    return await (await fetch(url)).text();
  } finally {
    await stop();
  }
}

test('the module is handed in', async () => {
  assert.equal(await answerOf('main.js'), expected);
});

test('without it: LOAD_FAILED', async () => {
  writeFileSync(
    join(folder, 'bytes.js'),
    `
    import { load } from 'corr2d';
    export default {
      fetch: () => load().then(
        () => new Response('loaded'),
        ({ code, message }) => new Response(code + ' ' + message),
      ),
    };
    `,
  );
  assert.match(
    await answerOf('bytes.js'),
    /^LOAD_FAILED load: .*could not be compiled.*handed in as `wasm`/,
  );
});

test('its types', () => assertTypes(folder, ['main.js']));
