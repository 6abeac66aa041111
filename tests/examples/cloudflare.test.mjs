// Tests the Cloudflare example: workerd cannot compile bytes and needs a WebAssembly.Module.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { assertTypes, expected, freePort, installExample, startProgram } from './helpers.mjs';

let folder;
before(async () => {
  folder = await installExample('cloudflare');
});

/** Starts a worker and returns its response. */
async function fetchFrom(main) {
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

test('a worker with an imported module computes', async () => {
  assert.equal(await fetchFrom('main.js'), expected);
});

test('load rejects with LOAD_FAILED without a module', async () => {
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
    await fetchFrom('bytes.js'),
    /^LOAD_FAILED load: .*could not be compiled.*needs a WebAssembly\.Module as `wasm`/,
  );
});

test('the example has no type errors', () => assertTypes(folder, ['main.js']));
