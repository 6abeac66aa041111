// The package in realms that have no globals but those of ECMAScript and WebAssembly, as worklets do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root, runNodeJson, variant } from '../helpers.mjs';
import { assertExercised } from './realm-results.mjs';

const flags = [
  ...['--experimental-vm-modules', '--no-warnings'],
  // The flag for relaxed SIMD.
  ...process.execArgv.filter((flag) => flag.includes('wasm')),
];
const threads = variant.endsWith('threads');

/**
 * Computes in a bare realm with an instance for each of `sources`, an expression for the options by name,
 * in which `wasm` is the bytes of the binary. `entry` is the file of the entry in dist/.
 */
const exerciseIn = (realmOptions, entry, sources) =>
  runNodeJson(
    `
    import { readFileSync } from 'node:fs';
    import { createBareRealm } from './tests/js/load/bare-realm.mjs';
    const root = ${JSON.stringify(pathToFileURL(root).href)};
    // Node drains WebAssembly's tasks before any other if nothing else keeps its event loop alive.
    const alive = setInterval(() => {}, 1000);
    const realm = createBareRealm(${JSON.stringify(realmOptions)});
    const { exerciseAll } = await realm(root + 'tests/js/load/realm-program.mjs');
    const entry = await realm(root + 'dist/${entry}.js');
    const wasm = readFileSync('dist/corr2d-${variant}.wasm');
    console.log(JSON.stringify(await exerciseAll(entry, ${sources}, setImmediate)));
    clearInterval(alive);`,
    flags,
  );

for (const hasConsole of [false, true]) {
  const what = hasConsole ? 'a realm with a console' : 'a bare realm';
  test(`the static entry computes in ${what}, from bytes and from a module`, async () => {
    const sources = '{ bytes: { wasm }, module: { wasm: await WebAssembly.compile(wasm) } }';
    const found = await exerciseIn({ hasConsole }, variant, sources);
    for (const source of ['bytes', 'module']) {
      assertExercised(found[source], { variant, threads: 1 }, source);
    }
  });
}

test('in a bare realm one thread computes, and features.reason says why', async () => {
  const { two } = await exerciseIn({}, variant, '{ two: { wasm, threads: 2 } }');
  assertExercised(two, { variant, threads: 1 }, 'two threads');
  assert.match(
    two.reason,
    threads
      ? /one thread: a worker did not start: this engine has no workers .*worklets have none/
      : new RegExp(`one thread: wasm is the variant ${variant}`),
  );
});

const advice =
  ' outside and pass its bytes or its WebAssembly.Module as `wasm`: to an AudioWorkletProcessor through ' +
  'processorOptions (see examples/audio-worklet of the package)';

test('in a bare realm load says how to pass the module if it is missing or a URL', async () => {
  const sources = "{ none: undefined, url: { wasm: 'https://example.org/a.wasm' } }";
  const { none, url } = await exerciseIn({}, variant, sources);
  assert.deepEqual(
    [none.type, none.code, url.type, url.code],
    Array(2).fill(['Corr2dError', 'LOAD_FAILED']).flat(),
  );
  assert.equal(
    none.message,
    `load: there is no atob here, as in worklets; fetch corr2d/wasm/${variant}.wasm${advice}`,
  );
  assert.equal(
    url.message,
    `load: there is no fetch here, as in worklets; fetch https://example.org/a.wasm${advice}`,
  );
});

test('where import() is forbidden, the main entry takes bytes, or names the static entries', async () => {
  const { none, bytes } = await exerciseIn({}, 'index', '{ none: undefined, bytes: { wasm } }');
  assert.deepEqual([none.type, none.code], ['Corr2dError', 'LOAD_FAILED']);
  assert.match(
    none.message,
    /^load: the variant \w+ could not be imported: .*load from corr2d\/simd/,
  );
  if (threads) assert.match(bytes.message, /^load: the variant .* could not be imported/);
  else assertExercised(bytes, { variant, threads: 1 }, 'bytes');
});

test('in a bare realm a client rejects with WORKER_FAILED', async () => {
  const { outcomes } = await runNodeJson(
    `
    import { createBareRealm } from './tests/js/load/bare-realm.mjs';
    const realm = createBareRealm();
    const { createClient, Corr2dError } = await realm(${JSON.stringify(pathToFileURL(root).href)} + 'dist/worker.js');
    const outcomes = [];
    for (const wasm of [undefined, 'a.wasm', new Uint8Array(8), new URL('https://example.org/')]) {
      const error = await createClient({ wasm }).catch((error) => error);
      outcomes.push([error instanceof Corr2dError, error.code ?? String(error)]);
    }
    console.log(JSON.stringify({ outcomes }));`,
    flags,
  );
  assert.deepEqual(outcomes, Array(4).fill([true, 'WORKER_FAILED']));
});
