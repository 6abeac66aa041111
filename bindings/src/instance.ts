import { type ActivationMethods, activationMethods } from './operators/activation.js';
import { type ArrangementMethods, arrangementMethods } from './operators/arrangement.js';
import { type ChapterMethods, chapterMethods } from './operators/chapter.js';
import { type ConvolutionMethods, convolutionMethods } from './operators/conv.js';
import {
  type ConvolutionGradientMethods,
  convolutionGradientMethods,
} from './operators/conv-backward.js';
import {
  type TransposedConvolutionMethods,
  transposedConvolutionMethods,
} from './operators/conv-transpose.js';
import { type Convolution1dMethods, convolution1dMethods } from './operators/conv1d.js';
import { type CreationMethods, creationMethods } from './operators/creation.js';
import { type ElementwiseMethods, elementwiseMethods } from './operators/elementwise.js';
import { type FilterMethods, filterMethods } from './operators/filter.js';
import { type FoldMethods, foldMethods } from './operators/fold.js';
import { type ImageMethods, imageMethods } from './operators/image.js';
import { type InterpolationMethods, interpolationMethods } from './operators/interpolation.js';
import { type KernelMethods, kernelMethods } from './operators/kernels.js';
import { type MatchingMethods, matchingMethods } from './operators/matching.js';
import { type MatmulMethods, matmulMethods } from './operators/matmul.js';
import { type NormalisationMethods, normalisationMethods } from './operators/normalisation.js';
import { type PaddingMethods, paddingMethods } from './operators/padding.js';
import { type PlanMethods, planMethods } from './operators/plan.js';
import { type PoolingMethods, poolingMethods } from './operators/pooling.js';
import { type RegistrationMethods, registrationMethods } from './operators/registration.js';
import { type SignalMethods, signalMethods } from './operators/scipy.js';
import { type TidyMethods, tidyMethods } from './operators/tidy.js';
import { assertInternal, invalid } from './runtime/errors.js';
import { Heap, heapKey } from './runtime/heap.js';
import type { Features } from './runtime/load-options.js';
import { bindMethods, bindToHeap, methodsOf } from './runtime/methods.js';
import { supportUsing } from './runtime/platform.js';
import { version } from './runtime/version.js';

/** The memory that an instance uses. */
export interface MemoryUse {
  /** The size of the WebAssembly heap in bytes. It grows and never shrinks. */
  readonly heapBytes: number;
  /** The number of tensors, including views, that have not been disposed. */
  readonly liveTensors: number;
  /** The size of their elements in bytes; elements that several views share count once. */
  readonly liveBytes: number;
}

// The methods that compute, which are defined below.
export interface Corr2d
  extends CreationMethods,
    ArrangementMethods,
    ElementwiseMethods,
    NormalisationMethods,
    InterpolationMethods,
    MatmulMethods,
    ChapterMethods,
    ConvolutionMethods,
    Convolution1dMethods,
    TransposedConvolutionMethods,
    ConvolutionGradientMethods,
    PlanMethods,
    SignalMethods,
    MatchingMethods,
    RegistrationMethods,
    FoldMethods,
    PoolingMethods,
    PaddingMethods,
    ActivationMethods,
    FilterMethods,
    KernelMethods,
    ImageMethods,
    TidyMethods {}

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
    assertInternal(heap instanceof Heap, 'Corr2d', 'load()');
    this.#heap = heap;
    this.features = Object.freeze(features);
    bindMethods(this, methodsOf(Corr2d.prototype));
    Object.freeze(this);
  }

  /** @internal */
  get [heapKey](): Heap {
    if (!(#heap in this)) {
      throw invalid('this is a proxy of an instance or inherits from one; expected an instance');
    }
    return this.#heap;
  }

  /**
   * The memory that the instance uses at this moment.
   *
   * @example
   * ```js
   * const x = c.ones([2, 3]);
   * const { liveTensors, liveBytes } = c.memory();
   * console.log(liveTensors, liveBytes); // 1 24
   * ```
   *
   * @returns the size of the heap, and the number and size of the tensors in it
   */
  memory(): MemoryUse {
    return this[heapKey].memoryUse();
  }

  /**
   * Frees the heap and ends the workers. Any later use of the instance and of its tensors throws
   * `DISPOSED`; a second call does nothing.
   *
   * @example
   * ```js
   * const x = c.ones([2, 3]);
   * c.dispose();
   * try {
   *   x.sum();
   * } catch ({ code }) {
   *   console.log(code); // DISPOSED
   * }
   * ```
   */
  dispose(): void {
    this[heapKey].dispose();
  }

  /** Calls `dispose()` at the end of a `using` declaration's block. */
  declare [Symbol.dispose]: () => void;
}

supportUsing(Corr2d);
for (const methods of [
  creationMethods,
  arrangementMethods,
  elementwiseMethods,
  normalisationMethods,
  interpolationMethods,
  matmulMethods,
  chapterMethods,
  convolutionMethods,
  convolution1dMethods,
  transposedConvolutionMethods,
  convolutionGradientMethods,
  planMethods,
  signalMethods,
  matchingMethods,
  registrationMethods,
  foldMethods,
  poolingMethods,
  paddingMethods,
  activationMethods,
  filterMethods,
  kernelMethods,
  imageMethods,
  tidyMethods,
]) {
  bindToHeap(Corr2d.prototype, methods, (c) => c[heapKey]);
}
