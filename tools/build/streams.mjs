// @ts-check
// Splits a WebAssembly binary into the streams that bindings/src/runtime/wasm-streams.ts joins.
import { join } from 'node:path';
import { ROOT } from '../lib/root.mjs';

/** The functions that splitting and joining share. */
export async function loadStreams() {
  // Imported here because the build installs it.
  const { rolldown } = await import('rolldown');
  const input = join(ROOT, 'bindings/src/runtime/wasm-streams.ts');
  const bundle = await rolldown({ input });
  const [{ code }] = (await bundle.generate({ format: 'esm' })).output;
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

/**
 * Splits a binary. Throws if joining the streams does not give the binary again, as for an operator that
 * wasm-streams.ts does not know.
 * @param {Uint8Array} wasm
 */
export async function splitIntoStreams(wasm) {
  const { STREAM_COUNT, joinStreams, transferModule } = await loadStreams();
  /** @type {number[][]} */
  const streams = Array.from({ length: STREAM_COUNT }, () => []);
  const transfer = {
    at: 0,
    /** @param {number} stream @param {number} count */
    copy(stream, count) {
      let byte = 0;
      let number = 0;
      let scale = 1;
      let left = count;
      do {
        byte = wasm[transfer.at++] ?? 0;
        streams[stream]?.push(byte);
        number += (byte & 127) * scale;
        scale *= 128;
      } while (count > 0 ? --left > 0 : byte > 127);
      return count > 0 ? byte : number;
    },
  };
  transferModule(transfer, wasm.length);
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
