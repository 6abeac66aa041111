// The methods of tensors that compute. They are implemented in operators/, a higher layer. The type parameters
// stand for the types in tensor.ts, which imports this file.

/** The methods of a tensor that compute new tensors. */
export interface TensorMethods<Tensor, TensorLike> {
  /**
   * The elementwise sum with a number or a tensor, broadcast as in PyTorch.
   *
   * @example
   * ```js
   * console.log(c.tensor([[1], [2]]).add([10, 20]).data.join()); // 11,21,12,22
   * ```
   *
   * @param other a number, or a tensor whose shape broadcasts with this one's
   * @returns a new tensor of the shape to which both broadcast
   * @throws `SHAPE_MISMATCH` if the shapes do not broadcast
   */
  add(other: number | TensorLike): Tensor;

  /**
   * The elementwise difference, this minus `other`, broadcast as in PyTorch.
   *
   * @example
   * ```js
   * console.log(c.tensor([5, 7]).sub(1).data.join()); // 4,6
   * ```
   *
   * @param other a number, or a tensor whose shape broadcasts with this one's
   * @returns a new tensor of the shape to which both broadcast
   * @throws `SHAPE_MISMATCH` if the shapes do not broadcast
   */
  sub(other: number | TensorLike): Tensor;

  /**
   * The elementwise product with a number or a tensor, broadcast as in PyTorch.
   *
   * @example
   * ```js
   * console.log(c.tensor([5, 7]).mul([2, 3]).data.join()); // 10,21
   * ```
   *
   * @param other a number, or a tensor whose shape broadcasts with this one's
   * @returns a new tensor of the shape to which both broadcast
   * @throws `SHAPE_MISMATCH` if the shapes do not broadcast
   */
  mul(other: number | TensorLike): Tensor;

  /**
   * The elementwise quotient, this divided by `other`, broadcast as in PyTorch.
   *
   * @example
   * ```js
   * console.log(c.tensor([5, 7]).div(2).data.join()); // 2.5,3.5
   * ```
   *
   * @param other a number, or a tensor whose shape broadcasts with this one's
   * @returns a new tensor of the shape to which both broadcast
   * @throws `SHAPE_MISMATCH` if the shapes do not broadcast
   */
  div(other: number | TensorLike): Tensor;

  /**
   * The elementwise power, this to the power of `other`, broadcast as in PyTorch.
   *
   * @example
   * ```js
   * console.log(c.tensor([2, 3]).pow([3, 2]).data.join()); // 8,9
   * ```
   *
   * @param other a number, or a tensor whose shape broadcasts with this one's
   * @returns a new tensor of the shape to which both broadcast
   * @throws `SHAPE_MISMATCH` if the shapes do not broadcast
   */
  pow(other: number | TensorLike): Tensor;

  /**
   * The larger of two elements, broadcast as in PyTorch. NaN counts as larger than any number.
   *
   * @example
   * ```js
   * console.log(c.tensor([1, 5]).maximum(3).data.join()); // 3,5
   * ```
   *
   * @param other a number, or a tensor whose shape broadcasts with this one's
   * @returns a new tensor of the shape to which both broadcast
   * @throws `SHAPE_MISMATCH` if the shapes do not broadcast
   */
  maximum(other: number | TensorLike): Tensor;

  /**
   * The smaller of two elements, broadcast as in PyTorch. NaN counts as smaller than any number.
   *
   * @example
   * ```js
   * console.log(c.tensor([1, 5]).minimum(3).data.join()); // 1,3
   * ```
   *
   * @param other a number, or a tensor whose shape broadcasts with this one's
   * @returns a new tensor of the shape to which both broadcast
   * @throws `SHAPE_MISMATCH` if the shapes do not broadcast
   */
  minimum(other: number | TensorLike): Tensor;

  /**
   * The elementwise absolute value.
   *
   * @example
   * ```js
   * console.log(c.tensor([1, -2]).abs().data.join()); // 1,2
   * ```
   *
   * @returns a new tensor of the same shape
   */
  abs(): Tensor;

  /**
   * The elementwise negative.
   *
   * @example
   * ```js
   * console.log(c.tensor([1, -2]).neg().data.join()); // -1,2
   * ```
   *
   * @returns a new tensor of the same shape
   */
  neg(): Tensor;

  /**
   * The elementwise exponential e^x.
   *
   * @example
   * ```js
   * console.log(c.tensor([0, -Infinity]).exp().data.join()); // 1,0
   * ```
   *
   * @returns a new tensor of the same shape
   */
  exp(): Tensor;

  /**
   * The elementwise natural logarithm; NaN for negative numbers.
   *
   * @example
   * ```js
   * console.log(c.tensor([1, 0]).log().data.join()); // 0,-Infinity
   * ```
   *
   * @returns a new tensor of the same shape
   */
  log(): Tensor;

  /**
   * The elementwise square root; NaN for negative numbers.
   *
   * @example
   * ```js
   * console.log(c.tensor([4, 9]).sqrt().data.join()); // 2,3
   * ```
   *
   * @returns a new tensor of the same shape
   */
  sqrt(): Tensor;

  /**
   * min(max(x, min), max) elementwise, like torch.clamp. NaN stays NaN.
   *
   * @example
   * ```js
   * console.log(c.tensor([-1, 2, 8]).clamp(0, 6).data.join()); // 0,2,6
   * ```
   *
   * @param min the smallest result. Default: no limit.
   * @param max the largest result, which wins over `min`. Default: no limit.
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if a limit is not a number
   */
  clamp(min?: number, max?: number): Tensor;

  /**
   * The sum over axes, accumulated in float64.
   *
   * @example
   * ```js
   * console.log(c.tensor([[1, 2], [3, 4]]).sum(0).data.join()); // 4,6
   * ```
   *
   * @param axis the axes that are reduced; negative ones count from the end. Default: all.
   * @param keepDims whether reduced axes stay, with length 1. Default false.
   * @returns a new tensor without the reduced axes
   * @throws `INVALID_ARGUMENT` if the tensor has no such axis
   */
  sum(axis?: number | readonly number[], keepDims?: boolean): Tensor;

  /**
   * The mean over axes, accumulated in float64; NaN if there are no elements.
   *
   * @example
   * ```js
   * console.log(c.tensor([[1, 2], [3, 4]]).mean(1).data.join()); // 1.5,3.5
   * ```
   *
   * @param axis the axes that are reduced; negative ones count from the end. Default: all.
   * @param keepDims whether reduced axes stay, with length 1. Default false.
   * @returns a new tensor without the reduced axes
   * @throws `INVALID_ARGUMENT` if the tensor has no such axis
   */
  mean(axis?: number | readonly number[], keepDims?: boolean): Tensor;

  /**
   * The largest element over axes, like torch.amax; NaN if an element is NaN.
   *
   * @example
   * ```js
   * console.log(c.tensor([[1, 5], [3, 4]]).max(0).data.join()); // 3,5
   * ```
   *
   * @param axis the axes that are reduced; negative ones count from the end. Default: all.
   * @param keepDims whether reduced axes stay, with length 1. Default false.
   * @returns a new tensor without the reduced axes
   * @throws `INVALID_ARGUMENT` if the tensor has no such axis
   * @throws `SHAPE_MISMATCH` if there are no elements to choose from
   */
  max(axis?: number | readonly number[], keepDims?: boolean): Tensor;

  /**
   * The smallest element over axes, like torch.amin; NaN if an element is NaN.
   *
   * @example
   * ```js
   * console.log(c.tensor([[1, 5], [3, 4]]).min(0).data.join()); // 1,4
   * ```
   *
   * @param axis the axes that are reduced; negative ones count from the end. Default: all.
   * @param keepDims whether reduced axes stay, with length 1. Default false.
   * @returns a new tensor without the reduced axes
   * @throws `INVALID_ARGUMENT` if the tensor has no such axis
   * @throws `SHAPE_MISMATCH` if there are no elements to choose from
   */
  min(axis?: number | readonly number[], keepDims?: boolean): Tensor;

  /**
   * The index of the largest element along an axis, like torch.argmax: the first of several, or the first NaN.
   *
   * @example
   * ```js
   * console.log(c.tensor([[1, 5], [3, 4]]).argMax(1).data.join()); // 1,1
   * ```
   *
   * @param axis the axis; a negative one counts from the end. Default: the tensor is flattened.
   * @param keepDims whether reduced axes stay, with length 1. Default false.
   * @returns a new tensor without the reduced axes
   * @throws `INVALID_ARGUMENT` if the tensor has no such axis
   * @throws `SHAPE_MISMATCH` if there are no elements to choose from
   */
  argMax(axis?: number, keepDims?: boolean): Tensor;

  /**
   * The index of the smallest element along an axis, like torch.argmin: the first of several, or the first NaN.
   *
   * @example
   * ```js
   * console.log(c.tensor([[1, 5], [3, 4]]).argMin(1).data.join()); // 0,0
   * ```
   *
   * @param axis the axis; a negative one counts from the end. Default: the tensor is flattened.
   * @param keepDims whether reduced axes stay, with length 1. Default false.
   * @returns a new tensor without the reduced axes
   * @throws `INVALID_ARGUMENT` if the tensor has no such axis
   * @throws `SHAPE_MISMATCH` if there are no elements to choose from
   */
  argMin(axis?: number, keepDims?: boolean): Tensor;

  /**
   * A copy with the axes in another order, like torch.permute.
   *
   * @example
   * ```js
   * console.log(c.tensor([[1, 2, 3], [4, 5, 6]]).permute([1, 0]).data.join()); // 1,4,2,5,3,6
   * ```
   *
   * @param axes the axis of this tensor for each axis of the result; negative ones count from the end
   * @returns a new tensor
   * @throws `INVALID_ARGUMENT` unless `axes` has each axis once
   */
  permute(axes: readonly number[]): Tensor;

  /**
   * A copy of a range along each axis, like NumPy's x[begin:end:step]. Negative positions count from the end,
   * and positions beyond the ends stand for the ends.
   *
   * @example
   * ```js
   * console.log(c.arange(6).slice([1], [-1], 2).data.join()); // 1,3
   * ```
   *
   * @param begin the first position along each axis
   * @param end the position after the last one along each axis. Default: the ends.
   * @param step the distance between positions, for all axes or for each, at least 1. Default 1.
   * @returns a new tensor with the same number of axes
   * @throws `INVALID_ARGUMENT` unless the arrays have one entry for each axis
   */
  slice(
    begin: readonly number[],
    end?: readonly number[],
    step?: number | readonly number[],
  ): Tensor;
}
