// load(): its options, the entries of the package, and which variant they load.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as corr2d from 'corr2d';
import { Corr2dError, load, Tensor, version } from 'corr2d';
import * as relaxedEntry from 'corr2d/relaxed';
import * as simdEntry from 'corr2d/simd';
import {
  assertStillComputes,
  expectError,
  expectRejection,
  loadVariant,
  memoryState,
  runNodeJson,
  simd,
  threads,
  variant,
} from '../helpers.mjs';
import { assertLoads, entryOf, hasRelaxed, packageVersion, wasm, wasmOf } from './support.mjs';

test('load without options loads the best variant for the engine', async () => {
  const best = hasRelaxed ? 'relaxed' : 'simd';
  for (const options of [undefined, {}, { simd: 'auto' }, { simd: undefined, wasm: undefined }]) {
    const features = await assertLoads(options);
    assert.deepEqual(features, {
      variant: best,
      simd: best,
      threads: 1,
      ...(!hasRelaxed && {
        reason: 'this engine has no relaxed SIMD, which is normal for Node 20 and Safari',
      }),
    });
    assert.ok(Object.isFrozen(features));
  }
});

test('load loads the variant that the options select', async () => {
  assert.deepEqual(await assertLoads({ simd, threads }), { variant, simd, threads });
  assert.deepEqual(await assertLoads({ simd: 'simd' }), {
    variant: 'simd',
    simd: 'simd',
    threads: 1,
  });
});

test('load rejects bad options', async () => {
  const invalid = (options, message) => expectRejection('INVALID_ARGUMENT', message, load(options));
  await invalid(null, 'load: options is null; expected an object such as { simd: … }');
  await invalid('simd', 'load: options is "simd"; expected an object such as { simd: … }');
  await invalid(
    [],
    'load: options is an array of length 0; expected an object such as { simd: … }',
  );
  await invalid(7, 'load: options is 7; expected an object such as { simd: … }');
  await invalid(
    { simdd: 'simd' },
    'load: unknown option "simdd"; expected one of simd, threads, wasm',
  );
  await invalid({ Threads: 1 }, /^load: unknown option "Threads"/);
  for (const [simd, shown] of [
    ['fast', '"fast"'],
    ['', '""'],
    ['threads', '"threads"'],
    [null, 'null'],
    [true, 'true'],
    [1, '1'],
    [['simd'], 'an array of length 1'],
    [Symbol('simd'), 'a symbol'],
  ]) {
    await invalid({ simd }, `load: simd is ${shown}; expected 'auto', 'simd' or 'relaxed'`);
  }
  for (const [threads, shown] of [
    [0, '0'],
    [1.5, '1.5'],
    [-1, '-1'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    ['2', '"2"'],
    [null, 'null'],
    [2n, '2n'],
  ]) {
    await invalid(
      { threads },
      `load: threads is ${shown}; expected a whole number from 1 to 1024, or 'auto'`,
    );
  }
  for (const [bad, shown] of [
    [null, 'null'],
    [5, '5'],
    [{}, 'an object'],
    [[0, 0x61], 'an array of length 2'],
    [() => wasm, 'a function'],
    [Promise.resolve(wasm), 'an object of type Promise'],
  ]) {
    await invalid(
      { wasm: bad },
      `load: wasm is ${shown}; expected a URL, bytes or a WebAssembly.Module`,
    );
  }
});

test('load ignores options that are undefined, including unknown ones', async () => {
  await assertLoads({ simd, threads: undefined, wasm: undefined, other: undefined });
});

test('version is the version of package.json', async () => {
  const c = await loadVariant();
  assert.equal(c.version, packageVersion);
  assert.equal(version, packageVersion);
  c.dispose();
});

test('every entry exports the same load, Tensor, Corr2dError and version', () => {
  const names = ['Corr2dError', 'Tensor', 'load', 'version'];
  for (const entry of [corr2d, ...Object.values(entryOf)]) {
    assert.deepEqual(Object.keys(entry).sort(), names);
    assert.equal(entry.Corr2dError, Corr2dError);
    assert.equal(entry.Tensor, Tensor);
    assert.equal(entry.version, version);
  }
});

test('each load gives an independent instance', async () => {
  const [a, b] = await Promise.all([loadVariant(), loadVariant()]);
  const t = a.ones([4]);
  assert.notEqual(a, b);
  assert.deepEqual([a.memory().liveTensors, b.memory().liveTensors], [1, 0]);
  assert.notEqual(t.data.buffer, b.ones([1]).data.buffer);
  a.dispose();
  assertStillComputes(b);
  b.dispose();
});

test('load keeps Node alive until the instance is loaded, and no longer', async () => {
  const code = `
    import { load } from 'corr2d/simd';
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const counts = [timers()];
    for (const options of [{}, { simd: 'relaxed' }]) {
      const loading = load(options);
      counts.push(timers());
      const [{ status }] = await Promise.allSettled([loading]);
      counts.push(status, timers());
    }
    // Worklets have no setTimeout; in a Cloudflare worker it may throw.
    for (const other of [undefined, () => { throw new Error('not now'); }]) {
      globalThis.setTimeout = other;
      const c = await load();
      counts.push(c.ones([2]).sum().item());
    }
    console.log(JSON.stringify(counts));`;
  const seen = await runNodeJson(code);
  assert.deepEqual(seen, [0, 1, 'fulfilled', 0, 1, 'rejected', 0, 2, 2]);
});

test('a static entry loads its variant only', async () => {
  const entry = entryOf[variant];
  for (const wanted of [simd, undefined, 'auto']) {
    const features = await assertLoads({ simd: wanted, threads }, entry.load);
    assert.equal(features.variant, variant);
  }
  assert.equal((await assertLoads({ wasm }, entry.load)).variant, variant);
  await expectRejection(
    'LOAD_FAILED',
    'load: this entry of the package has no variant simd',
    relaxedEntry.load({ simd: 'simd' }),
  );
  await expectRejection(
    'LOAD_FAILED',
    'load: this entry of the package has no variant simd',
    relaxedEntry.load({ wasm: wasmOf.simd }),
  );
});

test('features.reason says why the variant was not a better one', async () => {
  const why = async (promise) => {
    const c = await promise;
    const { variant: got, reason } = c.features;
    c.dispose();
    return { got, reason };
  };
  const engine = 'this engine has no relaxed SIMD, which is normal for Node 20 and Safari';
  assert.deepEqual(await why(simdEntry.load()), {
    got: 'simd',
    reason: hasRelaxed ? 'this entry of the package has no relaxed variant' : engine,
  });
  assert.deepEqual(await why(load({ wasm: wasmOf.simd })), {
    got: 'simd',
    reason: hasRelaxed ? 'wasm is the variant simd' : engine,
  });
  assert.deepEqual(await why(load({ simd: 'simd' })), { got: 'simd', reason: undefined });
});

test('without relaxed SIMD auto loads simd, and relaxed rejects with LOAD_FAILED', async () => {
  // WebAssembly.validate rejects every module with f32x4.relaxed_madd.
  const code = `
    const { validate } = WebAssembly;
    WebAssembly.validate = (bytes) => validate(bytes) &&
      !Buffer.from(bytes.buffer ?? bytes).includes(Buffer.from([0xfd, 0x85, 0x02]));
    const { load } = await import('corr2d');
    const { load: loadRelaxed } = await import('corr2d/relaxed');
    const auto = await load();
    const failures = [];
    for (const promise of [load({ simd: 'relaxed' }), loadRelaxed(), loadRelaxed({ simd: 'relaxed' })]) {
      failures.push(await promise.then(() => 'loaded', ({ code, message }) => [code, message]));
    }
    console.log(JSON.stringify({ features: auto.features, failures }));`;
  const message = /^load: this engine has no relaxed SIMD/;
  const { features, failures } = await runNodeJson(code);
  assert.deepEqual(features, {
    variant: 'simd',
    simd: 'simd',
    threads: 1,
    reason: 'this engine has no relaxed SIMD, which is normal for Node 20 and Safari',
  });
  assert.equal(failures.length, 3);
  for (const failure of failures) {
    assert.equal(failure[0], 'LOAD_FAILED', failure);
    assert.match(failure[1], message);
  }
});

test('relaxed loads, or rejects with LOAD_FAILED, as this engine supports it', async () => {
  const code = `
    import { readFileSync } from 'node:fs';
    import { createRequire } from 'node:module';
    import { load } from 'corr2d';
    const bytes = readFileSync(createRequire(process.cwd() + '/').resolve('corr2d/wasm/relaxed.wasm'));
    const has = WebAssembly.validate(bytes);
    const outcomes = [];
    for (const options of [{ simd: 'relaxed' }, { wasm: bytes }]) {
      outcomes.push(await load(options).then(
        ({ features }) => features.variant,
        ({ code, message }) => code + ' ' + message,
      ));
    }
    console.log(JSON.stringify({ has, outcomes }));`;
  const { has, outcomes } = await runNodeJson(code);
  if (Number(process.versions.node.split('.')[0]) === 20) assert.equal(has, false);
  if (has) {
    assert.deepEqual(outcomes, ['relaxed', 'relaxed']);
  } else {
    assert.match(outcomes[0], /^LOAD_FAILED load: this engine has no relaxed SIMD/);
    assert.match(outcomes[1], /^LOAD_FAILED load: wasm, \d+ bytes, could not be compiled: Comp/);
  }
});

test('a new instance has no tensors and a small heap', async () => {
  const c = await loadVariant();
  const { heapBytes, liveTensors, liveBytes } = c.memory();
  assert.deepEqual({ liveTensors, liveBytes }, { liveTensors: 0, liveBytes: 0 });
  assert.ok(heapBytes >= 2 ** 16 && heapBytes <= 2 ** 21, `${heapBytes}`);
  assert.ok(memoryState(c).allocatedBytes < 4096);
  expectError(c, 'INVALID_ARGUMENT', /^zeros: /, () => c.zeros());
  c.dispose();
});
