import * as argument from '../runtime/arguments.js';
import { showShape, unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { checkedSize, isSameShape, type NestedArray, sizeOf, withShape } from '../tensor/nested.js';
import { operand, withTensors } from '../tensor/operands.js';
import { Tensor, type TensorLike, withResult } from '../tensor/tensor.js';
import { copyElements, type NumberArray } from '../tensor/views.js';

export function tensor(
  heap: Heap,
  values: TensorLike | NestedArray | NumberArray,
  shape?: readonly number[],
): Tensor {
  const where = 'tensor';
  const source = operand(heap, values, `${where}: values`);
  // Evaluated at each use, since a new tensor can grow the heap, which detaches views.
  const data = () => (Tensor.is(source) ? source.elements() : source.data);
  const wanted = shape === undefined ? source.shape : argument.shape(shape, `${where}: shape`);
  withShape(data(), wanted, `${where}: values`);
  return withResult(heap, where, wanted, (result) =>
    copyElements(result.elements(), data(), where),
  );
}

export function full(heap: Heap, shape: readonly number[], value: number, where = 'full'): Tensor {
  heap.assertUsable(`${where}:`);
  const fill = argument.number(value, `${where}: value`);
  const wanted = argument.shape(shape, `${where}: shape`);
  return withResult(heap, where, wanted, (result) => result.elements().fill(fill));
}

export function arange(heap: Heap, n: number): Tensor {
  const where = 'arange';
  heap.assertUsable(`${where}:`);
  const count = argument.integer(n, `${where}: n`, 0, Number.MAX_SAFE_INTEGER);
  return withResult(heap, where, [count], (result) => {
    const elements = result.elements();
    for (let i = 0; i < count; i++) elements[i] = i;
  });
}

export function normal(
  heap: Heap,
  mean: number,
  std: number,
  shape: readonly number[],
  options?: { seed?: number },
): Tensor {
  const where = 'normal';
  heap.assertUsable(`${where}:`);
  const centre = argument.finite(mean, `${where}: mean`);
  const deviation = argument.finite(std, `${where}: std`);
  if (deviation < 0) throw unexpected(`${where}: std`, std, 'a number of at least 0');
  const wanted = argument.shape(shape, `${where}: shape`);
  const size = checkedSize(wanted, `${where}: a tensor`);
  const given = argument.options(options, where, ['seed']).seed;
  const seed =
    given === undefined
      ? Math.floor(Math.random() * 2 ** 53)
      : argument.integer(given, `${where}: seed`, 0, Number.MAX_SAFE_INTEGER);
  return withResult(heap, where, wanted, (result) => {
    heap.call.drawNormal(
      result.address,
      size,
      centre,
      deviation,
      seed % 2 ** 32,
      Math.floor(seed / 2 ** 32),
    );
  });
}

export function stack(heap: Heap, tensors: readonly TensorLike[], axis = 0): Tensor {
  const where = 'stack';
  heap.assertUsable(`${where}:`);
  const parts = argument.items(
    Array.isArray(tensors) ? tensors : [],
    `${where}: tensors`,
    Number.MAX_SAFE_INTEGER,
    (one, i) => operand(heap, one, `${where}: tensors[${i}]`),
  );
  if (parts.length === 0) {
    throw unexpected(`${where}: tensors`, tensors, 'an array of at least one tensor');
  }
  const shape = (parts[0] as Tensor).shape;
  for (const [i, part] of parts.entries()) {
    if (!isSameShape(part.shape, shape)) {
      const expected = `${showShape(shape)}, like tensors[0]`;
      throw unexpectedShape(`${where}: tensors[${i}]`, part.shape, expected);
    }
  }
  const wanted = argument.integer(axis, `${where}: axis`, -shape.length - 1, shape.length);
  const at = wanted < 0 ? wanted + shape.length + 1 : wanted;
  const result = [...shape.slice(0, at), parts.length, ...shape.slice(at)];
  return withTensors(heap, where, parts, (sources) =>
    withResult(heap, where, result, (stacked) => {
      const to = stacked.elements();
      // The elements of the axes after the new one are contiguous.
      const piece = sizeOf(shape.slice(at));
      for (const [i, source] of sources.entries()) {
        const from = source.elements();
        for (let done = 0; done < from.length; done += piece) {
          to.set(from.subarray(done, done + piece), done * parts.length + i * piece);
        }
      }
    }),
  );
}
