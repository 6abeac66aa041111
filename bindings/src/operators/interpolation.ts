import { imageShape, imageSizes } from '../problem/layout.js';
import type { Pair } from '../problem/options.js';
import { fieldsOf, solve } from '../problem/problem.js';
import * as read from '../problem/read-options.js';
import { interpolations, kinds } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { invalid, showShape, unexpected } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** Resizing. */
export interface InterpolationMethods {
  /**
   * Resizes images, like torch.nn.functional.interpolate.
   *
   * @example
   * ```js
   * const y = c.interpolate([[[1, 2]]], { scale: [1, 2], mode: 'bilinear' });
   * console.log(y.data.join()); // 1,1.25,1.75,2
   * ```
   *
   * @param x N×C×H×W or C×H×W; N×H×W×C or H×W×C with `layout: 'nhwc'`
   * @param options the new size, and how elements between those of `x` are computed
   * @returns N×C×H'×W' or C×H'×W' in the layout of `x`
   * @throws `INVALID_ARGUMENT` unless one of `size` and `scale` is given, and if nothing would be left of an
   * axis
   */
  interpolate(x: TensorLike, options: InterpolateOptions): Tensor;
}

/** The options of `interpolate`. Either `size` or `scale` is required. */
export interface InterpolateOptions {
  /** The output's height and width: a number for both, or `[h, w]`. */
  size?: Pair | undefined;
  /**
   * The ratio of the output's size to the input's: a number for both axes, or `[h, w]`. Sizes are rounded
   * down. As in PyTorch, the distance between samples follows from the given ratio, not from the rounded
   * size.
   */
  scale?: Pair | undefined;
  /**
   * `'nearest'` copies the element at the output's coordinate, rounded down; `'bilinear'` and `'bicubic'` weight the
   * 2×2 or 4×4 elements around it. Default `'nearest'`.
   */
  mode?: 'nearest' | 'bilinear' | 'bicubic' | undefined;
  /**
   * Whether the centres of the corner elements stay in place, instead of the outer corners. Not for
   * `'nearest'`. Default false.
   */
  alignCorners?: boolean | undefined;
  /**
   * Whether an output element that is larger than an input element takes all inputs under it into account, so that
   * fine patterns do not alias. Not for `'nearest'`. Default false.
   */
  antialias?: boolean | undefined;
  /** The order of the axes of input and output. Default `'nchw'`. */
  layout?: 'nchw' | 'nhwc' | undefined;
}

const optionNames = ['size', 'scale', 'mode', 'alignCorners', 'antialias', 'layout'] as const;
const kindsOfMode = {
  nearest: interpolations.nearest,
  bilinear: interpolations.linear,
  bicubic: interpolations.cubic,
};

/** Reads a positive number for both axes, or `[h, w]`. */
function scales(value: unknown, where: string): number[] {
  const positive = (one: unknown, name: string, alternative: string) => {
    if (argument.finite(one, name) <= 0) {
      throw unexpected(name, one, `a number above 0${alternative}`);
    }
    return one as number;
  };
  if (!Array.isArray(value)) return Array(2).fill(positive(value, where, ', or [h, w]'));
  if (value.length !== 2) throw unexpected(where, value, 'a number or [h, w]');
  return argument.items(value, where, 2, (one, i) => positive(one, `${where}[${i}]`, ''));
}

function interpolate(heap: Heap, x: TensorLike, options: InterpolateOptions): Tensor {
  const where = 'interpolate';
  const input = operand(heap, x, `${where}: x`);
  const given = argument.options(options, where, optionNames);
  const layout = argument.choice(given.layout, `${where}: layout`, ['nchw', 'nhwc']);
  const image = imageSizes(input.shape, layout, `${where}: x`);
  const mode = argument.choice(given.mode, `${where}: mode`, ['nearest', 'bilinear', 'bicubic']);
  const alignCorners = argument.flag(given.alignCorners, `${where}: alignCorners`);
  const antialias = argument.flag(given.antialias, `${where}: antialias`);
  for (const [name, isSet] of Object.entries({ alignCorners, antialias })) {
    if (isSet && mode === 'nearest') {
      throw invalid(
        `${where}: ${name} is true and mode is 'nearest'; expected 'bilinear' or 'bicubic'`,
      );
    }
  }
  const before = [image.height, image.width];
  const size = given.size === undefined ? undefined : read.pair(given.size, `${where}: size`, 1, 1);
  const ratios = given.scale === undefined ? undefined : scales(given.scale, `${where}: scale`);
  const after = size ?? ratios?.map((ratio, i) => Math.floor((before[i] as number) * ratio));
  if (after === undefined || (size && ratios)) {
    const state = size ? 'both given' : 'missing';
    throw invalid(`${where}: size and scale are ${state}; expected one of them`);
  }
  for (const one of after) {
    if (one >= 1 && one <= argument.MAX_INT32) continue;
    throw invalid(
      `${where}: scale is ${ratios?.join(', ')} for ${showShape(before)}; expected an output of ` +
        `1×1 to ${argument.MAX_INT32}×${argument.MAX_INT32}`,
    );
  }
  const [height, width] = after as [number, number];
  const { batch, channels } = image;
  const isSingle = mode === 'nearest' && channels === 1;
  // Source: area_pixel_compute_scale and its callers in ATen/native/UpSample.h of PyTorch 1.13.
  const step = (i: 0 | 1) => {
    const [from, to, ratio] = [before[i], after[i], ratios?.[i]] as [
      number,
      number,
      number | undefined,
    ];
    if (alignCorners) return to > 1 ? (from - 1) / (to - 1) : 0;
    // PyTorch ignores the given ratio in these cases.
    const isIgnored =
      mode === 'bilinear'
        ? from === to && !antialias
        : isSingle && (to === from || to === 2 * from);
    return ratio === undefined || isIgnored ? from / to : 1 / ratio;
  };
  const isNhwc = layout === 'nhwc';
  const planes = isNhwc ? batch : batch * channels;
  // 0 channels are an error in both layouts.
  const sizes = [planes, height, width, isNhwc ? channels : Math.min(channels, 1)];
  const fields = fieldsOf({
    kind: kinds.interpolate,
    rank: sizes.length,
    sizes,
    input_height: image.height,
    input_width: image.width,
    interpolation: kindsOfMode[mode],
    antialias: Number(antialias),
    row_scale: step(0),
    column_scale: step(1),
    sample_offset: alignCorners || mode === 'nearest' ? 0 : 0.5,
    cubic_coefficient: antialias ? -0.5 : -0.75,
  });
  const problem = { where, given: [{ name: 'x', shape: input.shape }], fields };
  return solve(heap, problem, { input }, () =>
    imageShape(image, layout, channels, height, width, 1),
  );
}

/** @internal The implementations of `InterpolationMethods`. */
export const interpolationMethods: Implementation<InterpolationMethods> = {
  interpolate,
};
