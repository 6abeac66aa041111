// Broadcasting as PyTorch defines it, one element at a time.

import { sizeOf } from '../helpers.mjs';

/** `{ shape, data }` of `combine` applied to two broadcast operands, rounded to float32. */
export function broadcast(a, b, combine) {
  const rank = Math.max(a.shape.length, b.shape.length);
  const padded = ({ shape }) => [...new Array(rank - shape.length).fill(1), ...shape];
  const [sizesA, sizesB] = [padded(a), padded(b)];
  const shape = sizesA.map((size, axis) => (size === 1 ? sizesB[axis] : size));
  const data = [];
  const read = ({ data: values }, sizes, index) => {
    let offset = 0;
    for (let axis = 0; axis < rank; axis++) {
      offset = offset * sizes[axis] + (sizes[axis] === 1 ? 0 : index[axis]);
    }
    return values[offset];
  };
  for (let i = 0; i < sizeOf(shape); i++) {
    const index = [];
    for (let axis = rank - 1, rest = i; axis >= 0; axis--) {
      index[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    data.push(Math.fround(combine(read(a, sizesA, index), read(b, sizesB, index))));
  }
  return { shape, data };
}
