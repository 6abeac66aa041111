// The options that several functions share. The functions that read them are in read-options.ts.

import type { Tensor, TensorLike } from '../tensor/tensor.js';

/**
 * The name of an activation: an elementwise function that is applied to an output. Names of two words have
 * two spellings.
 */
export type ActivationName =
  | 'none'
  | 'relu'
  | 'relu6'
  | 'leaky-relu'
  | 'leakyRelu'
  | 'sigmoid'
  | 'tanh'
  | 'silu'
  | 'hard-swish'
  | 'hardSwish'
  | 'gelu'
  | 'elu'
  | 'selu'
  | 'hard-sigmoid'
  | 'hardSigmoid'
  | 'softplus'
  | 'mish';

/** An activation: its name, or an object with its name and its parameter. */
export type Activation =
  | ActivationName
  | {
      /** The name. */
      type: ActivationName;
      /**
       * The slope of `'leaky-relu'` for negative numbers, default 0.01; the limit of `'elu'` for negative
       * numbers with the sign reversed, default 1; the slope of `'hard-sigmoid'`, default 1/6 as in PyTorch (ONNX: 0.2).
       */
      alpha?: number;
    };

/**
 * The padding around the input, in elements. One number applies to all four sides; in `[h, w]`, `h`
 * applies to top and bottom, `w` to left and right; four numbers are `[top, bottom, left, right]`. Note
 * that `pad` takes PyTorch's order: `[left, right, top, bottom]`.
 *
 * `'valid'` is no padding. `'same'` is PyTorch's: the output has the input's size, the stride must be
 * 1, and an odd element goes to the bottom or the right. `'same-upper'` and `'same-lower'` are ONNX's
 * SAME_UPPER and SAME_LOWER for any stride: the output has ⌈input / stride⌉ rows and columns.
 */
export type Padding =
  | number
  | readonly [h: number, w: number]
  | readonly [top: number, bottom: number, left: number, right: number]
  | 'valid'
  | 'same'
  | 'same-upper'
  | 'same-lower';

/**
 * The padding around an input with planes, in elements: as {@link Padding}, with `[d, h, w]` for front and back,
 * top and bottom, left and right, or with six numbers.
 */
export type Padding3d =
  | number
  | readonly [d: number, h: number, w: number]
  | readonly [front: number, back: number, top: number, bottom: number, left: number, right: number]
  | Extract<Padding, string>;

/** One number for planes, rows and columns, or `[d, h, w]`. */
export type Triple = number | readonly [d: number, h: number, w: number];

/** One number for both axes, or `[h, w]`. */
export type Pair = number | readonly [h: number, w: number];

/** The options of `conv2d`. An option that is `undefined` takes its default. */
export interface Conv2dOptions {
  /** The bias: Co numbers, one for each output channel. Default: none. */
  bias?: TensorLike | undefined;
  /**
   * A tensor of the output's shape, in its layout, that is added before the activation: the other branch of
   * a residual connection. Default: none.
   */
  add?: TensorLike | undefined;
  /** Step between neighbouring windows, in elements. Default 1. */
  stride?: Pair | undefined;
  /** Step between neighbouring elements of the kernel, in elements of the input. Default 1. */
  dilation?: Pair | undefined;
  /**
   * The number of groups, which must divide both channel counts. Each output channel reads only the
   * input channels of its group. Default 1.
   */
  groups?: number | undefined;
  /** The padding around the input, see {@link Padding}. Default 0. */
  padding?: Padding | undefined;
  /**
   * The values of the padding: zeros, or elements of the input as in PyTorch's `padding_mode`, with
   * PyTorch's limits on the padding. Default `'zeros'`.
   */
  paddingMode?: 'zeros' | 'reflect' | 'replicate' | 'circular' | undefined;
  /** The activation that is applied to the output after `bias` and `add`. Default `'none'`. */
  activation?: Activation | undefined;
  /**
   * The order of the axes of input and output. It does not change that of the weight's axes, which
   * `weightLayout` gives: for a filter of TensorFlow, set both. Default `'nchw'`.
   */
  layout?: 'nchw' | 'nhwc' | undefined;
  /**
   * The order of the weight's axes: output channel (o), input channel of the group (i), row (h),
   * column (w). Default `'oihw'`.
   */
  weightLayout?: 'oihw' | 'hwio' | 'ohwi' | 'ihwo' | undefined;
  /**
   * The algorithm. `'auto'`, the default, chooses the fastest one. An algorithm that cannot compute
   * the problem throws `UNSUPPORTED`.
   *
   * - `'winograd'` is for 3×3 kernels with stride 1. Its rounding errors are relative to the largest
   *   numbers around an output. A NaN or an infinity can produce NaN up to three pixels (times the
   *   dilation) beyond the outputs whose windows contain it.
   * - `'separable'` is for groups of one input channel. It splits a kernel into a sum of products of a
   *   column and a row, with as few terms as float32 permits: one for a Gaussian. A general kernel
   *   needs as many as it has rows or columns, which is slower. Its rounding errors are relative to
   *   the norm of the kernel.
   * - `'fft'` is for stride 1 and large kernels. Its rounding errors are relative to the norm of a
   *   tile of up to 1024 rows and columns. A NaN or an infinity produces NaN all over its tile, and in
   *   another tile that is transformed together with it.
   */
  algorithm?:
    | 'auto'
    | 'direct'
    | 'gemm'
    | 'winograd'
    | 'depthwise'
    | 'separable'
    | 'fft'
    | undefined;
  /**
   * Whether the result must have the same bits on every machine and in every engine. NaN and
   * infinities then reach only the outputs whose windows contain them, and sums of integers are exact
   * as long as float32 can represent them, whereas Winograd and FFT may return 27.000002 instead of 27.
   * Default false.
   */
  deterministic?: boolean | undefined;
  /**
   * A tensor of the output's shape that receives the result and is returned. It must not share memory
   * with the arguments. Default: a new tensor.
   */
  out?: Tensor | undefined;
}

/** The options of `unfold` and `fold`, which place windows on an image. */
export interface WindowOptions {
  /** Step between neighbouring windows, in elements. Default 1. */
  stride?: Pair | undefined;
  /** The padding of zeros around the image. Default 0. */
  padding?: Padding | undefined;
  /** Step between neighbouring elements of a window, in elements of the image. Default 1. */
  dilation?: Pair | undefined;
}
