import type { ProblemFields } from '../runtime/abi.js';
import { unexpected } from '../runtime/errors.js';
import { type ImageSizes, imageSizes } from './layout.js';
import { type Pads, pads, pair, type WindowAxis } from './read-options.js';

/** The options that determine the position of windows. */
export type WindowValues = Partial<Record<'stride' | 'dilation' | 'padding', unknown>>;

/**
 * Reads the options that place windows of the kernel's size on an image. `readPads` reads the padding.
 */
export function windows(
  where: string,
  given: WindowValues,
  image: ImageSizes,
  kernel: { readonly h: number; readonly w: number },
  readPads: (value: unknown, where: string, h: WindowAxis, w: WindowAxis) => Pads,
): { fields: Partial<ProblemFields>; pads: Pads } {
  const [strideH, strideW] = pair(given.stride, `${where}: stride`, 1, 1);
  const [dilationH, dilationW] = pair(given.dilation, `${where}: dilation`, 1, 1);
  const padding = readPads(
    given.padding,
    `${where}: padding`,
    { input: image.height, kernel: kernel.h, stride: strideH, dilation: dilationH },
    { input: image.width, kernel: kernel.w, stride: strideW, dilation: dilationW },
  );
  const [top, bottom, left, right] = padding;
  return {
    pads: padding,
    fields: {
      batch: image.batch,
      input_channels: image.channels,
      input_height: image.height,
      input_width: image.width,
      kernel_height: kernel.h,
      kernel_width: kernel.w,
      stride_height: strideH,
      stride_width: strideW,
      dilation_height: dilationH,
      dilation_width: dilationW,
      pad_top: top,
      pad_bottom: bottom,
      pad_left: left,
      pad_right: right,
    },
  };
}

/** Reads a required size: one number for both axes, or `[h, w]`. */
export function requiredPair(value: unknown, where: string): { h: number; w: number } {
  if (value === undefined) throw unexpected(where, value, 'a number or [h, w]');
  const [h, w] = pair(value, where, 1, 1);
  return { h, w };
}

/** The members of a problem with windows on an image of this shape, channel by channel. */
export function windowFields(
  where: string,
  shape: readonly number[],
  kernel: { readonly h: number; readonly w: number },
  given: WindowValues,
): Partial<ProblemFields> {
  const image = imageSizes(shape, 'nchw', `${where}: input`);
  const { fields } = windows(where, given, image, kernel, pads);
  return { ...fields, output_channels: image.channels };
}
