import { Corr2dError } from './corr2d-error.js';

/**
 * Calls `allocate`, which allocates `bytes` bytes outside the WebAssembly heap, and returns its
 * result. Throws OUT_OF_MEMORY, with `where` as its prefix, if the engine reports by a RangeError
 * that it has no memory.
 */
export function allocateOrThrow<Result>(
  bytes: number,
  where: string,
  allocate: () => Result,
): Result {
  try {
    return allocate();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `${where}: no room for ${bytes} bytes outside the heap`;
    throw new Corr2dError('OUT_OF_MEMORY', message, { cause });
  }
}
