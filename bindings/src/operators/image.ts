// Conversion between tensors and images.

import * as argument from '../runtime/arguments.js';
import { invalid, mismatch, tagOf, unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { sizeOf } from '../tensor/nested.js';
import { operand, withTensors } from '../tensor/operands.js';
import { type Tensor, type TensorLike, withResult } from '../tensor/tensor.js';
import { copyElements, kindOf, lengthOf } from '../tensor/views.js';
import { createImageData, type EngineImageData, type ImageDataInput } from './image-data.js';

/** The options of `fromImageData` and `fromImage`. */
export interface FromImageOptions {
  /**
   * 3 for R, G, B, the default; 4 with alpha; 1 for grey, which is 0.299 R + 0.587 G + 0.114 B.
   */
  channels?: 1 | 3 | 4;
  /** The factor for each value from 0 to 255. Default 1/255. */
  scale?: number;
}

/** The options of `toImageData`. */
export interface ToImageDataOptions {
  /** The number that becomes 0; smaller numbers are clamped. Default 0. */
  min?: number;
  /** The number that becomes 255; larger numbers are clamped. Default 1. */
  max?: number;
}

/** Conversion between tensors and images. */
export interface ImageMethods {
  /**
   * Draws an image to a canvas and reads its pixels, with the options of `fromImageData`.
   *
   * @param source an image or canvas element, OffscreenCanvas, ImageBitmap or VideoFrame
   * @returns C×h×w, in the image's intrinsic size
   * @throws `INVALID_ARGUMENT` if the pixels cannot be read, for example because the image comes from
   * another origin
   */
  fromImage(source: ImageSource, options?: FromImageOptions): Tensor;

  /**
   * Reads an image as a tensor C×h×w.
   *
   * @example
   * ```js
   * const image = { width: 2, height: 1, data: Uint8ClampedArray.of(255, 0, 0, 255, 0, 0, 255, 255) };
   * const rgb = c.fromImageData(image);
   * console.log(rgb.shape.join('×'), rgb.data.join()); // 3×1×2 1,0,0,0,0,1
   * ```
   *
   * @param imageData an image with 8 bits per channel
   */
  fromImageData(imageData: ImageDataInput, options?: FromImageOptions): Tensor;

  /**
   * Converts a tensor to an image. Alpha is 255 unless there is a fourth channel.
   *
   * @example
   * ```js
   * const image = c.toImageData([[0, 0.5, 1]]); // grey, 3 pixels wide and 1 high
   * console.log(image.data.join()); // 0,0,0,255,128,128,128,255,255,255,255,255
   * ```
   *
   * @param tensor h×w, or C×h×w with C of 1, 3 or 4
   * @param options `min` and `max`. Numbers between them are scaled and rounded to the nearest integer.
   * @returns an `ImageData`, or an object with the same members if the engine has no such class
   */
  toImageData(tensor: TensorLike, options?: ToImageDataOptions): EngineImageData;
}

function fromImageData(heap: Heap, imageData: ImageDataInput, options?: FromImageOptions): Tensor {
  const where = 'fromImageData';
  heap.assertUsable(`${where}:`);
  const { data, width, height } = readPixels(imageData, `${where}: imageData`);
  const given = argument.options(options, where, ['channels', 'scale']);
  const channels = given.channels === undefined ? 3 : given.channels;
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw unexpected(`${where}: channels`, channels, '1, 3 or 4');
  }
  const scale =
    given.scale === undefined ? 1 / 255 : argument.finite(given.scale, `${where}: scale`);
  return withResult(heap, where, [channels, height, width], (result) => {
    const bytes = 4 * width * height;
    heap.withBlock(bytes, where, (rgba) => {
      copyElements(heap.bytesAt(rgba, bytes), data, where);
      heap.call.readImage(rgba, width * height, channels, scale, result.address);
    });
  });
}

function toImageData(
  heap: Heap,
  tensor: TensorLike,
  options?: ToImageDataOptions,
): EngineImageData {
  const where = 'toImageData';
  const source = operand(heap, tensor, `${where}: tensor`);
  const shape = source.shape.length === 2 ? [1, ...source.shape] : source.shape;
  const [channels, height, width] = shape as [number, number, number];
  if (shape.length !== 3 || ![1, 3, 4].includes(channels) || sizeOf(shape) === 0) {
    throw unexpectedShape(
      `${where}: tensor`,
      source.shape,
      'h×w or C×h×w with C of 1, 3 or 4, and no axis of length 0',
    );
  }
  const given = argument.options(options, where, ['min', 'max']);
  const min = given.min === undefined ? 0 : argument.finite(given.min, `${where}: min`);
  const max = given.max === undefined ? 1 : argument.finite(given.max, `${where}: max`);
  if (min >= max) throw unexpected(`${where}: min`, min, `a number less than max, which is ${max}`);
  const bytes = width * height * 4;
  return withTensors(heap, where, [source], ([planes]) =>
    heap.withBlock(bytes, where, (rgba) => {
      heap.call.writeImage(planes.address, width * height, channels, min, max, rgba);
      const data = allocateOrThrow(bytes, where, () => heap.bytesAt(rgba, bytes).slice());
      return createImageData(data, width, height);
    }),
  );
}

/** @internal Reads an image with 8 bits per channel. */
export function readPixels(value: unknown, where: string): ImageDataInput {
  const { data, width, height } = (value ?? {}) as Record<keyof ImageDataInput, unknown>;
  const kind = kindOf(data);
  if (kind !== 'Uint8ClampedArray' && kind !== 'Uint8Array') {
    throw unexpected(where, value, 'an ImageData with 8 bits per channel');
  }
  const w = argument.integer(width, `${where}.width`, 1, 2 ** 30);
  const h = argument.integer(height, `${where}.height`, 1, 2 ** 30);
  const bytes = lengthOf(data as Uint8Array);
  if (bytes !== w * h * 4) {
    throw mismatch(
      `${where} has ${bytes} bytes; expected ${w * h * 4} for ${w}×${h} pixels of RGBA`,
    );
  }
  return { data: data as ImageDataInput['data'], width: w, height: h };
}

/** The instance type of a browser's class; `never` if the program's `lib` does not declare the class. */
type BrowserInstance<Name extends string> = typeof globalThis extends {
  [Key in Name]: { prototype: infer Known };
}
  ? Known
  : never;

/** The images that `fromImage` can draw. */
export type ImageSource =
  | BrowserInstance<'HTMLImageElement'>
  | BrowserInstance<'HTMLCanvasElement'>
  | BrowserInstance<'OffscreenCanvas'>
  | BrowserInstance<'ImageBitmap'>
  | BrowserInstance<'VideoFrame'>;

function fromImage(heap: Heap, source: ImageSource, options?: FromImageOptions): Tensor {
  const where = 'fromImage';
  heap.assertUsable(`${where}:`);
  const [width, height] = sourceSize(source, where);
  let data: ImageData;
  try {
    const canvas =
      typeof OffscreenCanvas === 'function'
        ? new OffscreenCanvas(width, height)
        : Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d', { willReadFrequently: true }) as
      | CanvasRenderingContext2D
      | OffscreenCanvasRenderingContext2D;
    context.drawImage(source, 0, 0, width, height);
    data = context.getImageData(0, 0, width, height);
  } catch (cause) {
    throw invalid(
      `${where}: source cannot be read; it may be closed or from another origin: ${cause}`,
      cause,
    );
  }
  return fromImageData(heap, data, options);
}

/** The intrinsic size of an image in pixels, which is not its size on the page. */
function sourceSize(source: unknown, where: string): [number, number] {
  const { naturalWidth, displayWidth, width, naturalHeight, displayHeight, height } = (source ??
    {}) as Record<string, unknown>;
  const size = [naturalWidth ?? displayWidth ?? width, naturalHeight ?? displayHeight ?? height];
  if (!/^(HTML(Image|Canvas)Element|OffscreenCanvas|ImageBitmap|VideoFrame)$/.test(tagOf(source))) {
    throw unexpected(
      `${where}: source`,
      source,
      'an image or canvas element, OffscreenCanvas, ImageBitmap or VideoFrame',
    );
  }
  return size.map((one, axis) =>
    argument.integer(one, `${where}: source's ${axis === 0 ? 'width' : 'height'}`, 1, 2 ** 15),
  ) as [number, number];
}

/** @internal The implementations of `ImageMethods`. */
export const imageMethods: Implementation<ImageMethods> = {
  fromImage,
  fromImageData,
  toImageData,
};
