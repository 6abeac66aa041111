import { aroundAxis, axisOf, solveArrays } from '../problem/arrays.js';
import { kinds, operations, type ProblemFields } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { mismatch, showShape, unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { isSameShape, sizeOf } from '../tensor/nested.js';
import { type Operand, operand } from '../tensor/operands.js';
import { Tensor, type TensorLike, withResult } from '../tensor/tensor.js';
import { copyElements } from '../tensor/views.js';
import { elementwise } from './elementwise.js';
import { tidy } from './tidy.js';

/** The options of normalisations. */
export interface NormalisationOptions {
  /** The factors of the normalised elements. Default 1. */
  weight?: TensorLike | undefined;
  /** The summands after that. Default 0. */
  bias?: TensorLike | undefined;
  /** The number added to variances, at least 0. Default 1e-5. */
  eps?: number | undefined;
}

/** Softmax and normalisations. */
export interface NormalisationMethods {
  /**
   * Computes e^x / Σ e^x along an axis, like torch.softmax.
   *
   * @example
   * ```js
   * console.log(c.softmax([0, 0]).data.join()); // 0.5,0.5
   * ```
   *
   * @param tensor numbers with at least one axis
   * @param axis the axis; a negative one counts from the end. Default −1.
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if the tensor has no such axis
   */
  softmax(tensor: TensorLike, axis?: number): Tensor;

  /**
   * Computes log(e^x / Σ e^x) along an axis, like torch.log_softmax: exact where `softmax` would be 0.
   *
   * @example
   * ```js
   * console.log(c.logSoftmax([1000, 0]).data.join()); // 0,-1000
   * ```
   *
   * @param tensor numbers with at least one axis
   * @param axis the axis; a negative one counts from the end. Default −1.
   * @returns a new tensor of the same shape
   * @throws `INVALID_ARGUMENT` if the tensor has no such axis
   */
  logSoftmax(tensor: TensorLike, axis?: number): Tensor;

  /**
   * Normalises each channel by given statistics, like torch.nn.functional.batch_norm at inference:
   * (x − mean) / √(variance + eps) · weight + bias.
   *
   * @example
   * ```js
   * console.log(c.batchNorm([[3, 8]], [1, 2], [4, 9], { eps: 0 }).data.join()); // 1,2
   * ```
   *
   * @param x N×C×…: the channels are axis 1
   * @param mean the means of the channels: C numbers
   * @param variance the variances of the channels: C numbers
   * @param options `weight` and `bias` have C numbers
   * @returns a new tensor of the shape of `x`
   * @throws `SHAPE_MISMATCH` if a tensor does not have C elements
   */
  batchNorm(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    options?: NormalisationOptions,
  ): Tensor;

  /**
   * Normalises each channel of each image by its own mean and variance, like torch.nn.functional.instance_norm.
   *
   * @example
   * ```js
   * console.log(c.instanceNorm([[[1, 3]]], { eps: 0 }).data.join()); // -1,1
   * ```
   *
   * @param x N×C×…, at least three axes
   * @param options `weight` and `bias` have C numbers
   * @returns a new tensor of the shape of `x`
   * @throws `SHAPE_MISMATCH` if a tensor does not have C elements
   */
  instanceNorm(x: TensorLike, options?: NormalisationOptions): Tensor;

  /**
   * Normalises the last axes by their mean and variance, like torch.nn.functional.layer_norm.
   *
   * @example
   * ```js
   * console.log(c.layerNorm([[1, 3], [5, 5]], [2], { eps: 1e-9 }).data.join()); // -1,1,0,0
   * ```
   *
   * @param x numbers whose last axes have the lengths `normalizedShape`
   * @param normalizedShape the lengths of the axes that are normalised together, or that of the last axis
   * @param options `weight` and `bias` have the shape `normalizedShape`
   * @returns a new tensor of the shape of `x`
   * @throws `SHAPE_MISMATCH` if the last axes of a tensor are others
   */
  layerNorm(
    x: TensorLike,
    normalizedShape: number | readonly number[],
    options?: NormalisationOptions,
  ): Tensor;

  /**
   * Normalises groups of channels of each image by their mean and variance, like torch.nn.functional.group_norm.
   *
   * @example
   * ```js
   * console.log(c.groupNorm([[1, 3, 5, 9]], 2, { eps: 0 }).data.join()); // -1,1,-1,1
   * ```
   *
   * @param x N×C×…: the channels are axis 1
   * @param groups the number of groups, which divides C
   * @param options `weight` and `bias` have C numbers
   * @returns a new tensor of the shape of `x`
   * @throws `SHAPE_MISMATCH` if `groups` does not divide C, or a tensor does not have C elements
   */
  groupNorm(x: TensorLike, groups: number, options?: NormalisationOptions): Tensor;
}

const softmax =
  (where: 'softmax' | 'logSoftmax') =>
  (heap: Heap, tensor: TensorLike, axis?: number): Tensor => {
    const source = operand(heap, tensor, `${where}: tensor`);
    const { shape } = source;
    const at = axisOf(axis === undefined ? -1 : axis, `${where}: axis`, shape.length);
    const fields = { kind: kinds[where], sizes: aroundAxis(shape, at) };
    return solveArrays(heap, where, fields, [['tensor', source]], shape);
  };

const OPTION_NAMES = ['weight', 'bias', 'eps'] as const;

/** The options of a normalisation. */
interface Read {
  readonly weight: Operand | undefined;
  readonly bias: Operand | undefined;
  readonly epsilon: number;
}

/** Reads the options of a normalisation. `shape` is that of weight and bias. */
function readOptions(
  heap: Heap,
  where: string,
  options: NormalisationOptions | undefined,
  shape: readonly number[],
): Read {
  const { weight, bias, eps } = argument.options(options, where, OPTION_NAMES);
  const epsilon = eps === undefined ? 1e-5 : argument.finite(eps, `${where}: eps`);
  if (epsilon < 0) throw unexpected(`${where}: eps`, eps, 'a number of at least 0');
  const read = (value: unknown, name: string) =>
    value === undefined ? undefined : shaped(heap, value, `${where}: ${name}`, shape);
  return { weight: read(weight, 'weight'), bias: read(bias, 'bias'), epsilon };
}

/** Reads an operand that has this shape. */
function shaped(heap: Heap, value: unknown, where: string, shape: readonly number[]): Operand {
  const read = operand(heap, value, where);
  if (!isSameShape(read.shape, shape)) {
    throw unexpectedShape(where, read.shape, showShape(shape));
  }
  return read;
}

/** Reads N×C×…, with at least `rank` axes. */
function channelled(heap: Heap, value: TensorLike, where: string, rank: number): Operand {
  const x = operand(heap, value, `${where}: x`);
  if (x.shape.length < rank) {
    const expected = rank === 2 ? 'N×C×…' : 'N×C×…, with at least 3 axes';
    throw unexpectedShape(`${where}: x`, x.shape, expected);
  }
  return x;
}

function normalise(
  heap: Heap,
  where: string,
  x: Operand,
  { weight, bias, epsilon }: Read,
  fields: Partial<ProblemFields>,
): Tensor {
  const has = (one: Operand | undefined) => Number(one !== undefined);
  return solveArrays(
    heap,
    where,
    { kind: kinds.normalise, epsilon, has_scale: has(weight), has_bias: has(bias), ...fields },
    [
      ['x', x],
      ['weight', weight],
      ['bias', bias],
    ],
    x.shape,
  );
}

function batchNorm(
  heap: Heap,
  value: TensorLike,
  mean: TensorLike,
  variance: TensorLike,
  options?: NormalisationOptions,
): Tensor {
  const where = 'batchNorm';
  const x = channelled(heap, value, where, 2);
  const channels = x.shape[1] as number;
  const centre = shaped(heap, mean, `${where}: mean`, [channels]);
  const spread = shaped(heap, variance, `${where}: variance`, [channels]);
  const { weight, bias, epsilon } = readOptions(heap, where, options, [channels]);
  return tidy(heap, () => {
    const affine = withResult(heap, where, [2, channels], (pair) => {
      [weight, bias].forEach((one, i) => {
        const to = pair.elements().subarray(i * channels, (i + 1) * channels);
        if (one === undefined) to.fill(1 - i);
        else copyElements(to, Tensor.is(one) ? one.elements() : one.data, where);
      });
    });
    const fields = { kind: kinds.batchNormScale, sizes: [channels], epsilon };
    const operands = [
      ['mean', centre],
      ['variance', spread],
      ['weight', affine],
    ] as const;
    const folded = solveArrays(heap, where, fields, operands, [2, channels]);
    const shape = [channels, ...x.shape.slice(2).map(() => 1)];
    return elementwise(heap, where, { operation: operations.multiplyAdd }, [
      ['x', x],
      ['scale', folded.at(0).reshape(shape)],
      ['shift', folded.at(1).reshape(shape)],
    ]);
  });
}

function instanceNorm(heap: Heap, value: TensorLike, options?: NormalisationOptions): Tensor {
  const where = 'instanceNorm';
  const x = channelled(heap, value, where, 3);
  const [batch, channels, elements] = aroundAxis(x.shape, 1);
  const read = readOptions(heap, where, options, [channels]);
  return normalise(heap, where, x, read, {
    sizes: [batch * channels, 1, elements],
    groups: Math.max(channels, 1),
  });
}

function layerNorm(
  heap: Heap,
  value: TensorLike,
  normalizedShape: number | readonly number[],
  options?: NormalisationOptions,
): Tensor {
  const where = 'layerNorm';
  const x = operand(heap, value, `${where}: x`);
  const shape = argument.shape(
    typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape,
    `${where}: normalizedShape`,
  );
  const rows = x.shape.slice(0, x.shape.length - shape.length);
  if (shape.length === 0 || !isSameShape([...rows, ...shape], x.shape)) {
    throw mismatch(
      `${where}: normalizedShape is ${showShape(shape)}; expected the last axes of ` +
        `${showShape(x.shape)}, the shape of x`,
    );
  }
  const read = readOptions(heap, where, options, shape);
  return normalise(heap, where, x, read, { sizes: [sizeOf(rows), sizeOf(shape), 1] });
}

function groupNorm(
  heap: Heap,
  value: TensorLike,
  groups: number,
  options?: NormalisationOptions,
): Tensor {
  const where = 'groupNorm';
  const x = channelled(heap, value, where, 2);
  const [batch, channels, elements] = aroundAxis(x.shape, 1);
  const count = argument.integer(groups, `${where}: groups`, 1, argument.MAX_INT32);
  if (channels % count !== 0) {
    throw mismatch(
      `${where}: groups is ${count}; expected a divisor of ${channels}, the channels of x`,
    );
  }
  const read = readOptions(heap, where, options, [channels]);
  return normalise(heap, where, x, read, {
    sizes: [batch * count, channels / count, elements],
    groups: count,
  });
}

/** @internal The implementations of `NormalisationMethods`. */
export const normalisationMethods: Implementation<NormalisationMethods> = {
  softmax: softmax('softmax'),
  logSoftmax: softmax('logSoftmax'),
  batchNorm,
  instanceNorm,
  layerNorm,
  groupNorm,
};
