// Typed arrays, asked by the functions of their own prototype: what callers define in their place could
// say what is not so, or run code of theirs in the middle of a call.

import { Corr2dError } from '../runtime/corr2d-error.js';

/** A typed array of numbers (of bigints there is no tensor). */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

const prototype = Object.getPrototypeOf(Uint8Array.prototype);
const getter = (key: PropertyKey) =>
  Function.prototype.call.bind(
    Object.getOwnPropertyDescriptor(prototype, key)?.get as () => unknown,
  );
const set = Function.prototype.call.bind(prototype.set);

/** `'Float32Array'` and so on; undefined for whatever is no typed array. */
export const kindOf = getter(Symbol.toStringTag) as (value: unknown) => string | undefined;
export const lengthOf = getter('length') as (array: ArrayBufferView) => number;
export const bufferOf = getter('buffer') as (array: ArrayBufferView) => ArrayBufferLike;

export function isNumberArray(value: unknown): value is NumberArray {
  const kind = kindOf(value);
  return kind !== undefined && !kind.startsWith('Big');
}

/** How many numbers there are: in an array of ours, or in whichever typed array. */
export function countOf(numbers: ArrayLike<number>): number {
  return isNumberArray(numbers) ? lengthOf(numbers) : numbers.length;
}

/**
 * Copies the elements of `from`, with the heap on one side. INVALID_ARGUMENT where they are more or
 * fewer than they were when they were looked at: a getter of the caller's own, or a thread that shares
 * them, may have changed their buffer.
 */
export function copyElements(
  to: Float32Array | Uint8ClampedArray,
  from: ArrayLike<number>,
  where: string,
): void {
  try {
    if (countOf(from) === lengthOf(to)) {
      // An array that was transferred is empty, but may not even be copied.
      if (lengthOf(to) > 0) set(to, from);
      return;
    }
  } catch {
    // It has changed in between.
  }
  throw new Corr2dError('INVALID_ARGUMENT', `${where}: an argument changes while it is read`);
}
