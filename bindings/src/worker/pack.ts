// What is sent to a worker: copies of the caller's numbers, or, where they ask for it, their own memory.

import { withRoom } from '../runtime/allocate.js';
import { bufferOf, kindOf } from '../tensor/views.js';

/**
 * A copy of an argument in which every typed array has memory of its own, but for those whose buffers
 * are in `given`: they go as they are. The buffers of the copies are added to `transfer`. Tensors
 * become `{ data, shape }`, pictures `{ data, width, height }`. OUT_OF_MEMORY names `where`.
 */
export function pack(
  where: string,
  value: unknown,
  given: ReadonlySet<unknown>,
  transfer: object[],
): unknown {
  const known = new Map<object, unknown>();

  const packed = (one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    if (!known.has(one)) {
      if (ArrayBuffer.isView(one)) known.set(one, numbers(one));
      else if (Array.isArray(one)) rows(one);
      else members(one);
    }
    return known.get(one);
  };

  const numbers = (view: ArrayBufferView): ArrayBufferView => {
    const kind = kindOf(view) as 'Float32Array' | undefined;
    if (kind === undefined || given.has(bufferOf(view))) return view;
    // A clone would take all of the buffer along, and share a shared one.
    const array = view as Float32Array;
    const copy = withRoom(array.byteLength, where, () => new globalThis[kind](array));
    transfer.push(copy.buffer);
    return copy;
  };

  // Both may hold themselves.
  const rows = (array: readonly unknown[]): void => {
    if (typeof array[0] !== 'object' && !array.includes(undefined)) {
      known.set(array, array.slice());
      return;
    }
    const copy: unknown[] = [];
    known.set(array, copy);
    for (let i = 0; i < array.length; i++) {
      const item = array[i];
      copy.push(packed(item));
      // Nowhere is it legal, and an array with holes may have billions of it.
      if (item === undefined) break;
    }
  };

  const members = (one: object): void => {
    const names = namesIn(one);
    const copy: Record<string, unknown> = {};
    known.set(one, names ? copy : one);
    for (const name of names ?? []) copy[name] = packed((one as Record<string, unknown>)[name]);
  };

  return packed(value);
}

/** The members that cross. Tensors and pictures have theirs where no clone finds them. */
function namesIn(one: object): readonly string[] | undefined {
  if ('data' in one && 'shape' in one) return ['data', 'shape'];
  if ('data' in one && 'width' in one) return ['data', 'width', 'height'];
  const prototype = Object.getPrototypeOf(one);
  return prototype === Object.prototype || prototype === null ? Object.keys(one) : undefined;
}
