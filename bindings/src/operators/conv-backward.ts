import { imageSizes } from '../problem/layout.js';
import type { Conv2dOptions } from '../problem/options.js';
import { fieldsOf, kinds, measure, paddingModes, solve } from '../problem/problem.js';
import { withRoom } from '../runtime/allocate.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { isSameShape } from '../tensor/nested.js';
import { type Operand, operand, withResult, withTensors } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { conv2dOptions, convolution } from './conv.js';

/** The options of `conv2dBackward`: those of the forward pass but layouts, activation and `out`. */
export type Conv2dBackwardOptions = Omit<
  Conv2dOptions,
  'layout' | 'weightLayout' | 'activation' | 'out'
>;

/** Gradients of a loss for what a `conv2d` has read, as autograd would give them. */
export interface Conv2dGradients {
  /** Of the shape of the input. */
  readonly input: Tensor;
  /** Of the shape of the weight. */
  readonly weight: Tensor;
  /** Co numbers, also where the forward pass had no bias. */
  readonly bias: Tensor;
}

/** Options of the forward pass that have no gradient here, and what stands for their absence. */
const withoutGradient = { layout: 'nchw', weightLayout: 'oihw', activation: 'none' } as const;

/** @internal */
export function conv2dBackward(
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
  for (const [name, absent] of Object.entries({ ...withoutGradient, out: undefined })) {
    const value = given[name as keyof typeof given];
    if (value !== undefined && value !== absent) {
      throw new Corr2dError(
        'UNSUPPORTED',
        `${where}: ${name} has no gradient here; undo it outside, and pass gradOutput without it`,
      );
    }
  }

  const { problem, outputShape } = convolution(heap, where, x.shape, w.shape, given);
  const shown = {
    where,
    given: [{ name: 'gradOutput', shape: y.shape }, ...problem.given],
    fields: { ...problem.fields, has_bias: 0 },
  };
  const { outputHeight, outputWidth } = measure(heap, shown);
  const wanted = outputShape(outputHeight, outputWidth);
  if (!isSameShape(y.shape, wanted)) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where}: gradOutput is ${showShape(y.shape)}, must be ${showShape(wanted)} as the output is`,
    );
  }

  const made: Tensor[] = [];
  const keep = (tensor: Tensor) => {
    made.push(tensor);
    return tensor;
  };
  try {
    return withTensors(heap, where, [y, x, w], ([dy, xs, ws]) => ({
      input: keep(inputGradient(heap, shown, dy, ws, x.shape)),
      weight: keep(
        solve(
          heap,
          { ...shown, fields: { ...shown.fields, kind: kinds.backwardWeight } },
          { input: xs, weight: dy },
          () => [...w.shape],
        ),
      ),
      bias: keep(biasGradient(heap, where, dy, outputHeight * outputWidth)),
    }));
  } catch (error) {
    for (const tensor of made) tensor.dispose();
    throw error;
  }
}

/**
 * For padding of zeros one problem; for others the gradient for the padded input, and then each
 * element of it is added to the one that it is a copy of.
 */
function inputGradient(
  heap: Heap,
  problem: Parameters<typeof solve>[1],
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

/** Sums over batch, rows and columns, in float64. */
function biasGradient(heap: Heap, where: string, dy: Tensor, plane: number): Tensor {
  const channels = dy.shape[dy.shape.length - 3] as number;
  return withResult(heap, where, [channels], (result) => {
    const sums = withRoom(8 * channels, where, () => new Float64Array(channels));
    const values = dy.elements();
    for (let begin = 0, channel = 0; begin < values.length; begin += plane, channel++) {
      let sum = 0;
      for (let i = begin; i < begin + plane; i++) sum += values[i] as number;
      sums[channel % channels] = (sums[channel % channels] as number) + sum;
    }
    result.elements().set(sums);
  });
}
