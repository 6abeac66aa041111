// What every entry of the package exports beside its own `load`.

export { Corr2dError, type Corr2dErrorCode } from './errors.js';
export type { ImageDataLike } from './image.js';
export type { Corr2d, Features } from './instance.js';
export type { Load, LoadOptions } from './load.js';
export type { NestedArray, NumberArray } from './nested.js';
export { Tensor, type TensorLike } from './tensor.js';
export { version } from './version.js';
