// Conversion between TensorFlow.js and corr2d.

import type { Activation } from '../problem/options.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Attributes, Backend, ConvInfo, TensorInfo } from './kernels.js';

/** Creates a tensor of the backend from the part of `result` that has this shape. */
export function toTfjs(backend: Backend, shape: readonly number[], result: Tensor): TensorInfo {
  if (!backend.makeOutput || !backend.typedArrayFromHeap) {
    const size = shape.reduce((product, length) => product * length, 1);
    // Unlike the constructor, `slice` does not fill the array with zeros first.
    const values = size === result.size ? result.data.slice() : new Float32Array(size);
    if (size !== result.size) copy(result, values, shape);
    return (backend as Required<Backend>).makeTensorInfo(shape, 'float32', values);
  }
  const output = backend.makeOutput(shape, 'float32');
  // Read after the allocation, which may have grown tfjs' heap.
  copy(result, backend.typedArrayFromHeap(output), shape);
  return output;
}

/** Copies the part of shape `to` that begins at the origin; both have four axes. */
function copy({ data, shape, size }: Tensor, target: Float32Array, to: readonly number[]): void {
  if (size === target.length) {
    target.set(data);
    return;
  }
  const [, b, c, d] = shape as [number, number, number, number];
  const [batch, rows, columns, length] = to as [number, number, number, number];
  for (let n = 0, next = 0; n < batch; n++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, next += length) {
        const from = ((n * b + i) * c + j) * d;
        target.set(data.subarray(from, from + length), next);
      }
    }
  }
}

/** Converts an activation; undefined if corr2d does not support it. */
export function activationOf({
  activation,
  leakyreluAlpha: alpha,
}: Attributes): Activation | undefined {
  switch (activation) {
    case undefined:
    case 'linear':
      return 'none';
    case 'relu':
    case 'relu6':
    case 'sigmoid':
      return activation;
    case 'leakyrelu':
      return Number.isFinite(alpha) ? { type: 'leaky-relu', alpha: alpha as number } : undefined;
    default:
      return undefined;
  }
}

/**
 * The padding with which corr2d's output is at least as large as tfjs'. tfjs rounds output sizes by
 * `dimRoundingMode`, and assumes a square kernel if the padding is a number. Where tfjs would read beyond
 * its padding, this padding adds zeros; `toTfjs` drops outputs that tfjs does not compute. Undefined if a
 * side is not a whole number of at least 0.
 */
export function paddingOf(info: ConvInfo): [number, number, number, number] | undefined {
  const after = (size: number, before: number, window: number, stride: number, outputs: number) =>
    Math.max((outputs - 1) * stride + window - size - before, 0);
  const { padInfo, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth } = info;
  const { top, left } = padInfo;
  const bottom = after(inHeight, top, info.effectiveFilterHeight, strideHeight, outHeight);
  const right = after(inWidth, left, info.effectiveFilterWidth, strideWidth, outWidth);
  const pads: [number, number, number, number] = [top, bottom, left, right];
  return pads.every((pad) => Number.isInteger(pad) && pad >= 0) ? pads : undefined;
}
