// Nested arrays and shapes.

import { integer, MAX_RANK, number } from '../runtime/arguments.js';
import {
  Corr2dError,
  invalid,
  isTensor,
  mismatch,
  show,
  showShape,
  unexpected,
} from '../runtime/errors.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { countOf, isNumberArray, type NumberArray } from './views.js';

/**
 * The number of float32 elements in 4 GiB, all that 32-bit WebAssembly can address. The limit for a
 * problem's tensors is lower: kMaxElements in problem.hpp, which is 2 GiB.
 */
const MAX_ELEMENTS = 2 ** 30;

/**
 * Numbers nested as deep as the tensor has axes; the innermost level may be typed arrays. A plain
 * number is a tensor without axes.
 */
export type NestedArray = number | NumberArray | readonly NestedArray[];

/** Numbers in plain arrays, nested as deep as a tensor has axes: what `toArray` returns. */
export type NestedNumbers = number | NestedNumbers[];

/** Elements in row-major order that are not in the heap yet. */
export interface Elements {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  /** Writes the elements to the heap, if they are not simply those of `data`. */
  readonly write?: (address: number) => void;
}

/**
 * Finds the shape and the elements of nested arrays. Throws INVALID_ARGUMENT if they are ragged or
 * contain anything but numbers.
 */
export function flatten(nested: unknown, where: string): Elements {
  const shape = inferShape(nested, where);
  if (shape.length === 0) return { shape, data: [number(nested, where)] };
  // The check also bounds the walk through an array that contains another one many times.
  const size = checkedSize(shape, where);
  // All lengths are checked before memory is allocated.
  if (!hasShape(nested, shape, 0)) throw refusal(nested, shape, where);
  const data = allocateOrThrow(4 * size, where, () => new Float32Array(size));
  if (fill(data, 0, nested, shape, 0) !== size) throw refusal(nested, shape, where);
  return { shape, data };
}

// Most calls are small, so the two walks below do not track the position of an element. If they find
// a fault, `findFault` walks again and composes the message.

/** Whether every row has the length that `shape` gives for its axis. */
function hasShape(value: unknown, shape: readonly number[], axis: number): boolean {
  if (!isRow(value) || value.length !== shape[axis]) return false;
  if (axis === shape.length - 1) return true;
  for (let i = 0; i < value.length; i++) {
    if (!hasShape(value[i], shape, axis + 1)) return false;
  }
  return true;
}

/** Copies the elements to `data` from index `next` on. Returns the end index, or NaN for a fault. */
function fill(
  data: Float32Array,
  next: number,
  value: unknown,
  shape: readonly number[],
  axis: number,
): number {
  const length = shape[axis] as number;
  // Checked again, since a getter that the caller has defined may have changed the array.
  if (!isRow(value) || value.length !== length) return NaN;
  if (axis < shape.length - 1) {
    for (let i = 0; i < length; i++) next = fill(data, next, value[i], shape, axis + 1);
    return next;
  }
  for (let i = 0; i < length; i++) {
    const element = value[i];
    if (typeof element !== 'number') return NaN;
    data[next + i] = element;
  }
  return next + length;
}

/** The error for arrays that a walk has rejected: a wrong length takes precedence over a wrong element. */
function refusal(nested: unknown, shape: readonly number[], where: string): Corr2dError {
  return (
    findFault(nested, shape, 0, where, false) ??
    findFault(nested, shape, 0, where, true) ??
    invalid(`${where} changed during the call`)
  );
}

/** Finds the first error in `value`, whose rows lie along `axis`. Its messages begin with `where`. */
function findFault(
  value: unknown,
  shape: readonly number[],
  axis: number,
  where: string,
  inElements: boolean,
): Corr2dError | undefined {
  const length = shape[axis];
  if (!isRow(value) || value.length !== length) {
    const found = isRow(value) ? `an array of length ${show(value.length)}` : show(value);
    return invalid(
      `${where} is ${found}; expected an array of length ${length}, since nested arrays ` +
        `cannot be ragged${stackHint(value)}`,
    );
  }
  const innermost = axis === shape.length - 1;
  if (innermost && !inElements) return undefined;
  for (let i = 0; i < value.length; i++) {
    const part = value[i];
    if (!innermost) {
      const fault = findFault(part, shape, axis + 1, `${where}[${i}]`, inElements);
      if (fault !== undefined) return fault;
    } else if (typeof part !== 'number') {
      return unexpected(`${where}[${i}]`, part, `a number${stackHint(part)}`);
    }
  }
  return undefined;
}

/** A hint for callers who nest tensors in an array. */
function stackHint(value: unknown): string {
  return isTensor(value) ? '; c.stack makes one tensor of several' : '';
}

/** Gives `data` a shape. Throws SHAPE_MISMATCH if the numbers of elements differ. */
export function withShape(
  data: ArrayLike<number>,
  shape: readonly number[],
  where: string,
): Elements {
  const count = countOf(data);
  if (sizeOf(shape) !== count) {
    throw mismatch(
      `${where} has ${count} elements; expected ${sizeOf(shape)} for the shape ${showShape(shape)}`,
    );
  }
  return { shape, data };
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) {
    // The product of the other sizes can be infinite, and 0 times infinity is NaN.
    if (length === 0) return 0;
    size *= length;
  }
  return size;
}

export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/**
 * The number of elements of a shape. Throws OUT_OF_MEMORY if no heap can hold them. If a size is 0, the
 * product of the others is limited too, so that the size of any part of an accepted shape is exact.
 */
export function checkedSize(shape: readonly number[], what: string): number {
  let size = 1;
  let isEmpty = false;
  for (const length of shape) {
    if (length === 0) isEmpty = true;
    else size *= length;
  }
  if (size > MAX_ELEMENTS) {
    throw new Corr2dError(
      'OUT_OF_MEMORY',
      `${what} of shape ${showShape(shape)} is too large; expected at most ${MAX_ELEMENTS} elements`,
    );
  }
  return isEmpty ? 0 : size;
}

/** The shape that the first element of each level implies. */
function inferShape(nested: unknown, where: string): number[] {
  const shape: number[] = [];
  for (let level = nested; isRow(level); level = level[0]) {
    if (shape.length === MAX_RANK) {
      throw invalid(`${where} is nested deeper than ${MAX_RANK} levels`);
    }
    // A proxy can report any length.
    const length = integer(level.length, `${where}.length`, 0, Number.MAX_SAFE_INTEGER);
    shape.push(length);
    if (length === 0) break;
  }
  return shape;
}

function isRow(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || isNumberArray(value);
}
