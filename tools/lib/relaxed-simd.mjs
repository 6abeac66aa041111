// @ts-check
// Detects relaxed SIMD in Node, and the flag that enables it.
import { attempt } from './run.mjs';

const FLAG = '--experimental-wasm-relaxed-simd';
/** (func (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) …)) */
const MODULE = [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x00, 0x20, 0x00, 0xfd, 0x85, 0x02, 0x0b],
];

/** Whether this process supports relaxed SIMD. */
export function hasRelaxedSimd() {
  return WebAssembly.validate(new Uint8Array(MODULE));
}

/**
 * The flags that enable relaxed SIMD in this version of Node. Node 20 needs one; later versions
 * reject it. The list is also empty if Node has no relaxed SIMD at all.
 */
export async function relaxedFlags() {
  if (hasRelaxedSimd()) return [];
  const script = `process.exit(WebAssembly.validate(new Uint8Array([${MODULE}])) ? 0 : 1)`;
  const { status } = await attempt(process.execPath, [FLAG, '-e', script]);
  return status === 0 ? [FLAG] : [];
}
