// Conversion of data between TensorFlow.js and corr2d.

import { sizeOf } from '../tensor/nested.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Backend, TensorInfo } from './kernels.js';

/** The elements of a tensor of the backend. The array may be a view of tfjs' heap. */
export function elementsOf(backend: Backend, tensor: TensorInfo): Float32Array {
  return backend.typedArrayFromHeap?.(tensor) ?? backend.readSync(tensor.dataId);
}

/** Creates a tensor of the backend from the part of `result` that has this shape. */
export function toTfjs(backend: Backend, shape: readonly number[], result: Tensor): TensorInfo {
  const { data, shape: from } = result;
  if (!backend.makeOutput || !backend.typedArrayFromHeap) {
    // Unlike the constructor, `slice` does not fill the array with zeros first.
    const values = sizeOf(shape) === data.length ? data.slice() : resized(data, from, shape);
    return (backend as Required<Backend>).makeTensorInfo(shape, 'float32', values);
  }
  const output = backend.makeOutput(shape, 'float32');
  // Read after the allocation, which may have grown tfjs' heap.
  const target = backend.typedArrayFromHeap(output);
  if (target.length === data.length) target.set(data);
  else copyCorner(data, from, target, shape);
  return output;
}

/** A copy of `data` with another shape: what it has more is dropped, and what it lacks is 0. */
export function resized(
  data: Float32Array,
  from: readonly number[],
  to: readonly number[],
): Float32Array {
  const result = new Float32Array(sizeOf(to));
  copyCorner(data, from, result, to);
  return result;
}

/** Copies the elements at indices that both shapes have, row by row. Both have four axes. */
function copyCorner(
  source: Float32Array,
  from: readonly number[],
  target: Float32Array,
  to: readonly number[],
): void {
  const [, a, b, c] = from as [number, number, number, number];
  const [, d, e, f] = to as [number, number, number, number];
  const [batch, rows, columns, length] = from.map((size, axis) =>
    Math.min(size, to[axis] as number),
  ) as [number, number, number, number];
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const begin = ((n * a + i) * b + j) * c;
        target.set(source.subarray(begin, begin + length), ((n * d + i) * e + j) * f);
      }
    }
  }
}
