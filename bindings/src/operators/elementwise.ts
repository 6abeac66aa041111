import { mismatch, showShape } from '../runtime/errors.js';
import { operand, withTensors } from '../tensor/operands.js';
import { Tensor, type TensorLike, type TensorMethods, withResult } from '../tensor/tensor.js';

/**
 * The shape to which two shapes broadcast: they are aligned at their last axes, and the sizes of an
 * axis must be equal or 1. Throws SHAPE_MISMATCH otherwise, with a message that begins with
 * `describe()`. Source: PyTorch, notes on broadcasting semantics.
 */
export function broadcastShape(
  a: readonly number[],
  b: readonly number[],
  describe: () => string,
): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const fromA = a[axis - rank + a.length] ?? 1;
    const fromB = b[axis - rank + b.length] ?? 1;
    if (fromA !== fromB && fromA !== 1 && fromB !== 1) {
      throw mismatch(`${describe()}: ${fromA} and ${fromB}; expected equal sizes, or 1`);
    }
    return fromA === 1 ? fromB : fromA;
  });
}

/** The strides of `from`, in elements, along the axes of `to`; 0 for a broadcast axis. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const strides = new Array<number>(to.length).fill(0);
  let stride = 1;
  for (let axis = from.length - 1; axis >= 0; axis--) {
    const size = from[axis] as number;
    if (size !== 1) strides[axis + to.length - from.length] = stride;
    stride *= size;
  }
  return strides;
}

/**
 * Combines `a` and `b` elementwise, with broadcasting. `combine` computes in float64. For a single
 * addition, subtraction or multiplication, rounding its result to float32 gives the same bits as float32
 * arithmetic.
 */
function binary(
  where: string,
  a: Tensor,
  b: number | TensorLike,
  combine: (a: number, b: number) => number,
): Tensor {
  a.assertUsable(`${where}: the tensor`);
  const right = operand(a.heap, b, `${where}: other`);
  const shape = broadcastShape(
    a.shape,
    right.shape,
    () => `${where}: shapes ${showShape(a.shape)} and ${showShape(right.shape)} do not broadcast`,
  );
  return withTensors(a.heap, where, [right], ([other]) =>
    withResult(a.heap, where, shape, (result) => {
      const strides = [
        broadcastStrides(a.shape, shape),
        broadcastStrides(other.shape, shape),
      ] as const;
      const to = result.elements();
      const from = [a.elements(), other.elements()] as const;
      if (to.length === 0) return;
      let next = 0;
      const walk = (axis: number, i: number, j: number): void => {
        if (axis === shape.length) {
          to[next++] = combine(from[0][i] as number, from[1][j] as number);
          return;
        }
        const stepI = strides[0][axis] as number;
        const stepJ = strides[1][axis] as number;
        const size = shape[axis] as number;
        if (axis === shape.length - 1) {
          for (let k = 0; k < size; k++, i += stepI, j += stepJ) {
            to[next++] = combine(from[0][i] as number, from[1][j] as number);
          }
          return;
        }
        for (let k = 0; k < size; k++) walk(axis + 1, i + k * stepI, j + k * stepJ);
      };
      walk(0, 0, 0);
    }),
  );
}

/** The methods of `Tensor` that compute. `load()` installs them. */
export const tensorMethods: TensorMethods = {
  add: (tensor, other) => binary('add', tensor, other, (a, b) => a + b),
  sub: (tensor, other) => binary('sub', tensor, other, (a, b) => a - b),
  mul: (tensor, other) => binary('mul', tensor, other, (a, b) => a * b),

  abs(tensor) {
    tensor.assertUsable('abs: the tensor');
    return withResult(tensor.heap, 'abs', tensor.shape, (result) => {
      const from = tensor.elements();
      const to = result.elements();
      for (let i = 0; i < to.length; i++) to[i] = Math.abs(from[i] as number);
    });
  },

  sum(tensor) {
    tensor.assertUsable('sum: the tensor');
    let sum = 0;
    for (const value of tensor.elements()) sum += value;
    return Tensor.from(tensor.heap, { shape: [], data: [sum] }, 'sum');
  },
};
