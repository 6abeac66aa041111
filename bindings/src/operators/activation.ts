import { defaultAlphas } from '../problem/read-options.js';
import { activations, operations } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { sizeOf } from '../tensor/nested.js';
import { operand } from '../tensor/operands.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import { elementwise } from './elementwise.js';

/** Activation functions. */
export interface ActivationMethods {
  /**
   * Computes max(x, 0) elementwise, like torch.nn.functional.relu.
   *
   * @example
   * ```js
   * console.log(c.relu([-1, 2]).data.join()); // 0,2
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  relu(tensor: TensorLike): Tensor;

  /**
   * Computes min(max(x, 0), 6) elementwise, like torch.nn.functional.relu6.
   *
   * @example
   * ```js
   * console.log(c.relu6([-1, 2, 8]).data.join()); // 0,2,6
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  relu6(tensor: TensorLike): Tensor;

  /**
   * Computes x if x ≥ 0 and alpha·x otherwise, elementwise, like torch.nn.functional.leaky_relu.
   *
   * @example
   * ```js
   * console.log(c.leakyRelu([-2, 2], 0.25).data.join()); // -0.5,2
   * ```
   *
   * @param tensor numbers of any shape
   * @param alpha the slope for negative numbers. Default 0.01.
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  leakyRelu(tensor: TensorLike, alpha?: number): Tensor;

  /**
   * Computes 1 / (1 + e^−x) elementwise, like torch.nn.functional.sigmoid.
   *
   * @example
   * ```js
   * console.log(c.sigmoid([0]).data.join()); // 0.5
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  sigmoid(tensor: TensorLike): Tensor;

  /**
   * Computes (e^x − e^−x) / (e^x + e^−x) elementwise, like torch.nn.functional.tanh.
   *
   * @example
   * ```js
   * console.log(c.tanh([0]).data.join()); // 0
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  tanh(tensor: TensorLike): Tensor;

  /**
   * Computes x / (1 + e^−x) elementwise, like torch.nn.functional.silu.
   *
   * @example
   * ```js
   * console.log(c.silu([0]).data.join()); // 0
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  silu(tensor: TensorLike): Tensor;

  /**
   * Computes x·min(max(x + 3, 0), 6) / 6 elementwise, like torch.nn.functional.hardswish.
   *
   * @example
   * ```js
   * console.log(c.hardSwish([-4, 3]).data.join()); // 0,3
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  hardSwish(tensor: TensorLike): Tensor;

  /**
   * Computes x·(1 + erf(x/√2)) / 2 elementwise, like torch.nn.functional.gelu.
   *
   * @example
   * ```js
   * console.log(c.gelu([0]).data.join()); // 0
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  gelu(tensor: TensorLike): Tensor;

  /**
   * Computes x if x ≥ 0 and alpha·(e^x − 1) otherwise, elementwise, like torch.nn.functional.elu.
   *
   * @example
   * ```js
   * console.log(c.elu([-100, 2], 0.5).data.join()); // -0.5,2
   * ```
   *
   * @param tensor numbers of any shape
   * @param alpha minus the limit for negative numbers. Default 1.
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  elu(tensor: TensorLike, alpha?: number): Tensor;

  /**
   * Computes s·x if x ≥ 0 and s·a·(e^x − 1) otherwise, with s ≈ 1.0507 and a ≈ 1.6733, elementwise, like torch.nn.functional.selu.
   *
   * @example
   * ```js
   * console.log(c.selu([0]).data.join()); // 0
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  selu(tensor: TensorLike): Tensor;

  /**
   * Computes min(max(x / 6 + 1/2, 0), 1), elementwise, like torch.nn.functional.hardsigmoid.
   *
   * @example
   * ```js
   * console.log(c.hardSigmoid([-3, 0, 3]).data.join()); // 0,0.5,1
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  hardSigmoid(tensor: TensorLike): Tensor;

  /**
   * Computes log(1 + e^x), elementwise, like torch.nn.functional.softplus.
   *
   * @example
   * ```js
   * console.log(c.softplus([-200, 200]).data.join()); // 0,200
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  softplus(tensor: TensorLike): Tensor;

  /**
   * Computes x·tanh(log(1 + e^x)), elementwise, like torch.nn.functional.mish.
   *
   * @example
   * ```js
   * console.log(c.mish([0, 200]).data.join()); // 0,200
   * ```
   *
   * @param tensor numbers of any shape
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor or numbers
   */
  mish(tensor: TensorLike): Tensor;

  /**
   * Computes x if x > 0 and w·x otherwise, elementwise, like torch.nn.functional.prelu.
   *
   * @example
   * ```js
   * console.log(c.prelu([[-2, -2, 3]], [0.5, 0.25, 0]).data.join()); // -1,-0.5,3
   * ```
   *
   * @param tensor numbers of any shape; the channels are axis 1
   * @param weight w: one number, or one for each channel
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if an argument is not a tensor or numbers, `SHAPE_MISMATCH` if the numbers of `weight`
   * are not as many as the channels
   */
  prelu(tensor: TensorLike, weight: TensorLike): Tensor;
}

/** Applies an activation to each element of a tensor, into a new tensor. */
function activate(
  heap: Heap,
  where: string,
  name: keyof typeof activations,
  tensor: TensorLike,
  alpha: number = defaultAlphas[name] ?? 0,
): Tensor {
  const source = operand(heap, tensor, `${where}: tensor`);
  const slope = argument.finite(alpha, `${where}: alpha`);
  const fields = { activation: activations[name], activation_alpha: slope };
  return elementwise(heap, where, fields, [['tensor', source]]);
}

function prelu(heap: Heap, tensor: TensorLike, weight: TensorLike): Tensor {
  const where = 'prelu';
  const source = operand(heap, tensor, `${where}: tensor`);
  const slopes = operand(heap, weight, `${where}: weight`);
  const [, channels = 1, ...others] = source.shape;
  const count = sizeOf(slopes.shape);
  if (slopes.shape.length > 1 || (count !== 1 && count !== channels)) {
    const expected = `[1], or [${channels}], one number for each channel`;
    throw unexpectedShape(`${where}: weight`, slopes.shape, expected);
  }
  const shape = count === 1 ? [] : [count, ...others.map(() => 1)];
  const isTensor = Tensor.is(slopes);
  const aligned = isTensor ? slopes.reshape(shape) : { shape, data: slopes.data };
  try {
    return elementwise(heap, where, { operation: operations.prelu }, [
      ['tensor', source],
      ['weight', aligned],
    ]);
  } finally {
    if (isTensor) (aligned as Tensor).dispose();
  }
}

/** @internal The implementations of `ActivationMethods`. */
export const activationMethods: Implementation<ActivationMethods> = {
  relu: (heap, tensor) => activate(heap, 'relu', 'relu', tensor),
  relu6: (heap, tensor) => activate(heap, 'relu6', 'relu6', tensor),
  leakyRelu: (heap, tensor, alpha) => activate(heap, 'leakyRelu', 'leaky-relu', tensor, alpha),
  sigmoid: (heap, tensor) => activate(heap, 'sigmoid', 'sigmoid', tensor),
  tanh: (heap, tensor) => activate(heap, 'tanh', 'tanh', tensor),
  silu: (heap, tensor) => activate(heap, 'silu', 'silu', tensor),
  hardSwish: (heap, tensor) => activate(heap, 'hardSwish', 'hard-swish', tensor),
  gelu: (heap, tensor) => activate(heap, 'gelu', 'gelu', tensor),
  elu: (heap, tensor, alpha) => activate(heap, 'elu', 'elu', tensor, alpha),
  selu: (heap, tensor) => activate(heap, 'selu', 'selu', tensor),
  hardSigmoid: (heap, tensor) => activate(heap, 'hardSigmoid', 'hard-sigmoid', tensor),
  softplus: (heap, tensor) => activate(heap, 'softplus', 'softplus', tensor),
  mish: (heap, tensor) => activate(heap, 'mish', 'mish', tensor),
  prelu,
};
