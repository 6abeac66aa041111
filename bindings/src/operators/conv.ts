import { conv2dOptions, convolution, convolutionOptions } from '../problem/convolution.js';
import type { Conv2dOptions, Padding3d, Triple } from '../problem/options.js';
import { solve } from '../problem/problem.js';
import { addOperand, type Rank } from '../problem/read-options.js';
import * as argument from '../runtime/arguments.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** Convolution layers. */
export interface ConvolutionMethods {
  /**
   * Computes a convolution layer of deep learning, like torch.nn.functional.conv2d: for each output
   * channel, every input channel of its group is correlated with a kernel of its own, and the results
   * are added up. The output height is H' = ⌊(H + top + bottom − dilation·(kh − 1) − 1) / stride⌋ + 1,
   * and W' is computed likewise.
   *
   * @example
   * ```js
   * const image = c.ones([3, 32, 32]);
   * const weight = c.full([16, 3, 3, 3], 0.5);
   * const y = c.conv2d(image, weight, { stride: 2, padding: 1, activation: 'relu' });
   * console.log(y.shape.join()); // 16,16,16
   * ```
   *
   * @param input N×C×H×W or C×H×W; N×H×W×C or H×W×C with `layout: 'nhwc'`; H×W if the weight is one kernel
   * @param weight Co×(C/groups)×kh×kw; or kh×kw, one kernel, for an input with one channel, or for each channel if
   * `groups` is their number
   * @param options stride, padding, groups and others; all have defaults
   * @returns N×Co×H'×W' or Co×H'×W', in the layout of the input; H'×W' for an input H×W
   * @throws `INVALID_ARGUMENT` for the padding `'same'` with a stride other than 1, and for a padding that
   * exceeds the limits of `paddingMode`
   * @throws `SHAPE_MISMATCH` if the channels do not fit or the kernel is larger than the padded input
   * @throws `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  conv2d(input: TensorLike, weight: TensorLike, options?: Conv2dOptions): Tensor;

  /**
   * Computes a convolution layer of volumes or of videos, like torch.nn.functional.conv3d: `conv2d` with a
   * third spatial axis, the depth, before the height.
   *
   * @example
   * ```js
   * const video = c.ones([3, 8, 32, 32]);
   * const weight = c.full([16, 3, 3, 3, 3], 0.5);
   * const y = c.conv3d(video, weight, { padding: 1, stride: [1, 2, 2] });
   * console.log(y.shape.join()); // 16,8,16,16
   * ```
   *
   * @param input N×C×D×H×W or C×D×H×W; N×D×H×W×C or D×H×W×C with `layout: 'nhwc'`
   * @param weight Co×(C/groups)×kd×kh×kw
   * @param options stride, padding, groups and others; all have defaults
   * @returns N×Co×D'×H'×W' or Co×D'×H'×W', in the layout of the input; sizes as for `conv2d`
   * @throws `INVALID_ARGUMENT` for the padding `'same'` with a stride other than 1, and for a padding that
   * exceeds the limits of `paddingMode`
   * @throws `SHAPE_MISMATCH` if the channels do not fit or the kernel is larger than the padded input
   * @throws `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  conv3d(input: TensorLike, weight: TensorLike, options?: Conv3dOptions): Tensor;
}

/** The options of `conv3d`: those of `conv2d` with three spatial axes. */
export interface Conv3dOptions
  extends Omit<Conv2dOptions, 'stride' | 'dilation' | 'padding' | 'weightLayout'> {
  /** Step between neighbouring windows, in elements. Default 1. */
  stride?: Triple | undefined;
  /** Step between neighbouring elements of the kernel, in elements of the input. Default 1. */
  dilation?: Triple | undefined;
  /** The padding around the input, see {@link Padding3d}. Default 0. */
  padding?: Padding3d | undefined;
}

/** `conv2d` or `conv3d`, by the options that it has. */
const forward =
  <Options>(where: string, names: readonly (typeof conv2dOptions)[number][], rank: Rank) =>
  (heap: Heap, input: TensorLike, weight: TensorLike, options?: Options): Tensor => {
    const image = operand(heap, input, `${where}: input`);
    const given = argument.options(options, where, names);
    const kernel = operand(heap, weight, `${where}: weight`);
    const second = addOperand(heap, given.add, where);
    const { problem, outputShape, out, bias } = convolution(
      heap,
      where,
      image.shape,
      kernel.shape,
      given,
      second !== undefined,
      rank,
    );
    return solve(heap, problem, { input: image, weight: kernel, bias, second }, outputShape, out);
  };

/** @internal The implementations of `ConvolutionMethods`. */
export const convolutionMethods: Implementation<ConvolutionMethods> = {
  conv2d: forward<Conv2dOptions>('conv2d', conv2dOptions, 2),
  conv3d: forward<Conv3dOptions>('conv3d', [...convolutionOptions, 'add', 'layout', 'out'], 3),
};
