import { axisOf, solveArrays } from '../problem/arrays.js';
import { kinds, maxAxes, reductions } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { invalid, showShape, unexpected } from '../runtime/errors.js';
import type { Tensor } from '../tensor/tensor.js';

/** Reads the axes of a reduction: a number, several numbers, or undefined for all axes. */
function axesOf(axis: unknown, where: string, rank: number): number[] {
  if (axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  if (!Array.isArray(axis)) return [axisOf(axis, `${where}: axis`, rank)];
  const axes = argument.items(axis, `${where}: axis`, rank, (one, i) =>
    axisOf(one, `${where}: axis[${i}]`, rank),
  );
  axes.forEach((one, i) => {
    if (axes.indexOf(one) !== i) {
      throw invalid(`${where}: axis[${i}] is ${one}, which occurs twice; expected different axes`);
    }
  });
  return axes;
}

/** Joins neighbouring axes that are both reduced or both kept. */
function joinReduced(shape: readonly number[], axes: readonly number[]) {
  const sizes: number[] = [];
  const reduced: boolean[] = [];
  shape.forEach((size, axis) => {
    const isReduced = axes.includes(axis);
    if (reduced[reduced.length - 1] === isReduced) sizes.push((sizes.pop() as number) * size);
    else {
      sizes.push(size);
      reduced.push(isReduced);
    }
  });
  return {
    sizes,
    mask: reduced.reduce((mask, isReduced, i) => mask | (Number(isReduced) << i), 0),
  };
}

/** A method of tensors that reduces axes. */
const reduction =
  (where: keyof typeof reductions) =>
  (tensor: Tensor, axis?: number | readonly number[], keepDims?: boolean): Tensor => {
    tensor.assertUsable(`${where}: the tensor`);
    const { shape, heap } = tensor;
    if (where.startsWith('arg') && Array.isArray(axis)) {
      throw unexpected(`${where}: axis`, axis, 'one axis, or undefined for all elements');
    }
    const axes = axesOf(axis, where, shape.length);
    const keeps = argument.flag(keepDims, `${where}: keepDims`);
    const result = shape.flatMap((size, i) => (axes.includes(i) ? (keeps ? [1] : []) : [size]));
    const { sizes, mask } = joinReduced(shape, axes);
    if (sizes.length > maxAxes) {
      throw invalid(`${where}: axis splits ${showShape(shape)} into too many parts`);
    }
    return solveArrays(
      heap,
      where,
      { kind: kinds.reduce, reduction: reductions[where], reduced_axes: mask, sizes },
      [['the tensor', tensor]],
      result,
    );
  };

/** @internal The methods of `Tensor` that reduce axes. */
export const reductionTensorMethods = {
  sum: reduction('sum'),
  mean: reduction('mean'),
  max: reduction('max'),
  min: reduction('min'),
  argMax: reduction('argMax') as (tensor: Tensor, axis?: number, keepDims?: boolean) => Tensor,
  argMin: reduction('argMin') as (tensor: Tensor, axis?: number, keepDims?: boolean) => Tensor,
};
