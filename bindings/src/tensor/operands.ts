import { withRoom } from '../runtime/allocate.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, show } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { type Elements, flatten, shaped } from './nested.js';
import { Tensor } from './tensor.js';
import { bufferOf, isNumberArray, lengthOf, type NumberArray } from './views.js';

/** An argument whose shape is known, and of which nothing has been copied yet. */
export type Operand = Tensor | Elements;

/**
 * Reads a `TensorLike` argument. INVALID_ARGUMENT for anything else and for tensors of another
 * instance, DISPOSED for disposed ones, SHAPE_MISMATCH where data does not fill its shape.
 */
export function operand(heap: Heap, value: unknown, where: string): Operand {
  heap.assertUsable(where);
  if (Tensor.is(value)) {
    if (value.heap !== heap) {
      throw new Corr2dError(
        'INVALID_ARGUMENT',
        `${where} is a tensor of another corr2d instance, must be one of this instance`,
      );
    }
    value.assertUsable(where);
    return value;
  }
  if (isNumberArray(value)) {
    const data = lasting(heap, value, where);
    return { shape: [lengthOf(data)], data };
  }
  if (Array.isArray(value) || typeof value === 'number') return flatten(value, where);
  if (typeof value === 'object' && value !== null && 'data' in value && 'shape' in value) {
    const shape = argument.shape(value.shape, `${where}.shape`);
    return shaped(numbers(heap, value.data, `${where}.data`), shape, where);
  }
  throw new Corr2dError(
    'INVALID_ARGUMENT',
    `${where} is ${show(value)}, must be a tensor, nested arrays of numbers, or { data, shape }`,
  );
}

/** Numbers in one row. */
function numbers(heap: Heap, value: unknown, where: string): ArrayLike<number> {
  if (isNumberArray(value)) return lasting(heap, value, where);
  const elements = Array.isArray(value) ? flatten(value, where) : undefined;
  if (elements?.shape.length !== 1) {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where} is ${show(value)}, must be a flat array of numbers`,
    );
  }
  return elements.data;
}

/** `array`, or a copy of it if it is a view of the heap: when that grows, its views have no length. */
function lasting(heap: Heap, array: NumberArray, where: string): NumberArray {
  return bufferOf(array) === heap.floats.buffer
    ? withRoom(4 * lengthOf(array), where, () => new Float32Array(array))
    : array;
}

/** A tensor in the place of each operand. */
type TensorsOf<Operands> = {
  [Place in keyof Operands]: Operands[Place] extends Operand ? Tensor : Tensor | undefined;
};

/**
 * Calls `use` with a tensor for each operand that is there: itself, or one that is made for the call
 * and disposed of after it.
 */
export function withTensors<const Operands extends readonly (Operand | undefined)[], Result>(
  heap: Heap,
  where: string,
  operands: Operands,
  use: (tensors: TensorsOf<Operands>) => Result,
): Result {
  const made: Tensor[] = [];
  try {
    const tensors = operands.map((one) => {
      if (one === undefined || Tensor.is(one)) return one;
      const tensor = Tensor.from(heap, one, where);
      made.push(tensor);
      return tensor;
    });
    return use(tensors as unknown as TensorsOf<Operands>);
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/** Calls `fill` with a new tensor and returns it; where `fill` throws, nothing is left of it. */
export function withResult(
  heap: Heap,
  where: string,
  shape: readonly number[],
  fill: (result: Tensor) => void,
): Tensor {
  const result = Tensor.uninitialised(heap, shape, where);
  try {
    fill(result);
    return result;
  } catch (error) {
    result.dispose();
    throw error;
  }
}
