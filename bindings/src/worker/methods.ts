// The methods of an instance that a client also has.

import type { Corr2d } from '../instance.js';
import type { Conv2dGradients } from '../operators/conv-backward.js';
import type { EngineImageData, ImageDataLike } from '../operators/image-data.js';
import type { Tensor } from '../tensor/tensor.js';
import type { CallSignal, PlainTensor } from './messages.js';

/** How a method is called in the worker. */
export interface MethodSettings {
  /** The number of parameters before the options. */
  readonly parameters: number;
  /** Whether the instance's method has an options object as its last parameter. */
  readonly hasOptions?: boolean;
  /** Whether the worker can run the method a few tasks at a time. */
  readonly hasTasks?: boolean;
  /** Whether the result is an image. */
  readonly returnsImage?: boolean;
}

/**
 * One line for each method that the client passes on. The types of the client's methods and their
 * implementations follow from this table and from the class `Corr2d`.
 */
export const METHODS = {
  memory: { parameters: 0 },
  tensor: { parameters: 2 },
  zeros: { parameters: 1 },
  ones: { parameters: 1 },
  full: { parameters: 2 },
  arange: { parameters: 1 },
  normal: { parameters: 3, hasOptions: true },
  stack: { parameters: 2 },
  matmul: { parameters: 2 },
  corr2d: { parameters: 2 },
  corr2dMultiIn: { parameters: 2 },
  corr2dMultiInOut: { parameters: 2 },
  corr2dMultiInOut1x1: { parameters: 2 },
  conv2d: { parameters: 2, hasOptions: true, hasTasks: true },
  conv1d: { parameters: 2, hasOptions: true },
  convTranspose2d: { parameters: 2, hasOptions: true },
  conv2dBackward: { parameters: 3, hasOptions: true },
  correlate2d: { parameters: 2, hasOptions: true },
  convolve2d: { parameters: 2, hasOptions: true },
  correlate1d: { parameters: 2, hasOptions: true },
  convolve1d: { parameters: 2, hasOptions: true },
  unfold: { parameters: 2, hasOptions: true },
  fold: { parameters: 3, hasOptions: true },
  maxPool2d: { parameters: 2, hasOptions: true },
  avgPool2d: { parameters: 2, hasOptions: true },
  maxPool2dBackward: { parameters: 3, hasOptions: true },
  avgPool2dBackward: { parameters: 3, hasOptions: true },
  pad: { parameters: 4 },
  relu: { parameters: 1 },
  relu6: { parameters: 1 },
  leakyRelu: { parameters: 2 },
  sigmoid: { parameters: 1 },
  tanh: { parameters: 1 },
  silu: { parameters: 1 },
  hardSwish: { parameters: 1 },
  gelu: { parameters: 1 },
  filter2d: { parameters: 2, hasOptions: true, returnsImage: true },
  fromImageData: { parameters: 1, hasOptions: true },
  toImageData: { parameters: 1, hasOptions: true, returnsImage: true },
} as const satisfies Partial<Record<keyof Corr2d, MethodSettings>>;

/** The options that every call accepts in addition to those of the function. */
export interface CallOptions {
  /**
   * An `AbortSignal`. When it is aborted, the promise is rejected with its reason at once. A call that
   * has not started never starts; a call that runs a plan stops after the current tasks.
   */
  signal?: CallSignal;
  /**
   * Buffers of arguments that are transferred to the worker instead of copied, as by `postMessage`.
   * The caller's views of these buffers are empty afterwards.
   */
  transfer?: readonly object[];
}

/**
 * The options of calls that can run through a plan, a few tasks at a time. `conv2d` does so with `signal`
 * or `onProgress`; its plan may choose another algorithm than the call without them, and then rounds
 * differently.
 */
export interface ObservedOptions extends CallOptions {
  /**
   * Called about every 10 ms with the number of finished tasks and of all tasks. If it throws, the
   * call ends, and the promise is rejected with that error.
   */
  onProgress?: (done: number, tasks: number) => void;
}

/** The options of an instance's function as a client takes them: without `out`. */
export type RemoteOptions<Options, Call = CallOptions> = Omit<Options, 'out'> & Call;

/** The gradients that `conv2dBackward` returns, each with the shape of its tensor. */
export interface PlainGradients {
  /** The gradient with respect to the input. */
  readonly input: PlainTensor;
  /** The gradient with respect to the weight. */
  readonly weight: PlainTensor;
  /** The gradient with respect to the bias: Co numbers. */
  readonly bias: PlainTensor;
}

/** A result as a client returns it. */
export type RemoteResult<Result> = Result extends Tensor
  ? PlainTensor
  : Result extends Conv2dGradients
    ? PlainGradients
    : Result extends ImageDataLike
      ? EngineImageData
      : Result;

/** The parameters of a client's method, from those of the instance's method. */
export type RemoteParameters<Parameters extends unknown[], Settings> = Settings extends {
  hasOptions: true;
}
  ? Required<Parameters> extends [...infer Positional, infer Options]
    ? [
        ...parameters: Positional,
        options?: RemoteOptions<
          Options,
          Settings extends { hasTasks: true } ? ObservedOptions : CallOptions
        >,
      ]
    : never
  : [...parameters: Parameters, options?: CallOptions];

/** A homomorphic mapped type: it keeps the documentation of each method. */
type RemoteMethods<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (...args: infer Parameters) => infer Result
    ? (
        ...args: RemoteParameters<
          Parameters,
          Name extends keyof typeof METHODS ? (typeof METHODS)[Name] : never
        >
      ) => Promise<RemoteResult<Result>>
    : never;
};

/** The methods of an instance, each returning a promise of its result. */
export type ClientMethods = RemoteMethods<Pick<Corr2d, keyof typeof METHODS>>;
