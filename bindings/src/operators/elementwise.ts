import { Corr2dError, showShape } from '../runtime/errors.js';
import { operand, withResult, withTensors } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/**
 * The shape that two shapes broadcast to: aligned at their last axes, equal or 1 in each.
 * SHAPE_MISMATCH where they do not go together, which `say` puts into the caller's words.
 * Source: PyTorch, notes on broadcasting semantics.
 */
export function broadcastShape(
  a: readonly number[],
  b: readonly number[],
  say: () => string,
): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const fromA = a[axis - rank + a.length] ?? 1;
    const fromB = b[axis - rank + b.length] ?? 1;
    if (fromA !== fromB && fromA !== 1 && fromB !== 1) {
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `${say()}: ${fromA} and ${fromB} are neither equal nor 1`,
      );
    }
    return fromA === 1 ? fromB : fromA;
  });
}

/** For each axis of `to`, how far apart the neighbours of `from` are; 0 where it is broadcast. */
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

/** `a` and `b` element by element. float64 and then float32 gives what float32 would. */
export function binary(
  where: string,
  a: Tensor,
  b: number | TensorLike,
  combine: (a: number, b: number) => number,
): Tensor {
  a.assertUsable(`${where}: the tensor`);
  const right = operand(a.heap, b, `${where}: the argument`);
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
