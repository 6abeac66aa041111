import { activate } from './operators/activation.js';
import * as chapter from './operators/chapter.js';
import * as conv from './operators/conv.js';
import {
  type Conv2dBackwardOptions,
  type Conv2dGradients,
  conv2dBackward,
} from './operators/conv-backward.js';
import * as create from './operators/creation.js';
import { type Filter2dOptions, filter2d } from './operators/filter.js';
import * as image from './operators/image.js';
import type { ImageDataLike, Picture } from './operators/image-data.js';
import { matmul } from './operators/matmul.js';
import { type Conv2dPlanOptions, Plan } from './operators/plan.js';
import * as planes from './operators/planes.js';
import * as scipy from './operators/scipy.js';
import type { Conv2dOptions, Pair } from './problem/options.js';
import type { Heap } from './runtime/heap.js';
import { version } from './runtime/version.js';
import type { NestedArray } from './tensor/nested.js';
import type { Tensor, TensorLike } from './tensor/tensor.js';
import type { NumberArray } from './tensor/views.js';

/**
 * @internal Tests reach an instance's heap by it, to make allocations fail and to count them, and so
 * does what is not part of the instance.
 */
export const heapKey: unique symbol = Symbol.for('corr2d.heap') as never;

/** The WebAssembly binaries that there are. */
export type Variant = 'simd' | 'relaxed' | 'threads' | 'relaxed-threads';

/** What an instance holds. */
export interface MemoryUse {
  /** The size of the WebAssembly heap in bytes: it grows, and never shrinks. */
  readonly heapBytes: number;
  /** Tensors that have not been disposed of; views count. */
  readonly liveTensors: number;
  /** Bytes of their elements; what several views show counts once. */
  readonly liveBytes: number;
}

/** What an instance runs on: what `load()` found and chose. */
export interface Features {
  /** The WebAssembly binary in use. */
  readonly variant: Variant;
  /** Its instructions: `simd`, or `relaxed`, which has fused multiply-add. */
  readonly simd: 'simd' | 'relaxed';
  /** Threads that compute, the caller's included. */
  readonly threads: number;
  /** Why it is less than `load()` was asked for, or than corr2d has; absent where it is not. */
  readonly reason?: string;
}

/**
 * corr2d, loaded: made by `load()`, with a WebAssembly heap of its own. Tensors belong to the
 * instance that made them. All shapes are row-major; every function that takes a `TensorLike`
 * takes tensors, nested arrays and `{ data, shape }`, and returns a new `Tensor`.
 *
 * Every error is a `Corr2dError`. Any function can throw `INVALID_ARGUMENT` (a wrong type, ragged
 * arrays, a tensor of another instance), `SHAPE_MISMATCH`, `OUT_OF_MEMORY` and `DISPOSED`.
 */
export class Corr2d {
  /** What the instance runs on, frozen. */
  readonly features: Features;
  /** The package's version, which is the module's too. */
  readonly version: string = version;
  readonly #heap: Heap;

  /** @internal `load()` makes instances. */
  constructor(heap: Heap, features: Features) {
    this.#heap = heap;
    this.features = Object.freeze(features);
    Object.freeze(this);
  }

  /** @internal */
  get [heapKey](): Heap {
    return this.#heap;
  }

  /** What it holds at this moment. */
  memory(): MemoryUse {
    return this.#heap.account();
  }

  /** Ends the instance: every later use of it and of its tensors throws `DISPOSED`. */
  dispose(): void {
    this.#heap.dispose();
  }

  /**
   * A tensor with a copy of `values`: numbers nested as deep as it has axes, or, with `shape`, in
   * one row.
   */
  tensor(values: TensorLike | NestedArray | NumberArray, shape?: readonly number[]): Tensor {
    return create.tensor(this.#heap, values, shape);
  }

  /** A tensor of this shape, filled with 0; `[]` is the shape of a single number. */
  zeros(shape: readonly number[]): Tensor {
    return create.full(this.#heap, shape, 0, 'zeros');
  }

  /** A tensor of this shape, filled with 1. */
  ones(shape: readonly number[]): Tensor {
    return create.full(this.#heap, shape, 1, 'ones');
  }

  /** A tensor of this shape, filled with `value`, which is rounded to float32. */
  full(shape: readonly number[], value: number): Tensor {
    return create.full(this.#heap, shape, value);
  }

  /** 0, 1, …, n−1. */
  arange(n: number): Tensor {
    return create.arange(this.#heap, n);
  }

  /**
   * Independent draws from a normal distribution. The same `seed`, a whole number from 0 to 2⁵³−1,
   * gives the same bits everywhere; without one every call draws anew.
   */
  normal(mean: number, std: number, shape: readonly number[], options?: { seed?: number }): Tensor {
    return create.normal(this.#heap, mean, std, shape, options);
  }

  /**
   * Tensors of one shape, stacked along a new axis: a copy, not a view of them. A negative axis
   * counts from the end.
   */
  stack(tensors: readonly TensorLike[], axis = 0): Tensor {
    return create.stack(this.#heap, tensors, axis);
  }

  /**
   * The matrix product, as torch.matmul has it: matrices in the last two axes, the axes before them
   * broadcast, vectors taken as a row on the left and as a column on the right.
   */
  matmul(a: TensorLike, b: TensorLike): Tensor {
    return matmul(this.#heap, a, b);
  }

  /**
   * Two-dimensional cross-correlation: each output element is the sum of the products of the kernel
   * and the window of the input that begins there.
   * X: h×w, K: kh×kw → (h−kh+1)×(w−kw+1). Axes of length 1 in front are dropped, here and below.
   * Source: Dive into Deep Learning, chapter 7.2.
   */
  corr2d(X: TensorLike, K: TensorLike): Tensor {
    return chapter.corr2d(this.#heap, X, K);
  }

  /**
   * Several input channels: each is correlated with its own kernel, and the results are added up.
   * X: ci×h×w, K: ci×kh×kw → (h−kh+1)×(w−kw+1). Source: chapter 7.4.1.
   */
  corr2dMultiIn(X: TensorLike, K: TensorLike): Tensor {
    return chapter.corr2dMultiIn(this.#heap, X, K);
  }

  /**
   * Several output channels: each has a kernel for every input channel.
   * X: ci×h×w, K: co×ci×kh×kw → co×(h−kh+1)×(w−kw+1). Source: chapter 7.4.2.
   */
  corr2dMultiInOut(X: TensorLike, K: TensorLike): Tensor {
    return chapter.corr2dMultiInOut(this.#heap, X, K);
  }

  /**
   * The 1×1 layer, as a matrix product over the channels. Bit for bit what `corr2dMultiInOut` gives.
   * X: ci×h×w, K: co×ci×1×1 → co×h×w. Source: chapter 7.4.3.
   */
  corr2dMultiInOut1x1(X: TensorLike, K: TensorLike): Tensor {
    return chapter.corr2dMultiInOut1x1(this.#heap, X, K);
  }

  /**
   * The convolution of deep learning, as torch.nn.functional.conv2d: cross-correlation of every
   * input channel of a group with a kernel of its own, added up, for each output channel.
   * input: N×C×H×W or C×H×W; weight: Co×(C/groups)×kh×kw → N×Co×H'×W' or Co×H'×W', where
   * H' = ⌊(H + pads − dilation·(kh − 1) − 1) / stride⌋ + 1, and W' likewise.
   * Throws `UNSUPPORTED` where an algorithm was asked for by name that cannot do it.
   */
  conv2d(input: TensorLike, weight: TensorLike, options?: Conv2dOptions): Tensor {
    return conv.conv2d(this.#heap, input, weight, options);
  }

  /** The same along one axis. input: N×C×L or C×L; weight: Co×(C/groups)×k → N×Co×L' or Co×L'. */
  conv1d(input: TensorLike, weight: TensorLike, options?: conv.Conv1dOptions): Tensor {
    return conv.conv1d(this.#heap, input, weight, options);
  }

  /**
   * The transposed convolution, as torch.nn.functional.conv_transpose2d: each input element spreads
   * the kernel over the output. input: N×Ci×H×W or Ci×H×W; weight: Ci×(Co/groups)×kh×kw →
   * N×Co×H'×W' or Co×H'×W', where H' = (H − 1)·stride − pads + dilation·(kh − 1) + outputPadding + 1,
   * and W' likewise.
   */
  convTranspose2d(
    input: TensorLike,
    weight: TensorLike,
    options?: conv.ConvTranspose2dOptions,
  ): Tensor {
    return conv.convTranspose2d(this.#heap, input, weight, options);
  }

  /**
   * The gradients that autograd would give for input, weight and bias of a `conv2d` with these
   * options, of which `gradOutput`, of the output's shape, is the gradient for the output.
   * `UNSUPPORTED` for options that have no gradient here.
   */
  conv2dBackward(
    gradOutput: TensorLike,
    input: TensorLike,
    weight: TensorLike,
    options?: Conv2dBackwardOptions,
  ): Conv2dGradients {
    return conv2dBackward(this.#heap, gradOutput, input, weight, options);
  }

  /** Makes a `conv2d` ready for many inputs of one shape. The weight and the bias are copied. */
  planConv2d(options: Conv2dPlanOptions): Plan {
    return new Plan(this.#heap, options);
  }

  /**
   * scipy.signal.correlate2d. a: h×w, b: kh×kw → `'full'`: (h+kh−1)×(w+kw−1), `'same'`: h×w,
   * `'valid'`: (h−kh+1)×(w−kw+1), which with `b` larger than `a` is `SHAPE_MISMATCH`. A large `b` may
   * go by FFT, see `algorithm` in {@link Conv2dOptions}: `conv2d` can be told not to.
   */
  correlate2d(a: TensorLike, b: TensorLike, options?: scipy.Correlate2dOptions): Tensor {
    return scipy.correlate2d(this.#heap, a, b, options);
  }

  /** scipy.signal.convolve2d: the same with `b` turned round by 180°. */
  convolve2d(a: TensorLike, b: TensorLike, options?: scipy.Correlate2dOptions): Tensor {
    return scipy.convolve2d(this.#heap, a, b, options);
  }

  /**
   * torch.nn.functional.unfold. N×C×H×W or C×H×W → N×(C·kh·kw)×L or (C·kh·kw)×L: a column for each of
   * the L windows.
   */
  unfold(input: TensorLike, kernelSize: Pair, options?: planes.WindowOptions): Tensor {
    return planes.unfold(this.#heap, input, kernelSize, options);
  }

  /**
   * torch.nn.functional.fold, the way back: N×(C·kh·kw)×L or (C·kh·kw)×L → N×C×H×W or C×H×W. Columns
   * are added up where they lie. `outputSize` is [H, W].
   */
  fold(
    input: TensorLike,
    outputSize: Pair,
    kernelSize: Pair,
    options?: planes.WindowOptions,
  ): Tensor {
    return planes.fold(this.#heap, input, outputSize, kernelSize, options);
  }

  /**
   * The greatest element of each window, as torch.nn.functional.max_pool2d. N×C×H×W or C×H×W →
   * N×C×H'×W' or C×H'×W'.
   */
  maxPool2d(input: TensorLike, kernelSize: Pair, options?: planes.MaxPool2dOptions): Tensor {
    return planes.maxPool2d(this.#heap, input, kernelSize, options);
  }

  /**
   * The mean of each window, as torch.nn.functional.avg_pool2d. N×C×H×W or C×H×W → N×C×H'×W' or
   * C×H'×W'.
   */
  avgPool2d(input: TensorLike, kernelSize: Pair, options?: planes.AvgPool2dOptions): Tensor {
    return planes.avgPool2d(this.#heap, input, kernelSize, options);
  }

  /**
   * Pads the last two axes, as torch.nn.functional.pad: negative numbers crop. `value` is for the
   * mode `'constant'`, the default.
   */
  pad(
    input: TensorLike,
    padding: readonly [left: number, right: number, top: number, bottom: number],
    mode?: planes.PadMode,
    value?: number,
  ): Tensor {
    return planes.pad(this.#heap, input, padding, mode, value);
  }

  /** max(x, 0) */
  relu(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'relu', 'relu', tensor);
  }

  /** min(max(x, 0), 6) */
  relu6(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'relu6', 'relu6', tensor);
  }

  /** x, and alpha·x where x is negative. */
  leakyRelu(tensor: TensorLike, alpha = 0.01): Tensor {
    return activate(this.#heap, 'leakyRelu', 'leaky-relu', tensor, alpha);
  }

  /** 1 / (1 + e^−x) */
  sigmoid(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'sigmoid', 'sigmoid', tensor);
  }

  /** (e^x − e^−x) / (e^x + e^−x) */
  tanh(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'tanh', 'tanh', tensor);
  }

  /** x / (1 + e^−x) */
  silu(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'silu', 'silu', tensor);
  }

  /** x·min(max(x + 3, 0), 6) / 6 */
  hardSwish(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'hardSwish', 'hard-swish', tensor);
  }

  /** x·(1 + erf(x/√2)) / 2 */
  gelu(tensor: TensorLike): Tensor {
    return activate(this.#heap, 'gelu', 'gelu', tensor);
  }

  /**
   * A picture correlated with one kernel: each of R, G and B, rounded and clamped to bytes, alpha
   * kept. The kernel's middle is at (⌊kh/2⌋, ⌊kw/2⌋), as in OpenCV.
   */
  filter2d(imageData: ImageDataLike, kernel: TensorLike, options?: Filter2dOptions): ImageDataLike {
    return filter2d(this.#heap, imageData, kernel, options);
  }

  /**
   * Draws a picture of a page and reads it, as `fromImageData` does. Pictures of other origins that
   * may not be read are INVALID_ARGUMENT.
   */
  fromImage(source: image.ImageSource, options?: { channels?: 1 | 3 | 4; scale?: number }): Tensor {
    return image.fromImage(this.#heap, source, options);
  }

  /**
   * The pixels as a tensor C×h×w, each value times `scale` (1/255). `channels`: 3 (R, G, B; the
   * default), 4 (with alpha) or 1 (grey: 0.299 R + 0.587 G + 0.114 B).
   */
  fromImageData(
    imageData: ImageDataLike,
    options?: { channels?: 1 | 3 | 4; scale?: number },
  ): Tensor {
    return image.fromImageData(this.#heap, imageData, options);
  }

  /**
   * A tensor C×h×w (C: 1, 3 or 4) or h×w as a picture: `min` (0) becomes 0 and `max` (1) 255, what
   * lies outside is clamped, what lies between is rounded to the nearest. Alpha is 255 unless it is
   * the fourth channel. Where there is no `ImageData`, as in Node, an object with its members.
   */
  toImageData(tensor: TensorLike, options?: { min?: number; max?: number }): Picture {
    return image.toImageData(this.#heap, tensor, options);
  }
}
