import {
  type ConvolutionValues,
  commonFields,
  conv2dOptions,
  convolution,
  groupCount,
} from '../problem/convolution.js';
import {
  imageShape,
  imageSizes,
  imageStrides,
  weightSizes,
  weightStrides,
} from '../problem/layout.js';
import type { Conv2dOptions, Padding, Pair } from '../problem/options.js';
import { fieldsOf, solve } from '../problem/problem.js';
import * as read from '../problem/read-options.js';
import { outputCrop } from '../problem/transposed.js';
import { fieldsOfWindows, windowAxes } from '../problem/windows.js';
import { kinds } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { mismatch } from '../runtime/errors.js';
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
   * @param input N×C×H×W or C×H×W; N×H×W×C or H×W×C with `layout: 'nhwc'`; H×W if the weight is one kernel
   * @param weight Co×(C/groups)×kh×kw; or kh×kw, one kernel, for an input with one channel, or for each channel if
   * `groups` is their number
   * @param options stride, padding, groups and others; all have defaults
   * @returns N×Co×H'×W' or Co×H'×W', in the layout of the input; H'×W' for an input H×W
   * @throws `INVALID_ARGUMENT` for the padding `'same'` with a stride other than 1, and for a padding that
   * exceeds the limits of `paddingMode`
   * @throws `SHAPE_MISMATCH` if the channels do not fit or the kernel is larger than the padded input
   * @throws `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  conv2d(input: TensorLike, weight: TensorLike, options?: Conv2dOptions): Tensor;

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
    'outputSize',
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
  const axes = windowAxes(where, given, x, w);
  const { pads, outputPadding } = outputCrop(where, given, axes);
  const bias = read.biasOperand(heap, given.bias, `${where}: bias`, outputs);
  const problem = {
    where,
    given: [
      { name: 'input', shape: image.shape },
      { name: 'weight', shape: kernel.shape },
    ],
    outputLayout: layout,
    fields: fieldsOf(
      fieldsOfWindows(x, axes, pads),
      commonFields(where, given, groups, outputs, bias),
      imageStrides('input', layout, x.channels, x.height, x.width),
      weightStrides(kernel.shape, weightLayout, 'iohw'),
      {
        kind: kinds.transposed,
        output_padding_height: outputPadding[0],
        output_padding_width: outputPadding[1],
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
  convTranspose2d,
};
