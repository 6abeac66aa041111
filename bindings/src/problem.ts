import { Corr2dError, showShape } from './errors.js';
import type { Heap } from './heap.js';
import type { Address, ModuleConstants } from './module.js';
import { checkedSize } from './nested.js';
import { type Operand, withResult, withTensors } from './operands.js';
import type { Tensor } from './tensor.js';

/** An enumerator of the C++ `Algorithm`. */
export type Algorithm = keyof ModuleConstants & ('kAuto' | 'kDirect' | 'kGemm');

export interface Argument {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A forward problem: `cpp/include/corr2d/problem.hpp`, as far as JavaScript can ask for it. */
export interface Problem {
  /** The function, as messages name it. */
  readonly where: string;
  /** The arguments, as messages name them and with the shapes that they were given. */
  readonly given: { readonly input: Argument; readonly weight: Argument };
  /** Ci×h×w */
  readonly inputShape: readonly [number, number, number];
  /** Co×Ci×kh×kw */
  readonly weightShape: readonly [number, number, number, number];
  readonly algorithm: Algorithm;
}

/** A problem that was found to be sound. To be run before another one is prepared. */
export interface Prepared {
  readonly outputHeight: number;
  readonly outputWidth: number;
  run(input: Address, weight: Address, output: Address): void;
}

/** The one way in: writes a problem into the heap's request and has it checked. */
export function prepare(heap: Heap, problem: Problem): Prepared {
  const { where, given } = problem;
  const [inputChannels, inputHeight, inputWidth] = problem.inputShape;
  const [outputChannels, weightChannels, kernelHeight, kernelWidth] = problem.weightShape;
  if (weightChannels !== inputChannels) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where}: ${given.weight.name} has ${weightChannels} input channels, ` +
        `${given.input.name} has ${inputChannels}`,
    );
  }
  // Sizes that 32 bits do not hold must not reach the request in a shortened form.
  checkedSize(problem.inputShape, `${where}: ${given.input.name}`);
  checkedSize(problem.weightShape, `${where}: ${given.weight.name}`);

  const { call, constants, request } = heap;
  const members = {
    'problem.input_channels': inputChannels,
    'problem.output_channels': outputChannels,
    'problem.input_height': inputHeight,
    'problem.input_width': inputWidth,
    'problem.kernel_height': kernelHeight,
    'problem.kernel_width': kernelWidth,
    'problem.algorithm': constants[problem.algorithm],
  };
  for (const [name, value] of Object.entries(members)) {
    heap.words[request / 4 + constants[name as keyof typeof members]] = value;
  }
  assertOk(heap, problem, call.measureRequest(request));
  return {
    outputHeight: heap.words[request / 4 + constants['geometry.output_height']] as number,
    outputWidth: heap.words[request / 4 + constants['geometry.output_width']] as number,
    run(input, weight, output) {
      assertOk(heap, problem, call.runRequest(request, input, weight, 0, output));
    },
  };
}

/**
 * Computes a problem into a new tensor of the shape that `outputShape` makes of the output's height
 * and width. Nothing is copied into the heap before the problem is known to be sound.
 */
export function solve(
  heap: Heap,
  problem: Problem,
  operands: { readonly input: Operand; readonly weight: Operand },
  outputShape: (height: number, width: number) => number[],
): Tensor {
  const { where } = problem;
  const { outputHeight, outputWidth, run } = prepare(heap, problem);
  return withTensors(heap, where, [operands.input, operands.weight], (tensors) =>
    withResult(heap, where, outputShape(outputHeight, outputWidth), (output) => {
      const [input, weight] = tensors as [Tensor, Tensor];
      run(input.address, weight.address, output.address);
    }),
  );
}

/** Turns a Status into an error, told in the words of the function that was called. */
function assertOk(heap: Heap, problem: Problem, status: number): void {
  const { constants } = heap;
  if (status === constants.kOk) return;
  const { where, given } = problem;
  const input = `${given.input.name} is ${showShape(given.input.shape)}`;
  const weight = `${given.weight.name} is ${showShape(given.weight.shape)}`;
  switch (status) {
    case constants.kBadSize:
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `${where}: ${input} and ${weight}, must not have an axis of length 0`,
      );
    case constants.kKernelTooLarge:
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `${where}: ${weight}, its kernel must not be larger than the input: ${input}`,
      );
    case constants.kUnsupported:
      throw new Corr2dError(
        'UNSUPPORTED',
        `${where}: the algorithm asked for cannot do it: ${input}, ${weight}`,
      );
    default:
      throw new Corr2dError(
        'OUT_OF_MEMORY',
        `${where}: no room to compute it: ${input}, ${weight}`,
      );
  }
}
