import type { ActivationName } from '../problem/options.js';
import { activations } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import type { Heap } from '../runtime/heap.js';
import { operand } from '../tensor/operands.js';
import { Tensor, type TensorLike, withResult } from '../tensor/tensor.js';
import { copyElements } from '../tensor/views.js';

/** Applies an activation to each element of a tensor, into a new tensor. */
export function activate(
  heap: Heap,
  where: string,
  name: ActivationName,
  tensor: TensorLike,
  alpha = 0,
): Tensor {
  const source = operand(heap, tensor, `${where}: tensor`);
  const slope = argument.finite(alpha, `${where}: alpha`);
  return withResult(heap, where, source.shape, (result) => {
    const data = Tensor.is(source) ? source.elements() : source.data;
    copyElements(result.elements(), data, where);
    heap.call.activateElements(result.address, result.size, activations[name], slope);
  });
}
