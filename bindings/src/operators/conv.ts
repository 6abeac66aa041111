import {
  type ConvolutionValues,
  commonFields,
  conv2dOptions,
  convolution,
  convolutionOptions,
  groupCount,
} from '../problem/convolution.js';
import {
  imageShape,
  imageSizes,
  imageStrides,
  weightSizes,
  weightStrides,
} from '../problem/layout.js';
import type { Conv2dOptions, Pair } from '../problem/options.js';
import { fieldsOf, solve } from '../problem/problem.js';
import * as read from '../problem/read-options.js';
import { windows } from '../problem/windows.js';
import { kinds } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { mismatch, unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** Convolution layers. */
export interface ConvolutionMethods {
  /**
   * Computes a convolution layer of deep learning, like torch.nn.functional.conv2d: for each output
   * channel, every input channel of its group is correlated with a kernel of its own, and the results
   * are added up. The output height is H' = ⌊(H + top + bottom − dilation·(kh − 1) − 1) / stride⌋ + 1,
   * and W' is computed likewise.
   *
   * @example
   * ```js
   * const image = c.ones([3, 32, 32]);
   * const weight = c.full([16, 3, 3, 3], 0.5);
   * const y = c.conv2d(image, weight, { stride: 2, padding: 1, activation: 'relu' });
   * console.log(y.shape.join()); // 16,16,16
   * ```
   *
   * @param input N×C×H×W or C×H×W; N×H×W×C or H×W×C with `layout: 'nhwc'`
   * @param weight Co×(C/groups)×kh×kw
   * @returns N×Co×H'×W' or Co×H'×W', in the layout of the input
   * @throws `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  conv2d(input: TensorLike, weight: TensorLike, options?: Conv2dOptions): Tensor;

  /**
   * Computes a one-dimensional convolution layer, like torch.nn.functional.conv1d. It does not reverse
   * the kernel: to filter a signal with the taps of an FIR filter, reverse the taps. The output length
   * is L' = ⌊(L + left + right − dilation·(k − 1) − 1) / stride⌋ + 1.
   *
   * @param input N×C×L or C×L
   * @param weight Co×(C/groups)×k
   * @returns N×Co×L' or Co×L'
   * @throws `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  conv1d(input: TensorLike, weight: TensorLike, options?: Conv1dOptions): Tensor;

  /**
   * Computes the transposed convolution, like torch.nn.functional.conv_transpose2d: for each input
   * element, the kernel times that element is added to the output. The output height is
   * H' = (H − 1)·stride − top − bottom + dilation·(kh − 1) + outputPadding + 1, and W' is computed
   * likewise.
   *
   * @param input N×Ci×H×W or Ci×H×W
   * @param weight Ci×(Co/groups)×kh×kw
   * @returns N×Co×H'×W' or Co×H'×W'
   */
  convTranspose2d(input: TensorLike, weight: TensorLike, options?: ConvTranspose2dOptions): Tensor;
}

function conv2d(
  heap: Heap,
  input: TensorLike,
  weight: TensorLike,
  options?: Conv2dOptions,
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

/** The options of `conv1d`: those of `conv2d` for one axis, without layouts. */
export interface Conv1dOptions
  extends Omit<Conv2dOptions, 'stride' | 'dilation' | 'padding' | 'layout' | 'weightLayout'> {
  /** Step between neighbouring windows, in elements. Default 1. */
  stride?: number;
  /** Step between neighbouring elements of the kernel, in elements of the input. Default 1. */
  dilation?: number;
  /**
   * The padding before and after the input, in elements: one number for both, `[left, right]`, or a
   * name with the same meaning as for `conv2d`. Default 0.
   */
  padding?:
    | number
    | readonly [left: number, right: number]
    | 'valid'
    | 'same'
    | 'same-upper'
    | 'same-lower';
}

function conv1d(
  heap: Heap,
  input: TensorLike,
  weight: TensorLike,
  options?: Conv1dOptions,
): Tensor {
  const where = 'conv1d';
  const signal = operand(heap, input, `${where}: input`);
  const kernel = operand(heap, weight, `${where}: weight`);
  const { stride, dilation, padding, ...others } = argument.options(options, where, [
    ...convolutionOptions,
    'out',
  ]);
  const alongRow = (value: unknown, name: string) =>
    value === undefined
      ? undefined
      : [1, argument.integer(value, `${where}: ${name}`, 1, argument.MAX_INT32)];
  // A signal is an image with one row.
  const { problem, outputShape, out, bias } = convolution(
    heap,
    where,
    withRowAxis(signal.shape, [2, 3], `${where}: input`, 'N×C×L or C×L'),
    withRowAxis(kernel.shape, [3], `${where}: weight`, 'Co×Ci/groups×k'),
    {
      ...others,
      stride: alongRow(stride, 'stride'),
      dilation: alongRow(dilation, 'dilation'),
      padding: rowPadding(padding, `${where}: padding`),
    },
  );
  const given = [
    { name: 'input', shape: signal.shape },
    { name: 'weight', shape: kernel.shape },
  ];
  return solve(
    heap,
    { ...problem, given },
    { input: signal, weight: kernel, bias },
    (height, width) => outputShape(height, width).filter((_, axis, all) => axis !== all.length - 2),
    out,
  );
}

/** Inserts an axis of length 1 before the last axis. */
function withRowAxis(
  shape: readonly number[],
  ranks: readonly number[],
  where: string,
  expected: string,
): number[] {
  if (!ranks.includes(shape.length)) throw unexpectedShape(where, shape, expected);
  return [...shape.slice(0, -1), 1, ...shape.slice(-1)];
}

/** Converts a padding of `conv1d` to one of `conv2d`. Checks it here, so that messages fit `conv1d`. */
function rowPadding(value: unknown, where: string): unknown {
  if (value === undefined || typeof value === 'string') return value;
  if (!Array.isArray(value)) {
    const both = argument.integer(value, where, 0, argument.MAX_INT32, ', or [left, right]');
    return [0, 0, both, both];
  }
  if (value.length !== 2) throw unexpected(where, value, 'a number or [left, right]');
  const sides = [0, 1].map((i) =>
    argument.integer(value[i], `${where}[${i}]`, 0, argument.MAX_INT32),
  );
  return [0, 0, ...sides];
}

/** The options of `convTranspose2d`. An option that is `undefined` takes its default. */
export interface ConvTranspose2dOptions
  extends Pick<
    Conv2dOptions,
    'bias' | 'stride' | 'dilation' | 'groups' | 'activation' | 'layout' | 'deterministic' | 'out'
  > {
  /**
   * The number of rows and columns that are cropped from the output, as in PyTorch: a number,
   * `[h, w]` or `[top, bottom, left, right]`. Default 0.
   */
  padding?: number | readonly [number, number] | readonly [number, number, number, number];
  /**
   * The number of rows and columns that are added at the bottom and the right of the output. It must
   * be less than the larger of stride and dilation. Default 0.
   */
  outputPadding?: Pair;
  /**
   * The order of the weight's axes: input channel (i), output channel of the group (o), row (h),
   * column (w). Default `'iohw'`.
   */
  weightLayout?: 'iohw' | 'hwoi' | 'ohwi';
}

function convTranspose2d(
  heap: Heap,
  input: TensorLike,
  weight: TensorLike,
  options?: ConvTranspose2dOptions,
): Tensor {
  const where = 'convTranspose2d';
  const image = operand(heap, input, `${where}: input`);
  const kernel = operand(heap, weight, `${where}: weight`);
  const given: ConvolutionValues = argument.options(options, where, [
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
  const layout = argument.choice(given.layout, `${where}: layout`, ['nchw', 'nhwc']);
  const weightLayout = argument.choice(given.weightLayout, `${where}: weightLayout`, [
    'iohw',
    'hwoi',
    'ohwi',
  ]);
  const x = imageSizes(image.shape, layout, `${where}: input`);
  const names = { o: 'Co/groups', i: 'Ci' };
  const w = weightSizes(kernel.shape, weightLayout, names, `${where}: weight`);
  const groups = groupCount(given.groups, where, { input: x.channels });
  if (w.i !== x.channels) {
    throw mismatch(
      `${where}: weight has ${w.i} input channels; expected ${x.channels}, like input`,
    );
  }
  const outputs = w.o * groups;
  const { fields } = windows(where, given, x, w, read.explicitPads);
  const [extraRows, extraColumns] = read.pair(given.outputPadding, `${where}: outputPadding`, 0, 0);
  const bias = read.biasOperand(heap, given.bias, `${where}: bias`, outputs);
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
    read.outTensor(heap, given.out, `${where}: out`),
  );
}

/** @internal The implementations of `ConvolutionMethods`. */
export const convolutionMethods: Implementation<ConvolutionMethods> = {
  conv2d,
  conv1d,
  convTranspose2d,
};
