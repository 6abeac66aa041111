import { solveArrays } from '../problem/arrays.js';
import { convolution, planOptions } from '../problem/convolution.js';
import { imageStrides } from '../problem/layout.js';
import type { Conv2dOptions } from '../problem/options.js';
import { fieldsOf, measureGradient, type Problem, solve } from '../problem/problem.js';
import { kinds, paddingModes, reductions } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, show, unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { type Operand, operand, withTensors } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** The gradients of convolution layers. */
export interface ConvolutionGradientMethods {
  /**
   * Computes the gradients of a loss with respect to the input, weight and bias of a `conv2d`, as
   * PyTorch's autograd does.
   *
   * @example
   * ```js
   * const [x, w] = [c.ones([1, 3, 3]), c.ones([1, 1, 2, 2])];
   * const gradients = c.conv2dBackward(c.ones([1, 2, 2]), x, w, { gradients: ['weight'] });
   * console.log(gradients.weight.data.join()); // 4,4,4,4
   * ```
   *
   * @param gradOutput the gradient of the loss with respect to the output, in the output's shape
   * @param input the input of the `conv2d`: N×C×H×W or C×H×W, in the order of `layout`
   * @param weight the weight of the `conv2d`: Co×(C/groups)×kh×kw, in the order of `weightLayout`
   * @param options the options of the `conv2d`, and `gradients`
   * @returns the gradients, each in the layout of its argument
   * @throws `UNSUPPORTED` for an activation
   */
  conv2dBackward<Name extends keyof Conv2dGradients = keyof Conv2dGradients>(
    gradOutput: TensorLike,
    input: TensorLike,
    weight: TensorLike,
    options?: Conv2dBackwardOptions<Name>,
  ): Pick<Conv2dGradients, Name>;
}

/** The options of `conv2dBackward`: those of `conv2d` without activation and `out`. */
export interface Conv2dBackwardOptions<Name extends keyof Conv2dGradients = keyof Conv2dGradients>
  extends Omit<Conv2dOptions, 'activation' | 'out'> {
  /**
   * The names of the gradients to compute; the result has no others. A network's first layer, for
   * example, needs no gradient of its input. Default: all three.
   */
  gradients?: readonly Name[] | undefined;
}

/** The gradients of a loss with respect to the arguments of a `conv2d`. */
export interface Conv2dGradients {
  /** The gradient with respect to the input, in its shape. */
  readonly input: Tensor;
  /** The gradient with respect to the weight, in its shape. */
  readonly weight: Tensor;
  /** The gradient with respect to the bias: Co numbers, even if the convolution had no bias. */
  readonly bias: Tensor;
}

const gradientNames = ['input', 'weight', 'bias'] as const satisfies (keyof Conv2dGradients)[];

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
  const { gradients = gradientNames, ...given } = argument.options(options, where, [
    ...planOptions,
    'gradients',
  ]);
  const { activation = 'none' } = given;
  if (activation !== 'none') {
    throw new Corr2dError(
      'UNSUPPORTED',
      `${where}: activation is ${show(activation)}; expected 'none': multiply gradOutput by the ` +
        "activation's derivative instead",
    );
  }
  if (!Array.isArray(gradients)) {
    throw unexpected(`${where}: gradients`, gradients, "an array of 'input', 'weight' and 'bias'");
  }
  const wanted = argument.items(
    gradients,
    `${where}: gradients`,
    Number.MAX_SAFE_INTEGER,
    (name, i) => argument.choice(name, `${where}: gradients[${i}]`, gradientNames),
  );
  if (w.shape.length === 2) {
    throw unexpectedShape(`${where}: weight`, w.shape, 'four axes, such as 1×1×kh×kw');
  }
  const { problem, outputShape } = convolution(heap, where, x.shape, w.shape, given, false);
  const forward = {
    ...problem,
    given: [{ name: 'gradOutput', shape: y.shape }, ...problem.given],
    fields: { ...problem.fields, has_bias: 0 },
  };
  const { outputHeight, outputWidth } = measureGradient(heap, forward, y.shape, outputShape);

  const results: { -readonly [Name in keyof Conv2dGradients]?: Tensor } = {};
  const operandOf = (name: (typeof gradientNames)[number], one: Operand) =>
    wanted.includes(name) ? one : undefined;
  const operands = [y, operandOf('weight', x), operandOf('input', w)] as const;
  try {
    withTensors(heap, where, operands, ([dy, xs, ws]) => {
      if (ws !== undefined) results.input = inputGradient(heap, forward, dy, ws, x.shape);
      if (xs !== undefined) {
        const fields = { ...forward.fields, kind: kinds.backwardWeight };
        const given = { input: xs, weight: dy };
        results.weight = solve(heap, { ...forward, fields }, given, () => [...w.shape]);
      }
      if (wanted.includes('bias')) {
        results.bias = biasGradient(heap, forward, dy, outputHeight * outputWidth);
      }
    });
    return results as Conv2dGradients;
  } catch (error) {
    for (const tensor of Object.values(results)) tensor.dispose();
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
  const { outputLayout: layout = 'nchw' } = problem;
  const fields = { ...problem.fields, kind: kinds.backwardInput };
  const operands = { input: dy, weight };
  if (fields.padding_mode === paddingModes.constant) {
    return solve(heap, { ...problem, fields }, operands, () => [...shape]);
  }
  const { batch, input_channels: channels, input_height, input_width } = fields;
  const { pad_top, pad_bottom, pad_left, pad_right, padding_mode } = fields;
  const pads = { pad_top, pad_bottom, pad_left, pad_right };
  const padded = [input_height + pad_top + pad_bottom, input_width + pad_left + pad_right] as const;
  const gradient = solve(
    heap,
    {
      ...problem,
      fields: {
        ...fields,
        ...imageStrides('input', layout, channels, ...padded),
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
        fields: fieldsOf(imageStrides('input', layout, channels, input_height, input_width), {
          kind: kinds.padBackward,
          batch,
          input_channels: channels,
          output_channels: channels,
          input_height,
          input_width,
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

/** The gradient with respect to the bias: sums over batch, rows and columns. */
function biasGradient(heap: Heap, problem: Problem, dy: Tensor, plane: number): Tensor {
  const { where, fields, outputLayout } = problem;
  const { batch, output_channels: channels } = fields;
  const [sizes, reduced_axes] =
    outputLayout === 'nhwc' ? [[batch * plane, channels], 0b01] : [[batch, channels, plane], 0b101];
  return solveArrays(
    heap,
    where,
    { kind: kinds.reduce, reduction: reductions.sum, sizes, reduced_axes },
    [['gradOutput', dy]],
    [channels],
  );
}

/** @internal The implementations of `ConvolutionGradientMethods`. */
export const convolutionGradientMethods: Implementation<ConvolutionGradientMethods> = {
  conv2dBackward,
};
