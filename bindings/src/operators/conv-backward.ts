import { conv2dOptions, convolution } from '../problem/convolution.js';
import { imageSizes } from '../problem/layout.js';
import type { Conv2dOptions } from '../problem/options.js';
import { fieldsOf, measure, type Problem, solve } from '../problem/problem.js';
import { kinds, paddingModes } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, show, showShape, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { isSameShape } from '../tensor/nested.js';
import { type Operand, operand, withTensors } from '../tensor/operands.js';
import { type Tensor, type TensorLike, withResult } from '../tensor/tensor.js';

/** The gradients of convolution layers. */
export interface ConvolutionGradientMethods {
  /**
   * Computes the gradients of a loss with respect to the input, weight and bias of a `conv2d`, as
   * PyTorch's autograd does.
   *
   * @param gradOutput the gradient of the loss with respect to the output, in the output's shape
   * @param input the input of the `conv2d`: N×C×H×W or C×H×W
   * @param weight the weight of the `conv2d`: Co×(C/groups)×kh×kw
   * @param options the options of the `conv2d`
   * @throws `UNSUPPORTED` for layouts other than the defaults, for an activation and for `out`
   */
  conv2dBackward(
    gradOutput: TensorLike,
    input: TensorLike,
    weight: TensorLike,
    options?: Conv2dBackwardOptions,
  ): Conv2dGradients;
}

/** The options of `conv2dBackward`: those of `conv2d` without layouts, activation and `out`. */
export type Conv2dBackwardOptions = Omit<
  Conv2dOptions,
  'layout' | 'weightLayout' | 'activation' | 'out'
>;

/** The gradients of a loss with respect to the arguments of a `conv2d`. */
export interface Conv2dGradients {
  /** The gradient with respect to the input, in its shape. */
  readonly input: Tensor;
  /** The gradient with respect to the weight, in its shape. */
  readonly weight: Tensor;
  /** The gradient with respect to the bias: Co numbers, even if the convolution had no bias. */
  readonly bias: Tensor;
}

/** The options of `conv2d` that are not supported, with their defaults. */
const unsupported = { layout: 'nchw', weightLayout: 'oihw', activation: 'none' } as const;

function conv2dBackward(
  heap: Heap,
  gradOutput: TensorLike,
  input: TensorLike,
  weight: TensorLike,
  options?: Conv2dBackwardOptions,
): Conv2dGradients {
  const where = 'conv2dBackward';
  const y = operand(heap, gradOutput, `${where}: gradOutput`);
  const x = operand(heap, input, `${where}: input`);
  const w = operand(heap, weight, `${where}: weight`);
  const given = argument.options(options, where, conv2dOptions);
  for (const [name, supported] of Object.entries({ ...unsupported, out: undefined })) {
    const value = given[name as keyof typeof given];
    if (value !== undefined && value !== supported) {
      throw new Corr2dError(
        'UNSUPPORTED',
        `${where}: ${name} is ${show(value)}; expected ${supported}, the only supported value`,
      );
    }
  }

  const { problem, outputShape } = convolution(heap, where, x.shape, w.shape, given);
  const forward = {
    where,
    given: [{ name: 'gradOutput', shape: y.shape }, ...problem.given],
    fields: { ...problem.fields, has_bias: 0 },
  };
  const { outputHeight, outputWidth } = measure(heap, forward);
  const expected = outputShape(outputHeight, outputWidth);
  if (!isSameShape(y.shape, expected)) {
    throw unexpectedShape(
      `${where}: gradOutput`,
      y.shape,
      `${showShape(expected)}, the shape of the output`,
    );
  }

  const gradients: Tensor[] = [];
  const keep = (tensor: Tensor) => {
    gradients.push(tensor);
    return tensor;
  };
  try {
    return withTensors(heap, where, [y, x, w], ([dy, xs, ws]) => ({
      input: keep(inputGradient(heap, forward, dy, ws, x.shape)),
      weight: keep(
        solve(
          heap,
          { ...forward, fields: { ...forward.fields, kind: kinds.backwardWeight } },
          { input: xs, weight: dy },
          () => [...w.shape],
        ),
      ),
      bias: keep(biasGradient(heap, where, dy, outputHeight * outputWidth)),
    }));
  } catch (error) {
    for (const tensor of gradients) tensor.dispose();
    throw error;
  }
}

/**
 * The gradient with respect to the input. Padding with zeros needs one problem. For other padding
 * modes, a second problem adds the gradient of each padding element to that of the input element that
 * was copied there.
 */
function inputGradient(
  heap: Heap,
  problem: Problem,
  dy: Operand,
  weight: Operand,
  shape: readonly number[],
): Tensor {
  const fields = { ...problem.fields, kind: kinds.backwardInput };
  const operands = { input: dy, weight };
  if (fields.padding_mode === paddingModes.constant) {
    return solve(heap, { ...problem, fields }, operands, () => [...shape]);
  }
  const { batch, channels, height, width } = imageSizes(shape, 'nchw', problem.where);
  const { pad_top, pad_bottom, pad_left, pad_right, padding_mode } = fields;
  const pads = { pad_top, pad_bottom, pad_left, pad_right };
  const padded = [height + pad_top + pad_bottom, width + pad_left + pad_right] as const;
  const gradient = solve(
    heap,
    {
      ...problem,
      fields: {
        ...fields,
        padding_mode: paddingModes.constant,
        pad_top: 0,
        pad_bottom: 0,
        pad_left: 0,
        pad_right: 0,
        input_height: padded[0],
        input_width: padded[1],
      },
    },
    operands,
    () => [batch, channels, ...padded],
  );
  try {
    return solve(
      heap,
      {
        ...problem,
        fields: fieldsOf({
          kind: kinds.padBackward,
          batch,
          input_channels: channels,
          output_channels: channels,
          input_height: height,
          input_width: width,
          padding_mode,
          ...pads,
        }),
      },
      { input: gradient },
      () => [...shape],
    );
  } finally {
    gradient.dispose();
  }
}

/** The gradient with respect to the bias: sums over batch, rows and columns, in float64. */
function biasGradient(heap: Heap, where: string, dy: Tensor, plane: number): Tensor {
  const channels = dy.shape[dy.shape.length - 3] as number;
  return withResult(heap, where, [channels], (result) => {
    const sums = allocateOrThrow(8 * channels, where, () => new Float64Array(channels));
    const values = dy.elements();
    for (let begin = 0, channel = 0; begin < values.length; begin += plane, channel++) {
      let sum = 0;
      for (let i = begin; i < begin + plane; i++) sum += values[i] as number;
      sums[channel % channels] = (sums[channel % channels] as number) + sum;
    }
    result.elements().set(sums);
  });
}

/** @internal The implementations of `ConvolutionGradientMethods`. */
export const convolutionGradientMethods: Implementation<ConvolutionGradientMethods> = {
  conv2dBackward,
};
