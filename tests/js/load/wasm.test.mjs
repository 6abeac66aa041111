// load({ wasm }): bytes, modules and URLs, and the errors for invalid ones.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { load, version } from 'corr2d';
import { expectRejection, simd, variant } from '../helpers.mjs';
import { assertLoads, expectLoadFailure, wasm } from './support.mjs';

/** The binary without its last section, the stamp. */
function removeStamp(bytes) {
  const at = bytes.lastIndexOf('\x06corr2d') - 2;
  assert.deepEqual([bytes[at], bytes[at + 1]], [0, bytes.length - at - 2]);
  return bytes.subarray(0, at);
}

/** The last part of the stamp, a hash of the interface between C++ and TypeScript. */
const abiHash = Buffer.from(wasm.slice(-8)).toString('latin1');

/** The binary with another stamp. */
function replaceStamp(bytes, stamp, section = 'corr2d') {
  const content = Buffer.from(`${String.fromCharCode(section.length)}${section}${stamp}`, 'latin1');
  return Buffer.concat([removeStamp(bytes), Buffer.from([0, content.length]), content]);
}

/** A module without sections. */
const emptyModule = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

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
/** Returns a URL at which the server sends this answer. */
function serveAnswer(answer) {
  const path = `/${answered++}.wasm`;
  answers[path] = answer;
  return `${origin}${path}`;
}

test('wasm may be an ArrayBuffer or any view of one', async () => {
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

test('wasm may be a WebAssembly.Module, used for several instances', async () => {
  const module = await WebAssembly.compile(wasm);
  for (let i = 0; i < 3; i++) {
    assert.equal((await assertLoads({ wasm: module })).variant, variant);
  }
});

test('wasm may be a URL, served with any content type', async () => {
  for (const type of [
    'application/wasm',
    'Application/WASM',
    'application/wasm; charset=utf-8',
    'application/octet-stream',
    'text/html',
    undefined,
  ]) {
    const headers = type === undefined ? {} : { 'content-type': type };
    const url = serveAnswer({ headers, body: wasm });
    assert.equal((await assertLoads({ wasm: url })).variant, variant, `${type}`);
    assert.equal((await assertLoads({ wasm: new URL(url) })).variant, variant, `${type}`);
  }
  const dataUrl = `data:application/wasm;base64,${wasm.toString('base64')}`;
  assert.equal((await assertLoads({ wasm: dataUrl })).variant, variant);
});

const types = ['application/wasm', 'application/octet-stream', 'text/html; charset=utf-8'];

test('a URL that cannot be fetched is rejected with its status or cause', async () => {
  const missing = `${origin}/missing.wasm`;
  await expectLoadFailure(`load: wasm from ${missing}: the server responded with status 404`, {
    wasm: missing,
  });
  const broken = serveAnswer({ status: 500 });
  await expectLoadFailure(`load: wasm from ${broken}: the server responded with status 500`, {
    wasm: new URL(broken),
  });

  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const nobody = `http://127.0.0.1:${closed.address().port}/corr2d.wasm`;
  closed.close();
  await once(closed, 'close');
  const error = await expectLoadFailure(
    /^load: wasm could not be fetched from http:.*: TypeError/,
    {
      wasm: nobody,
    },
  );
  assert.ok(error.message.includes(nobody));
  assert.ok(error.cause instanceof TypeError);

  await expectLoadFailure(/^load: wasm could not be fetched from no url: TypeError/, {
    wasm: 'no url',
  });
  await expectLoadFailure(/^load: wasm could not be fetched from gopher:/, {
    wasm: 'gopher://x/y',
  });
});

test('an HTML page instead of a module is rejected with a message that says so', async () => {
  const body = '<!DOCTYPE html><title>Home</title><p>All paths lead here.</p>';
  for (const type of types) {
    const url = serveAnswer({ headers: { 'content-type': type }, body });
    const { message } = await expectLoadFailure(/^load: wasm from http:/, { wasm: url });
    assert.ok(message.includes(url), message);
    assert.ok(message.includes(type), message);
    if (type !== 'application/wasm') {
      assert.match(message, /is not WebAssembly: 61 bytes, an HTML page: "<!DOCTYPE html>/);
    }
  }
  await expectLoadFailure(
    /^load: wasm is not WebAssembly: 61 bytes, an HTML page: "<!DOCTYPE html>/,
    {
      wasm: Buffer.from(body),
    },
  );
});

test('objects that imitate a module, bytes or a URL are rejected with INVALID_ARGUMENT', async () => {
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

test('truncated bytes are rejected', async () => {
  for (const length of [0, 3, 8, 9, 1000, wasm.length >> 1, wasm.length - 1]) {
    const part = wasm.subarray(0, length);
    const message =
      length < 4
        ? `load: wasm is not WebAssembly: ${length} bytes, ${JSON.stringify(part.toString('latin1'))}`
        : length === 8
          ? 'load: wasm is another WebAssembly module; expected one from corr2d'
          : new RegExp(`^load: wasm, ${length} bytes, could not be compiled: CompileError`);
    await expectLoadFailure(message, { wasm: part });
    for (const type of types.slice(0, 2)) {
      const url = serveAnswer({ headers: { 'content-type': type }, body: part });
      await expectLoadFailure(/^load: wasm /, { wasm: url });
    }
  }
});

test('a connection that breaks midway is reported with URL and content type', async () => {
  for (const type of types) {
    const url = serveAnswer({ headers: { 'content-type': type }, body: wasm, cut: true });
    const { message } = await expectLoadFailure(/^load: wasm from http:/, { wasm: url });
    assert.ok(message.includes(url) && message.includes(type), message);
  }
});

test('random bytes are rejected, even after the header of a module', async () => {
  const random = Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7919 + 13) & 0xff));
  await expectLoadFailure(/^load: wasm is not WebAssembly: 500 bytes, "/, { wasm: random });
  const likeModule = Buffer.concat([emptyModule, random]);
  await expectLoadFailure(/^load: wasm, 508 bytes, could not be compiled: CompileError/, {
    wasm: likeModule,
  });
});

test('a module without the stamp is rejected', async () => {
  const message = 'load: wasm is another WebAssembly module; expected one from corr2d';
  await expectLoadFailure(message, { wasm: emptyModule });
  await expectLoadFailure(message, { wasm: new WebAssembly.Module(emptyModule) });
  await expectLoadFailure(message, { wasm: removeStamp(wasm) });
  await expectLoadFailure(message, { wasm: replaceStamp(wasm, `${variant} ${version}`, 'corr2e') });
  await expectLoadFailure(message, {
    wasm: serveAnswer({ headers: { 'content-type': 'application/wasm' }, body: emptyModule }),
  });
});

test('a module of another version or of an unknown variant is rejected', async () => {
  await expectLoadFailure(
    `load: wasm is from corr2d 9.8.7; expected ${version}, the version of this package`,
    {
      wasm: replaceStamp(wasm, `${variant} 9.8.7`),
    },
  );
  await expectLoadFailure(
    /^load: wasm is from corr2d .*; expected .*, the version of this package$/,
    {
      wasm: replaceStamp(wasm, variant),
    },
  );
  await expectLoadFailure(
    /^load: wasm is from corr2d .*; expected .*, the version of this package$/,
    {
      wasm: replaceStamp(wasm, ''),
    },
  );
  for (const stamp of [`${variant} ${version}`, `${variant} ${version} 01234567`]) {
    await expectLoadFailure(
      `load: wasm is from another build of corr2d ${version}; expected that of this package`,
      { wasm: replaceStamp(wasm, stamp) },
    );
  }
  for (const name of ['fast', 'no-threads', 'toString', '__proto__', '']) {
    await expectLoadFailure(`load: this entry of the package has no variant ${name}`, {
      wasm: replaceStamp(wasm, `${name} ${version} ${abiHash}`),
    });
  }
  assert.equal(
    (await assertLoads({ wasm: replaceStamp(wasm, `${variant} ${version} ${abiHash}`) })).variant,
    variant,
  );
});

test('a module with the right stamp but wrong imports or exports is rejected', async () => {
  const stamp = Buffer.from(`\x06corr2d${variant} ${version} ${abiHash}`, 'latin1');
  const section = Buffer.concat([Buffer.from([0, stamp.length]), stamp]);
  // No imports and no exports.
  await expectLoadFailure(/^load: the module could not be instantiated: /, {
    wasm: Buffer.concat([emptyModule, section]),
  });
  // An import that the glue does not provide: (import "x" "y" (func)).
  const types = [1, 4, 1, 0x60, 0, 0];
  const imports = [2, 7, 1, 1, 0x78, 1, 0x79, 0, 0];
  await expectLoadFailure(/^load: the module could not be instantiated: /, {
    wasm: Buffer.concat([emptyModule, Buffer.from([...types, ...imports]), section]),
  });
});

test('an option simd that contradicts wasm is rejected', async () => {
  const other = simd === 'simd' ? 'relaxed' : 'simd';
  const message = `load: wasm is the variant ${variant}; expected one with simd: '${other}'`;
  await expectLoadFailure(message, { wasm, simd: other });
  await expectLoadFailure(message, { wasm: await WebAssembly.compile(wasm), simd: other });
});
