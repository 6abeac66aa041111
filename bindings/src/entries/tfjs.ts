/**
 * corr2d as a kernel library for TensorFlow.js: it computes the convolutions of tfjs' backends `cpu`
 * and `wasm`.
 * @module corr2d/tfjs
 */

export { Corr2dError, type Corr2dErrorCode } from '../runtime/corr2d-error.js';
export { type Registration, register } from '../tfjs/adapter.js';
export type { Tfjs } from '../tfjs/kernels.js';
