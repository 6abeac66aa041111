// @ts-check
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';

const base = mkdtempSync(join(tmpdir(), 'corr2d-serve-'));
const root = join(base, 'root');
/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;

before(async () => {
  mkdirSync(join(root, 'sub'), { recursive: true });
  writeFileSync(join(base, 'secret.txt'), 'secret');
  mkdirSync(join(base, 'root-sibling'));
  writeFileSync(join(base, 'root-sibling/secret.txt'), 'secret');
  writeFileSync(join(root, 'index.html'), '<title>start</title>');
  writeFileSync(join(root, 'sub/index.html'), '<title>sub</title>');
  writeFileSync(join(root, 'ünï çödé.txt'), 'text');
  for (const name of ['a.wasm', 'a.js', 'a.mjs', 'a.svg', 'a.webp', 'a.jpg', 'a.css', 'a.bin']) {
    writeFileSync(join(root, name), name);
  }
  symlinkSync(join(base, 'secret.txt'), join(root, 'leak.txt'));
  symlinkSync(base, join(root, 'up'));
  symlinkSync('a.js', join(root, 'inside.js'));
  server = await startServer({ root, port: 0 });
});

after(async () => {
  await server.close();
  rmSync(base, { recursive: true });
});

/**
 * Sends a request without fetch(), which would normalise the paths that these tests are about.
 * @param {string} path @param {{ host?: string, port?: number, method?: string, headers?: Record<string, string> }} [options]
 * @returns {Promise<{ status: number | undefined, headers: import('node:http').IncomingHttpHeaders, body: string }>}
 */
function get(path, { host = '127.0.0.1', port = server.port, method = 'GET', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const options = { host, port, path, method, headers, agent: false };
    const call = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    });
    call.on('error', reject).end();
  });
}

test('files are served with their MIME types', async () => {
  const expected = {
    '/': 'text/html; charset=utf-8',
    '/a.wasm': 'application/wasm',
    '/a.js': 'text/javascript; charset=utf-8',
    '/a.mjs': 'text/javascript; charset=utf-8',
    '/a.svg': 'image/svg+xml',
    '/a.webp': 'image/webp',
    '/a.jpg': 'image/jpeg',
    '/a.css': 'text/css; charset=utf-8',
    '/a.bin': 'application/octet-stream',
  };
  for (const [path, type] of Object.entries(expected)) {
    const { status, headers } = await get(path);
    assert.deepEqual([path, status, headers['content-type']], [path, 200, type]);
  }
});

test('every response has the headers for isolation and nosniff', async () => {
  for (const path of ['/', '/a.js', '/missing']) {
    const { headers } = await get(path);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path);
    assert.equal(headers['cross-origin-embedder-policy'], 'require-corp', path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
  }
});

test('folders, queries, encoded names and links inside the root are served', async () => {
  assert.match((await get('/?x=1')).body, /start/);
  assert.match((await get('/sub/')).body, /sub/);
  const redirect = await get('/sub?x=1');
  assert.deepEqual([redirect.status, redirect.headers.location], [301, '/sub/?x=1']);
  assert.equal((await get(`/${encodeURIComponent('ünï çödé.txt')}`)).body, 'text');
  assert.equal((await get('/inside.js')).body, 'a.js');
});

test('a path that starts with // is not redirected to another host', async () => {
  const { status, headers } = await get('//sub');
  assert.deepEqual([status, headers.location], [301, '/sub/']);
});

test('files outside the root are not served', async () => {
  const paths = [
    ...['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/%2e%2e%2fsecret.txt'],
    ...['/sub/../../secret.txt', '/../root-sibling/secret.txt', '//../secret.txt'],
    ...['/leak.txt', '/up/secret.txt', `/${encodeURIComponent(join(base, 'secret.txt'))}`],
    ...['/a.js%00.txt', '/%', '/%ff', '/..'],
  ];
  for (const path of paths) {
    const { status, body } = await get(path);
    assert.deepEqual([path, status], [path, 404]);
    assert.doesNotMatch(body, /^secret$/);
  }
});

test('a request for an unchanged file gets status 304', async () => {
  const first = await get('/a.js');
  const etag = String(first.headers.etag);
  const again = await get('/a.js', { headers: { 'if-none-match': etag } });
  assert.deepEqual([again.status, again.body], [304, '']);
  writeFileSync(join(root, 'a.js'), 'changed');
  const changed = await get('/a.js', { headers: { 'if-none-match': etag } });
  assert.deepEqual([changed.status, changed.body], [200, 'changed']);
});

test('text is compressed if the client accepts gzip; images are not', async () => {
  const headers = { 'accept-encoding': 'gzip, br' };
  const text = await get('/a.css', { headers });
  assert.equal(text.headers['content-encoding'], 'gzip');
  assert.equal(text.headers.vary, 'Accept-Encoding');
  const response = await fetch(new URL('a.css', server.url), { headers });
  assert.equal(await response.text(), 'a.css');
  const picture = await get('/a.jpg', { headers });
  assert.equal(picture.headers['content-encoding'], undefined);
  assert.equal(picture.body, 'a.jpg');
  const plain = await get('/a.css');
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.notEqual(plain.headers.etag, text.headers.etag);
});

test('HEAD has no body, and methods other than GET are rejected', async () => {
  const head = await get('/a.css', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '5', '']);
  assert.equal((await get('/a.css', { method: 'POST' })).status, 405);
});

for (const host of ['127.0.0.1', '::1']) {
  test(`startServer skips a port that is taken on ${host}`, async (t) => {
    const other = createServer();
    const taken = await new Promise((resolve) => {
      other.on('error', () => resolve(null));
      other.listen(0, host, () => {
        resolve(/** @type {import('node:net').AddressInfo} */ (other.address()).port);
      });
    });
    if (taken === null) return t.diagnostic(`This machine has no ${host}; nothing to test.`);
    const second = await startServer({ root, port: taken });
    try {
      assert.ok(second.port > taken, `${second.port} > ${taken}`);
      assert.equal(second.url, `http://localhost:${second.port}/`);
      assert.equal((await get('/a.css', { port: second.port })).body, 'a.css');
    } finally {
      await second.close();
      other.close();
    }
  });
}

test('close ends the server while a request is open', {
  timeout: 10_000,
}, async () => {
  const second = await startServer({ root, port: 0 });
  const visitor = connect(second.port, '127.0.0.1');
  visitor.on('error', () => {});
  visitor.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
  const gone = new Promise((resolve) => {
    visitor.on('close', resolve);
  });
  // A response to a second request shows that the server has received the first one.
  await get('/', { port: second.port });
  await second.close();
  await gone;
  await assert.rejects(get('/', { port: second.port }), { code: 'ECONNREFUSED' });
});

test('startServer adds the given headers to every response', async () => {
  const policy = "default-src 'none'";
  const second = await startServer({
    root,
    port: 0,
    headers: { 'Content-Security-Policy': policy },
  });
  for (const path of ['/', '/a.js', '/missing']) {
    const { headers } = await get(path, { port: second.port });
    assert.equal(headers['content-security-policy'], policy, path);
    assert.equal(headers['cross-origin-embedder-policy'], 'require-corp', path);
  }
  await second.close();
});

test('startServer rejects a root that does not exist', async () => {
  await assert.rejects(startServer({ root: join(base, 'nowhere'), port: 0 }), { code: 'ENOENT' });
});
