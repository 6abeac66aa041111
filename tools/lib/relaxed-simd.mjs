// @ts-check
// Relaxed SIMD in Node.
import { attempt } from './run.mjs';

const FLAG = '--experimental-wasm-relaxed-simd';
/** (func (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) …)) */
const MODULE = [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x00, 0x20, 0x00, 0xfd, 0x85, 0x02, 0x0b],
];

/** Whether this process runs it. */
export function hasRelaxedSimd() {
  return WebAssembly.validate(new Uint8Array(MODULE));
}

/**
 * The flags with which this Node runs it: Node 20 does only when told to, later ones no longer know
 * the flag. None, too, where it cannot at all.
 */
export async function relaxedFlags() {
  if (hasRelaxedSimd()) return [];
  const script = `process.exit(WebAssembly.validate(new Uint8Array([${MODULE}])) ? 0 : 1)`;
  const { status } = await attempt(process.execPath, [FLAG, '-e', script]);
  return status === 0 ? [FLAG] : [];
}
