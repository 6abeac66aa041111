// Conversion between tensors and images.

import * as argument from '../runtime/arguments.js';
import { unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { sizeOf } from '../tensor/nested.js';
import { operand, withTensors } from '../tensor/operands.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import {
  COLOR_SPACES,
  type ColorSpace,
  createImageData,
  type EngineImageData,
  type ImageDataInput,
  readColorSpace,
} from './image-data.js';
import {
  type AsyncImageSource,
  type ImageSource,
  planesOf,
  readImage,
  readPixels,
  withDecoded,
} from './image-source.js';

/** The options of `fromImageData`. */
export interface FromImageOptions {
  /**
   * 3 for R, G, B, the default; 4 with alpha; 1 for grey, which is 0.299 R + 0.587 G + 0.114 B.
   */
  channels?: 1 | 3 | 4 | undefined;
  /** The factor for each value from 0 to 255. Default 1/255. */
  scale?: number | undefined;
}

/** The options of `fromImage` and `fromImageAsync`. */
export interface FromSourceOptions extends FromImageOptions {
  /**
   * The colour space of the numbers, to which images are converted; colours outside it are clipped. An `ImageData`
   * is never converted: it must be in this colour space. Default: that of an `ImageData`, otherwise `'srgb'`.
   */
  colorSpace?: ColorSpace | undefined;
}

/** The options of `toImageData`. */
export interface ToImageDataOptions {
  /** The number that becomes 0; smaller numbers are clamped. Default 0. */
  min?: number | undefined;
  /** The number that becomes 255; larger numbers are clamped. Default 1. */
  max?: number | undefined;
  /** The colour space of the numbers, and so of the result. The numbers are not converted. Default `'srgb'`. */
  colorSpace?: ColorSpace | undefined;
}

/** Conversion between tensors and images. */
export interface ImageMethods {
  /**
   * Reads an image as a tensor: draws it to a canvas and reads the pixels from there. The pixels of an `ImageData`
   * are read directly, as by `fromImageData`. The option `colorSpace` gives the colour space of the numbers.
   *
   * @example
   * ```js
   * const pixels = { width: 1, height: 1, data: Uint8ClampedArray.of(255, 0, 51, 255) };
   * console.log(c.fromImage(pixels, { scale: 1 }).data.join()); // 255,0,51
   * ```
   *
   * @param source an image, video or canvas element, OffscreenCanvas, ImageBitmap or VideoFrame, or an ImageData.
   * A video gives its current frame.
   * @param options `channels`, `scale` and `colorSpace`
   * @returns C×h×w, in the image's intrinsic size
   * @throws `INVALID_ARGUMENT` if the image has no pixels yet, or if they cannot be read, for example because the
   * image comes from another origin
   * @throws `UNSUPPORTED` if the engine does not have the colour space
   */
  fromImage(source: ImageSource, options?: FromSourceOptions): Tensor;

  /**
   * Reads an image that may not be decoded yet as a tensor: decodes a file, or waits for an image element.
   *
   * @example
   * ```js
   * const file = { width: 1, height: 1, data: Uint8Array.of(255, 0, 51, 255) }; // or input.files[0]
   * const x = await c.fromImageAsync(file, { scale: 1 });
   * console.log(x.data.join()); // 255,0,51
   * ```
   *
   * @param source a Blob or File, an SVG image element, or a source that `fromImage` accepts
   * @param options those of `fromImage`
   * @returns a promise of C×h×w, in the image's intrinsic size
   * @throws `INVALID_ARGUMENT` if the image cannot be decoded or read
   * @throws `UNSUPPORTED` if the engine cannot decode files, such as Node, or does not have the colour space
   */
  fromImageAsync(source: AsyncImageSource, options?: FromSourceOptions): Promise<Tensor>;

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
   * @param imageData an image with 8 bits per channel. Its numbers are read as they are, in its colour space.
   * @param options `channels` and `scale`
   * @returns C×h×w
   * @throws `INVALID_ARGUMENT` if `imageData` is not an image with 8 bits per channel
   * @throws `SHAPE_MISMATCH` if it does not have four bytes per pixel
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
   * @param options `min`, `max` and `colorSpace`. Numbers from `min` to `max` are scaled to 0 to 255 and rounded to
   * the nearest integer; others, and infinities, are clamped. NaN becomes 0.
   * @returns an `ImageData`, or an object with the same members if the engine has no such class
   * @throws `SHAPE_MISMATCH` if the tensor has another shape
   * @throws `INVALID_ARGUMENT` if `min` is not less than `max`
   * @throws `UNSUPPORTED` if the engine does not have the colour space
   */
  toImageData(tensor: TensorLike, options?: ToImageDataOptions): EngineImageData;
}

function fromImageData(heap: Heap, imageData: ImageDataInput, options?: FromImageOptions): Tensor {
  const where = 'fromImageData';
  heap.assertUsable(`${where}:`);
  const pixels = readPixels(imageData, `${where}: imageData`);
  return toTensor(heap, where, pixels, argument.options(options, where, ['channels', 'scale']));
}

function fromImage(heap: Heap, source: ImageSource, options?: FromSourceOptions): Tensor {
  return fromSource(heap, 'fromImage', source, options);
}

async function fromImageAsync(
  heap: Heap,
  source: AsyncImageSource,
  options?: FromSourceOptions,
): Promise<Tensor> {
  const where = 'fromImageAsync';
  heap.assertUsable(`${where}:`);
  return withDecoded(source, `${where}: source`, (image) =>
    fromSource(heap, where, image, options),
  );
}

function fromSource(
  heap: Heap,
  where: string,
  source: unknown,
  options?: FromSourceOptions,
): Tensor {
  heap.assertUsable(`${where}:`);
  const given = argument.options(options, where, ['channels', 'scale', 'colorSpace']);
  const colorSpace = readColorSpace(given.colorSpace, where);
  return toTensor(heap, where, readImage(source, `${where}: source`, colorSpace), given);
}

function toTensor(
  heap: Heap,
  where: string,
  pixels: ImageDataInput,
  given: { readonly channels?: unknown; readonly scale?: unknown },
): Tensor {
  const channels = given.channels === undefined ? 3 : given.channels;
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw unexpected(`${where}: channels`, channels, '1, 3 or 4');
  }
  const scale =
    given.scale === undefined ? 1 / 255 : argument.finite(given.scale, `${where}: scale`);
  return Tensor.from(heap, planesOf(heap, where, pixels, channels, scale), where);
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
  const given = argument.options(options, where, ['min', 'max', 'colorSpace']);
  const min = given.min === undefined ? 0 : argument.finite(given.min, `${where}: min`);
  const max = given.max === undefined ? 1 : argument.finite(given.max, `${where}: max`);
  const colorSpace = argument.choice(given.colorSpace, `${where}: colorSpace`, COLOR_SPACES);
  if (Math.fround(min) >= Math.fround(max))
    throw unexpected(`${where}: min`, min, `a float32 number less than max, which is ${max}`);
  const bytes = width * height * 4;
  return withTensors(heap, where, [source], ([planes]) =>
    heap.withBlock(bytes, where, (rgba) => {
      heap.call.writeImage(planes.address, width * height, channels, min, max, rgba);
      const data = allocateOrThrow(bytes, where, () => heap.bytesAt(rgba, bytes).slice());
      return createImageData(where, data, width, height, colorSpace);
    }),
  );
}

/** @internal The implementations of `ImageMethods`. */
export const imageMethods: Implementation<ImageMethods> = {
  fromImage,
  fromImageAsync,
  fromImageData,
  toImageData,
};
