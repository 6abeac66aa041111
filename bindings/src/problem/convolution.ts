// Builds the problem of a convolution from shapes and options.

import type { ProblemFields } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { mismatch, unexpected } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Operand } from '../tensor/operands.js';
import type { Tensor } from '../tensor/tensor.js';
import { imageShape, imageSizes, imageStrides, weightSizes, weightStrides } from './layout.js';
import { fieldsOf, type OutputShape, type Problem } from './problem.js';
import * as read from './read-options.js';
import { windows } from './windows.js';

/** The names of the options that `conv1d`, `conv2d` and `conv3d` share, apart from `add` and `out`. */
export const convolutionOptions = [
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

/** The names of the options of `conv2d`, apart from `add` and `out`. */
export const planOptions = [...convolutionOptions, 'layout', 'weightLayout'] as const;

export const conv2dOptions = [...planOptions, 'add', 'out'] as const;

/** Options whose values are not yet checked. */
export type ConvolutionValues = Partial<
  Record<(typeof conv2dOptions)[number] | 'outputPadding' | 'outputSize', unknown>
>;

/** A convolution that is ready to be computed, and its optional operands. */
export interface Convolution {
  readonly problem: Problem;
  readonly bias: Operand | undefined;
  readonly out: Tensor | undefined;
  readonly outputShape: OutputShape;
}

/**
 * Reads the options of a `conv2d` for an input and a weight of these shapes, or of a `conv3d` with a rank of 3,
 * except `add`: `hasAdd` tells whether a tensor is added.
 * A weight with two axes is one kernel for every channel, each of which is a group; its input may be a plane, H×W.
 */
export function convolution(
  heap: Heap,
  where: string,
  inputShape: readonly number[],
  weightShape: readonly number[],
  given: ConvolutionValues,
  hasAdd: boolean,
  rank: read.Rank = 2,
): Convolution {
  const isKernel = rank === 2 && weightShape.length === 2;
  const isPlane = isKernel && inputShape.length === 2;
  const imageLayout = argument.choice(given.layout, `${where}: layout`, ['nchw', 'nhwc']);
  const layout = isPlane ? 'nchw' : imageLayout;
  const weightLayout =
    rank === 3
      ? 'oidhw'
      : argument.choice(given.weightLayout, `${where}: weightLayout`, [
          'oihw',
          'hwio',
          'ohwi',
          'ihwo',
        ]);
  const x = imageSizes(isPlane ? [1, ...inputShape] : inputShape, layout, `${where}: input`, rank);
  const names = { o: 'Co', i: 'Ci/groups' };
  const w = isKernel
    ? weightSizes([x.channels, 1, ...weightShape], 'oihw', names, `${where}: weight`)
    : weightSizes(
        weightShape,
        weightLayout,
        names,
        `${where}: weight`,
        rank === 2 ? ' or kh×kw' : '',
      );
  const groups = groupCount(given.groups, where, { input: x.channels, output: w.o });
  if (w.i * groups !== x.channels) {
    throw mismatch(
      `${where}: weight has ${w.i} input channels; expected ${x.channels / groups}, ` +
        `since input has ${x.channels} (groups = ${groups})` +
        (isKernel ? `; use groups: ${x.channels} to filter each channel` : ''),
    );
  }
  const { fields, pads } = windows(where, given, x, w, read.pads);
  const bias = read.biasOperand(heap, given.bias, `${where}: bias`, w.o);
  const problem = {
    where,
    given: [
      { name: 'input', shape: inputShape },
      { name: 'weight', shape: weightShape },
    ],
    outputLayout: layout,
    rank,
    fields: fieldsOf(
      fields,
      commonFields(where, given, groups, w.o),
      imageStrides('input', layout, x.channels, x.height, x.width, x.depth),
      isKernel
        ? { 'weight_strides.h': w.w, 'weight_strides.w': 1 } // 0 along the channels
        : weightStrides(weightShape, weightLayout, rank === 3 ? weightLayout : 'oihw'),
      {
        has_bias: bias === undefined ? 0 : 1,
        padding_mode: read.paddingMode(given.paddingMode, `${where}: paddingMode`, pads, [
          x.depth,
          x.height,
          x.width,
        ]),
        algorithm: read.algorithm(given.algorithm, `${where}: algorithm`),
        has_add: Number(hasAdd),
      },
    ),
  };
  return {
    problem,
    bias,
    out: read.outTensor(heap, given.out, `${where}: out`),
    outputShape: (height, width, depth) =>
      isPlane ? [height, width] : imageShape(x, layout, w.o, height, width, depth),
  };
}

/** Reads the number of groups, which must divide these channel counts. */
export function groupCount(
  value: unknown,
  where: string,
  channels: Readonly<Record<string, number>>,
): number {
  if (value === undefined) return 1;
  const groups = argument.integer(value, `${where}: groups`, 1, argument.MAX_INT32);
  for (const [name, count] of Object.entries(channels)) {
    if (count % groups !== 0) {
      throw unexpected(`${where}: groups`, groups, `a divisor of the ${count} ${name} channels`);
    }
  }
  return groups;
}

/** The members of a problem that all kinds of convolution read in the same way. */
export function commonFields(
  where: string,
  given: ConvolutionValues,
  groups: number,
  outputs: number,
): Partial<ProblemFields> {
  return {
    groups,
    output_channels: outputs,
    deterministic: Number(argument.flag(given.deterministic, `${where}: deterministic`)),
    ...read.activationFields(given.activation, `${where}: activation`),
  };
}
