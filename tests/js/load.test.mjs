// load(): options, sources of the module, failures, the life of an instance.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as corr2d from 'corr2d';
import { Corr2dError, load, Tensor, version } from 'corr2d';
import * as relaxedEntry from 'corr2d/relaxed';
import * as relaxedThreadsEntry from 'corr2d/relaxed-threads';
import * as simdEntry from 'corr2d/simd';
import * as threadsEntry from 'corr2d/threads';
import {
  account,
  assertComputes,
  expectError,
  expectRejection,
  jsonFromNode,
  loadTested,
  moduleOf,
  root,
  simd,
  threads,
  variant,
} from './helpers.mjs';

const require = createRequire(import.meta.url);
const packageVersion = require('corr2d/package.json').version;
const wasmOf = Object.fromEntries(
  ['simd', 'relaxed', 'threads', 'relaxed-threads'].map((name) => [
    name,
    readFileSync(require.resolve(`corr2d/wasm/${name}.wasm`)),
  ]),
);
const wasm = wasmOf[variant];

/** (func (param v128) (result v128) (f32x4.relaxed_madd …)) */
const hasRelaxed = WebAssembly.validate(
  Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7b, 1, 0x7b, 3, 2, 1, 0],
    ...[10, 13, 1, 11, 0, 0x20, 0, 0x20, 0, 0x20, 0, 0xfd, 0x85, 2, 11],
  ),
);
const entryOf = {
  simd: simdEntry,
  relaxed: relaxedEntry,
  threads: threadsEntry,
  'relaxed-threads': relaxedThreadsEntry,
};

/** The binary without its stamp: that is its last section. */
function unstamped(bytes) {
  const at = bytes.lastIndexOf('\x06corr2d') - 2;
  assert.deepEqual([bytes[at], bytes[at + 1]], [0, bytes.length - at - 2]);
  return bytes.subarray(0, at);
}

/** A module with this stamp in place of its own. */
function restamped(bytes, stamp, section = 'corr2d') {
  const content = Buffer.from(`${String.fromCharCode(section.length)}${section}${stamp}`, 'latin1');
  return Buffer.concat([unstamped(bytes), Buffer.from([0, content.length]), content]);
}

/** The smallest of all modules. */
const empty = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

async function assertLoads(options, from = load) {
  const c = await from(options);
  assertComputes(c);
  const { features } = c;
  c.dispose();
  return features;
}

// ---------------------------------------------------------------------------------------------
// A server on the loopback

const answers = {};
let server;
let origin;
before(async () => {
  server = createServer((request, response) => {
    const {
      status = 200,
      headers = {},
      body = '',
      cut = false,
    } = answers[request.url] ?? {
      status: 404,
      headers: { 'content-type': 'text/html' },
      body: '<h1>Not found</h1>',
    };
    response.writeHead(status, cut ? { ...headers, 'content-length': body.length } : headers);
    if (!cut) {
      response.end(body);
      return;
    }
    response.write(body.subarray(0, body.length >> 1), () => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

let answered = 0;
/** A URL at which the server gives this answer. */
function served(answer) {
  const path = `/${answered++}.wasm`;
  answers[path] = answer;
  return `${origin}${path}`;
}

// ---------------------------------------------------------------------------------------------

test('load() needs no options and takes the best that the engine has', async () => {
  const best = hasRelaxed ? 'relaxed' : 'simd';
  for (const options of [undefined, {}, { simd: 'auto' }, { simd: undefined, wasm: undefined }]) {
    const features = await assertLoads(options);
    assert.deepEqual(features, {
      variant: best,
      simd: best,
      threads: 1,
      ...(!hasRelaxed && { reason: 'this engine has no relaxed SIMD' }),
    });
    assert.ok(Object.isFrozen(features));
  }
});

test('a variant asked for is what one gets', async () => {
  assert.deepEqual(await assertLoads({ simd, threads }), { variant, simd, threads });
  assert.deepEqual(await assertLoads({ simd: 'simd' }), {
    variant: 'simd',
    simd: 'simd',
    threads: 1,
  });
});

test('bad options are refused', async () => {
  const invalid = (options, message) => expectRejection('INVALID_ARGUMENT', message, load(options));
  await invalid(null, 'load: options is null, must be an object');
  await invalid('simd', 'load: options is "simd", must be an object');
  await invalid([], 'load: options is an array of length 0, must be an object');
  await invalid(7, 'load: options is 7, must be an object');
  await invalid(
    { simdd: 'simd' },
    'load: unknown option "simdd"; the options are: simd, threads, wasm',
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
    await invalid({ simd }, `load: simd is ${shown}, must be 'auto', 'simd' or 'relaxed'`);
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
    await invalid({ threads }, `load: threads is ${shown}, must be a whole number from 1 to 1024`);
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
      `load: wasm is ${shown}, must be a URL, bytes or a WebAssembly.Module`,
    );
  }
});

test('an option that is undefined is absent, also an unknown one', async () => {
  await assertLoads({ simd, threads: undefined, wasm: undefined, other: undefined });
});

test("the version is package.json's, everywhere", async () => {
  const c = await loadTested();
  assert.equal(c.version, packageVersion);
  assert.equal(version, packageVersion);
  c.dispose();
});

test('the exports are load, Tensor, Corr2dError and version, the same ones in every entry', () => {
  const names = ['Corr2dError', 'Tensor', 'load', 'version'];
  for (const entry of [corr2d, ...Object.values(entryOf)]) {
    assert.deepEqual(Object.keys(entry).sort(), names);
    assert.equal(entry.Corr2dError, Corr2dError);
    assert.equal(entry.Tensor, Tensor);
    assert.equal(entry.version, version);
  }
});

test('each load() gives an instance of its own', async () => {
  const [a, b] = await Promise.all([loadTested(), loadTested()]);
  const t = a.ones([4]);
  assert.notEqual(a, b);
  assert.deepEqual([a.memory().liveTensors, b.memory().liveTensors], [1, 0]);
  assert.notEqual(t.data.buffer, b.ones([1]).data.buffer);
  a.dispose();
  assertComputes(b);
  b.dispose();
});

test('Node has something to do until an instance is there, and no longer', async () => {
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
    // As in worklets, and as Cloudflare does.
    for (const other of [undefined, () => { throw new Error('not now'); }]) {
      globalThis.setTimeout = other;
      const c = await load();
      counts.push(c.ones([2]).sum().item());
    }
    console.log(JSON.stringify(counts));`;
  const seen = await jsonFromNode(code);
  assert.deepEqual(seen, [0, 1, 'fulfilled', 0, 1, 'rejected', 0, 2, 2]);
});

test('the static entry of the variant loads it, and no other', async () => {
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

test('features.reason tells the truth: the entry, or the wasm that was handed in', async () => {
  const why = async (promise) => {
    const c = await promise;
    const { variant: got, reason } = c.features;
    c.dispose();
    return { got, reason };
  };
  const engine = 'this engine has no relaxed SIMD';
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

test('an engine without relaxed SIMD: auto takes simd, relaxed is LOAD_FAILED', async () => {
  // The engine is made to refuse every module with f32x4.relaxed_madd.
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
  const { features, failures } = await jsonFromNode(code);
  assert.deepEqual(features, {
    variant: 'simd',
    simd: 'simd',
    threads: 1,
    reason: 'this engine has no relaxed SIMD',
  });
  assert.equal(failures.length, 3);
  for (const failure of failures) {
    assert.equal(failure[0], 'LOAD_FAILED', failure);
    assert.match(failure[1], message);
  }
});

test('relaxed where this very engine has none: LOAD_FAILED, by name and by wasm', async () => {
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
  const { has, outcomes } = await jsonFromNode(code);
  if (Number(process.versions.node.split('.')[0]) === 20) assert.equal(has, false);
  if (has) {
    assert.deepEqual(outcomes, ['relaxed', 'relaxed']);
  } else {
    assert.match(outcomes[0], /^LOAD_FAILED load: this engine has no relaxed SIMD/);
    assert.match(outcomes[1], /^LOAD_FAILED load: wasm, \d+ bytes, could not be compiled: Comp/);
  }
});

// ---------------------------------------------------------------------------------------------
// wasm

test('wasm as bytes: an ArrayBuffer, and views of every kind', async () => {
  const { buffer } = new Uint8Array(wasm);
  const shifted = new Uint8Array(wasm.length + 20);
  shifted.set(wasm, 13);
  const even = new Uint8Array(wasm.length + (wasm.length % 2));
  for (const source of [
    wasm,
    buffer,
    shifted.subarray(13, 13 + wasm.length),
    new DataView(shifted.buffer, 13, wasm.length),
    even.length === wasm.length ? new Uint16Array(buffer) : new Int8Array(buffer),
  ]) {
    const features = await assertLoads({ wasm: source });
    assert.equal(features.variant, variant);
    await assertLoads({ wasm: source, simd });
  }
  assert.equal(buffer.byteLength, wasm.length);
});

test('wasm as a WebAssembly.Module, which may serve many instances', async () => {
  const module = await WebAssembly.compile(wasm);
  for (let i = 0; i < 3; i++) {
    assert.equal((await assertLoads({ wasm: module })).variant, variant);
  }
});

test('wasm as a URL, served with any content type', async () => {
  for (const type of [
    'application/wasm',
    'Application/WASM',
    'application/wasm; charset=utf-8',
    'application/octet-stream',
    'text/html',
    undefined,
  ]) {
    const headers = type === undefined ? {} : { 'content-type': type };
    const url = served({ headers, body: wasm });
    assert.equal((await assertLoads({ wasm: url })).variant, variant, `${type}`);
    assert.equal((await assertLoads({ wasm: new URL(url) })).variant, variant, `${type}`);
  }
  const dataUrl = `data:application/wasm;base64,${wasm.toString('base64')}`;
  assert.equal((await assertLoads({ wasm: dataUrl })).variant, variant);
});

const failed = (message, options) => expectRejection('LOAD_FAILED', message, load(options));
const types = ['application/wasm', 'application/octet-stream', 'text/html; charset=utf-8'];

test('a URL with nothing behind it', async () => {
  const missing = `${origin}/missing.wasm`;
  await failed(`load: wasm from ${missing}: the server answered 404`, { wasm: missing });
  const broken = served({ status: 500 });
  await failed(`load: wasm from ${broken}: the server answered 500`, { wasm: new URL(broken) });

  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const nobody = `http://127.0.0.1:${closed.address().port}/corr2d.wasm`;
  closed.close();
  await once(closed, 'close');
  const error = await failed(/^load: wasm could not be fetched from http:.*: TypeError/, {
    wasm: nobody,
  });
  assert.ok(error.message.includes(nobody));
  assert.ok(error.cause instanceof TypeError);

  await failed(/^load: wasm could not be fetched from no url: TypeError/, { wasm: 'no url' });
  await failed(/^load: wasm could not be fetched from gopher:/, { wasm: 'gopher://x/y' });
});

test('a page of HTML in place of the module', async () => {
  const body = '<!DOCTYPE html><title>Home</title><p>All paths lead here.</p>';
  for (const type of types) {
    const url = served({ headers: { 'content-type': type }, body });
    const { message } = await failed(/^load: wasm from http:/, { wasm: url });
    assert.ok(message.includes(url), message);
    assert.ok(message.includes(type), message);
    if (type !== 'application/wasm') {
      assert.match(message, /is no WebAssembly: 61 bytes, a page of HTML: "<!DOCTYPE html>/);
    }
  }
  await failed(/^load: wasm is no WebAssembly: 61 bytes, a page of HTML: "<!DOCTYPE html>/, {
    wasm: Buffer.from(body),
  });
});

test('what only passes for a module, its bytes or its URL: INVALID_ARGUMENT', async () => {
  const buffer = new ArrayBuffer(8);
  const view = new Uint8Array(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  for (const source of [
    buffer,
    view,
    Object.create(WebAssembly.Module.prototype),
    new Proxy(new WebAssembly.Module(wasm), {}),
    Object.create(URL.prototype),
    new Proxy(new URL('file:///none'), {}),
  ]) {
    await expectRejection('INVALID_ARGUMENT', 'load: wasm cannot be read', load({ wasm: source }));
  }
});

test('truncated bytes', async () => {
  for (const length of [0, 3, 8, 9, 1000, wasm.length >> 1, wasm.length - 1]) {
    const part = wasm.subarray(0, length);
    const message =
      length < 4
        ? `load: wasm is no WebAssembly: ${length} bytes, ${JSON.stringify(part.toString('latin1'))}`
        : length === 8
          ? 'load: wasm is a WebAssembly module, but not one of corr2d'
          : new RegExp(`^load: wasm, ${length} bytes, could not be compiled: CompileError`);
    await failed(message, { wasm: part });
    for (const type of types.slice(0, 2)) {
      const url = served({ headers: { 'content-type': type }, body: part });
      await failed(/^load: wasm /, { wasm: url });
    }
  }
});

test('a connection that breaks midway', async () => {
  for (const type of types) {
    const url = served({ headers: { 'content-type': type }, body: wasm, cut: true });
    const { message } = await failed(/^load: wasm from http:/, { wasm: url });
    assert.ok(message.includes(url) && message.includes(type), message);
  }
});

test('random bytes, and bytes that begin like a module', async () => {
  const random = Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7919 + 13) & 0xff));
  await failed(/^load: wasm is no WebAssembly: 500 bytes, "/, { wasm: random });
  const alike = Buffer.concat([empty, random]);
  await failed(/^load: wasm, 508 bytes, could not be compiled: CompileError/, { wasm: alike });
});

test('another module, without the stamp', async () => {
  const message = 'load: wasm is a WebAssembly module, but not one of corr2d';
  await failed(message, { wasm: empty });
  await failed(message, { wasm: new WebAssembly.Module(empty) });
  await failed(message, { wasm: unstamped(wasm) });
  await failed(message, { wasm: restamped(wasm, `${variant} ${version}`, 'corr2e') });
  await failed(message, {
    wasm: served({ headers: { 'content-type': 'application/wasm' }, body: empty }),
  });
});

test('a module of another version, or of no variant that there is', async () => {
  await failed(`load: wasm is of corr2d 9.8.7, this package is ${version}: they must be the same`, {
    wasm: restamped(wasm, `${variant} 9.8.7`),
  });
  await failed(/^load: wasm is of corr2d .*, this package is /, { wasm: restamped(wasm, variant) });
  await failed(/^load: wasm is of corr2d .*, this package is /, { wasm: restamped(wasm, '') });
  for (const name of ['fast', 'no-threads', 'toString', '__proto__', '']) {
    await failed(`load: this entry of the package has no variant ${name}`, {
      wasm: restamped(wasm, `${name} ${version}`),
    });
  }
  assert.equal(
    (await assertLoads({ wasm: restamped(wasm, `${variant} ${version}`) })).variant,
    variant,
  );
});

test('a module with the stamp, but of another build', async () => {
  const stamp = Buffer.from(`\x06corr2d${variant} ${version}`, 'latin1');
  const section = Buffer.concat([Buffer.from([0, stamp.length]), stamp]);
  // Nothing imported, nothing exported.
  await failed(/^load: the module could not be instantiated: /, {
    wasm: Buffer.concat([empty, section]),
  });
  // It imports what the glue does not have: (import "x" "y" (func)).
  const types = [1, 4, 1, 0x60, 0, 0];
  const imports = [2, 7, 1, 1, 0x78, 1, 0x79, 0, 0];
  await failed(/^load: the module could not be instantiated: /, {
    wasm: Buffer.concat([empty, Buffer.from([...types, ...imports]), section]),
  });
});

test('simd asks for another variant than wasm is', async () => {
  const other = simd === 'simd' ? 'relaxed' : 'simd';
  const message = `load: wasm is the variant ${variant}, simd asks for ${other}`;
  await failed(message, { wasm, simd: other });
  await failed(message, { wasm: await WebAssembly.compile(wasm), simd: other });
});

// ---------------------------------------------------------------------------------------------
// Importing

const snapshot = `
  const snapshot = () => Object.fromEntries(
    [globalThis, Object.prototype, Array.prototype, Float32Array.prototype, Symbol, WebAssembly, Promise]
      .map((one, i) => [i, Reflect.ownKeys(one).map(String)]));`;

test('importing changes nothing, starts nothing, and the process ends by itself', async () => {
  const code = `${snapshot}
    globalThis.fetch = () => { throw new Error('importing fetches'); };
    WebAssembly.compile = WebAssembly.instantiate = WebAssembly.validate = () => {
      throw new Error('importing compiles');
    };
    const before = snapshot();
    for (const entry of ['corr2d', 'corr2d/simd', 'corr2d/relaxed']) await import(entry);
    console.log(JSON.stringify({ before, after: snapshot() }));`;
  const { before, after } = await jsonFromNode(code);
  assert.deepEqual(after, before);
});

test('loading and computing leave no globals, need no eval, and let the process end', async () => {
  const code = `${snapshot}
    const before = snapshot();
    const { load } = await import('corr2d');
    const c = await load();
    const text = String(c.corr2d([[0, 1], [2, 3]], [[2]]));
    console.log(JSON.stringify({ text, before, after: snapshot() }));`;
  const { text, before, after } = await jsonFromNode(code, [
    '--disallow-code-generation-from-strings',
  ]);
  assert.equal(text, 'tensor([[0., 2.],\n        [4., 6.]])');
  assert.deepEqual(after, before);
});

test('the package can be imported where there is no WebAssembly; load() says so', async () => {
  const code = `
    delete globalThis.WebAssembly;
    const { load } = await import('corr2d');
    const outcome = await load().then(() => 'loaded', ({ code, message }) => [code, message]);
    console.log(JSON.stringify(outcome));`;
  assert.deepEqual(await jsonFromNode(code), [
    'LOAD_FAILED',
    'load: this engine has no WebAssembly',
  ]);
});

test('an engine without SIMD, or without DecompressionStream: LOAD_FAILED says what to do', async () => {
  const code = (missing) => `
    ${missing}
    const { load } = await import('corr2d');
    const outcome = await load().then(() => 'loaded', ({ code, message }) => [code, message]);
    console.log(JSON.stringify(outcome));`;
  const [simdCode, simdMessage] = await jsonFromNode(code('WebAssembly.validate = () => false;'));
  assert.equal(simdCode, 'LOAD_FAILED');
  assert.equal(
    simdMessage,
    'load: this engine has no WebAssembly SIMD, corr2d needs Chrome 91, Firefox 113, Safari 16.4, ' +
      'Node 18, or later',
  );
  assert.deepEqual(await jsonFromNode(code('delete globalThis.DecompressionStream;')), [
    'LOAD_FAILED',
    'load: this engine has no DecompressionStream; hand in the module with `wasm`',
  ]);
});

test('what the oldest engines do not have is not needed', async () => {
  // Chrome 91 and Node 18.0: no 'deflate-raw', and none of these.
  const code = `
    delete Object.hasOwn;
    delete globalThis.structuredClone;
    for (const { prototype } of [Array, String, Object.getPrototypeOf(Float32Array)]) {
      for (const name of ['at', 'findLast', 'toSorted', 'toSpliced', 'with']) delete prototype[name];
    }
    const Real = DecompressionStream;
    globalThis.DecompressionStream = class {
      constructor(format) {
        if (format !== 'gzip' && format !== 'deflate') throw new TypeError('Unsupported ' + format);
        return new Real(format);
      }
    };
    const { load } = await import('corr2d');
    const c = await load({ simd: 'simd' });
    const t = c.corr2dMultiIn([[[0, 1], [2, 3]]], [[[1e-7]]]);
    console.log(JSON.stringify([String(t), String(t.reshape([1, -1]).at(0)), String(c.stack([t, t]))]));`;
  const [text] = await jsonFromNode(code);
  assert.match(text, /^tensor\(\[\[0\.0000e\+00, 1\.0000e-07\]/);
});

test('bytes that cannot be decompressed: LOAD_FAILED, and no unhandled rejection', async () => {
  const outcomes = await jsonFromNode(`
    const { load } = await import('corr2d');
    const outcomes = [];
    const attempt = (Stream) => {
      globalThis.DecompressionStream = Stream;
      return load({ simd: 'simd' }).then(
        () => outcomes.push('loaded'),
        ({ code, message }) => outcomes.push(code + ' ' + message),
      );
    };
    const Real = DecompressionStream;
    await attempt(class { constructor(format) { throw new TypeError('no ' + format); } });
    await attempt(class { constructor() { return new Real('gzip'); } });
    await attempt(class {
      readable = new ReadableStream({ start: (one) => one.error(new RangeError('broken')) });
      writable = new WritableStream({ start: (one) => one.error(new RangeError('broken')) });
    });
    // Cut short, it is no WebAssembly.
    await attempt(class {
      readable = new ReadableStream({ start: (one) => one.close() });
      writable = new WritableStream();
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(JSON.stringify(outcomes));`);
  const what = 'LOAD_FAILED load: the module of variant simd';
  assert.equal(outcomes[0], `${what} could not be decompressed: TypeError: no deflate`);
  assert.match(outcomes[1], /^LOAD_FAILED load: .* could not be decompressed: \w*Error: incorrect/);
  assert.equal(outcomes[2], `${what} could not be decompressed: RangeError: broken`);
  assert.equal(outcomes[3], `${what} is no WebAssembly: 0 bytes, ""`);
});

test('inlined bytes that the engine will not compile: LOAD_FAILED names the policy', async () => {
  const [code, message] = await jsonFromNode(`
    WebAssembly.compile = async () => { throw new WebAssembly.CompileError('blocked by CSP'); };
    const { load } = await import('corr2d');
    const outcome = await load({ simd: 'simd' }).then(
      () => 'loaded', ({ code, message }) => [code, message]);
    console.log(JSON.stringify(outcome));`);
  assert.equal(code, 'LOAD_FAILED');
  assert.match(
    message,
    /^load: the module of variant simd, \d+ bytes, could not be compiled: CompileError: blocked by CSP \(a page's Content-Security-Policy needs script-src 'wasm-unsafe-eval'; a runtime that compiles no bytes needs a WebAssembly\.Module, handed in as `wasm`\)$/,
  );
});

test('a variant that cannot be imported: LOAD_FAILED, with the cause', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-'));
  try {
    cpSync(join(root, 'dist'), folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    rmSync(join(folder, `variant-${variant}.js`));
    const { load: loadMaimed } = await import(pathToFileURL(join(folder, 'index.js')).href);
    const [{ reason }] = await Promise.allSettled([loadMaimed({ simd, threads })]);
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

// ---------------------------------------------------------------------------------------------
// The end of an instance

/** Everything that an instance and its tensors can be asked. */
const uses = (c, t) => ({
  memory: () => c.memory(),
  tensor: () => c.tensor([1]),
  'tensor of a tensor': () => c.tensor(t),
  zeros: () => c.zeros([1]),
  ones: () => c.ones([1]),
  full: () => c.full([1], 1),
  arange: () => c.arange(1),
  normal: () => c.normal(0, 1, [1]),
  stack: () => c.stack([[1]]),
  matmul: () => c.matmul([1], [1]),
  corr2d: () => c.corr2d([[1]], [[1]]),
  corr2dMultiIn: () => c.corr2dMultiIn([[[1]]], [[[1]]]),
  corr2dMultiInOut: () => c.corr2dMultiInOut([[[1]]], [[[[1]]]]),
  corr2dMultiInOut1x1: () => c.corr2dMultiInOut1x1([[[1]]], [[[[1]]]]),
  conv2d: () => c.conv2d([[[1]]], [[[[1]]]]),
  conv1d: () => c.conv1d([[1]], [[[1]]]),
  convTranspose2d: () => c.convTranspose2d([[[1]]], [[[[1]]]]),
  conv2dBackward: () => c.conv2dBackward([[[1]]], [[[1]]], [[[[1]]]]),
  planConv2d: () => c.planConv2d({ inputShape: [1, 1, 1], weight: [[[[1]]]] }),
  correlate2d: () => c.correlate2d([[1]], [[1]]),
  convolve2d: () => c.convolve2d([[1]], [[1]]),
  unfold: () => c.unfold([[[1]]], 1),
  fold: () => c.fold([[1]], 1, 1),
  maxPool2d: () => c.maxPool2d([[[1]]], 1),
  avgPool2d: () => c.avgPool2d([[[1]]], 1),
  pad: () => c.pad([[1]], [1, 1, 1, 1]),
  relu: () => c.relu([1]),
  relu6: () => c.relu6([1]),
  leakyRelu: () => c.leakyRelu([1]),
  sigmoid: () => c.sigmoid([1]),
  tanh: () => c.tanh([1]),
  silu: () => c.silu([1]),
  hardSwish: () => c.hardSwish([1]),
  gelu: () => c.gelu([1]),
  filter2d: () => c.filter2d({ data: new Uint8ClampedArray(4), width: 1, height: 1 }, [[1]]),
  fromImage: () => c.fromImage({}),
  fromImageData: () => c.fromImageData({ data: new Uint8ClampedArray(4), width: 1, height: 1 }),
  toImageData: () => c.toImageData([[1]]),
  'with a bad argument': () => c.zeros('bad'),
  data: () => t.data,
  toArray: () => t.toArray(),
  item: () => t.item(),
  toString: () => t.toString(),
  'Number()': () => Number(t),
  reshape: () => t.reshape([1, 1]),
  at: () => t.at(0),
  add: () => t.add(1),
  sub: () => t.sub(1),
  mul: () => t.mul(t),
  abs: () => t.abs(),
  sum: () => t.sum(),
  clone: () => t.clone(),
});

function assertAllThrow(c, t, code, message) {
  const methods = [c, t].flatMap((one) => {
    const { prototype } = one.constructor;
    return Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  });
  const all = uses(c, t);
  for (const [name, use] of Object.entries(all)) {
    assert.throws(use, (error) => {
      assert.ok(error instanceof Corr2dError, `${name}: ${error.stack}`);
      assert.equal(error.code, code, name);
      assert.match(error.message, message, name);
      // It names the function, unless it is one that another one calls.
      const own = /^[a-z]\w+$/i.test(name) ? name : '\\w+';
      assert.match(error.message, new RegExp(`^${own}: this corr2d instance`));
      return true;
    });
  }
  // No method was forgotten. These make no use of what is in the heap, or are internal.
  const harmless = ['dispose', 'heap', 'address', 'elements', 'assertUsable'];
  const forgotten = methods.filter((name) => !(name in all) && !harmless.includes(name));
  assert.deepEqual(forgotten, []);
}

test('dispose(): every later use throws DISPOSED; other instances go on', async () => {
  const [c, other] = await Promise.all([loadTested(), loadTested()]);
  const t = c.tensor([5]);
  const view = t.data;
  const kept = other.tensor([7]);
  assert.equal(c.dispose(), undefined);
  assertAllThrow(c, t, 'DISPOSED', /this corr2d instance has been disposed/);
  c.dispose();
  t.dispose();
  t.dispose();
  // Reading what was got before does no harm.
  assert.equal(typeof view[0], 'number');
  assert.deepEqual(t.shape, [1]);
  assert.equal(c.version, version);
  assert.equal(kept.item(), 7);
  assertComputes(other);
  other.dispose();
});

test('a trap: that call throws CRASHED and every later one; other instances go on', async () => {
  const [c, other] = await Promise.all([loadTested(), loadTested()]);
  const t = c.tensor([5]);
  const kept = other.tensor([7]);
  let error;
  try {
    moduleOf(c).readImage(0xffff0000, 1000, 4, 1, 0xffff8000);
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof Corr2dError, error?.stack);
  assert.equal(error.code, 'CRASHED');
  assert.match(error.message, /^the WebAssembly module has trapped: RuntimeError: memory access/);
  assert.ok(error.cause instanceof WebAssembly.RuntimeError);
  assertAllThrow(
    c,
    t,
    'CRASHED',
    /: this corr2d instance has crashed .* load\(\) gives a new one$/,
  );
  t.dispose();
  c.dispose();
  assertAllThrow(c, t, 'CRASHED', /crashed/);
  assert.equal(kept.item(), 7);
  assertComputes(other);
  const fresh = await loadTested();
  assertComputes(fresh);
  fresh.dispose();
  other.dispose();
});

test('a trap in the middle of a call: CRASHED comes out of the function itself', async () => {
  const c = await loadTested();
  const t = c.tensor([
    [1, 2],
    [3, 4],
  ]);
  // The image's planes are read far beyond the end of the memory.
  const heap = c[Symbol.for('corr2d.heap')];
  const { writeImage } = heap.call;
  heap.call.writeImage = (planes, ...rest) => writeImage(planes + 0xf0000000, ...rest);
  assert.throws(() => c.toImageData(t), { name: 'Corr2dError', code: 'CRASHED' });
  assert.throws(() => c.toImageData(t), { name: 'Corr2dError', code: 'CRASHED' });
  assert.throws(() => t.item(), { name: 'Corr2dError', code: 'CRASHED' });
});

test('no room for one more heap: OUT_OF_MEMORY, the others go on, and later there is room again', {
  skip: process.platform === 'linux' ? false : 'processes have no limit of address space here',
}, async () => {
  const flags = [...process.execArgv.filter((flag) => /relaxed/.test(flag)), '--expose-gc'];
  const code = `
    import { load } from 'corr2d';
    const all = [];
    const loadAll = async () => {
      try {
        while (all.length < 100) all.push(await load(${JSON.stringify({ simd, threads })}));
      } catch ({ name, code, message, cause }) {
        return { name, code, message, cause: cause.name };
      }
    };
    const failure = await loadAll();
    const { length } = all;
    const numbers = all.map((c) => c.corr2d([[1, 2]], [[3]]).data[1]);
    for (const c of all.splice(0)) c.dispose();
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      gc();
    }
    await loadAll();
    console.log(JSON.stringify({ failure, numbers, length, again: all.length }));
    for (const c of all) c.dispose();`;
  const found = await jsonFromNode(code, flags, 60_000, 30 * 2 ** 30);
  const { failure, numbers, length, again } = found;
  const { message, ...rest } = failure;
  assert.deepEqual(rest, { name: 'Corr2dError', code: 'OUT_OF_MEMORY', cause: 'RangeError' });
  assert.match(message, /^load: no room for a heap: RangeError/);
  assert.ok(length > 0);
  assert.deepEqual(numbers, new Array(length).fill(6));
  assert.equal(again, length);
});

test('the account of an instance begins at nothing', async () => {
  const c = await loadTested();
  const { heapBytes, liveTensors, liveBytes } = c.memory();
  assert.deepEqual({ liveTensors, liveBytes }, { liveTensors: 0, liveBytes: 0 });
  assert.ok(heapBytes >= 2 ** 16 && heapBytes <= 2 ** 21, `${heapBytes}`);
  assert.ok(account(c).allocatedBytes < 4096);
  expectError(c, 'INVALID_ARGUMENT', /^zeros: /, () => c.zeros());
  c.dispose();
});
