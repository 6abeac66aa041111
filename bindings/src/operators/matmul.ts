import { broadcastShape, broadcastSteps } from '../problem/arrays.js';
import { imageStrides } from '../problem/layout.js';
import { fieldsOf, measure, run, solve } from '../problem/problem.js';
import { algorithms } from '../runtime/abi.js';
import { mismatch, showShape, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { checkedSize, isSameShape, sizeOf } from '../tensor/nested.js';
import { operand, withTensors } from '../tensor/operands.js';
import { type Tensor, type TensorLike, withResult } from '../tensor/tensor.js';

/** Matrix products. */
export interface MatmulMethods {
  /**
   * Computes the matrix product, like torch.matmul: …×m×k and …×k×n → …×m×n. The axes before the last
   * two are broadcast. A vector is a row on the left and a column on the right, and its axis is dropped
   * from the result.
   *
   * @example
   * ```js
   * console.log(c.matmul([[1, 2], [3, 4]], [[5], [6]]).data.join()); // 17,39
   * ```
   *
   * @param a …×m×k, or a vector of k numbers
   * @param b …×k×n, or a vector of k numbers
   * @returns …×m×n
   * @throws `SHAPE_MISMATCH` if the inner sizes differ or the batch axes do not broadcast
   */
  matmul(a: TensorLike, b: TensorLike): Tensor;

  /**
   * Computes x · weightᵀ + bias, like torch.nn.functional.linear.
   *
   * @example
   * ```js
   * console.log(c.linear([[1, 2]], [[3, 4], [5, 6]], [0, 1]).data.join()); // 11,18
   * ```
   *
   * @param x …×K
   * @param weight N×K
   * @param bias N numbers. Default 0.
   * @returns …×N
   * @throws `SHAPE_MISMATCH` if the shapes differ from these
   */
  linear(x: TensorLike, weight: TensorLike, bias?: TensorLike): Tensor;
}

/**
 * The matrix product as a 1×1 convolution: the rows of `b` are the channels of an image with one row,
 * and the rows of `a` are 1×1 kernels.
 */
function matmul(heap: Heap, a: TensorLike, b: TensorLike): Tensor {
  const where = 'matmul';
  const left = operand(heap, a, `${where}: a`);
  const right = operand(heap, b, `${where}: b`);
  for (const [name, { shape }] of [['a', left] as const, ['b', right] as const]) {
    if (shape.length === 0) throw unexpectedShape(`${where}: ${name}`, shape, 'at least one axis');
  }
  // A vector is a row on the left and a column on the right. The result does not have its axis.
  const leftShape = left.shape.length === 1 ? [1, ...left.shape] : left.shape;
  const rightShape = right.shape.length === 1 ? [...right.shape, 1] : right.shape;
  const [m, k] = leftShape.slice(-2) as [number, number];
  const [rows, n] = rightShape.slice(-2) as [number, number];
  const given = () => `${where}: a is ${showShape(left.shape)} and b is ${showShape(right.shape)}`;
  if (k !== rows) {
    throw mismatch(`${given()}; expected as many columns of a (${k}) as rows of b (${rows})`);
  }
  const batch = broadcastShape(
    leftShape.slice(0, -2),
    rightShape.slice(0, -2),
    () => `${given()}, whose batch axes (all but the last two) do not broadcast`,
  );
  const shape = [
    ...batch,
    ...(left.shape.length === 1 ? [] : [m]),
    ...(right.shape.length === 1 ? [] : [n]),
  ];
  // Checked before the operands are copied, which can grow the heap.
  checkedSize(shape, `${where}: a tensor`);
  const leftSteps = broadcastSteps(leftShape.slice(0, -2), batch);
  const rightSteps = broadcastSteps(rightShape.slice(0, -2), batch);

  return withTensors(heap, where, [left, right], ([lefts, rights]) =>
    withResult(heap, where, shape, (product) => {
      if (product.size === 0) return;
      if (k === 0) {
        product.elements().fill(0);
        return;
      }
      const problem = {
        where,
        given: [
          { name: 'b', shape: right.shape },
          { name: 'a', shape: left.shape },
        ],
        // The chapter compares this product with a correlation. With 'gemm' here, the comparison is
        // between two algorithms.
        fields: fieldsOf({
          input_channels: k,
          output_channels: m,
          input_width: n,
          algorithm: algorithms.gemm,
        }),
      };
      measure(heap, problem);
      for (let i = 0; i < sizeOf(batch); i++) {
        run(
          heap,
          problem,
          rights.address + 4 * k * n * matrixAt(i, batch, rightSteps),
          lefts.address + 4 * m * k * matrixAt(i, batch, leftSteps),
          0,
          product.address + 4 * m * n * i,
        );
      }
    }),
  );
}

/** The index of the operand's matrix for batch index `i`, with these strides along the batch axes. */
function matrixAt(i: number, batch: readonly number[], steps: readonly number[]): number {
  let matrix = 0;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    const size = batch[axis] as number;
    matrix += (i % size) * (steps[axis] as number);
    i = Math.floor(i / size);
  }
  return matrix;
}

/** A linear layer as a 1×1 convolution of an image of one row, whose channels are the last axis. */
function linear(heap: Heap, x: TensorLike, weight: TensorLike, bias?: TensorLike): Tensor {
  const where = 'linear';
  const input = operand(heap, x, `${where}: x`);
  const kernel = operand(heap, weight, `${where}: weight`);
  const offset = bias === undefined ? undefined : operand(heap, bias, `${where}: bias`);
  if (input.shape.length === 0) {
    throw unexpectedShape(`${where}: x`, input.shape, 'at least one axis');
  }
  const inputs = input.shape[input.shape.length - 1] as number;
  const [outputs = 0] = kernel.shape;
  if (!isSameShape(kernel.shape, [outputs, inputs])) {
    throw unexpectedShape(
      `${where}: weight`,
      kernel.shape,
      `N×${inputs}, as x has ${inputs} columns`,
    );
  }
  if (offset !== undefined && !isSameShape(offset.shape, [outputs])) {
    throw unexpectedShape(
      `${where}: bias`,
      offset.shape,
      `[${outputs}], one number for each row of weight`,
    );
  }
  const rows = sizeOf(input.shape.slice(0, -1));
  const shape = [...input.shape.slice(0, -1), outputs];
  if (sizeOf(shape) === 0) return withResult(heap, where, shape, () => {});
  const problem = {
    where,
    given: [
      { name: 'x', shape: input.shape },
      { name: 'weight', shape: kernel.shape },
    ],
    fields: fieldsOf({
      input_channels: inputs,
      output_channels: outputs,
      input_width: rows,
      has_bias: Number(offset !== undefined),
      ...imageStrides('input', 'nhwc', inputs, 1, rows),
      ...imageStrides('output', 'nhwc', outputs, 1, rows),
    }),
  };
  return solve(heap, problem, { input, weight: kernel, bias: offset }, () => shape);
}

/** @internal The implementations of `MatmulMethods`. */
export const matmulMethods: Implementation<MatmulMethods> = {
  matmul,
  linear,
};
