/**
 * What went wrong, for programs to act on:
 * - `INVALID_ARGUMENT`: a value of the wrong type or out of range, or an unknown option
 * - `SHAPE_MISMATCH`: shapes that do not go together, or not with the function
 * - `UNSUPPORTED`: a legal request that this version, or the algorithm asked for, cannot do
 * - `OUT_OF_MEMORY`: more memory than the WebAssembly heap, or the engine, can give
 * - `DISPOSED`: a tensor, plan or instance was used after its disposal
 * - `LOAD_FAILED`: the WebAssembly module could not be had
 * - `WORKER_FAILED`: a worker died or never started
 * - `CRASHED`: the WebAssembly module has trapped; its instance can do nothing any more
 */
export type Corr2dErrorCode =
  | 'INVALID_ARGUMENT'
  | 'SHAPE_MISMATCH'
  | 'UNSUPPORTED'
  | 'OUT_OF_MEMORY'
  | 'DISPOSED'
  | 'LOAD_FAILED'
  | 'WORKER_FAILED'
  | 'CRASHED';

/**
 * Every error that the package throws. Its message names the function, the argument, what it was
 * and what it had to be. After any but `CRASHED` the instance is as usable as before.
 */
export class Corr2dError extends Error {
  /** `'Corr2dError'` */
  override readonly name = 'Corr2dError';
  /** What kind of failure it is, for programs to act on; messages may change. */
  readonly code: Corr2dErrorCode;

  constructor(code: Corr2dErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
