/**
 * The kind of a failure, for programs to act on:
 * - `INVALID_ARGUMENT`: a value has the wrong type or is out of range, or an option is unknown.
 * - `SHAPE_MISMATCH`: shapes do not fit each other, or do not fit the function.
 * - `UNSUPPORTED`: the request is legal, but this version or the requested algorithm cannot do it.
 * - `OUT_OF_MEMORY`: the WebAssembly heap or the engine cannot provide the memory.
 * - `DISPOSED`: a tensor, plan or instance was used after its disposal.
 * - `LOAD_FAILED`: the WebAssembly module could not be loaded.
 * - `WORKER_FAILED`: a worker did not start, has ended, or did not finish a task within 10 s.
 * - `CRASHED`: the WebAssembly module has trapped. Its instance can no longer be used.
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
 * The class of every error that the package throws. The message names the function and the argument,
 * and gives the actual and the expected value. After any code but `CRASHED` the instance works as
 * before.
 */
export class Corr2dError extends Error {
  /** Always `'Corr2dError'`. */
  override readonly name = 'Corr2dError';
  /** The kind of the failure. Test this rather than the message, which may change. */
  readonly code: Corr2dErrorCode;

  constructor(code: Corr2dErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
