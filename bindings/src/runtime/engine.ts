/** What this engine can run, asked with the very opcodes that the binaries use. */

const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Whether a function of `operands` (v128, v128, …) → v128 may have this opcode (0xfd and a LEB128). */
function has(opcode: readonly number[], operands: number): boolean {
  const section = (id: number, content: readonly number[]) => [id, content.length, ...content];
  const body = [0x00, ...new Array<number[]>(operands).fill([0x20, 0x00]).flat(), ...opcode, 0x0b];
  return WebAssembly.validate(
    new Uint8Array([
      ...magic,
      ...section(0x01, [0x01, 0x60, 0x01, 0x7b, 0x01, 0x7b]), // one type: v128 → v128
      ...section(0x03, [0x01, 0x00]), // one function, of that type
      ...section(0x0a, [0x01, body.length, ...body]),
    ]),
  );
}

export function hasWebAssembly(): boolean {
  return typeof WebAssembly === 'object' && typeof WebAssembly.validate === 'function';
}

/** f32x4.add */
export function hasSimd(): boolean {
  return has([0xfd, 0xe4, 0x01], 2);
}

/** f32x4.relaxed_madd */
export function hasRelaxedSimd(): boolean {
  return has([0xfd, 0x85, 0x02], 3);
}
