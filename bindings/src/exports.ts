// What every entry of the package exports beside its own `load`.

export type { Conv2dBackwardOptions, Conv2dGradients } from './backward.js';
export type { Conv1dOptions, ConvTranspose2dOptions } from './conv.js';
export { Corr2dError, type Corr2dErrorCode } from './corr2d-error.js';
export type { Filter2dOptions } from './filter.js';
export type { ImageSource } from './image.js';
export type { Corr2d, Features, MemoryUse, Variant } from './instance.js';
export type { Load, LoadOptions, WasmSource } from './load.js';
export type { NestedArray } from './nested.js';
export type {
  Activation,
  ActivationName,
  Conv2dOptions,
  Padding,
  Pair,
} from './options.js';
export type { ImageDataLike } from './picture.js';
export type { Conv2dPlanOptions, Plan, RunOptions, Signal } from './plan.js';
export type {
  AvgPool2dOptions,
  MaxPool2dOptions,
  PadMode,
  WindowOptions,
} from './planes.js';
export type { Correlate2dOptions } from './scipy.js';
export { Tensor, type TensorLike } from './tensor.js';
export { version } from './version.js';
export type { NumberArray } from './views.js';
