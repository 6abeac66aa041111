// Importing and loading in engines that lack a feature, or whose functions fail.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root, runNodeJson, simd, threads, variant } from '../helpers.mjs';

const snapshot = `
  const snapshot = () => Object.fromEntries(
    [globalThis, Object.prototype, Array.prototype, Float32Array.prototype, Symbol, WebAssembly, Promise]
      .map((one, i) => [i, Reflect.ownKeys(one).map(String)]));`;

test('importing has no side effects and lets the process end', async () => {
  const code = `${snapshot}
    globalThis.fetch = () => { throw new Error('importing fetches'); };
    WebAssembly.compile = WebAssembly.instantiate = WebAssembly.validate = () => {
      throw new Error('importing compiles');
    };
    const before = snapshot();
    for (const entry of ['corr2d', 'corr2d/simd', 'corr2d/relaxed']) await import(entry);
    console.log(JSON.stringify({ before, after: snapshot() }));`;
  const { before, after } = await runNodeJson(code);
  assert.deepEqual(after, before);
});

test('loading and computing add no globals, need no eval and let the process end', async () => {
  const code = `${snapshot}
    const before = snapshot();
    const { load } = await import('corr2d');
    const c = await load();
    const text = String(c.corr2d([[0, 1], [2, 3]], [[2]]));
    console.log(JSON.stringify({ text, before, after: snapshot() }));`;
  const { text, before, after } = await runNodeJson(code, [
    '--disallow-code-generation-from-strings',
  ]);
  assert.equal(text, 'tensor([[0., 2.],\n        [4., 6.]])');
  assert.deepEqual(after, before);
});

test('without WebAssembly the package can be imported, and load rejects with LOAD_FAILED', async () => {
  const code = `
    delete globalThis.WebAssembly;
    const { load } = await import('corr2d');
    const outcome = await load().then(() => 'loaded', ({ code, message }) => [code, message]);
    console.log(JSON.stringify(outcome));`;
  assert.deepEqual(await runNodeJson(code), [
    'LOAD_FAILED',
    'load: this engine has no WebAssembly',
  ]);
});

test('load rejects with LOAD_FAILED without SIMD or atob and says what to do', async () => {
  const code = (missing) => `
    ${missing}
    const { load } = await import('corr2d');
    const outcome = await load().then(() => 'loaded', ({ code, message }) => [code, message]);
    console.log(JSON.stringify(outcome));`;
  const [simdCode, simdMessage] = await runNodeJson(code('WebAssembly.validate = () => false;'));
  assert.equal(simdCode, 'LOAD_FAILED');
  assert.equal(
    simdMessage,
    'load: this engine has no WebAssembly SIMD; corr2d needs Chrome 91, Firefox 113, Safari 16.4, ' +
      'Node 18, or later',
  );
  assert.deepEqual(await runNodeJson(code('delete globalThis.atob;')), [
    'LOAD_FAILED',
    'load: there is no atob here, as in worklets; fetch corr2d/wasm/simd.wasm outside ' +
      'and pass its bytes or its WebAssembly.Module as `wasm`: to an AudioWorkletProcessor through ' +
      'processorOptions (see examples/audio-worklet of the package)',
  ]);
});

test('load works without features that the oldest supported engines lack', async () => {
  // Chrome 91 and Node 18.0 do not have all of these.
  const code = `
    delete Object.hasOwn;
    delete globalThis.DecompressionStream;
    delete globalThis.structuredClone;
    for (const { prototype } of [Array, String, Object.getPrototypeOf(Float32Array)]) {
      for (const name of ['at', 'findLast', 'toSorted', 'toSpliced', 'with']) delete prototype[name];
    }
    const { load } = await import('corr2d');
    const c = await load({ simd: 'simd' });
    const t = c.corr2dMultiIn([[[0, 1], [2, 3]]], [[[1e-7]]]);
    console.log(JSON.stringify([String(t), String(t.reshape([1, -1]).at(0)), String(c.stack([t, t]))]));`;
  const [text] = await runNodeJson(code);
  assert.match(text, /^tensor\(\[\[0\.0000e\+00, 1\.0000e-07\]/);
});

test('load rejects with LOAD_FAILED if the inlined binary is damaged', async () => {
  const outcomes = await runNodeJson(`
    const { load } = await import('corr2d');
    const outcomes = [];
    const real = atob;
    const attempt = (damage) => {
      globalThis.atob = (text) => damage(real(text));
      return load({ simd: 'simd' }).then(
        () => outcomes.push('loaded'),
        ({ code, message }) => outcomes.push(code + ' ' + message),
      );
    };
    await attempt(() => { throw new TypeError('no base64'); });
    await attempt(() => '');
    await attempt((bytes) => bytes.slice(0, 5) + '\\0\\0\\0\\0' + bytes.slice(9));
    await attempt((bytes) => bytes.slice(0, bytes.length / 2));
    await attempt((bytes) => bytes.replace(/[^]/g, (byte, i) => (i > 1000 ? 'x' : byte)));
    console.log(JSON.stringify(outcomes));`);
  const what = 'LOAD_FAILED load: the module of variant simd';
  assert.equal(outcomes[0], `${what} could not be decompressed: TypeError: no base64`);
  assert.match(outcomes[1], /^LOAD_FAILED load: .* could not be decompressed: RangeError: /);
  assert.match(outcomes[2], /^LOAD_FAILED load: .* could not be decompressed: RangeError: /);
  assert.match(outcomes[3], /^LOAD_FAILED load: .* could not be compiled: /);
  assert.match(outcomes[4], /^LOAD_FAILED load: .* could not be compiled: /);
});

test('load names the Content-Security-Policy if the engine does not compile inlined bytes', async () => {
  const [code, message] = await runNodeJson(`
    WebAssembly.compile = async () => { throw new WebAssembly.CompileError('blocked by CSP'); };
    const { load } = await import('corr2d');
    const outcome = await load({ simd: 'simd' }).then(
      () => 'loaded', ({ code, message }) => [code, message]);
    console.log(JSON.stringify(outcome));`);
  assert.equal(code, 'LOAD_FAILED');
  assert.match(
    message,
    /^load: the module of variant simd, \d+ bytes, could not be compiled: CompileError: blocked by CSP \(a page's Content-Security-Policy needs script-src 'wasm-unsafe-eval'; a runtime that cannot compile bytes needs a WebAssembly\.Module as `wasm`\)$/,
  );
});

test('load rejects with LOAD_FAILED and the cause if a variant cannot be imported', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-'));
  try {
    cpSync(join(root, 'dist'), folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    rmSync(join(folder, `variant-${variant}.js`));
    const { load: loadIncomplete } = await import(pathToFileURL(join(folder, 'index.js')).href);
    const [{ reason }] = await Promise.allSettled([loadIncomplete({ simd, threads })]);
    assert.equal(reason.name, 'Corr2dError');
    assert.equal(reason.code, 'LOAD_FAILED');
    assert.ok(
      reason.message.startsWith(`load: the variant ${variant} could not be imported: Error`),
      reason.message,
    );
    assert.equal(reason.cause.code, 'ERR_MODULE_NOT_FOUND');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
