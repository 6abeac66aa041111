import type { ActivationName } from '../problem/options.js';
import { activations } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { operand } from '../tensor/operands.js';
import { Tensor, type TensorLike, withResult } from '../tensor/tensor.js';
import { copyElements } from '../tensor/views.js';

/** Activation functions. */
export interface ActivationMethods {
  /** Computes max(x, 0) elementwise. */
  relu(tensor: TensorLike): Tensor;

  /** Computes min(max(x, 0), 6) elementwise. */
  relu6(tensor: TensorLike): Tensor;

  /** Computes x if x ≥ 0 and alpha·x otherwise, elementwise. Default alpha 0.01. */
  leakyRelu(tensor: TensorLike, alpha?: number): Tensor;

  /** Computes 1 / (1 + e^−x) elementwise. */
  sigmoid(tensor: TensorLike): Tensor;

  /** Computes (e^x − e^−x) / (e^x + e^−x) elementwise. */
  tanh(tensor: TensorLike): Tensor;

  /** Computes x / (1 + e^−x) elementwise. */
  silu(tensor: TensorLike): Tensor;

  /** Computes x·min(max(x + 3, 0), 6) / 6 elementwise. */
  hardSwish(tensor: TensorLike): Tensor;

  /** Computes x·(1 + erf(x/√2)) / 2 elementwise. */
  gelu(tensor: TensorLike): Tensor;
}

/** Applies an activation to each element of a tensor, into a new tensor. */
function activate(
  heap: Heap,
  where: string,
  name: ActivationName,
  tensor: TensorLike,
  alpha = 0,
): Tensor {
  const source = operand(heap, tensor, `${where}: tensor`);
  const slope = argument.finite(alpha, `${where}: alpha`);
  return withResult(heap, where, source.shape, (result) => {
    const data = Tensor.is(source) ? source.elements() : source.data;
    copyElements(result.elements(), data, where);
    heap.call.activateElements(result.address, result.size, activations[name], slope);
  });
}

/** @internal The implementations of `ActivationMethods`. */
export const activationMethods: Implementation<ActivationMethods> = {
  relu: (heap, tensor) => activate(heap, 'relu', 'relu', tensor),
  relu6: (heap, tensor) => activate(heap, 'relu6', 'relu6', tensor),
  leakyRelu: (heap, tensor, alpha) =>
    activate(heap, 'leakyRelu', 'leaky-relu', tensor, alpha === undefined ? 0.01 : alpha),
  sigmoid: (heap, tensor) => activate(heap, 'sigmoid', 'sigmoid', tensor),
  tanh: (heap, tensor) => activate(heap, 'tanh', 'tanh', tensor),
  silu: (heap, tensor) => activate(heap, 'silu', 'silu', tensor),
  hardSwish: (heap, tensor) => activate(heap, 'hardSwish', 'hard-swish', tensor),
  gelu: (heap, tensor) => activate(heap, 'gelu', 'gelu', tensor),
};
