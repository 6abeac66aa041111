// @ts-check
// Splits a WebAssembly binary into the streams that bindings/src/runtime/wasm-streams.ts joins.
import { importSource } from './bundler.mjs';

/** The functions that splitting and joining share. */
export const loadStreams = () => importSource('runtime/wasm-streams.ts');

/**
 * Splits a binary. Throws if joining the streams does not give the binary again, as for an operator that
 * wasm-streams.ts does not know.
 * @param {Uint8Array} wasm
 */
export async function splitIntoStreams(wasm) {
  const { STREAM_COUNT, joinStreams, transferModule } = await loadStreams();
  /** @type {number[][]} */
  const streams = Array.from({ length: STREAM_COUNT }, () => []);
  let at = 0;
  transferModule(wasm.length, (/** @type {number} */ stream) => {
    const byte = wasm[at++] ?? 0;
    streams[stream]?.push(byte);
    return byte;
  });
  const sizes = Uint32Array.of(wasm.length, ...streams.map((stream) => stream.length));
  const file = Buffer.concat([
    Buffer.from(sizes.buffer),
    ...streams.map((stream) => Buffer.from(stream)),
  ]);
  if (!Buffer.from(joinStreams(file)).equals(Buffer.from(wasm))) {
    throw new Error(
      'The binary cannot be split into streams: wasm-streams.ts lacks an operator of it',
    );
  }
  return file;
}
