// Converts the status codes of C++ to errors.

import { algorithms, kinds, type ProblemFields, paddingModes, statuses } from '../runtime/abi.js';
import { Corr2dError, invalid, mismatch, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { type Rank, windowOf } from './read-options.js';

/** The parts of a `Problem` that messages use. */
interface Described {
  readonly where: string;
  readonly given: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly fields: Readonly<ProblemFields>;
  readonly rank?: 1 | Rank;
}

/** Throws WORKER_FAILED if a worker has not finished its task in time. */
export function assertDone(heap: Heap, where: string, status: number): void {
  if (status !== statuses.workerFailed) return;
  // The worker may still be running, and must not write any more.
  heap.endWorkers();
  throw new Corr2dError(
    'WORKER_FAILED',
    `${where}: a worker does not respond; from now on, one thread computes`,
  );
}

/** Throws the error that a status stands for, unless it is ok. */
export function assertOk(heap: Heap, problem: Described, status: number): void {
  if (status === statuses.ok) return;
  const { where, given, fields, rank = 2 } = problem;
  assertDone(heap, where, status);
  const shapes = given.map(({ name, shape }) => `${name} is ${showShape(shape)}`);
  const [input = '', ...others] = shapes;
  // Messages show the axes that the caller knows.
  const show = (sizes: readonly number[]) =>
    rank === 1 ? `${sizes[2]}` : showShape(sizes.slice(-rank));
  const all = shapes.length === 1 ? input : `${input} and ${others.join(', ')}`;
  switch (status) {
    case statuses.badSize:
      throw mismatch(`${where}: ${all}; expected no axis of length 0`);
    case statuses.badPadding:
      throw invalid(
        fields.padding_mode === paddingModes.constant
          ? `${where}: padding is ${padsOf(fields)
              .slice(-2 * rank)
              .join(', ')}; expected less than ` +
              `the ${show(windowSize(fields))} that the kernel spans: ${all}`
          : `${where}: ${all}; expected axes longer than 1, which can be reflected`,
      );
    case statuses.badOutputPadding: {
      const { output_padding_depth, output_padding_height, output_padding_width } = fields;
      const added = [output_padding_depth, output_padding_height, output_padding_width];
      throw invalid(
        `${where}: outputPadding is ${show(added)}; expected less than the larger of ` +
          `stride ${show(stridesOf(fields))} and dilation ${show(dilationsOf(fields))}`,
      );
    }
    case statuses.kernelTooLarge: {
      if (fields.kind === kinds.matchTemplate) {
        const [image, template] = given as [Described['given'][0], Described['given'][0]];
        const size = showShape(template.shape.slice(-2));
        const most = showShape(image.shape.slice(-2));
        throw mismatch(
          `${where}: template is ${size}; expected at most ${most}, the size of ${image.name}`,
        );
      }
      const pads = padsOf(fields);
      const { input_depth, input_height, input_width } = fields;
      const strides = stridesOf(fields);
      // With ceilMode, a kernel may exceed the input by less than the stride.
      const size = [input_depth, input_height, input_width].map(
        (input, i) =>
          input +
          (pads[2 * i] as number) +
          (pads[2 * i + 1] as number) +
          fields.ceil_mode * ((strides[i] as number) - 1),
      );
      const padded = pads.some((pad) => pad !== 0) ? 'padded ' : '';
      const image = fields.kind === kinds.fold ? 'output' : 'input';
      const limit = fields.ceil_mode
        ? 'what ceilMode permits'
        : `the size of the ${padded}${image}`;
      throw mismatch(
        `${where}: ${others[others.length - 1]}, and the kernel spans ${show(windowSize(fields))}; ` +
          `expected at most ${show(size)}, ${limit}`,
      );
    }
    case statuses.emptyOutput:
      throw mismatch(
        `${where}: padding is ${croppingPads(fields)
          .slice(-2 * rank)
          .join(', ')}; expected padding that does not ` + `crop the whole output: ${all}`,
      );
    case statuses.notFinite:
      throw invalid(`${where}: mask has NaN or infinite elements; expected finite numbers`);
    case statuses.emptyMask:
      throw invalid(`${where}: mask has the sum 0; expected weights above 0`);
    case statuses.unsupported: {
      const name = algorithmName(fields.algorithm);
      const subject = name === 'auto' ? 'this version' : `algorithm '${name}'`;
      throw new Corr2dError(
        'UNSUPPORTED',
        `${where}: ${subject} cannot compute this because ${heap.requestText('refusal')}: ${all}`,
      );
    }
    default:
      throw heap.outOfMemory(`${where}: not enough memory: ${all}`);
  }
}

const padsOf = (fields: Readonly<ProblemFields>): readonly number[] => [
  fields.pad_front,
  fields.pad_back,
  fields.pad_top,
  fields.pad_bottom,
  fields.pad_left,
  fields.pad_right,
];

/** The pads in the order in which the function takes them. */
function croppingPads(fields: Readonly<ProblemFields>): readonly number[] {
  const pads = padsOf(fields);
  return fields.kind === kinds.pad ? [...pads.slice(4), ...pads.slice(2, 4)] : pads;
}

// The build shortens the names of members, so they cannot be composed.
const stridesOf = (fields: Readonly<ProblemFields>) => [
  fields.stride_depth,
  fields.stride_height,
  fields.stride_width,
];
const dilationsOf = (fields: Readonly<ProblemFields>) => [
  fields.dilation_depth,
  fields.dilation_height,
  fields.dilation_width,
];

/** The size of the dilated kernel. */
const windowSize = (fields: Readonly<ProblemFields>) => {
  const { kernel_depth, kernel_height, kernel_width } = fields;
  const dilations = dilationsOf(fields);
  return [kernel_depth, kernel_height, kernel_width].map((kernel, i) =>
    windowOf({ kernel, dilation: dilations[i] as number }),
  );
};

/** The name of an algorithm. */
export function algorithmName(algorithm: number): string {
  return Object.entries(algorithms).find(([, number]) => number === algorithm)?.[0] ?? 'auto';
}
