import { algorithms, fieldsOf, measure, run } from '../problem/problem.js';
import { Corr2dError, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { checkedSize, sizeOf } from '../tensor/nested.js';
import { operand, withResult, withTensors } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { broadcastShape, broadcastStrides } from './elementwise.js';

/**
 * The matrix product as a problem: the rows of `b` are the channels of an image with one row, those
 * of `a` are 1×1 kernels.
 */
export function matmul(heap: Heap, a: TensorLike, b: TensorLike): Tensor {
  const where = 'matmul';
  const left = operand(heap, a, `${where}: a`);
  const right = operand(heap, b, `${where}: b`);
  for (const [name, { shape }] of [['a', left] as const, ['b', right] as const]) {
    if (shape.length === 0) {
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `${where}: ${name} is ${showShape(shape)}, must have at least one axis`,
      );
    }
  }
  // A vector is a row on the left and a column on the right; its axis is gone from the result.
  const leftShape = left.shape.length === 1 ? [1, ...left.shape] : left.shape;
  const rightShape = right.shape.length === 1 ? [...right.shape, 1] : right.shape;
  const [m, k] = leftShape.slice(-2) as [number, number];
  const [rows, n] = rightShape.slice(-2) as [number, number];
  const given = () => `${where}: a is ${showShape(left.shape)} and b is ${showShape(right.shape)}`;
  if (k !== rows) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${given()}, ${k} columns of a do not meet ${rows} rows of b`,
    );
  }
  const batch = broadcastShape(
    leftShape.slice(0, -2),
    rightShape.slice(0, -2),
    () => `${given()}, their batch axes (all but the last two) do not broadcast`,
  );
  const shape = [
    ...batch,
    ...(left.shape.length === 1 ? [] : [m]),
    ...(right.shape.length === 1 ? [] : [n]),
  ];
  // Before anything makes the heap grow.
  checkedSize(shape, `${where}: a tensor`);
  const leftSteps = broadcastStrides(leftShape.slice(0, -2), batch);
  const rightSteps = broadcastStrides(rightShape.slice(0, -2), batch);

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
        // What it is called after: the chapter's equality then is that of two algorithms.
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

/** Which matrix of an operand, with these steps along the batch axes, is number `i` of the batch. */
function matrixAt(i: number, batch: readonly number[], steps: readonly number[]): number {
  let matrix = 0;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    const size = batch[axis] as number;
    matrix += (i % size) * (steps[axis] as number);
    i = Math.floor(i / size);
  }
  return matrix;
}
