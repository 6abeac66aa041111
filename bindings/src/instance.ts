import { activate } from './operators/activation.js';
import * as chapter from './operators/chapter.js';
import * as conv from './operators/conv.js';
import {
  type Conv2dBackwardOptions,
  type Conv2dGradients,
  conv2dBackward,
} from './operators/conv-backward.js';
import * as creation from './operators/creation.js';
import { type Filter2dOptions, filter2d } from './operators/filter.js';
import { fold, unfold } from './operators/fold.js';
import * as image from './operators/image.js';
import type { EngineImageData, ImageDataLike } from './operators/image-data.js';
import { matmul } from './operators/matmul.js';
import { type PadMode, pad } from './operators/padding.js';
import { type Conv2dPlanOptions, Plan } from './operators/plan.js';
import * as pooling from './operators/pooling.js';
import * as scipy from './operators/scipy.js';
import type { Conv2dOptions, Pair, WindowOptions } from './problem/options.js';
import type { Heap } from './runtime/heap.js';
import type { Features } from './runtime/load-options.js';
import { version } from './runtime/version.js';
import type { NestedArray } from './tensor/nested.js';
import type { Tensor, TensorLike } from './tensor/tensor.js';
import type { NumberArray } from './tensor/views.js';

/**
 * @internal The key of an instance's heap. Tests use it to make allocations fail and to count them, and
 * the worker uses it for functions that are not methods of the instance.
 */
export const heapKey: unique symbol = Symbol.for('corr2d.heap') as never;

/** The memory that an instance uses. */
export interface MemoryUse {
  /** The size of the WebAssembly heap in bytes. It grows and never shrinks. */
  readonly heapBytes: number;
  /** The number of tensors, including views, that have not been disposed. */
  readonly liveTensors: number;
  /** The size of their elements in bytes; elements that several views share count once. */
  readonly liveBytes: number;
}

/**
 * An instance of corr2d with a WebAssembly heap of its own; `load()` creates it. A tensor belongs to
 * the instance that created it. All shapes are row-major. Every parameter of type `TensorLike` accepts
 * tensors, nested arrays and `{ data, shape }`, and functions return new tensors.
 *
 * Every error is a `Corr2dError`. Any function can throw `INVALID_ARGUMENT` (a value of the wrong
 * type, ragged arrays, a tensor of another instance), `SHAPE_MISMATCH`, `OUT_OF_MEMORY` and `DISPOSED`.
 */
export class Corr2d {
  /** The properties of the instance. The object is frozen. */
  readonly features: Features;
  /** The version of the package and of its binaries. */
  readonly version: string = version;
  readonly #heap: Heap;

  /** @internal Use `load()` to create an instance. */
  constructor(heap: Heap, features: Features) {
    this.#heap = heap;
    this.features = Object.freeze(features);
    Object.freeze(this);
  }

  /** @internal */
  get [heapKey](): Heap {
    return this.#heap;
  }

  /** The memory that the instance uses at this moment. */
  memory(): MemoryUse {
    return this.#heap.memoryUse();
  }

  /**
   * Frees the heap and ends the workers. Any later use of the instance and of its tensors throws
   * `DISPOSED`; a second call does nothing.
   */
  dispose(): void {
    this.#heap.dispose();
  }

  /**
   * Creates a tensor with a copy of `values`.
   *
   * @param values numbers nested as deep as the tensor has axes, a flat array, or another tensor
   * @param shape the shape of the tensor, with as many elements as `values`. Default: the shape of
   * `values`.
   */
  tensor(values: TensorLike | NestedArray | NumberArray, shape?: readonly number[]): Tensor {
    return creation.tensor(this.#heap, values, shape);
  }

  /** Creates a tensor of zeros; the shape `[]` is that of a single number. */
  zeros(shape: readonly number[]): Tensor {
    return creation.full(this.#heap, shape, 0, 'zeros');
  }

  /** Creates a tensor of ones. */
  ones(shape: readonly number[]): Tensor {
    return creation.full(this.#heap, shape, 1, 'ones');
  }

  /** Creates a tensor whose elements are all `value`, rounded to float32. */
  full(shape: readonly number[], value: number): Tensor {
    return creation.full(this.#heap, shape, value);
  }

  /** Creates a tensor of the numbers 0, 1, …, n−1, with the shape `[n]`. */
  arange(n: number): Tensor {
    return creation.arange(this.#heap, n);
  }

  /**
   * Creates a tensor of independent samples from a normal distribution.
   *
   * @param std the standard deviation, at least 0
   * @param options `seed`: a whole number from 0 to 2⁵³−1. The same seed gives the same bits on every
   * engine. Without a seed, every call gives different numbers.
   */
  normal(mean: number, std: number, shape: readonly number[], options?: { seed?: number }): Tensor {
    return creation.normal(this.#heap, mean, std, shape, options);
  }

  /**
   * Stacks tensors of the same shape along a new axis, like torch.stack. The result is a copy.
   *
   * @param axis the position of the new axis; a negative one counts from the end. Default 0.
   */
  stack(tensors: readonly TensorLike[], axis = 0): Tensor {
    return creation.stack(this.#heap, tensors, axis);
  }

  /**
   * Computes the matrix product, like torch.matmul: …×m×k and …×k×n → …×m×n. The axes before the last
   * two are broadcast. A vector is a row on the left and a column on the right, and its axis is
   * dropped from the result.
   */
  matmul(a: TensorLike, b: TensorLike): Tensor {
    return matmul(this.#heap, a, b);
  }

  /**
   * Computes the two-dimensional cross-correlation: each output element is the sum of the products of
   * the kernel and the window of the input that begins there.
   * X: h×w, K: kh×kw → (h−kh+1)×(w−kw+1). Leading axes of length 1 are dropped, here and in the next
   * three functions. Source: Dive into Deep Learning, chapter 7.2.
   */
  corr2d(X: TensorLike, K: TensorLike): Tensor {
    return chapter.corr2d(this.#heap, X, K);
  }

  /**
   * Correlates several input channels, each with a kernel of its own, and adds up the results.
   * X: ci×h×w, K: ci×kh×kw → (h−kh+1)×(w−kw+1). Source: Dive into Deep Learning, section 7.4.1.
   */
  corr2dMultiIn(X: TensorLike, K: TensorLike): Tensor {
    return chapter.corr2dMultiIn(this.#heap, X, K);
  }

  /**
   * Computes several output channels, each with a kernel for every input channel.
   * X: ci×h×w, K: co×ci×kh×kw → co×(h−kh+1)×(w−kw+1). Source: Dive into Deep Learning, section 7.4.2.
   */
  corr2dMultiInOut(X: TensorLike, K: TensorLike): Tensor {
    return chapter.corr2dMultiInOut(this.#heap, X, K);
  }

  /**
   * Computes the 1×1 layer as a matrix product over the channels, with the same bits as
   * `corr2dMultiInOut`.
   * X: ci×h×w, K: co×ci×1×1 → co×h×w. Source: Dive into Deep Learning, section 7.4.3.
   */
  corr2dMultiInOut1x1(X: TensorLike, K: TensorLike): Tensor {
    return chapter.corr2dMultiInOut1x1(this.#heap, X, K);
  }

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
   * @param input N×C×H×W or C×H×W; N×H×W×C or H×W×C with `layout: 'nhwc'`
   * @param weight Co×(C/groups)×kh×kw
   * @returns N×Co×H'×W' or Co×H'×W', in the layout of the input
   * @throws `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  conv2d(input: TensorLike, weight: TensorLike, options?: Conv2dOptions): Tensor {
    return conv.conv2d(this.#heap, input, weight, options);
  }

  /**
   * Computes a one-dimensional convolution layer, like torch.nn.functional.conv1d. It does not reverse
   * the kernel: to filter a signal with the taps of an FIR filter, reverse the taps. The output length
   * is L' = ⌊(L + left + right − dilation·(k − 1) − 1) / stride⌋ + 1.
   *
   * @param input N×C×L or C×L
   * @param weight Co×(C/groups)×k
   * @returns N×Co×L' or Co×L'
   * @throws `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  conv1d(input: TensorLike, weight: TensorLike, options?: conv.Conv1dOptions): Tensor {
    return conv.conv1d(this.#heap, input, weight, options);
  }

  /**
   * Computes the transposed convolution, like torch.nn.functional.conv_transpose2d: for each input
   * element, the kernel times that element is added to the output. The output height is
   * H' = (H − 1)·stride − top − bottom + dilation·(kh − 1) + outputPadding + 1, and W' is computed
   * likewise.
   *
   * @param input N×Ci×H×W or Ci×H×W
   * @param weight Ci×(Co/groups)×kh×kw
   * @returns N×Co×H'×W' or Co×H'×W'
   */
  convTranspose2d(
    input: TensorLike,
    weight: TensorLike,
    options?: conv.ConvTranspose2dOptions,
  ): Tensor {
    return conv.convTranspose2d(this.#heap, input, weight, options);
  }

  /**
   * Computes the gradients of a loss with respect to the input, weight and bias of a `conv2d`, as
   * PyTorch's autograd does.
   *
   * @param gradOutput the gradient of the loss with respect to the output, in the output's shape
   * @param input the input of the `conv2d`: N×C×H×W or C×H×W
   * @param weight the weight of the `conv2d`: Co×(C/groups)×kh×kw
   * @param options the options of the `conv2d`
   * @throws `UNSUPPORTED` for layouts other than the defaults, for an activation and for `out`
   */
  conv2dBackward(
    gradOutput: TensorLike,
    input: TensorLike,
    weight: TensorLike,
    options?: Conv2dBackwardOptions,
  ): Conv2dGradients {
    return conv2dBackward(this.#heap, gradOutput, input, weight, options);
  }

  /**
   * Prepares a `conv2d` for many inputs of one shape. The weight and the bias are copied.
   *
   * @example
   * ```js
   * const plan = c.planConv2d({ inputShape: [1, 4, 4], weight: c.ones([1, 1, 3, 3]) });
   * const y = plan.run(c.ones([1, 4, 4])); // once for each input
   * console.log(y.data.join()); // 9,9,9,9
   * plan.dispose();
   * ```
   *
   * @throws `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  planConv2d(options: Conv2dPlanOptions): Plan {
    return new Plan(this.#heap, options);
  }

  /**
   * Computes the two-dimensional cross-correlation, like scipy.signal.correlate2d. For a large `b` it
   * may use the FFT algorithm, whose accuracy is described at `algorithm` in {@link Conv2dOptions}. To
   * choose the algorithm yourself, use `conv2d`.
   *
   * @example
   * ```js
   * const a = [[1, 2, 3], [4, 5, 6], [7, 8, 9]];
   * console.log(c.correlate2d(a, [[1, 0], [0, -1]], { mode: 'valid' }).data.join()); // -4,-4,-4,-4
   * ```
   *
   * @param a h×w
   * @param b kh×kw
   * @returns (h+kh−1)×(w+kw−1) in mode `'full'`, h×w in mode `'same'`, (h−kh+1)×(w−kw+1) in mode
   * `'valid'`
   * @throws `SHAPE_MISMATCH` if `b` is larger than `a` in mode `'valid'`
   */
  correlate2d(a: TensorLike, b: TensorLike, options?: scipy.Correlate2dOptions): Tensor {
    return scipy.correlate2d(this.#heap, a, b, options);
  }

  /**
   * Computes the two-dimensional convolution, like scipy.signal.convolve2d: `correlate2d` with `b`
   * rotated by 180°. Shapes and errors are those of `correlate2d`.
   */
  convolve2d(a: TensorLike, b: TensorLike, options?: scipy.Correlate2dOptions): Tensor {
    return scipy.convolve2d(this.#heap, a, b, options);
  }

  /**
   * Copies windows of an image to columns, like torch.nn.functional.unfold.
   *
   * @param input N×C×H×W or C×H×W
   * @param kernelSize the size of a window: kh×kw
   * @returns N×(C·kh·kw)×L or (C·kh·kw)×L, with a column for each of the L windows
   */
  unfold(input: TensorLike, kernelSize: Pair, options?: WindowOptions): Tensor {
    return unfold(this.#heap, input, kernelSize, options);
  }

  /**
   * Adds columns to the windows of an image, like torch.nn.functional.fold. This is the adjoint of
   * `unfold`: where windows overlap, their values are added up.
   *
   * @param input N×(C·kh·kw)×L or (C·kh·kw)×L
   * @param outputSize the size of the image: H×W
   * @param kernelSize the size of a window: kh×kw
   * @returns N×C×H×W or C×H×W
   */
  fold(input: TensorLike, outputSize: Pair, kernelSize: Pair, options?: WindowOptions): Tensor {
    return fold(this.#heap, input, outputSize, kernelSize, options);
  }

  /**
   * Computes the maximum of each window, like torch.nn.functional.max_pool2d.
   *
   * @param input N×C×H×W or C×H×W
   * @param kernelSize the size of a window: kh×kw
   * @returns N×C×H'×W' or C×H'×W', with H' and W' as for `conv2d`
   */
  maxPool2d(input: TensorLike, kernelSize: Pair, options?: pooling.MaxPool2dOptions): Tensor {
    return pooling.maxPool2d(this.#heap, input, kernelSize, options);
  }

  /**
   * Computes the mean of each window, like torch.nn.functional.avg_pool2d.
   *
   * @param input N×C×H×W or C×H×W
   * @param kernelSize the size of a window: kh×kw
   * @returns N×C×H'×W' or C×H'×W', with H' and W' as for `conv2d`
   */
  avgPool2d(input: TensorLike, kernelSize: Pair, options?: pooling.AvgPool2dOptions): Tensor {
    return pooling.avgPool2d(this.#heap, input, kernelSize, options);
  }

  /**
   * Pads the last two axes, like torch.nn.functional.pad. Negative numbers crop.
   *
   * @param input …×H×W
   * @param padding `[left, right, top, bottom]` in elements, in PyTorch's order. Note that the option
   * `padding` of convolutions has another order: `[top, bottom, left, right]`.
   * @param mode the values of the padding. Default `'constant'`.
   * @param value the value for the mode `'constant'`. Default 0.
   * @returns …×(top + H + bottom)×(left + W + right)
   */
  pad(
    input: TensorLike,
    padding: readonly [left: number, right: number, top: number, bottom: number],
    mode?: PadMode,
    value?: number,
  ): Tensor {
    return pad(this.#heap, input, padding, mode, value);
  }

  /** Computes max(x, 0) elementwise. */
  relu(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'relu', 'relu', tensor);
  }

  /** Computes min(max(x, 0), 6) elementwise. */
  relu6(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'relu6', 'relu6', tensor);
  }

  /** Computes x if x ≥ 0 and alpha·x otherwise, elementwise. Default alpha 0.01. */
  leakyRelu(tensor: TensorLike, alpha = 0.01): Tensor {
    return activate(this.#heap, 'leakyRelu', 'leaky-relu', tensor, alpha);
  }

  /** Computes 1 / (1 + e^−x) elementwise. */
  sigmoid(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'sigmoid', 'sigmoid', tensor);
  }

  /** Computes (e^x − e^−x) / (e^x + e^−x) elementwise. */
  tanh(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'tanh', 'tanh', tensor);
  }

  /** Computes x / (1 + e^−x) elementwise. */
  silu(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'silu', 'silu', tensor);
  }

  /** Computes x·min(max(x + 3, 0), 6) / 6 elementwise. */
  hardSwish(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'hardSwish', 'hard-swish', tensor);
  }

  /** Computes x·(1 + erf(x/√2)) / 2 elementwise. */
  gelu(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'gelu', 'gelu', tensor);
  }

  /**
   * Correlates the red, green and blue channels of an image with a kernel, like OpenCV's filter2D.
   * Results are rounded to the nearest integer and clamped to 0 to 255; alpha is kept. The kernel's
   * anchor is (⌊kh/2⌋, ⌊kw/2⌋).
   *
   * @example
   * ```js
   * const image = { width: 3, height: 1, data: new Uint8ClampedArray(12).fill(255) };
   * image.data.set([0, 0, 0], 4); // a black pixel between two white ones
   * const blurred = c.filter2d(image, [[0.25, 0.5, 0.25]]);
   * console.log(blurred.data.slice(4, 8).join()); // 128,128,128,255
   * ```
   *
   * @param imageData an image with 8 bits per channel
   * @param kernel kh×kw
   * @returns an image of the same size: `out`, or a new one
   */
  filter2d(imageData: ImageDataLike, kernel: TensorLike, options?: Filter2dOptions): ImageDataLike {
    return filter2d(this.#heap, imageData, kernel, options);
  }

  /**
   * Draws an image to a canvas and reads its pixels, with the options of `fromImageData`.
   *
   * @param source an image or canvas element, OffscreenCanvas, ImageBitmap or VideoFrame
   * @returns C×h×w, in the image's intrinsic size
   * @throws `INVALID_ARGUMENT` if the pixels cannot be read, for example because the image comes from
   * another origin
   */
  fromImage(source: image.ImageSource, options?: { channels?: 1 | 3 | 4; scale?: number }): Tensor {
    return image.fromImage(this.#heap, source, options);
  }

  /**
   * Reads an image as a tensor C×h×w.
   *
   * @example
   * ```js
   * const image = { width: 2, height: 1, data: Uint8ClampedArray.of(255, 0, 0, 255, 0, 0, 255, 255) };
   * const rgb = c.fromImageData(image);
   * console.log(rgb.shape.join('×'), rgb.data.join()); // 3×1×2 1,0,0,0,0,1
   * ```
   *
   * @param options `channels`: 3 for R, G, B, the default; 4 with alpha; 1 for grey, which is
   * 0.299 R + 0.587 G + 0.114 B. `scale`: the factor for each value from 0 to 255. Default 1/255.
   */
  fromImageData(
    imageData: ImageDataLike,
    options?: { channels?: 1 | 3 | 4; scale?: number },
  ): Tensor {
    return image.fromImageData(this.#heap, imageData, options);
  }

  /**
   * Converts a tensor to an image. Alpha is 255 unless there is a fourth channel.
   *
   * @example
   * ```js
   * const image = c.toImageData([[0, 0.5, 1]]); // grey, 3 pixels wide and 1 high
   * console.log(image.data.join()); // 0,0,0,255,128,128,128,255,255,255,255,255
   * ```
   *
   * @param tensor h×w, or C×h×w with C of 1, 3 or 4
   * @param options `min` and `max`: the numbers that become 0 and 255. Default 0 and 1. Numbers between
   * them are scaled and rounded to the nearest integer; others are clamped.
   * @returns an `ImageData`, or an object with the same members if the engine has no such class
   */
  toImageData(tensor: TensorLike, options?: { min?: number; max?: number }): EngineImageData {
    return image.toImageData(this.#heap, tensor, options);
  }
}
