// Functions that only copy elements: each is a strided copy, or several into one tensor.

import { aroundAxis, axisOf, solveArrays, stepsOf } from '../problem/arrays.js';
import { kinds } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { invalid, mismatch, showShape, unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { isSameShape, sizeOf } from '../tensor/nested.js';
import { type Operand, operand, withTensors } from '../tensor/operands.js';
import { type Tensor, type TensorLike, withResult } from '../tensor/tensor.js';
import { tidy } from './tidy.js';

/** Functions that join, split and rearrange tensors. */
export interface ArrangementMethods {
  /**
   * Stacks tensors of the same shape along a new axis, like torch.stack. The result is a copy.
   *
   * @example
   * ```js
   * const t = c.stack([[1, 2], [3, 4]], 1);
   * console.log(t.shape.join(), t.data.join()); // 2,2 1,3,2,4
   * ```
   *
   * @param tensors at least one tensor
   * @param axis the position of the new axis; a negative one counts from the end. Default 0.
   * @returns a new tensor with one axis more
   * @throws `SHAPE_MISMATCH` if the shapes differ
   */
  stack(tensors: readonly TensorLike[], axis?: number): Tensor;

  /**
   * Joins tensors along an axis, like torch.cat. Their other axes must have the same lengths.
   *
   * @example
   * ```js
   * console.log(c.concat([[1, 2], [3]]).data.join()); // 1,2,3
   * ```
   *
   * @param tensors at least one tensor
   * @param axis the axis; a negative one counts from the end. Default 0.
   * @returns a new tensor
   * @throws `SHAPE_MISMATCH` if the lengths of another axis differ
   */
  concat(tensors: readonly TensorLike[], axis?: number): Tensor;

  /**
   * Splits a tensor along an axis, like torch.split. The results are copies.
   *
   * @example
   * ```js
   * const [a, b] = c.split([1, 2, 3], [1, 2]);
   * console.log(a.data.join(), b.data.join()); // 1 2,3
   * ```
   *
   * @param tensor a tensor with at least one axis
   * @param sizes the lengths of the parts, whose sum is the length of the axis; or one length for all parts,
   * the last of which may be shorter
   * @param axis the axis; a negative one counts from the end. Default 0.
   * @returns new tensors
   * @throws `SHAPE_MISMATCH` if the sum of `sizes` is not the length of the axis
   */
  split(tensor: TensorLike, sizes: number | readonly number[], axis?: number): Tensor[];

  /**
   * Moves r² channels to each pixel, like torch.nn.functional.pixel_shuffle: …×C·r²×H×W → …×C×H·r×W·r.
   *
   * @example
   * ```js
   * const x = c.arange(4).reshape([4, 1, 1]);
   * console.log(c.pixelShuffle(x, 2).shape.join('×')); // 1×2×2
   * ```
   *
   * @param tensor …×C·r²×H×W
   * @param r the factor by which height and width grow
   * @returns a new tensor
   * @throws `SHAPE_MISMATCH` if the number of channels is not divisible by r²
   */
  pixelShuffle(tensor: TensorLike, r: number): Tensor;

  /**
   * Moves blocks of r×r pixels to channels, like torch.nn.functional.pixel_unshuffle:
   * …×C×H·r×W·r → …×C·r²×H×W. The inverse of `pixelShuffle`.
   *
   * @example
   * ```js
   * console.log(c.pixelUnshuffle([[[0, 1], [2, 3]]], 2).shape.join('×')); // 4×1×1
   * ```
   *
   * @param tensor …×C×H·r×W·r
   * @param r the factor by which height and width shrink
   * @returns a new tensor
   * @throws `SHAPE_MISMATCH` if the height or the width is not divisible by r
   */
  pixelUnshuffle(tensor: TensorLike, r: number): Tensor;
}

/** Elements of an operand that are copied: steps along the axes of the result, and the offset of the first. */
interface Source {
  readonly name: string;
  readonly tensor: Operand;
  readonly steps: readonly number[];
  readonly offset?: number;
}

/** Copies elements to a new tensor that has them in the order of `sizes`. */
function arrange(
  heap: Heap,
  where: string,
  { name, tensor, steps, offset = 0 }: Source,
  sizes: readonly number[],
  shape = sizes,
): Tensor {
  return solveArrays(
    heap,
    where,
    {
      kind: kinds.copy,
      sizes,
      input_steps: steps,
      output_steps: stepsOf(sizes),
    },
    [[name, tensor]],
    shape,
    { inputOffset: offset },
  );
}

/** Reads the tensors that `stack` and `concat` join. */
function tensorList(heap: Heap, where: string, tensors: readonly TensorLike[]): Operand[] {
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
  return parts;
}

/** Copies operands into a new tensor, one after the other along an axis on which they have these lengths. */
function join(
  heap: Heap,
  where: string,
  parts: readonly Operand[],
  lengths: readonly number[],
  shape: readonly number[],
  axis: number,
): Tensor {
  const [outer, length, inner] = aroundAxis(shape, axis);
  return withResult(heap, where, shape, (out) => {
    let outputOffset = 0;
    parts.forEach((part, i) => {
      const row = (lengths[i] as number) * inner;
      const fields = {
        kind: kinds.copy,
        sizes: [outer, row],
        input_steps: [row, 1],
        output_steps: [length * inner, 1],
      };
      solveArrays(heap, where, fields, [[`tensors[${i}]`, part]], shape, { outputOffset, out });
      outputOffset += row;
    });
  });
}

function stack(heap: Heap, tensors: readonly TensorLike[], axis?: number): Tensor {
  const where = 'stack';
  const parts = tensorList(heap, where, tensors);
  const shape = (parts[0] as Operand).shape;
  for (const [i, part] of parts.entries()) {
    if (!isSameShape(part.shape, shape)) {
      const expected = `${showShape(shape)}, like tensors[0]`;
      throw unexpectedShape(`${where}: tensors[${i}]`, part.shape, expected);
    }
  }
  const at = axisOf(axis === undefined ? 0 : axis, `${where}: axis`, shape.length + 1);
  const result = [...shape.slice(0, at), parts.length, ...shape.slice(at)];
  return join(
    heap,
    where,
    parts,
    parts.map(() => 1),
    result,
    at,
  );
}

function concat(heap: Heap, tensors: readonly TensorLike[], axis?: number): Tensor {
  const where = 'concat';
  const parts = tensorList(heap, where, tensors);
  const shape = [...(parts[0] as Operand).shape];
  const at = axisOf(axis === undefined ? 0 : axis, `${where}: axis`, shape.length);
  for (const [i, part] of parts.entries()) {
    const isLike =
      part.shape.length === shape.length &&
      part.shape.every((size, j) => j === at || size === shape[j]);
    if (!isLike) {
      const expected = `${showShape(shape)}, like tensors[0], except for axis ${at}`;
      throw unexpectedShape(`${where}: tensors[${i}]`, part.shape, expected);
    }
  }
  const lengths = parts.map((part) => part.shape[at] as number);
  shape[at] = lengths.reduce((sum, length) => sum + length);
  return join(heap, where, parts, lengths, shape, at);
}

function split(
  heap: Heap,
  tensor: TensorLike,
  sizes: number | readonly number[],
  axis?: number,
): Tensor[] {
  const where = 'split';
  const source = operand(heap, tensor, `${where}: tensor`);
  const { shape } = source;
  const at = axisOf(axis === undefined ? 0 : axis, `${where}: axis`, shape.length);
  const length = shape[at] as number;
  const lengths = partLengths(sizes, `${where}: sizes`, length, at);
  const steps = stepsOf(shape);
  return withTensors(heap, where, [source], ([from]) =>
    tidy(heap, () => {
      let begin = 0;
      return lengths.map((part) => {
        const result = shape.map((size, i) => (i === at ? part : size));
        const offset = begin * (steps[at] as number);
        begin += part;
        return arrange(heap, where, { name: 'tensor', tensor: from, steps, offset }, result);
      });
    }),
  );
}

/** Reads the lengths of the parts of an axis. */
function partLengths(value: unknown, where: string, length: number, axis: number): number[] {
  if (!Array.isArray(value)) {
    const size = argument.integer(
      value,
      where,
      1,
      Number.MAX_SAFE_INTEGER,
      ', or an array of sizes',
    );
    const count = Math.max(Math.ceil(length / size), 1);
    return Array.from({ length: count }, (_, i) => Math.min(size, length - i * size));
  }
  const lengths = argument.items(value, where, Number.MAX_SAFE_INTEGER, (size, i) =>
    argument.integer(size, `${where}[${i}]`, 0, Number.MAX_SAFE_INTEGER),
  );
  const sum = lengths.reduce((total, size) => total + size, 0);
  if (sum !== length) {
    throw mismatch(`${where} has the sum ${sum}; expected ${length}, the length of axis ${axis}`);
  }
  return lengths;
}

/** Reads the images of `pixelShuffle` and its inverse: the axes before the last three, and those. */
function pixels(heap: Heap, where: string, tensor: TensorLike, r: number) {
  const source = operand(heap, tensor, `${where}: tensor`);
  const factor = argument.integer(r, `${where}: r`, 1, argument.MAX_INT32);
  if (source.shape.length < 3) {
    throw unexpectedShape(`${where}: tensor`, source.shape, 'C×H×W, with any axes before');
  }
  const [channels, height, width] = source.shape.slice(-3) as [number, number, number];
  const before = source.shape.slice(0, -3);
  return { source, factor, before, batch: sizeOf(before), channels, height, width };
}

function pixelShuffle(heap: Heap, tensor: TensorLike, r: number): Tensor {
  const where = 'pixelShuffle';
  const { source, factor, before, batch, channels, height, width } = pixels(heap, where, tensor, r);
  if (channels % factor ** 2 !== 0) {
    throw mismatch(
      `${where}: tensor has ${channels} channels; expected a multiple of ${factor ** 2} (r squared)`,
    );
  }
  const plane = height * width;
  const sizes = [batch * (channels / factor ** 2), height, factor, width, factor];
  const steps = [plane * factor ** 2, width, plane * factor, 1, plane];
  const shape = [...before, channels / factor ** 2, height * factor, width * factor];
  return arrange(heap, where, { name: 'tensor', tensor: source, steps }, sizes, shape);
}

function pixelUnshuffle(heap: Heap, tensor: TensorLike, r: number): Tensor {
  const where = 'pixelUnshuffle';
  const { source, factor, before, batch, channels, height, width } = pixels(heap, where, tensor, r);
  if (height % factor !== 0 || width % factor !== 0) {
    throw mismatch(
      `${where}: tensor has ${height}×${width} pixels; expected multiples of ${factor} (r)`,
    );
  }
  const sizes = [batch * channels, factor, factor, height / factor, width / factor];
  const steps = [height * width, width, 1, width * factor, factor];
  const shape = [...before, channels * factor ** 2, height / factor, width / factor];
  return arrange(heap, where, { name: 'tensor', tensor: source, steps }, sizes, shape);
}

/** @internal The methods of `Tensor` that rearrange elements. */
export const arrangementTensorMethods = {
  permute(tensor: Tensor, axes: readonly number[]): Tensor {
    const where = 'permute';
    tensor.assertUsable(`${where}: the tensor`);
    const { shape } = tensor;
    const order = perAxis(axes, `${where}: axes`, shape, (one, i) =>
      axisOf(one, `${where}: axes[${i}]`, shape.length),
    );
    order.forEach((axis, i) => {
      if (order.indexOf(axis) !== i) {
        throw invalid(
          `${where}: axes[${i}] is ${axis}, which occurs twice; expected each axis once`,
        );
      }
    });
    const steps = stepsOf(shape);
    return arrange(
      tensor.heap,
      where,
      { name: 'the tensor', tensor, steps: order.map((axis) => steps[axis] as number) },
      order.map((axis) => shape[axis] as number),
    );
  },

  slice(
    tensor: Tensor,
    begin: readonly number[],
    end?: readonly number[],
    step?: number | readonly number[],
  ): Tensor {
    const where = 'slice';
    tensor.assertUsable(`${where}: the tensor`);
    const { shape } = tensor;
    const place = (value: unknown, i: number, name: string) => {
      const size = shape[i] as number;
      const at = argument.integer(value, `${where}: ${name}[${i}]`, -(2 ** 53), 2 ** 53);
      return Math.min(Math.max(at < 0 ? at + size : at, 0), size);
    };
    const from = perAxis(begin, `${where}: begin`, shape, (one, i) => place(one, i, 'begin'));
    const to =
      end === undefined
        ? shape
        : perAxis(end, `${where}: end`, shape, (one, i) => place(one, i, 'end'));
    const increments = Array.isArray(step)
      ? perAxis(step, `${where}: step`, shape, (one, i) =>
          argument.integer(one, `${where}: step[${i}]`, 1, argument.MAX_INT32),
        )
      : shape.map(() =>
          argument.integer(step === undefined ? 1 : step, `${where}: step`, 1, argument.MAX_INT32),
        );
    const steps = stepsOf(shape);
    const sum = (values: readonly number[]) =>
      values.reduce((total, value, i) => total + value * (steps[i] as number), 0);
    const sizes = shape.map((_, i) =>
      Math.ceil(Math.max((to[i] as number) - (from[i] as number), 0) / (increments[i] as number)),
    );
    return arrange(
      tensor.heap,
      where,
      {
        name: 'the tensor',
        tensor,
        steps: steps.map((one, i) =>
          (sizes[i] as number) > 1 ? one * (increments[i] as number) : 0,
        ),
        offset: sizeOf(sizes) === 0 ? 0 : sum(from),
      },
      sizes,
    );
  },
};

/** Reads an array with one entry for each axis of a shape. */
function perAxis(
  value: unknown,
  where: string,
  shape: readonly number[],
  read: (entry: unknown, axis: number) => number,
): number[] {
  if (!Array.isArray(value)) {
    throw unexpected(where, value, 'an array with one entry for each axis');
  }
  const entries = argument.items(value, where, argument.MAX_RANK, (entry) => entry);
  if (entries.length !== shape.length) {
    throw invalid(
      `${where} has ${entries.length} entries; expected ${shape.length}, one for each axis of ` +
        showShape(shape),
    );
  }
  return entries.map(read);
}

/** @internal The implementations of `ArrangementMethods`. */
export const arrangementMethods: Implementation<ArrangementMethods> = {
  stack,
  concat,
  split,
  pixelShuffle,
  pixelUnshuffle,
};
