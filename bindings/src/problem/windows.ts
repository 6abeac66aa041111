import type { ProblemFields } from '../runtime/abi.js';
import { unexpected } from '../runtime/errors.js';
import { type ImageSizes, imageSizes } from './layout.js';
import { type Pads, pads, pair, type WindowAxis } from './read-options.js';

/** The options that determine the position of windows. */
export type WindowValues = Partial<Record<'stride' | 'dilation' | 'padding', unknown>>;

/** The size of a window. */
interface KernelSize {
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
  readPads: (value: unknown, where: string, h: WindowAxis, w: WindowAxis) => Pads,
): { fields: Partial<ProblemFields>; pads: Pads } {
  const axes = windowAxes(where, given, image, kernel);
  const padding = readPads(given.padding, `${where}: padding`, ...axes);
  return { pads: padding, fields: fieldsOfWindows(image, axes, padding) };
}

/** Reads the stride and the dilation of windows: the axes of height and width. */
export function windowAxes(
  where: string,
  given: WindowValues,
  image: ImageSizes,
  kernel: KernelSize,
): [WindowAxis, WindowAxis] {
  const [strideH, strideW] = pair(given.stride, `${where}: stride`, 1, 1);
  const [dilationH, dilationW] = pair(given.dilation, `${where}: dilation`, 1, 1);
  return [
    { input: image.height, kernel: kernel.h, stride: strideH, dilation: dilationH },
    { input: image.width, kernel: kernel.w, stride: strideW, dilation: dilationW },
  ];
}

/** The members of a problem with these windows and pads. */
export function fieldsOfWindows(
  image: ImageSizes,
  [h, w]: readonly [WindowAxis, WindowAxis],
  [top, bottom, left, right]: Pads,
): Partial<ProblemFields> {
  return {
    batch: image.batch,
    input_channels: image.channels,
    input_height: h.input,
    input_width: w.input,
    kernel_height: h.kernel,
    kernel_width: w.kernel,
    stride_height: h.stride,
    stride_width: w.stride,
    dilation_height: h.dilation,
    dilation_width: w.dilation,
    pad_top: top,
    pad_bottom: bottom,
    pad_left: left,
    pad_right: right,
  };
}

/** Reads a required size: one number for both axes, or `[h, w]`. */
export function requiredPair(value: unknown, where: string): KernelSize {
  if (value === undefined) throw unexpected(where, value, 'a number or [h, w]');
  const [h, w] = pair(value, where, 1, 1);
  return { h, w };
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
