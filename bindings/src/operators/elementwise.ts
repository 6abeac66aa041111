import {
  broadcastShape,
  broadcastSteps,
  notBroadcastable,
  solveArrays,
} from '../problem/arrays.js';
import { kinds, operations, type ProblemFields, unaryFunctions } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { unexpected } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { type Operand, operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** Elementwise functions of several tensors. */
export interface ElementwiseMethods {
  /**
   * Chooses elements of `a` where the condition is not 0, and of `b` elsewhere, like torch.where. All three
   * broadcast.
   *
   * @example
   * ```js
   * console.log(c.where([1, 0], [5, 6], 0).data.join()); // 5,0
   * ```
   *
   * @param condition numbers; NaN counts as not 0
   * @param a the elements where the condition is not 0
   * @param b the elements where the condition is 0
   * @returns a new tensor of the shape to which all three broadcast
   * @throws `SHAPE_MISMATCH` if the shapes do not broadcast
   */
  where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor;
}

/** @internal Computes an operation of operands that broadcast. */
export function elementwise(
  heap: Heap,
  where: string,
  fields: Partial<ProblemFields>,
  operands: readonly (readonly [name: string, operand: Operand])[],
): Tensor {
  let { shape } = (operands[0] as readonly [string, Operand])[1];
  for (const [, one] of operands) {
    shape = broadcastShape(shape, one.shape, notBroadcastable(where, shape, one.shape));
  }
  const steps = operands.map(([, one]) => broadcastSteps(one.shape, shape));
  const [input_steps = [], second_steps = [], third_steps = []] = steps;
  return solveArrays(
    heap,
    where,
    {
      kind: kinds.elementwise,
      sizes: shape,
      input_steps,
      second_steps,
      third_steps,
      ...fields,
    },
    operands,
    shape,
  );
}

/** A method of tensors that computes an operation with another operand. */
const binary =
  (where: keyof typeof operations) =>
  (tensor: Tensor, other: number | TensorLike): Tensor => {
    tensor.assertUsable(`${where}: the tensor`);
    const right = operand(tensor.heap, other, `${where}: other`);
    return elementwise(tensor.heap, where, { operation: operations[where] }, [
      ['the tensor', tensor],
      ['other', right],
    ]);
  };

/** A method of tensors that computes a function of each element. */
const unary =
  (where: keyof typeof unaryFunctions) =>
  (tensor: Tensor): Tensor => {
    tensor.assertUsable(`${where}: the tensor`);
    return elementwise(tensor.heap, where, { activation: unaryFunctions[where] }, [
      ['the tensor', tensor],
    ]);
  };

/** Reads a limit of `clamp`: a number that is not NaN. */
function limit(value: unknown, where: string, defaultValue: number): number {
  if (value === undefined) return defaultValue;
  if (Number.isNaN(argument.number(value, where))) throw unexpected(where, value, 'a number');
  return value as number;
}

/** @internal The elementwise methods of `Tensor`. */
export const elementwiseTensorMethods = {
  add: binary('add'),
  sub: binary('sub'),
  mul: binary('mul'),
  div: binary('div'),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  pow: binary('pow'),
  abs: unary('abs'),
  neg: unary('neg'),
  exp: unary('exp'),
  log: unary('log'),
  sqrt: unary('sqrt'),

  clamp(tensor: Tensor, min?: number, max?: number): Tensor {
    const where = 'clamp';
    tensor.assertUsable(`${where}: the tensor`);
    const low = limit(min, `${where}: min`, -Infinity);
    const high = limit(max, `${where}: max`, Infinity);
    return elementwise(tensor.heap, where, { operation: operations.clamp }, [
      ['the tensor', tensor],
      ['min', { shape: [], data: [low] }],
      ['max', { shape: [], data: [high] }],
    ]);
  },
};

/** @internal The implementations of `ElementwiseMethods`. */
export const elementwiseMethods: Implementation<ElementwiseMethods> = {
  where: (heap, condition, a, b) =>
    elementwise(heap, 'where', { operation: operations.where }, [
      ['condition', operand(heap, condition, 'where: condition')],
      ['a', operand(heap, a, 'where: a')],
      ['b', operand(heap, b, 'where: b')],
    ]),
};
