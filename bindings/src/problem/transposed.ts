// The options that determine the size of a transposed convolution's output.

import * as argument from '../runtime/arguments.js';
import { invalid, showShape } from '../runtime/errors.js';
import {
  explicitPads,
  type Pads,
  type Rank,
  type Triple,
  triple,
  type WindowAxes,
  windowOf,
} from './read-options.js';

const paddingNames = ['valid', 'same-upper', 'same-lower'] as const;

/** The names of a padding, for messages. */
export const quotedCrops = argument.quoted(paddingNames);

/**
 * Reads `padding`, `outputPadding` and `outputSize` for `rank` axes. With numbers as
 * padding, `outputSize` determines the output padding, as PyTorch's output_size does. With a name, it
 * determines the padding, as ONNX's output_shape does.
 */
export function outputCrop(
  where: string,
  given: { padding?: unknown; outputPadding?: unknown; outputSize?: unknown },
  axes: WindowAxes,
  rank: Rank,
): { pads: Pads; outputPadding: Triple } {
  const { padding, outputPadding, outputSize } = given;
  const paddingWhere = `${where}: padding`;
  const name =
    typeof padding === 'string' ? argument.choice(padding, paddingWhere, paddingNames) : undefined;
  const pads = explicitPads(name ? 0 : padding, paddingWhere, quotedCrops, '', rank);
  const added = triple(outputPadding, `${where}: outputPadding`, 0, 0, rank);
  const size =
    outputSize === undefined ? [] : triple(outputSize, `${where}: outputSize`, 1, 1, rank);
  const show = (sizes: readonly number[]) => showShape(sizes.slice(-rank));
  if (!name && outputSize !== undefined && outputPadding !== undefined) {
    throw invalid(
      `${where}: outputPadding is ${show(added)} and outputSize is ${show(size)}; ` +
        'expected one of them unless padding is a name',
    );
  }
  const cropped = axes.map((axis, i): Triple => {
    const { input, stride, dilation } = axis;
    const [before, after] = pads.slice(2 * i) as [number, number];
    const least = (input - 1) * stride + windowOf(axis) - before - after;
    const most = least - 1 + (name ? Math.max(stride, dilation) : stride);
    const extra = added[i] as number;
    const isSame = name && name !== 'valid';
    // C++ rejects a padding that leaves no output of any size.
    const asked = most > 0 ? size[i] : undefined;
    const wanted = asked ?? (isSame ? input * stride : least + extra);
    const lowest = name ? 1 : Math.max(least, 1);
    if (asked !== undefined && (wanted > most || wanted < lowest)) {
      throw invalid(
        `${where}: outputSize is ${show(size)}; expected from ${lowest} to ${most} ` +
          `${['planes', 'rows', 'columns'][i]}`,
      );
    }
    const excess = least + extra - wanted;
    // C++ rejects pads as large as this limit.
    const crop = Math.min(Math.max(excess, 0), argument.MAX_INT32);
    const less = Math.floor(crop / 2);
    const first = name === 'same-upper' ? less : crop - less;
    return [before + first, after + crop - first, extra + Math.max(-excess, 0)];
  });
  return {
    pads: cropped.flatMap((crop) => crop.slice(0, 2)),
    outputPadding: cropped.map(([, , extra]) => extra) as Triple,
  };
}
