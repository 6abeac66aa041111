// Conversion between tensors and images.

import * as argument from '../runtime/arguments.js';
import { invalid, mismatch, tagOf, unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { sizeOf } from '../tensor/nested.js';
import { operand, withTensors } from '../tensor/operands.js';
import { type Tensor, type TensorLike, withResult } from '../tensor/tensor.js';
import { copyElements, kindOf, lengthOf } from '../tensor/views.js';
import { createImageData, type EngineImageData, type ImageDataLike } from './image-data.js';

/** @internal */
export function fromImageData(
  heap: Heap,
  imageData: ImageDataLike,
  options?: { channels?: 1 | 3 | 4; scale?: number },
): Tensor {
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

/** @internal */
export function toImageData(
  heap: Heap,
  tensor: TensorLike,
  options?: { min?: number; max?: number },
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
export function readPixels(value: unknown, where: string): ImageDataLike {
  const { data, width, height } = (value ?? {}) as Record<keyof ImageDataLike, unknown>;
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
  return { data: data as Uint8ClampedArray, width: w, height: h };
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

/** @internal */
export function fromImage(
  heap: Heap,
  source: ImageSource,
  options?: { channels?: 1 | 3 | 4; scale?: number },
): Tensor {
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
