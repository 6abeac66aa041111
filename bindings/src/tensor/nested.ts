import { withRoom } from '../runtime/allocate.js';
import { integer, maxRank, number } from '../runtime/arguments.js';
import { Corr2dError, show, showShape } from '../runtime/errors.js';
import { Tensor } from './tensor.js';
import { countOf, isNumberArray, type NumberArray } from './views.js';

/** As `kMaxElements` in problem.hpp: 4 GiB. */
const maxElements = 2 ** 30;

/** Numbers nested as deep as the tensor has axes; the innermost level may be typed arrays. */
export type NestedArray = number | NumberArray | readonly NestedArray[];

/** Elements in row-major order, not yet in the heap. */
export interface Elements {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** The shape and elements of nested arrays; INVALID_ARGUMENT where they are ragged or no numbers. */
export function flatten(nested: unknown, where: string): Elements {
  const shape = outline(nested, where);
  if (shape.length === 0) return { shape, data: [number(nested, where)] };
  // An array that holds another one many times over would be walked for ever.
  const size = checkedSize(shape, where);
  // All lengths are checked before anything is allocated by them.
  if (!isEven(nested, shape, 0)) throw refusal(nested, shape, where);
  const data = withRoom(4 * size, where, () => new Float32Array(size));
  if (fill(data, 0, nested, shape, 0) !== size) throw refusal(nested, shape, where);
  return { shape, data };
}

// The walks below are as bare as they are because small calls are most of them: where an element
// lies is found out by `faultIn`, once there is a message to be written.

/** Whether every row has the length that `shape` says. */
function isEven(value: unknown, shape: readonly number[], axis: number): boolean {
  if (!isRow(value) || value.length !== shape[axis]) return false;
  if (axis === shape.length - 1) return true;
  for (let i = 0; i < value.length; i++) {
    if (!isEven(value[i], shape, axis + 1)) return false;
  }
  return true;
}

/** Copies the elements to `data`, from `next` on: where it ended, or NaN if something is wrong. */
function fill(
  data: Float32Array,
  next: number,
  value: unknown,
  shape: readonly number[],
  axis: number,
): number {
  const length = shape[axis] as number;
  // Looked at again: a getter of the caller's own may have changed it.
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

/** What is wrong with arrays that one of the walks has refused: lengths first, then elements. */
function refusal(nested: unknown, shape: readonly number[], where: string): Corr2dError {
  return (
    faultIn(nested, shape, 0, where, false) ??
    faultIn(nested, shape, 0, where, true) ??
    invalid(`${where} changes while it is read`)
  );
}

/** The first fault in `value`, which messages call `where`, and whose rows lie along this axis. */
function faultIn(
  value: unknown,
  shape: readonly number[],
  axis: number,
  where: string,
  inElements: boolean,
): Corr2dError | undefined {
  const length = shape[axis];
  if (!isRow(value) || value.length !== length) {
    const found = isRow(value) ? `an array of length ${value.length}` : show(value);
    return invalid(
      `${where} is ${found}, must be an array of length ${length}: ` +
        `nested arrays may not be ragged${advice(value)}`,
    );
  }
  const innermost = axis === shape.length - 1;
  if (innermost && !inElements) return undefined;
  for (let i = 0; i < value.length; i++) {
    const part = value[i];
    if (!innermost) {
      const fault = faultIn(part, shape, axis + 1, `${where}[${i}]`, inElements);
      if (fault !== undefined) return fault;
    } else if (typeof part !== 'number') {
      return invalid(`${where}[${i}] is ${show(part)}, must be a number${advice(part)}`);
    }
  }
  return undefined;
}

/** Who nests tensors most likely wants them stacked. */
function advice(value: unknown): string {
  return Tensor.is(value) ? '; c.stack makes one tensor of several' : '';
}

/** `data` with `shape`; SHAPE_MISMATCH where the one does not fill the other. */
export function shaped(data: ArrayLike<number>, shape: readonly number[], where: string): Elements {
  const count = countOf(data);
  if (sizeOf(shape) !== count) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where} has ${count} elements, its shape ${showShape(shape)} has ${sizeOf(shape)}`,
    );
  }
  return { shape, data };
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) {
    // The others may multiply to infinity, which times 0 is NaN.
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
 * The number of elements; OUT_OF_MEMORY where no heap could hold them. Lengths beside a 0 count too,
 * so that any part of a shape that passes here has a size that numbers can tell.
 */
export function checkedSize(shape: readonly number[], what: string): number {
  let size = 1;
  let isEmpty = false;
  for (const length of shape) {
    if (length === 0) isEmpty = true;
    else size *= length;
  }
  if (size > maxElements) {
    throw new Corr2dError(
      'OUT_OF_MEMORY',
      `${what} of shape ${showShape(shape)} is larger than ${maxElements} elements`,
    );
  }
  return isEmpty ? 0 : size;
}

/** The shape that the first element of each level says. */
function outline(nested: unknown, where: string): number[] {
  const shape: number[] = [];
  for (let level = nested; isRow(level); level = level[0]) {
    if (shape.length === maxRank) throw invalid(`${where} is nested deeper than ${maxRank} levels`);
    // A proxy may say anything.
    const length = integer(level.length, `${where}.length`, 0, Number.MAX_SAFE_INTEGER);
    shape.push(length);
    if (length === 0) break;
  }
  return shape;
}

function isRow(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || isNumberArray(value);
}

function invalid(message: string): Corr2dError {
  return new Corr2dError('INVALID_ARGUMENT', message);
}
