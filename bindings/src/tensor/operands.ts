// Converts `TensorLike` arguments to tensors in the heap.

import * as argument from '../runtime/arguments.js';
import { invalid, unexpected } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { type Elements, flatten, withShape } from './nested.js';
import { Tensor } from './tensor.js';
import { bufferOf, isNumberArray, lengthOf, type NumberArray } from './views.js';

/** An argument whose shape is known and whose elements may not be in the heap yet. */
export type Operand = Tensor | Elements;

/**
 * Reads a `TensorLike` argument. Throws INVALID_ARGUMENT for any other value and for a tensor of
 * another instance, DISPOSED for a disposed tensor, and SHAPE_MISMATCH if the data does not fill its
 * shape.
 */
export function operand(heap: Heap, value: unknown, where: string): Operand {
  heap.assertUsable(where);
  if (Tensor.is(value)) {
    if (value.heap !== heap) {
      throw invalid(
        `${where} is a tensor of another corr2d instance; expected one of this instance`,
      );
    }
    value.assertUsable(where);
    return value;
  }
  if (isNumberArray(value)) {
    const data = outsideHeap(heap, value, where);
    return { shape: [lengthOf(data)], data };
  }
  if (Array.isArray(value) || typeof value === 'number') return flatten(value, where);
  if (typeof value === 'object' && value !== null && 'data' in value && 'shape' in value) {
    const shape = argument.shape(value.shape, `${where}.shape`);
    return withShape(flatNumbers(heap, value.data, `${where}.data`), shape, where);
  }
  const isImage = typeof value === 'object' && value !== null && 'width' in value;
  const hint = isImage ? ' (fromImageData and fromImage convert images)' : '';
  throw unexpected(where, value, `a tensor, nested arrays of numbers, or { data, shape }${hint}`);
}

/** Reads a flat array of numbers. */
function flatNumbers(heap: Heap, value: unknown, where: string): ArrayLike<number> {
  if (isNumberArray(value)) return outsideHeap(heap, value, where);
  const elements = Array.isArray(value) ? flatten(value, where) : undefined;
  if (elements?.shape.length !== 1) {
    // A client's tensor has a method `data`.
    const hint = typeof value === 'function' ? ' (await data() copies a tensor of a client)' : '';
    throw unexpected(where, value, `a flat array of numbers${hint}`);
  }
  return elements.data;
}

/** Copies `array` if it is a view of the heap: growth of the heap would detach it. */
function outsideHeap(heap: Heap, array: NumberArray, where: string): NumberArray {
  return bufferOf(array) === heap.floats.buffer
    ? allocateOrThrow(4 * lengthOf(array), where, () => new Float32Array(array))
    : array;
}

/** Replaces each operand's type by `Tensor`. */
type TensorsOf<Operands> = {
  [Place in keyof Operands]: Operands[Place] extends Operand ? Tensor : Tensor | undefined;
};

/**
 * Calls `use` with a tensor for each operand: the operand itself if it is a tensor, or a temporary
 * tensor that is freed after the call. Undefined operands stay undefined.
 */
export function withTensors<const Operands extends readonly (Operand | undefined)[], Result>(
  heap: Heap,
  where: string,
  operands: Operands,
  use: (tensors: TensorsOf<Operands>) => Result,
): Result {
  const temporary: Tensor[] = [];
  try {
    const tensors = operands.map((one) => {
      if (one === undefined || Tensor.is(one)) return one;
      const tensor = Tensor.from(heap, one, where);
      temporary.push(tensor);
      return tensor;
    });
    return use(tensors as unknown as TensorsOf<Operands>);
  } finally {
    for (const tensor of temporary) tensor.dispose();
  }
}
