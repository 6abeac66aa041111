// Detects the WebAssembly features of the engine, with the same opcodes that the binaries use.

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/**
 * Whether a function that takes a v128, applies `opcode` (0xfd and a LEB128) to `operands` copies of
 * it and returns a v128 is valid.
 */
function supports(opcode: readonly number[], operands: number): boolean {
  const section = (id: number, content: readonly number[]) => [id, content.length, ...content];
  const body = [0x00, ...new Array<number[]>(operands).fill([0x20, 0x00]).flat(), ...opcode, 0x0b];
  return WebAssembly.validate(
    new Uint8Array([
      ...MAGIC_AND_VERSION,
      ...section(0x01, [0x01, 0x60, 0x01, 0x7b, 0x01, 0x7b]), // one type: v128 → v128
      ...section(0x03, [0x01, 0x00]), // one function of that type
      ...section(0x0a, [0x01, body.length, ...body]),
    ]),
  );
}

export function hasWebAssembly(): boolean {
  return typeof WebAssembly === 'object' && typeof WebAssembly.validate === 'function';
}

/** Tests f32x4.add. */
export function hasSimd(): boolean {
  return supports([0xfd, 0xe4, 0x01], 2);
}

/** Tests f32x4.relaxed_madd. */
export function hasRelaxedSimd(): boolean {
  return supports([0xfd, 0x85, 0x02], 3);
}

/** Why memory cannot be shared with workers; '' if it can. */
export function whyNotShared(): string {
  if (typeof SharedArrayBuffer === 'function') return '';
  return globalThis.crossOriginIsolated === false
    ? 'the page is not cross-origin isolated'
    : 'this engine has no SharedArrayBuffer';
}
