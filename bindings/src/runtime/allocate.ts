import { Corr2dError } from './corr2d-error.js';

/**
 * What `make` allocates outside the heap: so many bytes, or OUT_OF_MEMORY, which names `where`.
 * JavaScript tells by a RangeError.
 */
export function withRoom<Made>(bytes: number, where: string, make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `${where}: no room for ${bytes} bytes outside the heap`;
    throw new Corr2dError('OUT_OF_MEMORY', message, { cause });
  }
}
