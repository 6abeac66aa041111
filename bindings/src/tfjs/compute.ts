// Types and functions that the kernels of the adapter share.

import type { Corr2d } from '../instance.js';
import { showShape } from '../runtime/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { elementsOf, resized, toTfjs } from './convert.js';
import type { Backend, Kernel, KernelCall, TensorInfo, Tfjs } from './kernels.js';
import type { WeightPlans } from './plans.js';

/** The surroundings of a kernel of the adapter. */
export interface Context {
  readonly tf: Tfjs;
  readonly c: Corr2d;
  readonly plans: WeightPlans;
  /** The function of tfjs that messages name. */
  readonly where: string;
  /** Returns a kernel of the backend. */
  readonly kernel: (name: string) => Kernel | undefined;
}

/** Computes a kernel. Returns the result, or what corr2d does not support about the call. */
export type Compute = (context: Context, call: KernelCall) => TensorInfo | string;

/** The inputs of a call: those with these names are always given. */
export type Inputs<Names extends string> = Readonly<Record<Names, TensorInfo>> & {
  readonly [name: string]: TensorInfo | undefined;
};

/** The first of these tensors that corr2d cannot read. */
export function refusalOf(
  tensors: Readonly<Record<string, TensorInfo | undefined>>,
): string | undefined {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor && tensor.dtype !== 'float32') return `${name} is ${tensor.dtype}; expected float32`;
    if (tensor?.shape.includes(0))
      return `${name} is ${showShape(tensor.shape)}; expected elements`;
  }
  return undefined;
}

/** The gradient `dy` of an output of this shape: zeros where tfjs has no output. */
export function fullGradient(backend: Backend, dy: TensorInfo, shape: readonly number[]) {
  const data = elementsOf(backend, dy);
  const isSame = dy.shape.every((size, axis) => size === shape[axis]);
  return { data: isSame ? data : resized(data, dy.shape, shape), shape };
}

/** Copies a result to the backend, in this shape, and disposes it. */
export function take(backend: Backend, shape: readonly number[], result: Tensor): TensorInfo {
  try {
    return toTfjs(backend, shape, result);
  } finally {
    result.dispose();
  }
}
