// Reads options: checks a value, and converts it to members of a problem.

import { activations, algorithms, type ProblemFields, paddingModes } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { invalid, unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { type Operand, operand } from '../tensor/operands.js';
import { Tensor } from '../tensor/tensor.js';
import type { Conv2dOptions } from './options.js';

/** The number of spatial axes: rows and columns, or planes, rows and columns. */
export type Rank = 2 | 3;

/** Numbers for planes, rows and columns. */
export type Triple = [d: number, h: number, w: number];

/** How messages call a list of numbers for `rank` axes. */
export const axesOf = (rank: Rank) => (rank === 2 ? '[h, w]' : '[d, h, w]');

/**
 * Reads one whole number for all of `rank` axes, or a list with one for each, of at least `low`. All are
 * `defaultValue` if `value` is undefined. Without planes, the first number returned is `low`.
 */
export function triple(
  value: unknown,
  where: string,
  low: number,
  defaultValue: number,
  rank: Rank,
): Triple {
  const read = (one: unknown, name: string, ending = '') =>
    argument.integer(one, name, low, argument.MAX_INT32, ending);
  if (!Array.isArray(value)) {
    const all = value === undefined ? defaultValue : read(value, where, `, or ${axesOf(rank)}`);
    return [rank === 2 ? low : all, all, all];
  }
  if (value.length !== rank) throw unexpected(where, value, `a number or ${axesOf(rank)}`);
  const [h, w, last = 0] = Array.from({ length: rank }, (_, i) => read(value[i], `${where}[${i}]`));
  return (rank === 2 ? [low, h, w] : [h, w, last]) as Triple;
}

/** Reads one whole number for both axes, or `[h, w]`, of at least `low`. Returns twice `defaultValue` if undefined. */
export function pair(
  value: unknown,
  where: string,
  low: number,
  defaultValue: number,
): [number, number] {
  const [, h, w] = triple(value, where, low, defaultValue, 2);
  return [h, w];
}

/** The sizes along one axis that determine its padding. */
export interface WindowAxis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
}

/** The extent of a dilated kernel. */
export const windowOf = ({ kernel, dilation }: Pick<WindowAxis, 'kernel' | 'dilation'>) =>
  (kernel - 1) * dilation + 1;

/** The windows along planes, rows and columns. */
export type WindowAxes = readonly [d: WindowAxis, h: WindowAxis, w: WindowAxis];

/** Six numbers: front, back, top, bottom, left, right. */
export type Pads = readonly number[];

const paddingNames = ['valid', 'same', 'same-upper', 'same-lower'] as const;

/** The names of a padding, for messages. */
export const quotedPaddings = argument.quoted(paddingNames);

/** Ends the message about a negative padding of an input. */
export const CROPS = '; to crop the input, use c.pad with negative numbers';

/**
 * Reads one number of a padding. A message about another value ends with `forms`, and with `crops` if it
 * is negative.
 */
export function padNumber(value: unknown, where: string, forms = '', crops = ''): number {
  const isNegative = typeof value === 'number' && value < 0;
  const ending = isNegative ? forms + crops : forms;
  return argument.integer(value, where, 0, argument.MAX_INT32, ending);
}

/** Reads a `Padding`. */
export function pads(value: unknown, where: string, axes: WindowAxes, rank: Rank): Pads {
  if (typeof value !== 'string') return explicitPads(value, where, quotedPaddings, CROPS, rank);
  const name = argument.choice(value, where, paddingNames);
  return axes.flatMap((axis) => namedPads(name, axis, where));
}

/** Reads the `Padding` of a pool, for which `'same'` accepts any stride. */
export const poolPads: typeof pads = (value, ...others) =>
  pads(value === 'same' ? 'same-upper' : value, ...others);

/**
 * Reads a padding of one number, one for each of `rank` axes or one for each side; 0 if undefined.
 * Messages mention `names`, which are accepted too, and `crops` if a number is negative.
 */
export function explicitPads(
  value: unknown,
  where: string,
  names: string,
  crops: string,
  rank: Rank,
): Pads {
  const sides = rank === 2 ? '' : 'front, back, ';
  const forms = `, ${axesOf(rank)}, [${sides}top, bottom, left, right], ${names}`;
  if (!Array.isArray(value)) {
    const all = value === undefined ? 0 : padNumber(value, where, forms, crops);
    const front = rank === 2 ? 0 : all;
    return [front, front, all, all, all, all];
  }
  const { length } = value;
  if (length !== rank && length !== 2 * rank) throw unexpected(where, value, `a number${forms}`);
  const list = Array.from({ length }, (_, i) => padNumber(value[i], `${where}[${i}]`, '', crops));
  const all = length === rank ? list.flatMap((pad) => [pad, pad]) : list;
  return rank === 2 ? [0, 0, ...all] : all;
}

/** The padding before and after one axis that a name stands for. */
function namedPads(
  name: 'valid' | 'same' | 'same-upper' | 'same-lower',
  axis: WindowAxis,
  where: string,
): [number, number] {
  if (name === 'valid') return [0, 0];
  if (name === 'same' && axis.stride !== 1) {
    throw invalid(
      `${where} is 'same' and stride is ${axis.stride}; expected stride 1, ` +
        "or 'same-upper' or 'same-lower', which accept any stride",
    );
  }
  // With stride 1, PyTorch's 'same' equals ONNX's SAME_UPPER.
  const outputs = Math.ceil(axis.input / axis.stride);
  const total = Math.max((outputs - 1) * axis.stride + windowOf(axis) - axis.input, 0);
  const smaller = Math.floor(total / 2);
  return name === 'same-lower' ? [total - smaller, smaller] : [smaller, total - smaller];
}

/** Reads a padding mode, and checks PyTorch's limits on the padding that it can fill. */
export function paddingMode(
  value: unknown,
  where: string,
  pads: Pads,
  sizes: Readonly<Triple>,
): number {
  const name = argument.choice(value, where, ['zeros', 'reflect', 'replicate', 'circular']);
  if (name === 'zeros') return paddingModes.constant;
  const excess = name === 'reflect' ? -1 : name === 'circular' ? 0 : Number.POSITIVE_INFINITY;
  for (const [i, sides] of ['front and back', 'top and bottom', 'left and right'].entries()) {
    const [before, after] = pads.slice(2 * i) as [number, number];
    const size = sizes[i] as number;
    if (Math.max(before, after) <= size + excess) continue;
    throw invalid(
      `${where} is '${name}' and the padding at ${sides} is ${before}, ${after}; expected at most ` +
        `${size + excess}, since the input's size along that axis is ${size}`,
    );
  }
  return paddingModes[name];
}

const camelCased = (name: string) => name.replace(/-./g, ([, letter]) => `${letter}`.toUpperCase());

/** The default parameters of the activations that have one. */
export const defaultAlphas: Partial<Record<keyof typeof activations, number>> = {
  'leaky-relu': 0.01,
  elu: 1,
  'hard-sigmoid': 1 / 6,
};

/** Reads an `Activation`. */
export function activationFields(value: unknown, where: string): Partial<ProblemFields> {
  const isObject = argument.isPlainObject(value);
  const given = isObject ? argument.options(value, where, ['type', 'alpha']) : { type: value };
  if (isObject && given.type === undefined) {
    throw invalid(`${where} is an object without a type; expected { type, alpha }`);
  }
  const names = Object.keys(activations) as (keyof typeof activations)[];
  const known = names.find((one) => one === given.type || camelCased(one) === given.type);
  const name = argument.choice(known ?? given.type, isObject ? `${where}.type` : where, names);
  const alpha = (given as { alpha?: unknown }).alpha;
  const { [name]: defaultAlpha } = defaultAlphas;
  if (alpha !== undefined && defaultAlpha === undefined) {
    const expected = argument.quoted(Object.keys(defaultAlphas));
    throw invalid(`${where} is '${name}' with an alpha; expected ${expected}`);
  }
  return {
    activation: activations[name],
    activation_alpha:
      alpha === undefined ? (defaultAlpha ?? 0) : argument.finite(alpha, `${where}.alpha`),
  };
}

/** Reads the name of an algorithm of `Conv2dOptions`. */
export function algorithm(value: unknown, where: string): number {
  const names = Object.keys(algorithms) as (keyof typeof algorithms)[];
  const name: NonNullable<Conv2dOptions['algorithm']> = argument.choice(value, where, names);
  return algorithms[name];
}

/** Reads a bias: `channels` numbers along one axis, or undefined. */
export function biasOperand(
  heap: Heap,
  value: unknown,
  where: string,
  channels: number,
): Operand | undefined {
  if (value === undefined) return undefined;
  const bias = operand(heap, value, where);
  if (bias.shape.length !== 1 || bias.shape[0] !== channels) {
    throw unexpectedShape(where, bias.shape, `[${channels}], one number for each output channel`);
  }
  return bias;
}

/** Reads the option `add`: numbers, whose shape is checked later, or undefined. */
export function addOperand(heap: Heap, value: unknown, where: string): Operand | undefined {
  return value === undefined ? undefined : operand(heap, value, `${where}: add`);
}

/** Reads the option `out`: a tensor, or undefined. */
export function outTensor(heap: Heap, value: unknown, where: string): Tensor | undefined {
  if (value === undefined) return undefined;
  const out = Tensor.is(value) ? operand(heap, value, where) : undefined;
  if (!Tensor.is(out)) throw unexpected(where, value, 'a tensor');
  return out;
}
