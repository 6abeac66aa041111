import { activations, algorithms } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, show, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { type Operand, operand } from '../tensor/operands.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import { type Fields, paddingModes } from './problem.js';

/** What is done to every element of an output. `leaky-relu` takes `alpha`, 0.01 if absent. */
export type ActivationName =
  | 'none'
  | 'relu'
  | 'relu6'
  | 'leaky-relu'
  | 'sigmoid'
  | 'tanh'
  | 'silu'
  | 'hard-swish'
  | 'gelu';

/** An activation by its name, or by its name and what it takes. */
export type Activation =
  | ActivationName
  | {
      /** Its name. */
      type: ActivationName;
      /** What `'leaky-relu'` multiplies negative numbers by. Default 0.01. */
      alpha?: number;
    };

/**
 * What is put around the input, in elements: the same on all four sides, on each side of an axis, or
 * on each of the four; or as much as a name stands for.
 */
export type Padding =
  | number
  | readonly [h: number, w: number]
  | readonly [top: number, bottom: number, left: number, right: number]
  | 'valid'
  | 'same'
  | 'same-upper'
  | 'same-lower';

/** A number for both axes, or one for each. */
export type Pair = number | readonly [h: number, w: number];

/** The options of `conv2d`. An option that is `undefined` is absent. */
export interface Conv2dOptions {
  /** Co numbers, added to the output channels. */
  bias?: TensorLike;
  /** How many elements of the input lie between windows. Default 1. */
  stride?: Pair;
  /** How many elements of the input lie between the taps of the kernel. Default 1. */
  dilation?: Pair;
  /** Divides both channel counts. Default 1. */
  groups?: number;
  /**
   * `'same'` is PyTorch's: it demands stride 1 and puts the odd pixel at the end. `'same-upper'` and
   * `'same-lower'` are ONNX's, for any stride. Default 0.
   */
  padding?: Padding;
  /** What stands in the padding, within PyTorch's limits. Default `'zeros'`. */
  paddingMode?: 'zeros' | 'reflect' | 'replicate' | 'circular';
  /** What is done to the output, bias included. Default `'none'`. */
  activation?: Activation;
  /** Of input and output. Default `'nchw'`. */
  layout?: 'nchw' | 'nhwc';
  /** Default `'oihw'`: output channel, input channel of the group, row, column. */
  weightLayout?: 'oihw' | 'hwio' | 'ohwi' | 'ihwo';
  /**
   * Default `'auto'`, which takes what is fastest. One asked for by name that cannot do the problem:
   * UNSUPPORTED.
   *
   * - `'winograd'`, for 3×3 kernels of stride 1, rounds relative to the largest numbers around an
   *   output; of a NaN or an infinity it may make NaN up to three pixels (times the dilation) beyond
   *   the outputs whose windows hold it.
   * - `'separable'`, for groups of one input channel, takes a kernel as a sum of products of a column
   *   and a row, as few as float32 can tell from it: one for a Gaussian. Other kernels are as many as
   *   they have rows or columns, and slower. It rounds relative to the norm of the kernel.
   * - `'fft'`, for stride 1 and large kernels, rounds relative to the norm of the tile that is
   *   transformed, and of a NaN or an infinity makes NaN all over it: up to 1024 rows and columns,
   *   and another tile that is transformed with it.
   */
  algorithm?: 'auto' | 'direct' | 'gemm' | 'winograd' | 'depthwise' | 'separable' | 'fft';
  /**
   * The same bits on every machine and in every engine; NaN and infinity reach the outputs whose
   * windows hold them and no others. Default false.
   */
  deterministic?: boolean;
  /** Where the result goes, instead of a new tensor. */
  out?: Tensor;
}

/** @internal The number of an activation in C++. */
export function activationNumber(name: ActivationName): number {
  return activations[name];
}

/** The names of C++ enumerators, in their order. */
const namesOf = <Name extends string>(enumerators: Record<Name, number>) =>
  Object.keys(enumerators) as Name[];

const maxInt = 2 ** 31 - 1;

function invalid(message: string): Corr2dError {
  return new Corr2dError('INVALID_ARGUMENT', message);
}

/** @internal `value`, if it is one of `names`; `names[0]` where it is absent. */
export function choice<const Name extends string>(
  value: unknown,
  where: string,
  names: readonly Name[],
): Name {
  if (value === undefined) return names[0] as Name;
  if (!(names as readonly unknown[]).includes(value)) {
    throw invalid(
      `${where} is ${show(value)}, must be one of ${names.map((name) => `'${name}'`).join(', ')}`,
    );
  }
  return value as Name;
}

/** @internal */
export function flag(value: unknown, where: string, absent = false): boolean {
  if (value === undefined) return absent;
  if (typeof value !== 'boolean')
    throw invalid(`${where} is ${show(value)}, must be true or false`);
  return value;
}

/** @internal A number for both axes, or one for each: whole numbers of at least `low`. */
export function pair(value: unknown, where: string, low: number, absent: number): [number, number] {
  if (value === undefined) return [absent, absent];
  if (!Array.isArray(value)) {
    const both = argument.integer(value, where, low, maxInt);
    return [both, both];
  }
  if (value.length !== 2) {
    throw invalid(`${where} is ${show(value)}, must be a number or [h, w]`);
  }
  return [0, 1].map((i) => argument.integer(value[i], `${where}[${i}]`, low, maxInt)) as [
    number,
    number,
  ];
}

/** @internal The sizes that padding is found from, along one axis. */
export interface Extent {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
}

/** @internal */
export type Pads = readonly [top: number, bottom: number, left: number, right: number];

/** @internal The four pads that a padding option asks for. */
export function pads(value: unknown, where: string, rows: Extent, columns: Extent): Pads {
  if (value === undefined) return [0, 0, 0, 0];
  if (typeof value === 'string') {
    const name = choice(value, where, ['valid', 'same', 'same-upper', 'same-lower']);
    return [...along(name, rows, where), ...along(name, columns, where)];
  }
  return explicitPads(value, where);
}

/** @internal Numbers alone: one, a pair or four. */
export function explicitPads(value: unknown, where: string): Pads {
  if (value === undefined) return [0, 0, 0, 0];
  if (Array.isArray(value) && value.length === 4) {
    return argument.items(value, where, 4, (pad, i) =>
      argument.integer(pad, `${where}[${i}]`, 0, maxInt),
    ) as unknown as Pads;
  }
  if (Array.isArray(value) && value.length !== 2) {
    throw invalid(
      `${where} is ${show(value)}, must be a number, [h, w] or [top, bottom, left, right]`,
    );
  }
  const [h, w] = pair(value, where, 0, 0);
  return [h, h, w, w];
}

function along(
  name: 'valid' | 'same' | 'same-upper' | 'same-lower',
  axis: Extent,
  where: string,
): [number, number] {
  if (name === 'valid') return [0, 0];
  if (name === 'same' && axis.stride !== 1) {
    throw invalid(
      `${where} is 'same', which demands stride 1 and not ${axis.stride}; ` +
        "'same-upper' and 'same-lower' take any stride",
    );
  }
  // With stride 1 PyTorch's 'same' is ONNX's SAME_UPPER.
  const window = (axis.kernel - 1) * axis.dilation + 1;
  const outputs = Math.ceil(axis.input / axis.stride);
  const total = Math.max((outputs - 1) * axis.stride + window - axis.input, 0);
  const less = Math.floor(total / 2);
  return name === 'same-lower' ? [total - less, less] : [less, total - less];
}

/** @internal The padding mode's number, within the limits that PyTorch sets to pads. */
export function paddingMode(
  value: unknown,
  where: string,
  [top, bottom, left, right]: Pads,
  height: number,
  width: number,
): number {
  const name = choice(value, where, ['zeros', 'reflect', 'replicate', 'circular']);
  const most = name === 'reflect' ? -1 : name === 'circular' ? 0 : Number.POSITIVE_INFINITY;
  if (Math.max(top, bottom) > height + most || Math.max(left, right) > width + most) {
    throw invalid(
      `${where} is '${name}', for which pads must be ${name === 'reflect' ? 'less than' : 'at most'} ` +
        `the input's ${height}×${width}, and they are ${top}, ${bottom}, ${left}, ${right}`,
    );
  }
  return name === 'zeros' ? paddingModes.constant : paddingModes[name];
}

/** @internal `activation` as the fields of a problem. */
export function activationFields(value: unknown, where: string): Partial<Fields> {
  const isObject = typeof value === 'object' && value !== null;
  const given = isObject ? argument.options(value, where, ['type', 'alpha']) : { type: value };
  if (isObject && given.type === undefined) throw invalid(`${where} is an object without a type`);
  const name = choice(given.type, isObject ? `${where}.type` : where, namesOf(activations));
  const alpha = (given as { alpha?: unknown }).alpha;
  if (alpha !== undefined && name !== 'leaky-relu') {
    throw invalid(`${where}: '${name}' takes no alpha`);
  }
  return {
    activation: activationNumber(name),
    activation_alpha: alpha === undefined ? 0.01 : argument.finite(alpha, `${where}.alpha`),
  };
}

/** @internal The algorithm's number. */
export function algorithmNumber(value: unknown, where: string): number {
  const name: NonNullable<Conv2dOptions['algorithm']> = choice(value, where, namesOf(algorithms));
  return algorithms[name];
}

/** @internal The bias, `channels` numbers in one axis. */
export function biasOperand(
  heap: Heap,
  value: unknown,
  where: string,
  channels: number,
): Operand | undefined {
  if (value === undefined) return undefined;
  const bias = operand(heap, value, where);
  if (bias.shape.length !== 1 || bias.shape[0] !== channels) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where} is ${showShape(bias.shape)}, must have one number for each of the ` +
        `${channels} output channels`,
    );
  }
  return bias;
}

/** @internal The tensor that the result goes to. */
export function outTensor(heap: Heap, value: unknown, where: string): Tensor | undefined {
  if (value === undefined) return undefined;
  const out = Tensor.is(value) ? operand(heap, value, where) : undefined;
  if (!Tensor.is(out)) throw invalid(`${where} is ${show(value)}, must be a tensor`);
  return out;
}
