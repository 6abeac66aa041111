import type { TensorImplementation } from '../tensor/tensor.js';
import { arrangementTensorMethods } from './arrangement.js';
import { elementwiseTensorMethods } from './elementwise.js';
import { reductionTensorMethods } from './reduction.js';

/** The methods of `Tensor` that compute. `load()` installs them. */
export const tensorMethods: TensorImplementation = {
  ...elementwiseTensorMethods,
  ...reductionTensorMethods,
  ...arrangementTensorMethods,
};
