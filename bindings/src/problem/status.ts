// Converts the status codes of C++ to errors.

import { algorithms, kinds, type ProblemFields, paddingModes, statuses } from '../runtime/abi.js';
import { Corr2dError, invalid, mismatch, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { windowOf } from './read-options.js';

/** The parts of a `Problem` that messages use. */
interface Described {
  readonly where: string;
  readonly given: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly fields: Readonly<ProblemFields>;
  readonly isRow?: boolean;
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
  const { where, given, fields, isRow } = problem;
  assertDone(heap, where, status);
  const shapes = given.map(({ name, shape }) => `${name} is ${showShape(shape)}`);
  const [input = '', ...others] = shapes;
  const all = shapes.length === 1 ? input : `${input} and ${others.join(', ')}`;
  switch (status) {
    case statuses.badSize:
      throw mismatch(`${where}: ${all}; expected no axis of length 0`);
    case statuses.badPadding:
      throw invalid(
        fields.padding_mode === paddingModes.constant
          ? `${where}: padding is ${padsOf(fields).join(', ')}; expected less than the ` +
              `${showShape(windowSize(fields))} that the kernel spans: ${all}`
          : `${where}: ${all}; expected axes longer than 1, which can be reflected`,
      );
    case statuses.badOutputPadding:
      throw invalid(
        `${where}: outputPadding is ${fields.output_padding_height}×${fields.output_padding_width}; ` +
          `expected less than the larger of stride ${fields.stride_height}×${fields.stride_width} ` +
          `and dilation ${fields.dilation_height}×${fields.dilation_width}`,
      );
    case statuses.kernelTooLarge: {
      if (fields.kind === kinds.matchTemplate) {
        const [image, template] = given as [Described['given'][0], Described['given'][0]];
        const size = showShape(template.shape.slice(-2));
        const most = showShape(image.shape.slice(-2));
        throw mismatch(
          `${where}: template is ${size}; expected at most ${most}, the size of ${image.name}`,
        );
      }
      const [top, bottom, left, right] = padsOf(fields);
      const { ceil_mode, stride_height, stride_width } = fields;
      // With ceilMode, a kernel may exceed the input by less than the stride.
      const size = [
        fields.input_height + top + bottom + ceil_mode * (stride_height - 1),
        fields.input_width + left + right + ceil_mode * (stride_width - 1),
      ];
      const padded = padsOf(fields).some((pad) => pad !== 0) ? 'padded ' : '';
      const image = fields.kind === kinds.fold ? 'output' : 'input';
      const limit = ceil_mode ? 'what ceilMode permits' : `the size of the ${padded}${image}`;
      const show = (sizes: readonly number[]) => (isRow ? sizes[1] : showShape(sizes));
      throw mismatch(
        `${where}: ${others[others.length - 1]}, and the kernel spans ${show(windowSize(fields))}; ` +
          `expected at most ${show(size)}, ${limit}`,
      );
    }
    case statuses.emptyOutput:
      throw mismatch(
        `${where}: padding is ${croppingPads(fields).join(', ')}; expected padding that does not ` +
          `crop the whole output: ${all}`,
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

const padsOf = (fields: Readonly<ProblemFields>) =>
  [fields.pad_top, fields.pad_bottom, fields.pad_left, fields.pad_right] as const;

/** The pads in the order in which the function takes them. */
function croppingPads(fields: Readonly<ProblemFields>): readonly number[] {
  const [top, bottom, left, right] = padsOf(fields);
  return fields.kind === kinds.pad ? [left, right, top, bottom] : [top, bottom, left, right];
}

/** The height and the width of the dilated kernel. */
const windowSize = (fields: Readonly<ProblemFields>) => [
  windowOf({ kernel: fields.kernel_height, dilation: fields.dilation_height }),
  windowOf({ kernel: fields.kernel_width, dilation: fields.dilation_width }),
];

/** The name of an algorithm. */
export function algorithmName(algorithm: number): string {
  return Object.entries(algorithms).find(([, number]) => number === algorithm)?.[0] ?? 'auto';
}
