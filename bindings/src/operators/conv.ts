import {
  type ImageSizes,
  imageShape,
  imageSizes,
  imageStrides,
  weightSizes,
  weightStrides,
} from '../problem/layout.js';
import * as option from '../problem/options.js';
import { type Fields, fieldsOf, kinds, type Problem, solve } from '../problem/problem.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, show, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { type Operand, operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

const onEveryAxis = [
  'bias',
  'stride',
  'dilation',
  'groups',
  'padding',
  'paddingMode',
  'activation',
  'algorithm',
  'deterministic',
] as const;

/** @internal Names of the options that say what a conv2d is; `out` says where its result goes. */
export const planOptions = [...onEveryAxis, 'layout', 'weightLayout'] as const;

/** @internal */
export const conv2dOptions = [...planOptions, 'out'] as const;

type Given = Partial<Record<(typeof conv2dOptions)[number] | 'outputPadding', unknown>>;

/** @internal A convolution that is ready to be asked for: a problem, and what it reads and writes. */
export interface Convolution {
  readonly problem: Problem;
  readonly bias: Operand | undefined;
  readonly out: Tensor | undefined;
  readonly outputShape: (height: number, width: number) => number[];
}

/** @internal */
export function conv2d(
  heap: Heap,
  input: TensorLike,
  weight: TensorLike,
  options?: option.Conv2dOptions,
): Tensor {
  const where = 'conv2d';
  const image = operand(heap, input, `${where}: input`);
  const given = argument.options(options, where, conv2dOptions);
  const kernel = operand(heap, weight, `${where}: weight`);
  const { problem, outputShape, out, bias } = convolution(
    heap,
    where,
    image.shape,
    kernel.shape,
    given,
  );
  return solve(heap, problem, { input: image, weight: kernel, bias }, outputShape, out);
}

/** @internal Reads the options of a `conv2d` on an input and with a weight of these shapes. */
export function convolution(
  heap: Heap,
  where: string,
  inputShape: readonly number[],
  weightShape: readonly number[],
  given: Given,
): Convolution {
  const layout = option.choice(given.layout, `${where}: layout`, ['nchw', 'nhwc']);
  const weightLayout = option.choice(given.weightLayout, `${where}: weightLayout`, [
    'oihw',
    'hwio',
    'ohwi',
    'ihwo',
  ]);
  const x = imageSizes(inputShape, layout, `${where}: input`);
  const names = { o: 'Co', i: 'Ci/groups' };
  const w = weightSizes(weightShape, weightLayout, names, `${where}: weight`);
  const groups = groupCount(given.groups, where, { input: x.channels, output: w.o });
  if (w.i * groups !== x.channels) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where}: weight has ${w.i} input channels, input has ${x.channels} (groups = ${groups})`,
    );
  }
  const { fields, pads } = windows(where, given, x, w, (value, rows, columns) =>
    option.pads(value, `${where}: padding`, rows, columns),
  );
  const bias = option.biasOperand(heap, given.bias, `${where}: bias`, w.o);
  const problem = {
    where,
    given: [
      { name: 'input', shape: inputShape },
      { name: 'weight', shape: weightShape },
    ],
    outputLayout: layout,
    fields: fieldsOf(
      fields,
      commonFields(where, given, groups, w.o, bias),
      option.activationFields(given.activation, `${where}: activation`),
      imageStrides('input', layout, x.channels, x.height, x.width),
      weightStrides(weightShape, weightLayout, 'oihw'),
      {
        padding_mode: option.paddingMode(
          given.paddingMode,
          `${where}: paddingMode`,
          pads,
          x.height,
          x.width,
        ),
        algorithm: option.algorithmNumber(given.algorithm, `${where}: algorithm`),
      },
    ),
  };
  return {
    problem,
    bias,
    out: option.outTensor(heap, given.out, `${where}: out`),
    outputShape: (height, width) => imageShape(x, layout, w.o, height, width),
  };
}

/** The options of `conv1d`: those of `conv2d` along one axis, without layouts. */
export interface Conv1dOptions
  extends Omit<
    option.Conv2dOptions,
    'stride' | 'dilation' | 'padding' | 'layout' | 'weightLayout'
  > {
  /** How many elements of the input lie between windows. Default 1. */
  stride?: number;
  /** How many elements of the input lie between the taps of the kernel. Default 1. */
  dilation?: number;
  /** As in `conv2d`, along the one axis. Default 0. */
  padding?:
    | number
    | readonly [left: number, right: number]
    | 'valid'
    | 'same'
    | 'same-upper'
    | 'same-lower';
}

/** @internal */
export function conv1d(
  heap: Heap,
  input: TensorLike,
  weight: TensorLike,
  options?: Conv1dOptions,
): Tensor {
  const where = 'conv1d';
  const row = operand(heap, input, `${where}: input`);
  const taps = operand(heap, weight, `${where}: weight`);
  const { stride, dilation, padding, ...others } = argument.options(options, where, [
    ...onEveryAxis,
    'out',
  ]);
  const one = (value: unknown, name: string) =>
    value === undefined
      ? undefined
      : [1, argument.integer(value, `${where}: ${name}`, 1, 2 ** 31 - 1)];
  const list = Array.isArray(padding) ? padding : [padding, padding];
  if (list.length !== 2) {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where}: padding is ${show(padding)}, must be a number or [left, right]`,
    );
  }
  // An image of one row.
  const image = raise(row.shape, [2, 3], `${where}: input`, 'N×C×L or C×L');
  const kernel = raise(taps.shape, [3], `${where}: weight`, 'Co×Ci/groups×k');
  const { problem, outputShape, out, bias } = convolution(heap, where, image, kernel, {
    ...others,
    stride: one(stride, 'stride'),
    dilation: one(dilation, 'dilation'),
    padding:
      typeof padding === 'string' || padding === undefined ? padding : [0, 0, list[0], list[1]],
  });
  const given = [
    { name: 'input', shape: row.shape },
    { name: 'weight', shape: taps.shape },
  ];
  return solve(
    heap,
    { ...problem, given },
    { input: row, weight: taps, bias },
    (height, width) => outputShape(height, width).filter((_, axis, all) => axis !== all.length - 2),
    out,
  );
}

/** Puts an axis of length 1 before the last one. */
function raise(
  shape: readonly number[],
  ranks: readonly number[],
  where: string,
  wanted: string,
): number[] {
  if (!ranks.includes(shape.length)) {
    throw new Corr2dError('SHAPE_MISMATCH', `${where} is ${showShape(shape)}, must be ${wanted}`);
  }
  return [...shape.slice(0, -1), 1, ...shape.slice(-1)];
}

/** The options of `convTranspose2d`. */
export interface ConvTranspose2dOptions
  extends Pick<
    option.Conv2dOptions,
    'bias' | 'stride' | 'dilation' | 'groups' | 'activation' | 'layout' | 'deterministic' | 'out'
  > {
  /** Crops the output, as PyTorch's does. Default 0. */
  padding?: number | readonly [number, number] | readonly [number, number, number, number];
  /** Rows and columns added at the end: less than the larger of stride and dilation. Default 0. */
  outputPadding?: option.Pair;
  /** i = Ci, o = Co/groups. Default `'iohw'`. */
  weightLayout?: 'iohw' | 'hwoi' | 'ohwi';
}

/** @internal */
export function convTranspose2d(
  heap: Heap,
  input: TensorLike,
  weight: TensorLike,
  options?: ConvTranspose2dOptions,
): Tensor {
  const where = 'convTranspose2d';
  const image = operand(heap, input, `${where}: input`);
  const kernel = operand(heap, weight, `${where}: weight`);
  const given: Given = argument.options(options, where, [
    'bias',
    'stride',
    'dilation',
    'groups',
    'padding',
    'outputPadding',
    'activation',
    'layout',
    'weightLayout',
    'deterministic',
    'out',
  ]);
  const layout = option.choice(given.layout, `${where}: layout`, ['nchw', 'nhwc']);
  const weightLayout = option.choice(given.weightLayout, `${where}: weightLayout`, [
    'iohw',
    'hwoi',
    'ohwi',
  ]);
  const x = imageSizes(image.shape, layout, `${where}: input`);
  const names = { o: 'Co/groups', i: 'Ci' };
  const w = weightSizes(kernel.shape, weightLayout, names, `${where}: weight`);
  const groups = groupCount(given.groups, where, { input: x.channels });
  if (w.i !== x.channels) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where}: weight has ${w.i} input channels, input has ${x.channels}`,
    );
  }
  const outputs = w.o * groups;
  const { fields } = windows(where, given, x, w, (value) =>
    option.explicitPads(value, `${where}: padding`),
  );
  const [extraRows, extraColumns] = option.pair(
    given.outputPadding,
    `${where}: outputPadding`,
    0,
    0,
  );
  const bias = option.biasOperand(heap, given.bias, `${where}: bias`, outputs);
  const problem = {
    where,
    given: [
      { name: 'input', shape: image.shape },
      { name: 'weight', shape: kernel.shape },
    ],
    outputLayout: layout,
    fields: fieldsOf(
      fields,
      commonFields(where, given, groups, outputs, bias),
      option.activationFields(given.activation, `${where}: activation`),
      imageStrides('input', layout, x.channels, x.height, x.width),
      weightStrides(kernel.shape, weightLayout, 'iohw'),
      {
        kind: kinds.transposed,
        output_padding_height: extraRows,
        output_padding_width: extraColumns,
      },
    ),
  };
  return solve(
    heap,
    problem,
    { input: image, weight: kernel, bias },
    (height, width) => imageShape(x, layout, outputs, height, width),
    option.outTensor(heap, given.out, `${where}: out`),
  );
}

/** @internal The number of groups, which has to divide these channel counts. */
export function groupCount(
  value: unknown,
  where: string,
  channels: Readonly<Record<string, number>>,
): number {
  if (value === undefined) return 1;
  const groups = argument.integer(value, `${where}: groups`, 1, 2 ** 31 - 1);
  for (const [name, count] of Object.entries(channels)) {
    if (count % groups !== 0) {
      throw new Corr2dError(
        'INVALID_ARGUMENT',
        `${where}: groups is ${groups}, must divide the ${count} ${name} channels`,
      );
    }
  }
  return groups;
}

/** @internal How windows lie on the input: sizes, stride, dilation and pads. */
export function windows(
  where: string,
  given: Given,
  x: ImageSizes,
  kernel: { readonly h: number; readonly w: number },
  readPads: (value: unknown, rows: option.Extent, columns: option.Extent) => option.Pads,
): { fields: Partial<Fields>; pads: option.Pads } {
  const [strideH, strideW] = option.pair(given.stride, `${where}: stride`, 1, 1);
  const [dilationH, dilationW] = option.pair(given.dilation, `${where}: dilation`, 1, 1);
  const pads = readPads(
    given.padding,
    { input: x.height, kernel: kernel.h, stride: strideH, dilation: dilationH },
    { input: x.width, kernel: kernel.w, stride: strideW, dilation: dilationW },
  );
  const [top, bottom, left, right] = pads;
  return {
    pads,
    fields: {
      batch: x.batch,
      input_channels: x.channels,
      input_height: x.height,
      input_width: x.width,
      kernel_height: kernel.h,
      kernel_width: kernel.w,
      stride_height: strideH,
      stride_width: strideW,
      dilation_height: dilationH,
      dilation_width: dilationW,
      pad_top: top,
      pad_bottom: bottom,
      pad_left: left,
      pad_right: right,
    },
  };
}

function commonFields(
  where: string,
  given: Given,
  groups: number,
  outputs: number,
  bias: Operand | undefined,
): Partial<Fields> {
  return {
    groups,
    output_channels: outputs,
    has_bias: bias === undefined ? 0 : 1,
    deterministic: Number(option.flag(given.deterministic, `${where}: deterministic`)),
  };
}
