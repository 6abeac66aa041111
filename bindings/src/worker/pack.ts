// Copies arguments for a worker. Buffers that the caller transfers are not copied.

import { allocateOrThrow } from '../runtime/platform.js';
import { bufferOf, kindOf } from '../tensor/views.js';

/**
 * Copies an argument. Every typed array in the copy has a buffer of its own, which is added to
 * `transfer`; only arrays whose buffers are in `given` are passed on as they are. Tensors become
 * `{ data, shape }`, and images `{ data, width, height }`. Throws OUT_OF_MEMORY with the prefix `where`.
 */
export function pack(
  where: string,
  value: unknown,
  given: ReadonlySet<unknown>,
  transfer: object[],
): unknown {
  const copies = new Map<object, unknown>();

  const copyOf = (one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    if (!copies.has(one)) {
      if (ArrayBuffer.isView(one)) copies.set(one, copyNumbers(one));
      else if (Array.isArray(one)) copyArray(one);
      else copyMembers(one);
    }
    return copies.get(one);
  };

  const copyNumbers = (view: ArrayBufferView): ArrayBufferView => {
    const kind = kindOf(view) as 'Float32Array' | undefined;
    if (kind === undefined || given.has(bufferOf(view))) return view;
    // A structured clone would copy the whole buffer, and would share a SharedArrayBuffer.
    const array = view as Float32Array;
    const copy = allocateOrThrow(array.byteLength, where, () => new globalThis[kind](array));
    transfer.push(copy.buffer);
    return copy;
  };

  // An array or an object may contain itself, so its copy is registered before its items.
  const copyArray = (array: readonly unknown[]): void => {
    if (!array.includes(undefined) && !array.some((item) => typeof item === 'object')) {
      copies.set(array, array.slice());
      return;
    }
    const copy: unknown[] = [];
    copies.set(array, copy);
    for (let i = 0; i < array.length; i++) {
      const item = array[i];
      copy.push(copyOf(item));
      // No function accepts undefined items, and a sparse array may have billions of them.
      if (item === undefined) break;
    }
  };

  const copyMembers = (one: object): void => {
    const names = memberNames(one);
    const copy: Record<string, unknown> = {};
    copies.set(one, names ? copy : one);
    for (const name of names ?? []) copy[name] = copyOf((one as Record<string, unknown>)[name]);
  };

  return copyOf(value);
}

/**
 * The members to copy; undefined for an object of another class, which is sent as it is. The members
 * of tensors and images are getters, which a structured clone ignores.
 */
function memberNames(one: object): readonly string[] | undefined {
  if ('data' in one && 'shape' in one) return ['data', 'shape'];
  if ('data' in one && 'width' in one) return ['data', 'width', 'height'];
  const prototype = Object.getPrototypeOf(one);
  return prototype === Object.prototype || prototype === null ? Object.keys(one) : undefined;
}
