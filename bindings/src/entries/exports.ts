// The exports that all entries except `worker` and `tfjs` share. Each entry adds its own `load`.

export type { Corr2d, MemoryUse } from '../instance.js';
export type { Load } from '../load.js';
export type { ActivationMethods } from '../operators/activation.js';
export type { ArrangementMethods } from '../operators/arrangement.js';
export type { ChapterMethods } from '../operators/chapter.js';
export type { Conv3dOptions, ConvolutionMethods } from '../operators/conv.js';
export type {
  Conv2dBackwardOptions,
  Conv2dGradients,
  ConvolutionGradientMethods,
} from '../operators/conv-backward.js';
export type {
  ConvTranspose1dOptions,
  ConvTranspose2dOptions,
  ConvTranspose3dOptions,
  TransposedConvolutionMethods,
} from '../operators/conv-transpose.js';
export type {
  Conv1dOptions,
  Conv1dPlanOptions,
  Convolution1dMethods,
} from '../operators/conv1d.js';
export type { CreationMethods, NormalOptions } from '../operators/creation.js';
export type { ElementwiseMethods } from '../operators/elementwise.js';
export type { Filter2dOptions, FilterMethods } from '../operators/filter.js';
export type { FoldMethods } from '../operators/fold.js';
export type {
  FromImageOptions,
  FromSourceOptions,
  ImageMethods,
  ToImageDataOptions,
} from '../operators/image.js';
export type {
  ColorSpace,
  EngineImageData,
  ImageDataInput,
  ImageDataLike,
} from '../operators/image-data.js';
export type { AsyncImageSource, ImageSource } from '../operators/image-source.js';
export type { InterpolateOptions, InterpolationMethods } from '../operators/interpolation.js';
export type { KernelMethods, SobelKernels } from '../operators/kernels.js';
export type {
  FindTemplateOptions,
  MatchingMethods,
  MatchTemplateOptions,
  MatchTemplatePlanOptions,
  TemplateMatch,
} from '../operators/matching.js';
export type { MatmulMethods } from '../operators/matmul.js';
export type { NormalisationMethods, NormalisationOptions } from '../operators/normalisation.js';
export type { PaddingMethods, PadMode } from '../operators/padding.js';
export type {
  Plan,
  PlanFacts,
  PlanMethods,
  PlanRunOptions,
  RunOptions,
} from '../operators/plan.js';
export type { Conv2dPlanOptions } from '../operators/planned.js';
export type {
  AvgPool1dOptions,
  AvgPool2dOptions,
  AvgPool3dOptions,
  GlobalPoolOptions,
  MaxPool1dOptions,
  MaxPool2dOptions,
  MaxPool3dOptions,
  PoolingMethods,
} from '../operators/pooling.js';
export type {
  PhaseCorrelateOptions,
  Registration,
  RegistrationMethods,
} from '../operators/registration.js';
export type { Correlate1dOptions, Correlate2dOptions, SignalMethods } from '../operators/scipy.js';
export type {
  Activation,
  ActivationName,
  Conv2dOptions,
  Padding,
  Padding3d,
  Pair,
  Triple,
  WindowOptions,
} from '../problem/options.js';
export type { Signal } from '../problem/slices.js';
export { Corr2dError, type Corr2dErrorCode } from '../runtime/corr2d-error.js';
export type { Features, LoadOptions, Variant, WasmSource } from '../runtime/load-options.js';
export { version } from '../runtime/version.js';
export type { NestedArray, NestedNumbers } from '../tensor/nested.js';
export { Tensor, type TensorJson, type TensorLike } from '../tensor/tensor.js';
export type { Float32Data, NumberArray } from '../tensor/views.js';
