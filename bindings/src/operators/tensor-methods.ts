import { Tensor, type TensorMethods, withResult } from '../tensor/tensor.js';
import { binary } from './elementwise.js';

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
