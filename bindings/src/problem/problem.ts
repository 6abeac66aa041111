// Problems: the form in which every computation is passed to C++.

import { type Address, type ProblemFields, problemDefaults, writeProblem } from '../runtime/abi.js';
import { invalid, showShape, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { isSameShape } from '../tensor/nested.js';
import { type Operand, withTensors } from '../tensor/operands.js';
import { Tensor, withResult } from '../tensor/tensor.js';
import { imageStrides, type Layout } from './layout.js';
import type { Rank } from './read-options.js';
import { assertOk } from './status.js';

/** A problem, as `cpp/include/corr2d/problem.hpp` defines it, and the names that messages use. */
export interface Problem {
  /** The function that messages name. */
  readonly where: string;
  /** The arguments that have a shape, as messages name them. */
  readonly given: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** The members, from `fieldsOf`. Sizes are whole numbers below 2³¹. */
  readonly fields: Readonly<ProblemFields>;
  /** The number of spatial axes that the caller's arguments have. Default 2; 1 is a single row. */
  readonly rank?: 1 | Rank;
  /** The layout of the output, whose strides `measure` computes from its size. Default NCHW. */
  readonly outputLayout?: Layout;
}

/** All members of a problem in their order: the defaults, overridden by `parts`. */
export function fieldsOf(...parts: readonly Partial<ProblemFields>[]): ProblemFields {
  // The copy has all properties from the start. Adding so many one by one would make it a slow
  // dictionary object.
  const fields: ProblemFields = { ...problemDefaults };
  return Object.assign(fields, ...parts);
}

/** The size of a problem's output. */
export interface OutputSize {
  readonly outputDepth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
}

/** The shape of an output with this height, width and depth. */
export type OutputShape = (height: number, width: number, depth: number) => number[];

/**
 * Writes a problem into the heap's request, lets C++ check it, and returns the size of its output. No
 * other function writes requests. Throws the error of an invalid problem.
 */
export function measure(heap: Heap, problem: Problem): OutputSize {
  const { fields, outputLayout } = problem;
  writeProblem(heap.request, fields, heap.words, heap.floats);
  assertOk(heap, problem, heap.call.measureRequest(heap.request));
  const outputDepth = heap.requestWord('outputDepth');
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
      outputDepth,
    );
    writeProblem(heap.request, { ...fields, ...strides }, heap.words, heap.floats);
  }
  return { outputDepth, outputHeight, outputWidth };
}

/**
 * Measures a problem that takes a gradient with respect to its output. Throws unless that gradient has
 * the output's shape.
 */
export function measureGradient(
  heap: Heap,
  problem: Problem,
  shape: readonly number[],
  outputShape: OutputShape,
): OutputSize {
  const size = measure(heap, problem);
  const expected = outputShape(size.outputHeight, size.outputWidth, size.outputDepth);
  if (!isSameShape(shape, expected)) {
    throw unexpectedShape(
      `${problem.where}: gradOutput`,
      shape,
      `${showShape(expected)}, the shape of the output`,
    );
  }
  return size;
}

/** Computes the problem that was measured last, from and to these addresses; 0 for no operand. A deferral may do it later. */
export function run(
  heap: Heap,
  problem: Problem,
  input: Address,
  weight: Address,
  bias: Address,
  output: Address,
  second: Address = 0,
  third: Address = 0,
): void {
  const { call, request, deferral } = heap;
  if (deferral === undefined) {
    assertOk(heap, problem, call.runRequest(request, input, second, third, weight, bias, output));
    return;
  }
  const make = () => makePlan(heap, problem, weight, bias);
  deferral.add(problem.where, make, [weight, bias], [input, second, third, output]);
}

/** Prepares the problem that was measured last. The request then describes the plan. */
export function makePlan(heap: Heap, problem: Problem, weight: Address, bias: Address): Address {
  const plan = heap.call.makePlan(heap.request, weight, bias);
  if (plan === 0) assertOk(heap, problem, heap.requestWord('status'));
  return plan;
}

/** The operands of a problem. */
export interface Operands {
  readonly input: Operand;
  readonly weight?: Operand;
  readonly bias?: Operand | undefined;
  /** The operands beside the input that a plan reads as it runs. */
  readonly second?: Operand | undefined;
  readonly third?: Operand | undefined;
  /** The offset of the input's element at index 0 of every axis, in elements. Default 0. */
  readonly inputOffset?: number;
  /** The same for the weight. */
  readonly weightOffset?: number;
  /** The same for the output. */
  readonly outputOffset?: number;
}

/**
 * Computes a problem into `out`, or into a new tensor of the shape that `outputShape` returns for the
 * output's size. Operands are copied to the heap only after the problem has been checked.
 */
export function solve(
  heap: Heap,
  problem: Problem,
  operands: Operands,
  outputShape: OutputShape,
  out?: Tensor,
): Tensor {
  const { where } = problem;
  const { outputHeight, outputWidth, outputDepth } = measure(heap, problem);
  const shape = outputShape(outputHeight, outputWidth, outputDepth);
  if (problem.fields.has_add) assertOutShape(operands.second as Operand, shape, where, 'add');
  const { input, weight, bias, second, third, inputOffset = 0, weightOffset = 0 } = operands;
  const all = [input, weight, bias, second, third] as const;
  if (out !== undefined) {
    assertOutShape(out, shape, where);
    for (const one of all) assertNoOverlap(out, one, where);
  }
  return withTensors(heap, where, all, ([x, w, b, y, z]) =>
    computeInto(heap, where, shape, out, (output) => {
      const image = x.address + 4 * inputOffset;
      const kernel = (w?.address ?? 0) + 4 * weightOffset;
      const to = output.address + 4 * (operands.outputOffset ?? 0);
      run(heap, problem, image, kernel, b?.address ?? 0, to, y?.address ?? 0, z?.address ?? 0);
    }),
  );
}

/** Calls `compute` with `out`, or with a new tensor of this shape, and returns the tensor. */
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

/** Throws unless a tensor, called `name`, has this shape: that of the output. */
export function assertOutShape(
  one: Operand,
  shape: readonly number[],
  where: string,
  name = 'out',
): void {
  if (!isSameShape(one.shape, shape)) {
    throw unexpectedShape(
      `${where}: ${name}`,
      one.shape,
      `${showShape(shape)}, the shape of the output`,
    );
  }
}

/** Throws if `out` shares memory with an operand. */
export function assertNoOverlap(out: Tensor, one: Operand | undefined, where: string): void {
  if (!Tensor.is(one)) return;
  const begin = out.address;
  if (one.address < begin + 4 * out.size && begin < one.address + 4 * one.size) {
    throw invalid(`${where}: out shares memory with an argument; expected memory of its own`);
  }
}
