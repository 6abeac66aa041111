import type { ProblemFields } from '../runtime/abi.js';
import { unexpected } from '../runtime/errors.js';
import { type ImageSizes, imageSizes } from './layout.js';
import { axesOf, type Pads, pads, type Rank, triple, type WindowAxes } from './read-options.js';

/** The options that determine the position of windows. */
export type WindowValues = Partial<Record<'stride' | 'dilation' | 'padding', unknown>>;

/** The size of a window. */
interface KernelSize {
  readonly d: number;
  readonly h: number;
  readonly w: number;
}

/**
 * Reads the options that place windows of the kernel's size on an image. `readPads` reads the padding.
 */
export function windows(
  where: string,
  given: WindowValues,
  image: ImageSizes,
  kernel: KernelSize,
  readPads: typeof pads,
): { fields: Partial<ProblemFields>; pads: Pads } {
  const axes = windowAxes(where, given, image, kernel);
  const padding = readPads(given.padding, `${where}: padding`, axes, image.rank);
  return { pads: padding, fields: fieldsOfWindows(image, axes, padding) };
}

/** Reads the stride and the dilation of windows. */
export function windowAxes(
  where: string,
  given: WindowValues,
  image: ImageSizes,
  kernel: KernelSize,
): WindowAxes {
  const stride = triple(given.stride, `${where}: stride`, 1, 1, image.rank);
  const dilation = triple(given.dilation, `${where}: dilation`, 1, 1, image.rank);
  return [
    { input: image.depth, kernel: kernel.d, stride: stride[0], dilation: dilation[0] },
    { input: image.height, kernel: kernel.h, stride: stride[1], dilation: dilation[1] },
    { input: image.width, kernel: kernel.w, stride: stride[2], dilation: dilation[2] },
  ];
}

/** The members of a problem with these windows and pads. */
export function fieldsOfWindows(
  image: ImageSizes,
  [d, h, w]: WindowAxes,
  [front = 0, back = 0, top = 0, bottom = 0, left = 0, right = 0]: Pads,
): Partial<ProblemFields> {
  return {
    batch: image.batch,
    input_channels: image.channels,
    input_depth: d.input,
    input_height: h.input,
    input_width: w.input,
    kernel_depth: d.kernel,
    kernel_height: h.kernel,
    kernel_width: w.kernel,
    stride_depth: d.stride,
    stride_height: h.stride,
    stride_width: w.stride,
    dilation_depth: d.dilation,
    dilation_height: h.dilation,
    dilation_width: w.dilation,
    pad_front: front,
    pad_back: back,
    pad_top: top,
    pad_bottom: bottom,
    pad_left: left,
    pad_right: right,
  };
}

/** Reads a required size: one number for all axes, or a list with one for each. */
export function requiredSize(value: unknown, where: string, rank: Rank = 2): KernelSize {
  if (value === undefined) throw unexpected(where, value, `a number or ${axesOf(rank)}`);
  const [d, h, w] = triple(value, where, 1, 1, rank);
  return { d, h, w };
}

/** The members of a problem with windows on an image of this shape, channel by channel. */
export function windowFields(
  where: string,
  shape: readonly number[],
  kernel: KernelSize,
  given: WindowValues,
): Partial<ProblemFields> {
  const image = imageSizes(shape, 'nchw', `${where}: input`);
  const { fields } = windows(where, given, image, kernel, pads);
  return { ...fields, output_channels: image.channels };
}
