// One thread computes if there cannot be several, and `features.reason` says why.

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
import {
  assertStillComputes,
  expectError,
  memoryState,
  root,
  runNodeJson,
  simd,
} from '../helpers.mjs';
import { flags, hasThreads } from './support.mjs';

/**
 * Loads two threads in its own Node process, after the code `prelude`, and expects one thread that computes.
 * Returns `features.reason`, and `globalThis.readings` if the prelude sets it. `folder` holds a copy of the
 * package to load.
 */
async function loadDegraded(prelude, folder) {
  const from = folder ? pathToFileURL(join(folder, 'index.js')).href : 'corr2d';
  const features = await runNodeJson(
    `${prelude}
    const { load } = await import(${JSON.stringify(from)});
    const c = await load({ simd: '${simd}', threads: 2 });
    const { data } = c.corr2d([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]]);
    const { readings } = globalThis;
    console.log(JSON.stringify({ ...c.features, readings, data: [...data] }));`,
    flags,
  );
  const { reason, readings, data, ...rest } = features;
  assert.deepEqual(rest, { variant: simd, simd, threads: 1 });
  assert.deepEqual(data, [19, 25, 37, 43]);
  return { reason, readings };
}

const reasonOf = async (prelude, folder) => (await loadDegraded(prelude, folder)).reason;

/** Calls `use(folder)` with a copy of the package whose thread worker is `script`; undefined removes it. */
async function withWorkerScript(script, use) {
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
  test('one thread computes without shared memory', async () => {
    assert.equal(
      await reasonOf('delete globalThis.SharedArrayBuffer;'),
      'one thread: this engine has no SharedArrayBuffer',
    );
    assert.equal(
      await reasonOf(
        'delete globalThis.SharedArrayBuffer; globalThis.crossOriginIsolated = false;',
      ),
      'one thread: the page is not cross-origin isolated',
    );
    assert.equal(
      await reasonOf(`WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
        construct() {
          throw new RangeError('nothing is shared');
        },
      });`),
      'one thread: the engine cannot create shared memory',
    );
  });

  test('one thread computes if a worker cannot start', async () => {
    assert.match(
      await reasonOf('process.getBuiltinModule = undefined; globalThis.navigator ??= {};'),
      /^one thread: a worker did not start: this engine has no workers \(Node needs version 20\.16/,
    );
    assert.match(
      await withWorkerScript(undefined, (folder) => reasonOf('', folder)),
      /^one thread: a worker did not start: its script could not be loaded: Cannot find module/,
    );
    assert.equal(
      await withWorkerScript('throw new Error("broken")', (folder) => reasonOf('', folder)),
      'one thread: a worker did not start: Error: broken',
    );
    assert.equal(
      await withWorkerScript('process.exit(0)', (folder) => reasonOf('', folder)),
      'one thread: a worker did not start: it has ended',
    );
    assert.match(
      await reasonOf(`const threads = process.getBuiltinModule('worker_threads');
        threads.Worker.prototype.postMessage = () => { throw new Error('DataCloneError'); };`),
      /^one thread: a worker did not start: Error: DataCloneError/,
    );
  });

  // A step of more than 250 ms means that the machine was asleep, and counts as 250 ms.
  for (const [stepMs, expectedReadings] of [
    [100, 101],
    [1e6, 41],
  ]) {
    test(`one thread computes if a worker does not answer in 10 s, in steps of ${stepMs} ms`, async () => {
      const silent = 'setInterval(() => {}, 1000);';
      const steppedClock = `
        globalThis.readings = 0;
        performance.now = () => ${stepMs} * ++globalThis.readings;`;
      const { reason, readings } = await withWorkerScript(silent, (folder) =>
        loadDegraded(steppedClock, folder),
      );
      assert.equal(reason, 'one thread: 1 of 1 workers did not start within 10 s');
      assert.equal(readings, expectedReadings);
    });
  }

  test('on one core auto means one thread; a number of threads is still respected', async () => {
    const oneCore = `process.getBuiltinModule('os').availableParallelism = () => 1;`;
    const code = (threads) => `${oneCore}
      const { load } = await import('corr2d');
      const { features } = await load({ simd: '${simd}', threads: ${threads} });
      console.log(JSON.stringify([features.threads, features.reason]));`;
    assert.deepEqual(await runNodeJson(code("'auto'"), flags), [
      1,
      'one thread: the machine has one core',
    ]);
    assert.deepEqual((await runNodeJson(code(2), flags))[0], 2);
  });

  test('one thread computes if the entry or wasm has no threads', async () => {
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
      assertStillComputes(own);
      own.dispose();
    }
  });

  test('a new instance for 8 threads has a small heap', async () => {
    const c = await load({ simd, threads: 8 });
    const { heapBytes, allocatedBytes } = memoryState(c);
    assert.ok(heapBytes <= 2 ** 21 && allocatedBytes < 16384, `${heapBytes} ${allocatedBytes}`);
    expectError(c, 'INVALID_ARGUMENT', /^zeros: /, () => c.zeros());
    c.dispose();
    await sleep(1);
  });
});
