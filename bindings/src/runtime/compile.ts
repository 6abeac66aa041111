import { abiHash } from './abi.js';
import { Corr2dError, invalid, loadFailed, tagOf, unexpected } from './errors.js';
import type { Variant, WasmSource } from './load-options.js';
import { decodeLzma } from './lzma.js';
import { decodeText } from './platform.js';
import { version } from './version.js';
import { joinStreams } from './wasm-streams.js';

/**
 * The custom section of each binary that contains its stamp, at most 120 bytes:
 * `<variant> <version> <abiHash>`.
 */
const STAMP_SECTION = 'corr2d';

/**
 * Compiles a module and reads its stamp. Throws LOAD_FAILED unless the module is a corr2d binary of
 * this version. Messages call the module `what`; `hint` ends the message if bytes do not compile.
 */
export async function compile(
  source: WasmSource,
  what: string,
  hint = '',
): Promise<{ module: WebAssembly.Module; variant: Variant }> {
  let module: WebAssembly.Module;
  let stamp: ArrayBuffer | undefined;
  try {
    module = await compileSource(source, what, hint);
    [stamp] = WebAssembly.Module.customSections(module, STAMP_SECTION);
  } catch (cause) {
    if (cause instanceof Corr2dError) throw cause;
    // For example a transferred buffer, or an object that inherits from URL.
    throw invalid('load: wasm cannot be read', cause);
  }
  if (stamp === undefined) {
    throw loadFailed(`${what} is another WebAssembly module; expected one from corr2d`);
  }
  const [variant, found, hash] = decodeText(new Uint8Array(stamp.slice(0, 120))).split(' ') as [
    Variant,
    string,
    string,
  ];
  if (found !== version) {
    throw loadFailed(
      `${what} is from corr2d ${found}; expected ${version}, the version of this package`,
    );
  }
  if (hash !== abiHash) {
    throw loadFailed(
      `${what} is from another build of corr2d ${version}; expected that of this package`,
    );
  }
  return { module, variant };
}

/** Throws LOAD_FAILED, which says how to pass `file`, if this global function is missing. */
function assertGlobal(name: 'fetch' | 'atob', file: unknown) {
  if (typeof globalThis[name] === 'function') return;
  throw loadFailed(
    `there is no ${name} here, as in worklets; fetch ${file} outside and pass its bytes or its ` +
      'WebAssembly.Module as `wasm`: to an AudioWorkletProcessor through processorOptions ' +
      '(see examples/audio-worklet of the package)',
  );
}

/** Decompresses the text of a variant's chunk: base64 of the LZMA format of a module's streams. Messages call the module `what`. */
export function decompress(
  compressed: string,
  variant: Variant,
  what: string,
): Uint8Array<ArrayBuffer> {
  assertGlobal('atob', `corr2d/wasm/${variant}.wasm`);
  try {
    const text = atob(compressed);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
    return joinStreams(decodeLzma(bytes));
  } catch (cause) {
    throw loadFailed(`${what} could not be decompressed: ${cause}`, cause);
  }
}

async function compileSource(
  source: WasmSource,
  what: string,
  hint: string,
): Promise<WebAssembly.Module> {
  if (ArrayBuffer.isView(source)) {
    const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    return compileBytes(bytes, what, hint);
  }
  // A value of another realm is an instance of other classes, and worklets have no class URL.
  switch (typeof source === 'string' ? 'URL' : tagOf(source)) {
    case 'WebAssembly.Module':
      return source as WebAssembly.Module;
    case 'URL':
      return fetchModule(source as URL | string);
    case 'ArrayBuffer':
      return compileBytes(new Uint8Array(source as ArrayBuffer), what, hint);
    default:
      throw unexpected('load: wasm', source, 'a URL, bytes or a WebAssembly.Module');
  }
}

async function fetchModule(url: URL | string): Promise<WebAssembly.Module> {
  assertGlobal('fetch', url);
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw loadFailed(`wasm could not be fetched from ${url}: ${cause}`, cause);
  }
  if (!response.ok)
    throw loadFailed(`wasm from ${url}: the server responded with status ${response.status}`);
  const type = response.headers.get('content-type') ?? 'no content type';
  const what = `wasm from ${url} (${type})`;
  // Engines compile a stream only if it has exactly this type.
  if (type !== 'application/wasm') {
    const bytes = await response.arrayBuffer().catch((cause) => {
      throw loadFailed(`${what}: the download was interrupted: ${cause}`, cause);
    });
    return compileBytes(new Uint8Array(bytes), what, '');
  }
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (cause) {
    throw loadFailed(`${what} could not be compiled: ${cause}`, cause);
  }
}

async function compileBytes(
  bytes: Uint8Array<ArrayBufferLike>,
  what: string,
  hint: string,
): Promise<WebAssembly.Module> {
  const start = String.fromCharCode(...bytes.subarray(0, 60));
  if (!start.startsWith('\0asm')) {
    const found = /^\s*<(!doctype|html|\?xml)/i.test(start) ? 'an HTML page: ' : '';
    throw loadFailed(
      `${what} is not WebAssembly: ${bytes.length} bytes, ${found}${JSON.stringify(start)}`,
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
