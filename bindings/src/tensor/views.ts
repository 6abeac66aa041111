// Access to typed arrays through the getters of their own prototype. A property that the caller has
// defined on the array could report a wrong value, or run code in the middle of a call.

import { invalid } from '../runtime/errors.js';

/** A typed array of numbers. Arrays of bigints are not accepted. */
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

/**
 * `Float32Array<ArrayBuffer>`, which interfaces of browsers require, since TypeScript 5.7; `Float32Array` in
 * older versions, where the type has no parameter.
 */
export type Float32Data = ReturnType<typeof Float32Array.of>;

const prototype = Object.getPrototypeOf(Uint8Array.prototype);
const getter = (key: PropertyKey) =>
  Function.prototype.call.bind(
    Object.getOwnPropertyDescriptor(prototype, key)?.get as () => unknown,
  );
const set = Function.prototype.call.bind(prototype.set);

/** The name of a typed array's class, such as `'Float32Array'`; undefined for any other value. */
export const kindOf = getter(Symbol.toStringTag) as (value: unknown) => string | undefined;
export const lengthOf = getter('length') as (array: ArrayBufferView) => number;
export const bufferOf = getter('buffer') as (array: ArrayBufferView) => ArrayBufferLike;

export function isNumberArray(value: unknown): value is NumberArray {
  const kind = kindOf(value);
  return kind !== undefined && !kind.startsWith('Big');
}

/** The length of a typed array, or of a plain array that this package has made. */
export function countOf(numbers: ArrayLike<number>): number {
  return isNumberArray(numbers) ? lengthOf(numbers) : numbers.length;
}

/**
 * Copies all elements of `from` to `to`; one of them is in the heap. Throws INVALID_ARGUMENT if the
 * lengths differ: after the check of the argument, a getter that the caller has defined, or another
 * thread, may have changed the buffer.
 */
export function copyElements(
  to: Float32Array | Uint8ClampedArray | Uint8Array,
  from: ArrayLike<number>,
  where: string,
): void {
  try {
    if (countOf(from) === lengthOf(to)) {
      // A detached array has length 0, and copying from it throws.
      if (lengthOf(to) > 0) set(to, from);
      return;
    }
  } catch {
    // The array was detached after the check.
  }
  throw invalid(`${where}: an argument changed during the call`);
}
