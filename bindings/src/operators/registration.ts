import { withoutLeadingOnes } from '../problem/layout.js';
import { fieldsOf } from '../problem/problem.js';
import type { Observed } from '../problem/slices.js';
import { kinds } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { invalid, showShape, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { checkedSize, isSameShape } from '../tensor/nested.js';
import { type Operand, operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { runObserved } from './plan.js';
import { type Planned, solvePlanned } from './planned.js';

/** Methods that align pictures. */
export interface RegistrationMethods {
  /**
   * Finds the shift that registers `b` to `a` by phase correlation, like scikit-image's phase_cross_correlation:
   * moving every element of `b` by `shift`, cyclically, gives `a`. The brightness and the contrast of the pictures do
   * not matter. Pictures of any size are computed without padding; if the height or the width has a prime factor p
   * above 100, the time grows with p. Computes in float64, with the same bits on every machine.
   *
   * @example
   * ```js
   * const a = [[0, 0, 0, 0], [0, 9, 3, 0], [0, 1, 0, 0]];
   * const b = [[9, 3, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]; // a, one row up and one column to the left
   * const { shift, response } = c.phaseCorrelate(a, b);
   * console.log(shift.join(), response.toFixed(3)); // 1,1 1.000
   * ```
   *
   * @param a h×w; leading axes of length 1 are dropped
   * @param b a picture of the same size
   * @param options the precision of the shift, and a window
   * @returns the shift in pixels, rows first, each from −size/2 to size/2; and the response: the height of the peak
   * of the correlation, divided by the sum of the magnitudes of its spectrum. It is 1 for pictures that differ by a
   * cyclic shift only, and near 0 for pictures that have nothing in common. If a picture is constant, shift and
   * response are 0.
   * @throws `SHAPE_MISMATCH` if a picture is not a matrix or has no elements, or if their sizes differ;
   * `INVALID_ARGUMENT` if a picture contains NaN or infinities
   */
  phaseCorrelate(a: TensorLike, b: TensorLike, options?: PhaseCorrelateOptions): Registration;
}

/** The options of `phaseCorrelate`. */
export interface PhaseCorrelateOptions {
  /** The shift is a multiple of 1 / `upsample` pixels: a whole number from 1 to 1000. Default 1. */
  upsample?: number | undefined;
  /**
   * The window by which both pictures are multiplied, so that their edges, which do not fit together in most
   * photographs, do not count. `'hann'`: along each axis of n elements, 0.5 − 0.5·cos(2πi / (n − 1)), as numpy.hanning
   * has it. `'none'`, the default: no window.
   */
  window?: 'none' | 'hann' | undefined;
}

/** The shift that registers one picture to another. */
export interface Registration {
  /** Rows and columns, in pixels. */
  shift: [dy: number, dx: number];
  /** How well the pictures match after the shift, from 0 to 1. */
  response: number;
}

/** The largest `upsample`: kMaxUpsample of `cpp/include/corr2d/problem.hpp`. */
const MAX_UPSAMPLE = 1000;

/** A registration that is ready to be computed: the input `a`, and the plan for pictures of its shape. */
interface Prepared {
  readonly a: Operand;
  readonly planned: Planned;
  /** Reads the output of the problem and frees it. */
  readonly toResult: (output: Tensor) => Registration;
}

function read(heap: Heap, a: TensorLike, b: TensorLike, options?: PhaseCorrelateOptions): Prepared {
  const where = 'phaseCorrelate';
  const first = picture(heap, a, `${where}: a`);
  const second = picture(heap, b, `${where}: b`);
  const { shape } = first;
  if (!isSameShape(shape, second.shape)) {
    throw unexpectedShape(`${where}: b`, second.shape, `${showShape(shape)}, the shape of a`);
  }
  const given = argument.options(options, where, ['upsample', 'window']);
  const { upsample: steps = 1 } = given;
  const upsample = argument.integer(steps, `${where}: upsample`, 1, MAX_UPSAMPLE);
  const window = argument.choice(given.window, `${where}: window`, ['none', 'hann']);
  const [height, width] = shape as [number, number];
  return {
    a: first.elements,
    planned: {
      kind: where,
      problem: {
        where,
        given: [
          { name: 'a', shape },
          { name: 'b', shape },
        ],
        fields: fieldsOf({
          kind: kinds.phaseCorrelate,
          output_channels: 3,
          input_height: height,
          input_width: width,
          kernel_height: height,
          kernel_width: width,
          upsample,
          hann_window: Number(window === 'hann'),
        }),
      },
      inputShape: first.elements.shape,
      outputShape: () => [3],
      weight: second.elements,
      bias: undefined,
      input: 'image',
      read: operand,
    },
    toResult: (output) => {
      const [dy, dx, response] = output.toArray() as [number, number, number];
      output.dispose();
      if (Number.isNaN(response)) {
        throw invalid(`${where}: a or b has NaN or infinite elements; expected finite numbers`);
      }
      return { shift: [dy / upsample, dx / upsample], response };
    },
  };
}

/** Reads a picture. `shape` has no leading axes of length 1. */
function picture(heap: Heap, value: unknown, where: string) {
  const elements = operand(heap, value, where);
  const shape = withoutLeadingOnes(elements.shape, 2);
  if (shape === undefined) throw unexpectedShape(where, elements.shape, 'h×w');
  checkedSize(shape, where);
  return { elements, shape };
}

function phaseCorrelate(
  heap: Heap,
  a: TensorLike,
  b: TensorLike,
  options?: PhaseCorrelateOptions,
): Registration {
  const { a: input, planned, toResult } = read(heap, a, b, options);
  return toResult(solvePlanned(heap, planned, input));
}

/** @internal Computes `phaseCorrelate` a few tasks at a time. */
export async function observedPhaseCorrelate(
  heap: Heap,
  observed: Observed,
  a: TensorLike,
  b: TensorLike,
  options?: PhaseCorrelateOptions,
): Promise<Registration> {
  const { a: input, planned, toResult } = read(heap, a, b, options);
  return toResult(await runObserved(heap, planned, input, observed));
}

/** @internal The implementations of `RegistrationMethods`. */
export const registrationMethods: Implementation<RegistrationMethods> = { phaseCorrelate };
