import type { Variant } from '../instance.js';
import { abiHash } from './abi.js';
import { Corr2dError, loadFailed, show } from './errors.js';
import type { WasmSource } from './load.js';
import { version } from './version.js';

/** The custom section that identifies a binary: `<variant> <version> <abiHash>`. */
const stampSection = 'corr2d';

/**
 * Compiles a module and reads its stamp: LOAD_FAILED unless it is one of this very version. Messages
 * call it `what`; `hint` is said where bytes do not compile.
 */
export async function compile(
  source: WasmSource,
  what: string,
  hint = '',
): Promise<{ module: WebAssembly.Module; variant: Variant }> {
  let module: WebAssembly.Module;
  let stamp: ArrayBuffer | undefined;
  try {
    module = await compiled(source, what, hint);
    [stamp] = WebAssembly.Module.customSections(module, stampSection);
  } catch (cause) {
    if (cause instanceof Corr2dError) throw cause;
    // A buffer that was transferred, say, or what only passes for a URL.
    throw new Corr2dError('INVALID_ARGUMENT', 'load: wasm cannot be read', { cause });
  }
  if (stamp === undefined)
    throw loadFailed(`${what} is a WebAssembly module, but not one of corr2d`);
  const [variant, found, hash] = new TextDecoder().decode(stamp).split(' ') as [
    Variant,
    string,
    string,
  ];
  if (found !== version) {
    throw loadFailed(
      `${what} is of corr2d ${found}, this package is ${version}: they must be the same`,
    );
  }
  if (hash !== abiHash) {
    throw loadFailed(`${what} is of another build of corr2d ${version} than this package`);
  }
  return { module, variant };
}

/**
 * The bytes behind a chunk's text: base64 of zlib's format, which `DecompressionStream` has always
 * known; 'deflate-raw' came later.
 */
export async function inflate(compressed: string, what: string): Promise<ArrayBuffer> {
  if (typeof DecompressionStream !== 'function') {
    throw loadFailed('this engine has no DecompressionStream; hand in the module with `wasm`');
  }
  try {
    const text = atob(compressed);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);

    // By hand: `new Response(stream).arrayBuffer()` costs Node 40 ms, the loading of all of fetch.
    const { readable, writable } = new DecompressionStream('deflate');
    const writer = writable.getWriter();
    const written = writer.write(bytes).then(() => writer.close());
    // A broken stream fails on both sides: neither may be left unhandled.
    return (await Promise.all([readAll(readable), written]))[0];
  } catch (cause) {
    throw loadFailed(`${what} could not be decompressed: ${cause}`, cause);
  }
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<ArrayBuffer> {
  let all = new Uint8Array();
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const before = all;
    all = new Uint8Array(before.length + part.value.length);
    all.set(before);
    all.set(part.value, before.length);
  }
  return all.buffer;
}

async function compiled(
  source: WasmSource,
  what: string,
  hint: string,
): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source === 'string' || source instanceof URL) return fetched(source);
  if (!(source instanceof ArrayBuffer) && !ArrayBuffer.isView(source)) {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `load: wasm is ${show(source)}, must be a URL, bytes or a WebAssembly.Module`,
    );
  }
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  return fromBytes(bytes, what, hint);
}

async function fetched(url: URL | string): Promise<WebAssembly.Module> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw loadFailed(`wasm could not be fetched from ${url}: ${cause}`, cause);
  }
  if (!response.ok) throw loadFailed(`wasm from ${url}: the server answered ${response.status}`);
  const type = response.headers.get('content-type') ?? 'no content type';
  const what = `wasm from ${url} (${type})`;
  // Engines compile a stream of exactly this type and no other.
  if (type !== 'application/wasm') {
    const bytes = await response.arrayBuffer().catch((cause) => {
      throw loadFailed(`${what} broke off: ${cause}`, cause);
    });
    return fromBytes(new Uint8Array(bytes), what, '');
  }
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (cause) {
    throw loadFailed(`${what} could not be compiled: ${cause}`, cause);
  }
}

async function fromBytes(
  bytes: Uint8Array<ArrayBufferLike>,
  what: string,
  hint: string,
): Promise<WebAssembly.Module> {
  const start = String.fromCharCode(...bytes.subarray(0, 60));
  if (!start.startsWith('\0asm')) {
    const found = /^\s*<(!doctype|html|\?xml)/i.test(start) ? 'a page of HTML: ' : '';
    throw loadFailed(
      `${what} is no WebAssembly: ${bytes.length} bytes, ${found}${JSON.stringify(start)}`,
    );
  }
  try {
    return await WebAssembly.compile(bytes as BufferSource);
  } catch (cause) {
    throw loadFailed(
      `${what}, ${bytes.length} bytes, could not be compiled: ${cause}${hint}`,
      cause,
    );
  }
}
