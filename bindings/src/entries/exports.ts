// The exports that all entries except `worker` and `tfjs` share. Each entry adds its own `load`.

export type { Corr2d, MemoryUse } from '../instance.js';
export type { Load } from '../load.js';
export type { Conv1dOptions, ConvTranspose2dOptions } from '../operators/conv.js';
export type { Conv2dBackwardOptions, Conv2dGradients } from '../operators/conv-backward.js';
export type { Filter2dOptions } from '../operators/filter.js';
export type { ImageSource } from '../operators/image.js';
export type { ImageDataLike } from '../operators/image-data.js';
export type { PadMode } from '../operators/padding.js';
export type { Conv2dPlanOptions, Plan, PlanFacts, RunOptions, Signal } from '../operators/plan.js';
export type { AvgPool2dOptions, MaxPool2dOptions } from '../operators/pooling.js';
export type { Correlate2dOptions } from '../operators/scipy.js';
export type {
  Activation,
  ActivationName,
  Conv2dOptions,
  Padding,
  Pair,
  WindowOptions,
} from '../problem/options.js';
export { Corr2dError, type Corr2dErrorCode } from '../runtime/corr2d-error.js';
export type { Features, LoadOptions, Variant, WasmSource } from '../runtime/load-options.js';
export { version } from '../runtime/version.js';
export type { NestedArray } from '../tensor/nested.js';
export { Tensor, type TensorLike } from '../tensor/tensor.js';
export type { NumberArray } from '../tensor/views.js';
