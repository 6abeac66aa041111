import {
  type ConvolutionValues,
  commonFields,
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
import type { Conv2dOptions, Padding, Padding3d, Pair, Triple } from '../problem/options.js';
import { fieldsOf, type OutputShape, type Problem, solve } from '../problem/problem.js';
import * as read from '../problem/read-options.js';
import { rowOptions, rowProblem, withRowAxis } from '../problem/rows.js';
import { outputCrop, quotedCrops } from '../problem/transposed.js';
import { fieldsOfWindows, windowAxes } from '../problem/windows.js';
import { kinds } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { mismatch } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import type { Conv1dOptions } from './conv1d.js';

/** Transposed convolution layers. */
export interface TransposedConvolutionMethods {
  /**
   * Computes the transposed convolution along one axis, like torch.nn.functional.conv_transpose1d. The
   * output length is L' = (L − 1)·stride − left − right + dilation·(k − 1) + outputPadding + 1.
   *
   * @example
   * ```js
   * const y = c.convTranspose1d([[1, 2]], [[[1, 10]]], { stride: 2 });
   * console.log(y.shape.join(), y.data.join()); // 1,4 1,10,2,20
   * ```
   *
   * @param input N×Ci×L or Ci×L
   * @param weight Ci×(Co/groups)×k
   * @param options stride, padding, outputPadding, outputSize and others; all have defaults
   * @returns N×Co×L' or Co×L'
   * @throws `INVALID_ARGUMENT` for an `outputPadding` or an `outputSize` outside its limits
   * @throws `SHAPE_MISMATCH` if the channels do not fit or the padding crops the whole output
   */
  convTranspose1d(input: TensorLike, weight: TensorLike, options?: ConvTranspose1dOptions): Tensor;

  /**
   * Computes the transposed convolution, like torch.nn.functional.conv_transpose2d: for each input
   * element, the kernel times that element is added to the output. The output height is
   * H' = (H − 1)·stride − top − bottom + dilation·(kh − 1) + outputPadding + 1, and W' is computed
   * likewise.
   *
   * @example
   * ```js
   * const y = c.convTranspose2d([[[1, 2]]], [[[[1, 10]]]], { stride: [1, 2] });
   * console.log(y.shape.join(), y.data.join()); // 1,1,4 1,10,2,20
   * ```
   *
   * @param input N×Ci×H×W or Ci×H×W; N×H×W×Ci or H×W×Ci with `layout: 'nhwc'`
   * @param weight Ci×(Co/groups)×kh×kw
   * @param options stride, padding, outputPadding, outputSize and others; all have defaults
   * @returns N×Co×H'×W' or Co×H'×W', in the layout of the input
   * @throws `INVALID_ARGUMENT` for an `outputPadding` or an `outputSize` outside its limits
   * @throws `SHAPE_MISMATCH` if the channels do not fit or the padding crops the whole output
   */
  convTranspose2d(input: TensorLike, weight: TensorLike, options?: ConvTranspose2dOptions): Tensor;

  /**
   * Computes the transposed convolution of volumes or of videos, like torch.nn.functional.conv_transpose3d:
   * `convTranspose2d` with a third spatial axis, the depth, before the height.
   *
   * @example
   * ```js
   * const y = c.convTranspose3d(c.ones([4, 2, 5, 5]), c.ones([4, 1, 2, 2, 2]), { stride: 2 });
   * console.log(y.shape.join()); // 1,4,10,10
   * ```
   *
   * @param input N×Ci×D×H×W or Ci×D×H×W; N×D×H×W×Ci or D×H×W×Ci with `layout: 'nhwc'`
   * @param weight Ci×(Co/groups)×kd×kh×kw
   * @param options stride, padding, outputPadding, outputSize and others; all have defaults
   * @returns N×Co×D'×H'×W' or Co×D'×H'×W', in the layout of the input; sizes as for `convTranspose2d`
   * @throws `INVALID_ARGUMENT` for an `outputPadding` or an `outputSize` outside its limits
   * @throws `SHAPE_MISMATCH` if the channels do not fit or the padding crops the whole output
   */
  convTranspose3d(input: TensorLike, weight: TensorLike, options?: ConvTranspose3dOptions): Tensor;
}

/** The options of `convTranspose2d`. An option that is `undefined` takes its default. */
export interface ConvTranspose2dOptions
  extends Pick<
    Conv2dOptions,
    'bias' | 'stride' | 'dilation' | 'groups' | 'activation' | 'layout' | 'deterministic' | 'out'
  > {
  /**
   * The number of rows and columns that are cropped from the output, as in PyTorch: a number,
   * `[h, w]` or `[top, bottom, left, right]`. The names are ONNX's auto_pad: `'valid'` crops nothing, and
   * with `'same-upper'` and `'same-lower'` the output has stride times as many rows and columns as the
   * input; an odd element is cropped at the end or at the beginning. `'same-upper'` is what `'same'` is in
   * TensorFlow and Keras. Default 0.
   */
  padding?: Exclude<Padding, 'same'> | undefined;
  /**
   * The number of rows and columns that are added at the bottom and the right of the output. It must
   * be less than the larger of stride and dilation. Default 0.
   */
  outputPadding?: Pair | undefined;
  /**
   * The height and the width of the output. Default: the size that follows from the other options.
   *
   * With numbers as `padding`, it replaces `outputPadding`, as PyTorch's output_size does. For an input of
   * 5×5 and a kernel of 3×3, `stride: 2, padding: 1` gives 9×9, and `outputSize: [10, 10]` adds a row and a
   * column at the end. It can add fewer than the stride.
   *
   * With a name as `padding`, it replaces the size that the name implies, as ONNX's output_shape does. The
   * full output is cropped to this size, in equal parts at both ends; an odd element is cropped at the end
   * for `'same-upper'`, and otherwise at the beginning. A size beyond the full output adds rows and columns
   * at the end, fewer than the larger of stride and dilation.
   */
  outputSize?: Pair | undefined;
  /**
   * The order of the weight's axes: input channel (i), output channel of the group (o), row (h),
   * column (w). Default `'iohw'`.
   */
  weightLayout?: 'iohw' | 'hwoi' | 'ohwi' | undefined;
}

/** The options of `convTranspose1d`: those of `convTranspose2d` for one axis, without layouts. */
export interface ConvTranspose1dOptions
  extends Pick<
    Conv1dOptions,
    'bias' | 'stride' | 'dilation' | 'groups' | 'activation' | 'deterministic' | 'out'
  > {
  /**
   * The number of elements that are cropped from the output: a number, `[left, right]`, or a name with the
   * same meaning as for `convTranspose2d`. Default 0.
   */
  padding?: Exclude<Conv1dOptions['padding'], 'same'>;
  /** The number of elements that are added at the end of the output. Default 0. */
  outputPadding?: number | undefined;
  /** The length of the output, see `convTranspose2d`. Default: it follows from the other options. */
  outputSize?: number | undefined;
}

/** The options of `convTranspose3d`: those of `convTranspose2d` with three spatial axes. */
export interface ConvTranspose3dOptions
  extends Omit<
    ConvTranspose2dOptions,
    'stride' | 'dilation' | 'padding' | 'outputPadding' | 'outputSize' | 'weightLayout'
  > {
  /** Step between the windows of neighbouring input elements. Default 1. */
  stride?: Triple | undefined;
  /** Step between neighbouring elements of the kernel, in elements of the output. Default 1. */
  dilation?: Triple | undefined;
  /**
   * The number of planes, rows and columns that are cropped from the output: a number, `[d, h, w]`, `[front,
   * back, top, bottom, left, right]`, or a name with the same meaning as for `convTranspose2d`. Default 0.
   */
  padding?: Exclude<Padding3d, 'same'> | undefined;
  /**
   * The number of planes, rows and columns that are added at the end of each axis of the output. Default 0.
   */
  outputPadding?: Triple | undefined;
  /** The size of the output, see `convTranspose2d`. Default: it follows from the other options. */
  outputSize?: Triple | undefined;
}

const options = [
  ...convolutionOptions.filter((name) => name !== 'paddingMode' && name !== 'algorithm'),
  'outputPadding',
  'outputSize',
  'out',
] as const;

/** Reads the options of a transposed convolution for an input and a weight of these shapes. */
function transposed(
  where: string,
  inputShape: readonly number[],
  weightShape: readonly number[],
  given: ConvolutionValues,
  rank: read.Rank,
): { problem: Problem; outputShape: OutputShape } {
  const layout = argument.choice(given.layout, `${where}: layout`, ['nchw', 'nhwc']);
  const weightLayout =
    rank === 3
      ? 'iodhw'
      : argument.choice(given.weightLayout, `${where}: weightLayout`, ['iohw', 'hwoi', 'ohwi']);
  const x = imageSizes(inputShape, layout, `${where}: input`, rank);
  const names = { o: 'Co/groups', i: 'Ci' };
  const w = weightSizes(weightShape, weightLayout, names, `${where}: weight`);
  const groups = groupCount(given.groups, where, { input: x.channels });
  if (w.i !== x.channels) {
    throw mismatch(
      `${where}: weight has ${w.i} input channels; expected ${x.channels}, like input`,
    );
  }
  const outputs = w.o * groups;
  const axes = windowAxes(where, given, x, w);
  const { pads, outputPadding } = outputCrop(where, given, axes, rank);
  return {
    problem: {
      where,
      given: [
        { name: 'input', shape: inputShape },
        { name: 'weight', shape: weightShape },
      ],
      outputLayout: layout,
      rank,
      fields: fieldsOf(
        fieldsOfWindows(x, axes, pads),
        commonFields(where, given, groups, outputs),
        imageStrides('input', layout, x.channels, x.height, x.width, x.depth),
        weightStrides(weightShape, weightLayout, rank === 3 ? weightLayout : 'iohw'),
        {
          kind: kinds.transposed,
          output_padding_depth: outputPadding[0],
          output_padding_height: outputPadding[1],
          output_padding_width: outputPadding[2],
        },
      ),
    },
    outputShape: (...size) => imageShape(x, layout, outputs, ...size),
  };
}

/** `transposed` for `convTranspose1d`: a signal is an image with one row. */
const transposed1d: typeof transposed = (where, inputShape, weightShape, given, rank) =>
  rowProblem(
    transposed(
      where,
      withRowAxis(inputShape, [2, 3], `${where}: input`, 'N×Ci×L or Ci×L'),
      withRowAxis(weightShape, [3], `${where}: weight`, 'Ci×Co/groups×k'),
      rowOptions(where, given, quotedCrops),
      rank,
    ),
    [
      { name: 'input', shape: inputShape },
      { name: 'weight', shape: weightShape },
    ],
  );

const method =
  <Options>(
    where: string,
    rank: read.Rank,
    names: readonly (keyof ConvolutionValues)[],
    readProblem = transposed,
  ) =>
  (heap: Heap, input: TensorLike, weight: TensorLike, options?: Options): Tensor => {
    const image = operand(heap, input, `${where}: input`);
    const kernel = operand(heap, weight, `${where}: weight`);
    const given = argument.options(options, where, names);
    const { problem, outputShape } = readProblem(where, image.shape, kernel.shape, given, rank);
    const { output_channels } = problem.fields;
    const bias = read.biasOperand(heap, given.bias, `${where}: bias`, output_channels);
    const fields = { ...problem.fields, has_bias: bias === undefined ? 0 : 1 };
    const out = read.outTensor(heap, given.out, `${where}: out`);
    const operands = { input: image, weight: kernel, bias };
    return solve(heap, { ...problem, fields }, operands, outputShape, out);
  };

/** @internal The implementations of `TransposedConvolutionMethods`. */
export const transposedConvolutionMethods: Implementation<TransposedConvolutionMethods> = {
  convTranspose1d: method<ConvTranspose1dOptions>('convTranspose1d', 2, options, transposed1d),
  convTranspose2d: method<ConvTranspose2dOptions>('convTranspose2d', 2, [
    ...options,
    'layout',
    'weightLayout',
  ]),
  convTranspose3d: method<ConvTranspose3dOptions>('convTranspose3d', 3, [...options, 'layout']),
};
