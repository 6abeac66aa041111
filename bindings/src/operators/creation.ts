import * as argument from '../runtime/arguments.js';
import { unexpected } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { checkedSize, type NestedArray, withShape } from '../tensor/nested.js';
import { operand } from '../tensor/operands.js';
import { Tensor, type TensorLike, withResult } from '../tensor/tensor.js';
import { copyElements, type NumberArray } from '../tensor/views.js';

/** The options of `normal`. */
export interface NormalOptions {
  /**
   * A whole number from 0 to 2⁵³−1. The same seed gives the same bits on every engine. Without a seed,
   * every call gives different numbers.
   */
  seed?: number | undefined;
}

/** Methods that create tensors. */
export interface CreationMethods {
  /**
   * Creates a tensor with a copy of `values`.
   *
   * @example
   * ```js
   * const t = c.tensor([1, 2, 3, 4, 5, 6], [2, 3]);
   * console.log(t.at(1).data.join()); // 4,5,6
   * ```
   *
   * @param values numbers nested as deep as the tensor has axes, a flat array, or another tensor
   * @param shape the shape of the tensor, with as many elements as `values`. Default: the shape of `values`.
   * @returns a new tensor
   * @throws `SHAPE_MISMATCH` if `values` has another number of elements than `shape`
   */
  tensor(values: TensorLike | NestedArray | NumberArray, shape?: readonly number[]): Tensor;

  /**
   * Creates a tensor of zeros.
   *
   * @example
   * ```js
   * console.log(c.zeros([2, 2]).data.join()); // 0,0,0,0
   * ```
   *
   * @param shape the size of each axis; `[]` is the shape of a single number
   * @returns a new tensor
   * @throws `INVALID_ARGUMENT` if a size is not an integer of at least 0, `OUT_OF_MEMORY` without room in the heap
   */
  zeros(shape: readonly number[]): Tensor;

  /**
   * Creates a tensor of ones.
   *
   * @example
   * ```js
   * console.log(c.ones([3]).data.join()); // 1,1,1
   * ```
   *
   * @param shape the size of each axis; `[]` is the shape of a single number
   * @returns a new tensor
   * @throws `INVALID_ARGUMENT` if a size is not an integer of at least 0, `OUT_OF_MEMORY` without room in the heap
   */
  ones(shape: readonly number[]): Tensor;

  /**
   * Creates a tensor whose elements are all the same.
   *
   * @example
   * ```js
   * console.log(c.full([3], 0.5).data.join()); // 0.5,0.5,0.5
   * ```
   *
   * @param shape the size of each axis; `[]` is the shape of a single number
   * @param value the value of each element, which is rounded to float32
   * @returns a new tensor
   * @throws `INVALID_ARGUMENT` if a size is not an integer of at least 0, `OUT_OF_MEMORY` without room in the heap
   */
  full(shape: readonly number[], value: number): Tensor;

  /**
   * Creates a tensor of the numbers 0, 1, …, n−1, like torch.arange.
   *
   * @example
   * ```js
   * console.log(c.arange(6).reshape([2, 3]).at(1).data.join()); // 3,4,5
   * ```
   *
   * @param n the number of elements
   * @returns a new tensor of the shape `[n]`
   * @throws `INVALID_ARGUMENT` if `n` is not an integer of at least 0, `OUT_OF_MEMORY` without room in the heap
   */
  arange(n: number): Tensor;

  /**
   * Creates a tensor of independent samples from a normal distribution, like torch.normal.
   *
   * @example
   * ```js
   * const weight = c.normal(0, 0.1, [16, 3, 3, 3], { seed: 7 });
   * console.log(weight.size); // 432
   * ```
   *
   * @param mean the mean of the distribution
   * @param std the standard deviation, at least 0
   * @param shape the size of each axis
   * @param options the seed
   * @returns a new tensor
   * @throws `INVALID_ARGUMENT` if `std` is negative or an option unknown, `OUT_OF_MEMORY` without room in the heap
   */
  normal(mean: number, std: number, shape: readonly number[], options?: NormalOptions): Tensor;
}

function tensor(
  heap: Heap,
  values: TensorLike | NestedArray | NumberArray,
  shape?: readonly number[],
): Tensor {
  const where = 'tensor';
  const source = operand(heap, values, `${where}: values`);
  // Evaluated at each use, since a new tensor can grow the heap, which detaches views.
  const data = () => (Tensor.is(source) ? source.elements() : source.data);
  const wanted = shape === undefined ? source.shape : argument.shape(shape, `${where}: shape`);
  withShape(data(), wanted, `${where}: values`);
  return withResult(heap, where, wanted, (result) =>
    copyElements(result.elements(), data(), where),
  );
}

function filled(heap: Heap, where: string, shape: readonly number[], value: number): Tensor {
  heap.assertUsable(`${where}:`);
  const fill = argument.number(value, `${where}: value`);
  const wanted = argument.shape(shape, `${where}: shape`);
  return withResult(heap, where, wanted, (result) => result.elements().fill(fill));
}

function arange(heap: Heap, n: number): Tensor {
  const where = 'arange';
  heap.assertUsable(`${where}:`);
  const count = argument.integer(n, `${where}: n`, 0, Number.MAX_SAFE_INTEGER);
  return withResult(heap, where, [count], (result) => {
    const elements = result.elements();
    for (let i = 0; i < count; i++) elements[i] = i;
  });
}

function normal(
  heap: Heap,
  mean: number,
  std: number,
  shape: readonly number[],
  options?: NormalOptions,
): Tensor {
  const where = 'normal';
  heap.assertUsable(`${where}:`);
  const centre = argument.finite(mean, `${where}: mean`);
  const deviation = argument.finite(std, `${where}: std`);
  if (deviation < 0) throw unexpected(`${where}: std`, std, 'a number of at least 0');
  const wanted = argument.shape(shape, `${where}: shape`);
  const size = checkedSize(wanted, `${where}: a tensor`);
  const given = argument.options(options, where, ['seed']).seed;
  const seed =
    given === undefined
      ? Math.floor(Math.random() * 2 ** 53)
      : argument.integer(given, `${where}: seed`, 0, Number.MAX_SAFE_INTEGER);
  return withResult(heap, where, wanted, (result) => {
    heap.call.drawNormal(
      result.address,
      size,
      centre,
      deviation,
      seed % 2 ** 32,
      Math.floor(seed / 2 ** 32),
    );
  });
}

/** @internal The implementations of `CreationMethods`. */
export const creationMethods: Implementation<CreationMethods> = {
  tensor,
  zeros: (heap, shape) => filled(heap, 'zeros', shape, 0),
  ones: (heap, shape) => filled(heap, 'ones', shape, 1),
  full: (heap, shape, value) => filled(heap, 'full', shape, value),
  arange,
  normal,
};
