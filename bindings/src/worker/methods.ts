// The methods of an instance that a client also has.

import type { Corr2d } from '../instance.js';
import type { EngineImageData, ImageDataInput } from '../operators/image-data.js';
import type { Plan } from '../operators/plan.js';
import type { Tensor } from '../tensor/tensor.js';
import type { CallOptions, CallSettings, KeepOptions, ObservedOptions } from './call.js';
import type { RemoteImage, RemoteTensor } from './handles.js';
import type { PlainTensor } from './messages.js';

/** How a method is called in the worker. It has tasks unless the table says otherwise. */
export interface MethodSettings extends Omit<CallSettings, 'target'> {
  /** The number of parameters before the options. */
  readonly parameters: number;
}

/**
 * One line for each method that the client passes on. The types of the client's methods and their
 * implementations follow from this table and from the class `Corr2d`.
 */
export const METHODS = {
  memory: { parameters: 0, keeps: false, hasTasks: false },
  tensor: { parameters: 2, keeps: 'always', hasTasks: false },
  zeros: { parameters: 1, hasTasks: false },
  ones: { parameters: 1, hasTasks: false },
  full: { parameters: 2, hasTasks: false },
  arange: { parameters: 1, hasTasks: false },
  normal: { parameters: 3, hasOptions: true, hasTasks: false },
  stack: { parameters: 2 },
  concat: { parameters: 2 },
  split: { parameters: 3 },
  pixelShuffle: { parameters: 2 },
  pixelUnshuffle: { parameters: 2 },
  where: { parameters: 3 },
  softmax: { parameters: 2 },
  logSoftmax: { parameters: 2 },
  batchNorm: { parameters: 3, hasOptions: true },
  instanceNorm: { parameters: 1, hasOptions: true },
  layerNorm: { parameters: 2, hasOptions: true },
  groupNorm: { parameters: 2, hasOptions: true },
  interpolate: { parameters: 1, hasOptions: true },
  matmul: { parameters: 2 },
  linear: { parameters: 3 },
  corr2d: { parameters: 2 },
  corr2dMultiIn: { parameters: 2 },
  corr2dMultiInOut: { parameters: 2 },
  corr2dMultiInOut1x1: { parameters: 2 },
  conv2d: { parameters: 2, hasOptions: true },
  conv1d: { parameters: 2, hasOptions: true },
  conv3d: { parameters: 2, hasOptions: true },
  convTranspose1d: { parameters: 2, hasOptions: true },
  convTranspose2d: { parameters: 2, hasOptions: true },
  convTranspose3d: { parameters: 2, hasOptions: true },
  planConv2d: { parameters: 0, hasOptions: true, keeps: false, hasTasks: false },
  planConv1d: { parameters: 0, hasOptions: true, keeps: false, hasTasks: false },
  conv2dBackward: { parameters: 3, hasOptions: true },
  correlate2d: { parameters: 2, hasOptions: true },
  convolve2d: { parameters: 2, hasOptions: true },
  correlate1d: { parameters: 2, hasOptions: true },
  convolve1d: { parameters: 2, hasOptions: true },
  matchTemplate: { parameters: 2, hasOptions: true },
  planMatchTemplate: { parameters: 0, hasOptions: true, keeps: false, hasTasks: false },
  findTemplate: { parameters: 2, hasOptions: true, keeps: false },
  phaseCorrelate: { parameters: 2, hasOptions: true, keeps: false },
  unfold: { parameters: 2, hasOptions: true },
  fold: { parameters: 3, hasOptions: true },
  maxPool1d: { parameters: 2, hasOptions: true },
  avgPool1d: { parameters: 2, hasOptions: true },
  maxPool2d: { parameters: 2, hasOptions: true },
  avgPool2d: { parameters: 2, hasOptions: true },
  maxPool3d: { parameters: 2, hasOptions: true },
  avgPool3d: { parameters: 2, hasOptions: true },
  globalMaxPool: { parameters: 1, hasOptions: true },
  globalAvgPool: { parameters: 1, hasOptions: true },
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
  elu: { parameters: 2 },
  selu: { parameters: 1 },
  hardSigmoid: { parameters: 1 },
  softplus: { parameters: 1 },
  mish: { parameters: 1 },
  prelu: { parameters: 2 },
  filter2d: { parameters: 2, hasOptions: true, hasTasks: false },
  gaussianKernel: { parameters: 2, hasTasks: false },
  boxKernel: { parameters: 1, hasTasks: false },
  sobelKernels: { parameters: 0, hasTasks: false },
  laplacianKernel: { parameters: 0, hasTasks: false },
  fromImage: { parameters: 1, hasOptions: true, hasTasks: false },
  fromImageAsync: { parameters: 1, hasOptions: true, hasTasks: false },
  fromImageData: { parameters: 1, hasOptions: true, hasTasks: false },
  toImageData: { parameters: 1, hasOptions: true, hasTasks: false },
} as const satisfies Partial<Record<keyof Corr2d, MethodSettings>>;

/**
 * The type of a client's argument, from that of the instance's, `Value`: a handle is accepted where a tensor or
 * an image is.
 */
export type RemoteArgument<Value> = Value extends Tensor
  ? Value | RemoteTensor
  : Value extends ImageDataInput
    ? Value | RemoteImage
    : Value extends readonly (infer Item)[]
      ? Tensor extends Item
        ? readonly RemoteArgument<Item>[]
        : Value
      : Value;

/** The arguments of a client's function, from those of the instance's. */
type RemoteArguments<Values extends unknown[]> = {
  [Place in keyof Values]: RemoteArgument<Values[Place]>;
};

/** The options of an instance's function as a client takes them: without `out`. */
export type RemoteOptions<Options, Call = CallOptions> = {
  [Name in keyof Omit<Options, 'out'>]: RemoteArgument<Omit<Options, 'out'>[Name]>;
} & Call;

/** A result of an instance as a client returns it, with these types of tensors and images. */
type Remote<Result, TensorType, ImageType, PlanType> = Result extends Tensor
  ? TensorType
  : Result extends Plan
    ? PlanType
    : Result extends ImageDataInput
      ? ImageType
      : Result extends object
        ? { [Name in keyof Result]: Remote<Result[Name], TensorType, ImageType, PlanType> }
        : Result;

/** A result as a client returns it by default: data. */
export type RemoteResult<Result, PlanType> = Remote<Result, PlainTensor, EngineImageData, PlanType>;

/** A result that stays in the worker: handles. */
export type KeptResult<Result, PlanType> = Remote<Result, RemoteTensor, RemoteImage, PlanType>;

/** The parameters without the optional ones. */
type RequiredPart<Parameters> = Parameters extends [infer First, ...infer Others]
  ? [First, ...RequiredPart<Others>]
  : [];

/** The parameters of a function, the last of which are options that can be left out. */
type WithOptions<Parameters extends unknown[], Options> =
  | [...parameters: RemoteArguments<Parameters>, options?: Options]
  | AfterRequired<Parameters, Options>;

/** Options after the parameters that cannot be left out. */
type AfterRequired<Parameters extends unknown[], Options> =
  RequiredPart<Parameters> extends infer Needed extends unknown[]
    ? [...parameters: RemoteArguments<Needed>, options: Options]
    : never;

/** The parameters of an instance's function before its options, and the options of the client's. */
type Split<Parameters extends unknown[], Settings> = Settings extends { hasOptions: true }
  ? Required<Parameters> extends [...infer Positional, infer Options]
    ? [
        Positional,
        RemoteOptions<
          Options,
          Settings extends { hasTasks: false } ? CallOptions : ObservedOptions
        >,
      ]
    : never
  : [Parameters, Settings extends { hasTasks: false } ? CallOptions : ObservedOptions];

/** A function of a client, from that of the instance. */
type RemoteMethod<Parameters extends unknown[], Result, Settings, PlanType> =
  Split<Parameters, Settings> extends [infer Positional extends unknown[], infer Options]
    ? Settings extends { keeps: false }
      ? (
          ...args: WithOptions<Positional, Options>
        ) => Promise<RemoteResult<Awaited<Result>, PlanType>>
      : Settings extends { keeps: 'always' }
        ? (
            ...args: WithOptions<Positional, Options>
          ) => Promise<KeptResult<Awaited<Result>, PlanType>>
        : <Keep extends boolean | undefined = undefined>(
            ...args: WithOptions<Positional, Options & KeepOptions<Keep>>
          ) => Promise<
            Keep extends true
              ? KeptResult<Awaited<Result>, PlanType>
              : RemoteResult<Awaited<Result>, PlanType>
          >
    : never;

/** A homomorphic mapped type: it keeps the documentation of each method. */
type RemoteMethods<Methods, PlanType> = {
  [Name in keyof Methods]: Methods[Name] extends (...args: infer Parameters) => infer Result
    ? RemoteMethod<
        Parameters,
        Result,
        Name extends keyof typeof METHODS ? (typeof METHODS)[Name] : never,
        PlanType
      >
    : never;
};

/** The methods of an instance, each returning a promise of its result. */
export type ClientMethods<PlanType> = RemoteMethods<Pick<Corr2d, keyof typeof METHODS>, PlanType>;
