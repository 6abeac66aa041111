import {
  type Address,
  algorithms,
  kinds,
  type ProblemFields,
  paddingModes,
  problemDefaults,
  statuses,
  writeProblem,
} from '../runtime/abi.js';
import { Corr2dError, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { isSameShape } from '../tensor/nested.js';
import { type Operand, withResult, withTensors } from '../tensor/operands.js';
import { Tensor } from '../tensor/tensor.js';
import { imageStrides, type Layout } from './layout.js';

export { algorithms, kinds, paddingModes };

export type Fields = ProblemFields;

/** An argument as messages speak of it: its name, and the shape that it was given. */
export interface Argument {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A question, in the terms of `cpp/include/corr2d/problem.hpp`. */
export interface Problem {
  /** The function, as messages name it. */
  readonly where: string;
  /** The arguments that have a shape, for messages. */
  readonly given: readonly Argument[];
  /** Made by `fieldsOf`. Sizes are whole numbers below 2³¹. */
  readonly fields: Readonly<Fields>;
  /** Of the output; its strides follow from its size, which is found by `measure`. Default NCHW. */
  readonly outputLayout?: Layout;
}

/** Every member of a problem, in their order: the defaults, but for what the parts say. */
export function fieldsOf(...parts: readonly Partial<Fields>[]): Fields {
  // Into an object that has them all: one that gets so many by and by is a dictionary, which is slow.
  const fields: Fields = { ...problemDefaults };
  return Object.assign(fields, ...parts);
}

/** What is known of a sound problem. */
export interface Measured {
  readonly outputHeight: number;
  readonly outputWidth: number;
}

/** The one way in: writes a problem into the heap's request and has it checked. */
export function measure(heap: Heap, problem: Problem): Measured {
  const { fields, outputLayout } = problem;
  writeProblem(heap.request, fields, heap.words, heap.floats);
  assertOk(heap, problem, heap.call.measureRequest(heap.request));
  const outputHeight = heap.requestWord('outputHeight');
  const outputWidth = heap.requestWord('outputWidth');
  if (outputLayout === 'nhwc') {
    const { output_channels } = fields;
    const strides = imageStrides(
      'output',
      outputLayout,
      output_channels,
      outputHeight,
      outputWidth,
    );
    writeProblem(heap.request, { ...fields, ...strides }, heap.words, heap.floats);
  }
  return { outputHeight, outputWidth };
}

/** Computes the problem that was measured last. Addresses are those of first elements, 0 for none. */
export function run(
  heap: Heap,
  problem: Problem,
  input: Address,
  weight: Address,
  bias: Address,
  output: Address,
): void {
  const { call, request } = heap;
  assertOk(heap, problem, call.runRequest(request, input, weight, bias, output));
}

/** What a problem reads. `weightOffset`, in elements, is where its first element lies. */
export interface Operands {
  readonly input: Operand;
  readonly weight?: Operand;
  readonly bias?: Operand | undefined;
  readonly weightOffset?: number;
}

/**
 * Computes a problem into a tensor of the shape that `outputShape` makes of the output's height and
 * width: into `out`, if there is one, or into a new one. Nothing is copied into the heap before the
 * problem is known to be sound.
 */
export function solve(
  heap: Heap,
  problem: Problem,
  operands: Operands,
  outputShape: (height: number, width: number) => number[],
  out?: Tensor,
): Tensor {
  const { where } = problem;
  const { outputHeight, outputWidth } = measure(heap, problem);
  const shape = outputShape(outputHeight, outputWidth);
  const { input, weight, bias, weightOffset = 0 } = operands;
  if (out !== undefined) {
    assertFits(out, shape, where);
    for (const one of [input, weight, bias]) assertApart(out, one, where);
  }
  return withTensors(heap, where, [input, weight, bias], ([x, w, b]) =>
    computeInto(heap, where, shape, out, (output) => {
      const taps = (w?.address ?? 0) + 4 * weightOffset;
      run(heap, problem, x.address, taps, b?.address ?? 0, output.address);
    }),
  );
}

/** Computes into `out`, if there is one, or into a new tensor of that shape, and returns it. */
export function computeInto(
  heap: Heap,
  where: string,
  shape: readonly number[],
  out: Tensor | undefined,
  compute: (output: Tensor) => void,
): Tensor {
  if (out === undefined) return withResult(heap, where, shape, compute);
  compute(out);
  return out;
}

/** Throws unless `out` has this shape. */
export function assertFits(out: Tensor, shape: readonly number[], where: string): void {
  if (!isSameShape(out.shape, shape)) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where}: out is ${showShape(out.shape)}, must be ${showShape(shape)} as the output is`,
    );
  }
}

/** Throws where `out` shares memory with an operand. */
export function assertApart(out: Tensor, one: Operand | undefined, where: string): void {
  if (!Tensor.is(one)) return;
  const begin = out.address;
  if (one.address < begin + 4 * out.size && begin < one.address + 4 * one.size) {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where}: out overlaps a tensor that is read, must have memory of its own`,
    );
  }
}

function isPadded({ fields }: Problem): boolean {
  const pads = [fields.pad_top, fields.pad_bottom, fields.pad_left, fields.pad_right];
  return pads.some((pad) => pad !== 0);
}

/** WORKER_FAILED where a worker has not come back from a task. */
export function assertDone(heap: Heap, where: string, status: number): void {
  if (status !== statuses.workerFailed) return;
  // It may be slow and not dead, and must not write any more.
  heap.endWorkers();
  throw new Corr2dError(
    'WORKER_FAILED',
    `${where}: a worker does not answer; now one thread computes`,
  );
}

/** Turns a Status into an error, told in the words of the function that was called. */
export function assertOk(heap: Heap, problem: Problem, status: number): void {
  if (status === statuses.ok) return;
  const { where, given } = problem;
  assertDone(heap, where, status);
  const [input = '', ...others] = given.map(({ name, shape }) => `${name} is ${showShape(shape)}`);
  const rest = others.length === 0 ? '' : ` and ${others.join(', ')}`;
  const isAlgorithmAsked = problem.fields.algorithm !== algorithms.auto;
  switch (status) {
    case statuses.badSize:
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `${where}: ${input}${rest}, must not have an axis of length 0`,
      );
    case statuses.badPadding:
      throw new Corr2dError(
        'INVALID_ARGUMENT',
        `${where}: padding does not suit: ${input}${rest}. An axis of length 1 cannot be ` +
          'reflected, and a pool can be padded by half its kernel at most',
      );
    case statuses.badOutputPadding:
      throw new Corr2dError(
        'INVALID_ARGUMENT',
        `${where}: outputPadding must be less than the larger of stride and dilation`,
      );
    case statuses.kernelTooLarge:
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `${where}: ${others[others.length - 1]}, its kernel must not be larger than the ` +
          `${isPadded(problem) ? 'padded input' : 'input'}: ${input}`,
      );
    case statuses.emptyOutput:
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `${where}: padding crops the whole output away: ${input}${rest}`,
      );
    case statuses.unsupported:
      throw new Corr2dError(
        'UNSUPPORTED',
        `${where}: ${isAlgorithmAsked ? 'the algorithm asked for' : 'this version'} cannot do it, ` +
          `${heap.requestText('refusal')}: ${input}${rest}`,
      );
    default:
      throw new Corr2dError('OUT_OF_MEMORY', `${where}: no room to compute it: ${input}${rest}`);
  }
}
