// @ts-check
// A small static file server for the built page. It listens on the loopback interface only.
//   node tools/serve.mjs FOLDER [--port N]
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { info } from './lib/log.mjs';
import { readArguments, reportFailure, SetupError } from './lib/run.mjs';

const DEFAULT_PORT = 8080;
const PORTS_TRIED = 100;

/** @type {Record<string, string>} */
const MIME_TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** Types that gzip makes smaller. */
const COMPRESSIBLE = /^text\/|^application\/(json|wasm)|^image\/svg/;

const HEADERS = {
  // The page may be rebuilt at any time.
  'Cache-Control': 'no-cache',
  // A page needs these two to share memory with its workers.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * @typedef {object} RunningServer
 * @property {string} url Ends in a slash.
 * @property {number} port
 * @property {() => Promise<void>} close
 */

/**
 * Serves a folder.
 * @param {object} options
 * @param {string} options.root
 * @param {number} [options.port] The first port to try; 0 is any free port.
 * @param {Record<string, string>} [options.headers] Sent with every response, besides those above.
 * @returns {Promise<RunningServer>}
 */
export async function startServer({ root, port = DEFAULT_PORT, headers = {} }) {
  const realRoot = await realpath(root);
  /** @type {import('node:http').RequestListener} */
  const handler = (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    respond(realRoot, request, response).catch(() => sendText(response, 500, 'Internal error'));
  };
  const tried = port === 0 ? 1 : PORTS_TRIED;
  for (let candidate = port; candidate < port + tried && candidate <= 65535; candidate += 1) {
    const servers = await listenOnLoopback(handler, candidate);
    if (servers) return describe(servers);
  }
  throw new SetupError(`No free port from ${port} to ${Math.min(port + tried - 1, 65535)}`);
}

/**
 * Listens on 127.0.0.1 and ::1, because programs resolve "localhost" to either. Returns null
 * if the port is taken on one of them.
 * @param {import('node:http').RequestListener} handler @param {number} port
 */
async function listenOnLoopback(handler, port) {
  const first = createServer(handler);
  if (!(await listen(first, '127.0.0.1', port))) return null;
  const second = createServer(handler);
  const isFree = await listen(second, '::1', portOf(first));
  if (isFree) return [first, second];
  await close(first);
  return null;
}

/**
 * @param {import('node:http').Server} server @param {string} host @param {number} port
 * @returns {Promise<boolean>} False if the port is taken. Without IPv6, ::1 counts as free.
 */
function listen(server, host, port) {
  return new Promise((resolve, reject) => {
    server.once('listening', () => resolve(true));
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(true);
      else reject(error);
    });
    server.listen(port, host);
  });
}

/** @param {import('node:http').Server} server */
function portOf(server) {
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/** @param {import('node:http').Server[]} servers @returns {RunningServer} */
function describe(servers) {
  const port = portOf(servers[0]);
  return {
    url: `http://localhost:${port}/`,
    port,
    close: async () => {
      await Promise.all(servers.map(close));
    },
  };
}

/** @param {import('node:http').Server} server @returns {Promise<void>} */
function close(server) {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/**
 * @param {string} root @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function respond(root, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendText(response, 405, 'Method not allowed', { Allow: 'GET, HEAD' });
  }
  const [path, query] = (request.url ?? '/').split('?', 2);
  const file = await findFile(root, path);
  if (!file) return sendText(response, 404, 'Not found');
  if (file.isDirectory) {
    // Relative links in a folder's page need the trailing slash. Several leading slashes become one,
    // because "//host/" would be another site.
    const location = `${path.replace(/^\/+/, '/')}/${query === undefined ? '' : `?${query}`}`;
    return sendText(response, 301, 'Moved', { Location: location });
  }

  const type = MIME_TYPES[extname(file.path).toLowerCase()] ?? 'application/octet-stream';
  const gzip =
    COMPRESSIBLE.test(type) && /\bgzip\b/.test(String(request.headers['accept-encoding']));
  const etag = `"${file.size.toString(16)}-${Math.trunc(file.mtimeMs).toString(16)}${gzip ? '-gzip' : ''}"`;
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { ...HEADERS, ETag: etag });
    response.end();
    return;
  }
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': type,
    ...(gzip ? { 'Content-Encoding': 'gzip' } : { 'Content-Length': file.size }),
    Vary: 'Accept-Encoding',
    ETag: etag,
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  // If the client disconnects during the transfer, pipeline closes the file.
  const content = createReadStream(file.path);
  if (gzip) pipeline(content, createGzip(), response, () => {});
  else pipeline(content, response, () => {});
}

/**
 * The file that a URL path names, or null. Its real path must be inside the root.
 *
 * @param {string} root @param {string} urlPath
 * @returns {Promise<{ path: string, size: number, mtimeMs: number, isDirectory: boolean } | null>}
 */
async function findFile(root, urlPath) {
  try {
    const decoded = decodeURIComponent(urlPath);
    const wanted = resolve(root, `.${sep}${decoded}`);
    const path = await realpath(decoded.endsWith('/') ? join(wanted, 'index.html') : wanted);
    if (path !== root && !path.startsWith(root + sep)) return null;
    const status = await stat(path);
    const isDirectory = status.isDirectory();
    if (!isDirectory && !status.isFile()) return null;
    return { path, size: status.size, mtimeMs: status.mtimeMs, isDirectory };
  } catch {
    return null;
  }
}

/**
 * @param {import('node:http').ServerResponse} response @param {number} status
 * @param {string} text @param {Record<string, string>} [headers]
 */
function sendText(response, status, text, headers = {}) {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const type = { 'Content-Type': 'text/html; charset=utf-8' };
  response.writeHead(status, { ...HEADERS, ...type, ...headers });
  response.end(
    `<!doctype html><html lang="en"><title>${text}</title><h1>${status}: ${text}</h1>\n`,
  );
}

/** @param {string | undefined} text */
export function parsePort(text) {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) {
    throw new SetupError(`--port is ${text}; expected a number from 0 to 65535`);
  }
  return Number(text);
}

/** Whether a module is the script that Node was started with. @param {string} moduleUrl */
async function isMain(moduleUrl) {
  return process.argv[1] && (await realpath(process.argv[1])) === fileURLToPath(moduleUrl);
}

if (await isMain(import.meta.url)) {
  try {
    const { positionals, values } = readArguments({
      allowPositionals: true,
      options: { port: { type: 'string' } },
    });
    if (positionals.length !== 1)
      throw new SetupError('Usage: node tools/serve.mjs FOLDER [--port N]');
    const server = await startServer({ root: positionals[0], port: parsePort(values.port) });
    info(`Serving ${positionals[0]} at ${server.url}`);
  } catch (error) {
    reportFailure(error);
  }
}
