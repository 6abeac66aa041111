// Problems of arrays with any number of axes.

import { maxAxes, type ProblemFields } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, mismatch, showShape, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { checkedSize, isSameShape, sizeOf } from '../tensor/nested.js';
import type { Operand } from '../tensor/operands.js';
import type { Tensor } from '../tensor/tensor.js';
import { computeInto, fieldsOf, type Operands, solve } from './problem.js';

/** The names of operands in messages, in the order of a problem's operands. */
type Named = readonly (readonly [name: string, operand: Operand | undefined])[];

/** Offsets of the first elements, in elements, and the tensor of the output. */
interface Places extends Pick<Operands, 'inputOffset' | 'outputOffset'> {
  readonly out?: Tensor;
}

/** Computes a problem of arrays into `out`, or into a new tensor of this shape. */
export function solveArrays(
  heap: Heap,
  where: string,
  fields: Partial<ProblemFields>,
  operands: Named,
  shape: readonly number[],
  { out, ...offsets }: Places = {},
): Tensor {
  // Axes of a tensor without elements may be longer than C++ accepts.
  if (checkedSize(shape, `${where}: a tensor`) === 0) {
    return computeInto(heap, where, shape, out, () => {});
  }
  const array = withFewAxes(fields);
  const rank = array.sizes?.length ?? 0;
  if (rank > maxAxes) {
    throw new Corr2dError(
      'UNSUPPORTED',
      `${where}: a tensor has ${rank} axes that cannot be joined; expected at most ${maxAxes}`,
    );
  }
  const given = operands.flatMap(([name, one]) => (one ? [{ name, shape: one.shape }] : []));
  const [input, second, third] = operands.map(([, one]) => one);
  const problem = { where, given, fields: fieldsOf(array, { rank }) };
  const all = { input: input as Operand, second, third, ...offsets };
  return solve(heap, problem, all, () => [...shape], out);
}

/** The steps, in elements, between neighbours along the axes of a contiguous array. */
export function stepsOf(shape: readonly number[]): number[] {
  const steps: number[] = [];
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = step;
    step *= shape[axis] as number;
  }
  return steps;
}

/**
 * The shape to which shapes broadcast: they are aligned at their last axes, and the sizes of an axis must be
 * equal or 1. Throws SHAPE_MISMATCH otherwise, with a message that begins with `describe()`. Source: PyTorch,
 * notes on broadcasting semantics.
 */
export function broadcastShape(
  a: readonly number[],
  b: readonly number[],
  describe: () => string,
): readonly number[] {
  if (isSameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const fromA = a[axis - rank + a.length] ?? 1;
    const fromB = b[axis - rank + b.length] ?? 1;
    if (fromA !== fromB && fromA !== 1 && fromB !== 1) {
      throw mismatch(`${describe()}: ${fromA} and ${fromB}; expected equal sizes, or 1`);
    }
    shape.push(fromA === 1 ? fromB : fromA);
  }
  return shape;
}

/** The steps of `from`, in elements, along the axes of `to`; 0 for a broadcast axis. */
export function broadcastSteps(from: readonly number[], to: readonly number[]): number[] {
  const steps = stepsOf(from);
  if (isSameShape(from, to)) return steps;
  return to.map((_, axis) => {
    const at = axis - to.length + from.length;
    return at < 0 || from[at] === 1 ? 0 : (steps[at] as number);
  });
}

/**
 * Joins neighbouring axes that all arrays of a problem walk through as one, if there are more than C++ accepts. A
 * tensor may have more.
 */
function withFewAxes(fields: Partial<ProblemFields>): Partial<ProblemFields> {
  const { sizes = [], input_steps, second_steps, third_steps, output_steps } = fields;
  if (sizes.length <= maxAxes) return fields;
  // Steps of 0 stand for an array that the problem does not have.
  const steps = [input_steps, second_steps, third_steps, output_steps].map((one) =>
    one?.length ? one : sizes.map(() => 0),
  );
  const joinedSizes: number[] = [];
  const joined: number[][] = steps.map(() => []);
  sizes.forEach((size, axis) => {
    const last = joinedSizes.length - 1;
    const joins = joined.every((one, i) => one[last] === (steps[i]?.[axis] as number) * size);
    const at = last >= 0 && joins ? last : last + 1;
    joinedSizes[at] = (joinedSizes[at] ?? 1) * size;
    joined.forEach((one, i) => {
      one[at] = steps[i]?.[axis] as number;
    });
  });
  const [input = [], second = [], third = [], output = []] = joined;
  return {
    ...fields,
    sizes: joinedSizes,
    input_steps: input,
    second_steps: second,
    third_steps: third,
    output_steps: output,
  };
}

/** Reads the number of an axis of a tensor of this rank; negative ones count from the end. */
export function axisOf(value: unknown, where: string, rank: number): number {
  if (rank === 0)
    throw unexpectedShape(where.replace(/: .*/, ': the tensor'), [], 'at least one axis');
  const axis = argument.integer(value, where, -rank, rank - 1);
  return axis < 0 ? axis + rank : axis;
}

/** Splits a shape at an axis: the product of the sizes before it, its size, and the product of those after it. */
export function aroundAxis(shape: readonly number[], axis: number): [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis] as number, sizeOf(shape.slice(axis + 1))];
}

/** SHAPE_MISMATCH: two shapes do not broadcast. */
export const notBroadcastable = (where: string, a: readonly number[], b: readonly number[]) => () =>
  `${where}: shapes ${showShape(a)} and ${showShape(b)} do not broadcast`;
