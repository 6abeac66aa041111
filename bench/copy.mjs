// Measures the bandwidth of copies within a WebAssembly heap, with a hand-written module of one instruction.

const PAGE = 2 ** 16;
/** Distance between the two halves, so that they do not share a cache line. */
const ALIGNMENT = 256;

/**
 * A copy that reads `bytes / 2` and writes as many, within one heap.
 * @param {number} bytes
 */
export function createCopy(bytes) {
  const half = Math.ceil(bytes / 2);
  const target = Math.ceil(half / ALIGNMENT) * ALIGNMENT;
  const { copy, memory } = new WebAssembly.Instance(new WebAssembly.Module(copyModule())).exports;
  memory.grow(Math.ceil((target + half) / PAGE));
  // Pages that are never written share one physical page.
  new Uint8Array(memory.buffer).fill(1);
  return { memory, half, target, run: () => copy(target, 0, half) };
}

/** (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2))) */
function copyModule() {
  const name = (text) => [text.length, ...new TextEncoder().encode(text)];
  const section = (id, content) => [id, content.length, ...content];
  const body = [0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 0x0a, 0, 0, 0x0b];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 0]),
    ...section(7, [2, ...name('copy'), 0, 0, ...name('memory'), 2, 0]),
    ...section(10, [1, body.length, ...body]),
  ]);
}
