// One thread where there cannot be several, and the reason in `features.reason`.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { load } from 'corr2d';
import * as relaxedEntry from 'corr2d/relaxed';
import * as simdEntry from 'corr2d/simd';
import { account, assertComputes, expectError, jsonFromNode, root, simd } from '../helpers.mjs';
import { flags, hasThreads } from './support.mjs';

/** What comes of `load` with two threads after `prelude`: features without what is about SIMD. */
async function degraded(prelude, folder) {
  const from = folder ? pathToFileURL(join(folder, 'index.js')).href : 'corr2d';
  const features = await jsonFromNode(
    `${prelude}
    const { load } = await import(${JSON.stringify(from)});
    const c = await load({ simd: '${simd}', threads: 2 });
    const { data } = c.corr2d([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]]);
    console.log(JSON.stringify({ ...c.features, data: [...data] }));`,
    flags,
  );
  const { reason, data, ...rest } = features;
  assert.deepEqual(rest, { variant: simd, simd, threads: 1 });
  assert.deepEqual(data, [19, 25, 37, 43]);
  return reason;
}

/** The package, built, with a script for its workers that is another one. */
async function withWorker(script, use) {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-'));
  try {
    cpSync(join(root, 'dist'), folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const path = join(folder, 'thread-worker.js');
    if (script === undefined) rmSync(path);
    else writeFileSync(path, script);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('without threads', { skip: hasThreads && 'this variant has some' }, () => {
  test('without shared memory: one thread, and why', async () => {
    assert.equal(
      await degraded('delete globalThis.SharedArrayBuffer;'),
      'one thread: this engine has no SharedArrayBuffer',
    );
    assert.equal(
      await degraded(
        'delete globalThis.SharedArrayBuffer; globalThis.crossOriginIsolated = false;',
      ),
      'one thread: the page is not cross-origin isolated',
    );
    assert.equal(
      await degraded(`WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
        construct() {
          throw new RangeError('nothing is shared');
        },
      });`),
      'one thread: no memory can be shared',
    );
  });

  test('a worker that cannot start: one thread, and why', async () => {
    assert.match(
      await degraded('process.getBuiltinModule = undefined; globalThis.navigator ??= {};'),
      /^one thread: a worker did not start: there are none here \(Node has them from 20\.16/,
    );
    assert.match(
      await withWorker(undefined, (folder) => degraded('', folder)),
      /^one thread: a worker did not start: Error: Cannot find module/,
    );
    assert.equal(
      await withWorker('throw new Error("broken")', (folder) => degraded('', folder)),
      'one thread: a worker did not start: Error: broken',
    );
    assert.equal(
      await withWorker('process.exit(0)', (folder) => degraded('', folder)),
      'one thread: a worker did not start: it has ended',
    );
    assert.match(
      await degraded(`const threads = process.getBuiltinModule('worker_threads');
        threads.Worker.prototype.postMessage = () => { throw new Error('DataCloneError'); };`),
      /^one thread: a worker did not start: Error: DataCloneError/,
    );
  });

  test('a worker that never answers: one thread after 10 s, and why', async () => {
    const begin = performance.now();
    const silent = 'setInterval(() => {}, 1000);';
    assert.equal(
      await withWorker(silent, (folder) => degraded('', folder)),
      'one thread: 1 of 1 workers did not start within 10 s',
    );
    const seconds = (performance.now() - begin) / 1000;
    assert.ok(seconds > 9 && seconds < 30, `${seconds} s`);
  });

  test('one core: auto is one thread, a number is what it says', async () => {
    const oneCore = `process.getBuiltinModule('os').availableParallelism = () => 1;`;
    const code = (threads) => `${oneCore}
      const { load } = await import('corr2d');
      const { features } = await load({ simd: '${simd}', threads: ${threads} });
      console.log(JSON.stringify([features.threads, features.reason]));`;
    assert.deepEqual(await jsonFromNode(code("'auto'"), flags), [
      1,
      'one thread: there is one core',
    ]);
    assert.deepEqual((await jsonFromNode(code(2), flags))[0], 2);
  });

  test('an entry, or a wasm, that has no threads', async () => {
    const entry = simd === 'simd' ? simdEntry : relaxedEntry;
    const c = await entry.load({ simd, threads: 4 });
    assert.equal(
      c.features.reason,
      'one thread: this entry of the package has no variant with threads',
    );
    c.dispose();
    const wasmOf = (name) =>
      readFileSync(createRequire(import.meta.url).resolve(`corr2d/wasm/${name}.wasm`));
    const plain = await load({ simd, wasm: wasmOf(simd), threads: 4 });
    assert.deepEqual(plain.features, {
      variant: simd,
      simd,
      threads: 1,
      reason: `one thread: wasm is the variant ${simd}`,
    });
    plain.dispose();
    const name = simd === 'simd' ? 'threads' : 'relaxed-threads';
    for (const threads of [1, 2]) {
      const own = await load({ simd, wasm: wasmOf(name), threads });
      assert.deepEqual(own.features, { variant: name, simd, threads });
      assertComputes(own);
      own.dispose();
    }
  });

  test('the account of an instance with many threads begins at little', async () => {
    const c = await load({ simd, threads: 8 });
    const { heapBytes, allocatedBytes } = account(c);
    assert.ok(heapBytes <= 2 ** 21 && allocatedBytes < 16384, `${heapBytes} ${allocatedBytes}`);
    expectError(c, 'INVALID_ARGUMENT', /^zeros: /, () => c.zeros());
    c.dispose();
    await sleep(1);
  });
});
