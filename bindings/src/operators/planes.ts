import { imageSizes } from '../problem/layout.js';
import * as option from '../problem/options.js';
import { type Fields, fieldsOf, kinds, paddingModes, solve } from '../problem/problem.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, show, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { checkedSize, sizeOf } from '../tensor/nested.js';
import { type Operand, operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { windows } from './conv.js';

/** Where windows lie, for the functions that have no weight. */
export interface WindowOptions {
  /** How many elements lie between windows. Default 1, of pools the kernel's size. */
  stride?: option.Pair;
  /** Of pools it counts as −∞ for the greatest, and as 0 for the mean. Default 0. */
  padding?: option.Padding;
  /** How many elements lie between those of one window. Default 1. */
  dilation?: option.Pair;
}

/** The options of `maxPool2d`. */
export interface MaxPool2dOptions extends WindowOptions {
  /** A last window that is not full counts too. Default false. */
  ceilMode?: boolean;
}

/** The options of `avgPool2d`. */
export interface AvgPool2dOptions extends Omit<MaxPool2dOptions, 'dilation'> {
  /** Padding counts as elements. Default true. */
  countIncludePad?: boolean;
}

type Given = Partial<
  Record<'stride' | 'padding' | 'dilation' | 'ceilMode' | 'countIncludePad', unknown>
>;

/** @internal */
export function maxPool2d(
  heap: Heap,
  input: TensorLike,
  kernelSize: option.Pair,
  options?: MaxPool2dOptions,
): Tensor {
  const names = ['stride', 'padding', 'dilation', 'ceilMode'] as const;
  const where = 'maxPool2d';
  const given = argument.options(options, where, names);
  return pool(heap, where, kinds.maxPool, input, kernelSize, given);
}

/** @internal */
export function avgPool2d(
  heap: Heap,
  input: TensorLike,
  kernelSize: option.Pair,
  options?: AvgPool2dOptions,
): Tensor {
  const names = ['stride', 'padding', 'ceilMode', 'countIncludePad'] as const;
  const where = 'avgPool2d';
  const given = argument.options(options, where, names);
  return pool(heap, where, kinds.averagePool, input, kernelSize, given);
}

function pool(
  heap: Heap,
  where: string,
  kind: number,
  input: TensorLike,
  kernelSize: option.Pair,
  given: Given,
): Tensor {
  const image = operand(heap, input, `${where}: input`);
  const kernel = sizes(kernelSize, `${where}: kernelSize`);
  const stride = given.stride === undefined ? [kernel.h, kernel.w] : given.stride;
  const fields = windowFields(where, image, kernel, { ...given, stride });
  return solve(
    heap,
    {
      where,
      given: [
        { name: 'input', shape: image.shape },
        { name: 'kernelSize', shape: [kernel.h, kernel.w] },
      ],
      fields: fieldsOf(fields, {
        kind,
        ceil_mode: Number(option.flag(given.ceilMode, `${where}: ceilMode`)),
        count_include_pad: Number(
          option.flag(given.countIncludePad, `${where}: countIncludePad`, true),
        ),
      }),
    },
    { input: image },
    (height, width) => [...image.shape.slice(0, -2), height, width],
  );
}

const windowNames = ['stride', 'padding', 'dilation'] as const;

/** @internal */
export function unfold(
  heap: Heap,
  input: TensorLike,
  kernelSize: option.Pair,
  options?: WindowOptions,
): Tensor {
  const where = 'unfold';
  const image = operand(heap, input, `${where}: input`);
  const kernel = sizes(kernelSize, `${where}: kernelSize`);
  const given = argument.options(options, where, windowNames);
  const fields = windowFields(where, image, kernel, given);
  const channels = image.shape[image.shape.length - 3] as number;
  return solve(
    heap,
    {
      where,
      given: [
        { name: 'input', shape: image.shape },
        { name: 'kernelSize', shape: [kernel.h, kernel.w] },
      ],
      fields: fieldsOf(fields, { kind: kinds.unfold }),
    },
    { input: image },
    (height, width) => [
      ...image.shape.slice(0, -3),
      channels * kernel.h * kernel.w,
      height * width,
    ],
  );
}

/** @internal */
export function fold(
  heap: Heap,
  input: TensorLike,
  outputSize: option.Pair,
  kernelSize: option.Pair,
  options?: WindowOptions,
): Tensor {
  const where = 'fold';
  const columns = operand(heap, input, `${where}: input`);
  const { h: height, w: width } = sizes(outputSize, `${where}: outputSize`);
  const kernel = sizes(kernelSize, `${where}: kernelSize`);
  const given = argument.options(options, where, windowNames);
  const taps = kernel.h * kernel.w;
  const [rows = 0, length = 0] = columns.shape.slice(-2);
  const rank = columns.shape.length;
  if ((rank !== 2 && rank !== 3) || rows % taps !== 0) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where}: input is ${showShape(columns.shape)}, must be N×(C·${taps})×L or (C·${taps})×L`,
    );
  }
  const batch = columns.shape.slice(0, -2);
  const shape = [...batch, rows / taps, height, width];
  checkedSize(shape, `${where}: the output`);
  const fields = windowFields(where, { shape }, kernel, given);
  return solve(
    heap,
    {
      where,
      given: [
        { name: 'input', shape: columns.shape },
        { name: 'outputSize', shape: [height, width] },
        { name: 'kernelSize', shape: [kernel.h, kernel.w] },
      ],
      fields: fieldsOf(fields, { kind: kinds.fold }),
    },
    { input: columns },
    (windowRows, windowColumns) => {
      if (windowRows * windowColumns !== length) {
        throw new Corr2dError(
          'SHAPE_MISMATCH',
          `${where}: input has ${length} columns, must have ` +
            `${windowRows * windowColumns}, one for each of ${windowRows}×${windowColumns} windows`,
        );
      }
      return shape;
    },
  );
}

/** A number for both axes, or one for each, which has to be given. */
function sizes(value: unknown, where: string): { h: number; w: number } {
  if (value === undefined) {
    throw new Corr2dError('INVALID_ARGUMENT', `${where} is undefined, must be a number or [h, w]`);
  }
  const [h, w] = option.pair(value, where, 1, 1);
  return { h, w };
}

function windowFields(
  where: string,
  image: { readonly shape: readonly number[] },
  kernel: { readonly h: number; readonly w: number },
  given: Given,
): Partial<Fields> {
  const x = imageSizes(image.shape, 'nchw', `${where}: input`);
  const { fields } = windows(where, given, x, kernel, (value, rows, columns) =>
    option.pads(value, `${where}: padding`, rows, columns),
  );
  return { ...fields, output_channels: x.channels };
}

/** What `pad` puts there: one value, or elements of the input, as torch.nn.functional.pad does. */
export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** @internal */
export function pad(
  heap: Heap,
  input: TensorLike,
  padding: readonly [left: number, right: number, top: number, bottom: number],
  mode?: PadMode,
  value?: number,
): Tensor {
  const where = 'pad';
  const image: Operand = operand(heap, input, `${where}: input`);
  if (image.shape.length < 2) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where}: input is ${showShape(image.shape)}, must have at least two axes`,
    );
  }
  if (!Array.isArray(padding) || padding.length !== 4) {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where}: padding is ${show(padding)}, must be [left, right, top, bottom]`,
    );
  }
  const most = 2 ** 29;
  const [left, right, top, bottom] = Array.from(padding, (one, i) =>
    argument.integer(one, `${where}: padding[${i}]`, -most, most),
  ) as [number, number, number, number];
  const name = option.choice(mode, `${where}: mode`, [
    'constant',
    'reflect',
    'replicate',
    'circular',
  ]);
  const fill = value === undefined ? 0 : argument.number(value, `${where}: value`);
  checkedSize(image.shape, `${where}: input`);
  const [height, width] = image.shape.slice(-2) as [number, number];
  if (name !== 'constant') {
    option.paddingMode(name, `${where}: mode`, [top, bottom, left, right], height, width);
  }
  // Whatever lies before the last two axes is planes.
  const planes = sizeOf(image.shape.slice(0, -2));
  return solve(
    heap,
    {
      where,
      given: [{ name: 'input', shape: image.shape }],
      fields: fieldsOf({
        kind: kinds.pad,
        batch: planes,
        input_height: height,
        input_width: width,
        pad_top: top,
        pad_bottom: bottom,
        pad_left: left,
        pad_right: right,
        padding_mode: paddingModes[name],
        fill_value: fill,
      }),
    },
    { input: image },
    (rows, columns) => [...image.shape.slice(0, -2), rows, columns],
  );
}
