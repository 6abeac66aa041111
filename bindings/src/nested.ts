import { maxRank, number } from './arguments.js';
import { Corr2dError, show, showShape } from './errors.js';

/** As `kMaxElements` in problem.hpp: 4 GiB. */
const maxElements = 2 ** 30;

/** Numbers nested as deep as the tensor has axes; the innermost level may be typed arrays. */
export type NestedArray = number | NumberArray | readonly NestedArray[];

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

/** Elements in row-major order, not yet in the heap. */
export interface Elements {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export function isNumberArray(value: unknown): value is NumberArray {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

/** The shape and elements of nested arrays; INVALID_ARGUMENT where they are ragged or no numbers. */
export function flatten(nested: unknown, where: string): Elements {
  const shape = outline(nested, where);
  // Where the walk stands: for messages alone.
  const at: number[] = [];
  const path = () => where + at.map((index) => `[${index}]`).join('');

  const eachRow = (value: unknown, use: (row: ArrayLike<unknown>) => void): void => {
    const length = shape[at.length];
    if (!isRow(value) || value.length !== length) {
      const found = isRow(value) ? `an array of length ${value.length}` : show(value);
      throw invalid(
        `${path()} is ${found}, must be an array of length ${length}: nested arrays may not be ragged`,
      );
    }
    if (at.length === shape.length - 1) {
      use(value);
      return;
    }
    const axis = at.length;
    for (let i = 0; i < value.length; i++) {
      at[axis] = i;
      eachRow(value[i], use);
    }
    at.length = axis;
  };

  if (shape.length === 0) return { shape, data: [number(nested, where)] };
  // An array that holds another one many times over would be walked for ever.
  const size = checkedSize(shape, where);
  // All lengths are checked before anything is allocated by them.
  eachRow(nested, () => {});
  const data = floats(size, where);
  let next = 0;
  eachRow(nested, (row) => {
    for (let i = 0; i < row.length; i++) {
      const value = row[i];
      if (typeof value !== 'number') {
        throw invalid(`${path()}[${i}] is ${show(value)}, must be a number`);
      }
      data[next++] = value;
    }
  });
  return { shape, data };
}

/** `data` with `shape`; SHAPE_MISMATCH where the one does not fill the other. */
export function shaped(data: ArrayLike<number>, shape: readonly number[], where: string): Elements {
  if (sizeOf(shape) !== data.length) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where} has ${data.length} elements, its shape ${showShape(shape)} has ${sizeOf(shape)}`,
    );
  }
  return { shape, data };
}

export function sizeOf(shape: readonly number[]): number {
  // The others may multiply to infinity, which times 0 is NaN.
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/**
 * The number of elements; OUT_OF_MEMORY where no heap could hold them. Lengths beside a 0 count too,
 * so that any part of a shape that passes here has a size that numbers can tell.
 */
export function checkedSize(shape: readonly number[], where: string): number {
  const size = sizeOf(shape.filter((length) => length !== 0));
  if (size > maxElements) {
    throw new Corr2dError(
      'OUT_OF_MEMORY',
      `${where} of shape ${showShape(shape)} is larger than ${maxElements} elements`,
    );
  }
  return shape.includes(0) ? 0 : size;
}

function floats(size: number, where: string): Float32Array {
  try {
    return new Float32Array(size);
  } catch (cause) {
    throw new Corr2dError('OUT_OF_MEMORY', `${where}: no room for ${size} numbers`, { cause });
  }
}

/** The shape that the first element of each level says. */
function outline(nested: unknown, where: string): number[] {
  const shape: number[] = [];
  for (let level = nested; isRow(level); level = level[0]) {
    if (shape.length === maxRank) throw invalid(`${where} is nested deeper than ${maxRank} levels`);
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

function isRow(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || isNumberArray(value);
}

function invalid(message: string): Corr2dError {
  return new Corr2dError('INVALID_ARGUMENT', message);
}
