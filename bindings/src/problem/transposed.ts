// The options that determine the size of a transposed convolution's output.

import * as argument from '../runtime/arguments.js';
import { invalid, showShape } from '../runtime/errors.js';
import { explicitPads, type Pads, pair, type WindowAxis, windowOf } from './read-options.js';

const paddingNames = ['valid', 'same-upper', 'same-lower'] as const;
const quotedNames = argument.quoted(paddingNames);

/**
 * Reads `padding`, `outputPadding` and `outputSize` for the axes of height and width. With numbers as
 * padding, `outputSize` determines the output padding, as PyTorch's output_size does. With a name, it
 * determines the padding, as ONNX's output_shape does.
 */
export function outputCrop(
  where: string,
  given: { padding?: unknown; outputPadding?: unknown; outputSize?: unknown },
  axes: readonly [WindowAxis, WindowAxis],
): { pads: Pads; outputPadding: readonly [h: number, w: number] } {
  const { padding, outputPadding, outputSize } = given;
  const paddingWhere = `${where}: padding`;
  const name =
    typeof padding === 'string' ? argument.choice(padding, paddingWhere, paddingNames) : undefined;
  const pads = name ? [0, 0, 0, 0] : explicitPads(padding, paddingWhere, quotedNames);
  const added = pair(outputPadding, `${where}: outputPadding`, 0, 0);
  const size = outputSize === undefined ? [] : pair(outputSize, `${where}: outputSize`, 1, 1);
  if (!name && outputSize !== undefined && outputPadding !== undefined) {
    throw invalid(
      `${where}: outputPadding is ${showShape(added)} and outputSize is ${showShape(size)}; ` +
        'expected one of them unless padding is a name',
    );
  }
  const [rows, columns] = axes.map((axis, i): [number, number, number] => {
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
        `${where}: outputSize is ${showShape(size)}; expected from ${lowest} to ${most} ` +
          `${i === 0 ? 'rows' : 'columns'}`,
      );
    }
    const excess = least + extra - wanted;
    // C++ rejects pads as large as this limit.
    const cropped = Math.min(Math.max(excess, 0), argument.MAX_INT32);
    const less = Math.floor(cropped / 2);
    const first = name === 'same-upper' ? less : cropped - less;
    return [before + first, after + cropped - first, extra + Math.max(-excess, 0)];
  }) as [[number, number, number], [number, number, number]];
  return {
    pads: [rows[0], rows[1], columns[0], columns[1]],
    outputPadding: [rows[2], columns[2]],
  };
}
