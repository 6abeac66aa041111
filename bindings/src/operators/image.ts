import { withRoom } from '../runtime/allocate.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, show, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { sizeOf } from '../tensor/nested.js';
import { operand, withResult, withTensors } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { copyElements, kindOf, lengthOf } from '../tensor/views.js';
import { type ImageDataLike, type Picture, picture } from './image-data.js';

/** @internal */
export function fromImageData(
  heap: Heap,
  imageData: ImageDataLike,
  options?: { channels?: 1 | 3 | 4; scale?: number },
): Tensor {
  const where = 'fromImageData';
  heap.assertUsable(`${where}:`);
  const { data, width, height } = pixels(imageData, `${where}: imageData`);
  const given = argument.options(options, where, ['channels', 'scale']);
  const channels = given.channels === undefined ? 3 : given.channels;
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where}: channels is ${show(channels)}, must be 1, 3 or 4`,
    );
  }
  const scale =
    given.scale === undefined ? 1 / 255 : argument.finite(given.scale, `${where}: scale`);
  return withResult(heap, where, [channels, height, width], (result) => {
    const bytes = 4 * width * height;
    heap.lend(bytes, where, (rgba) => {
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
): Picture {
  const where = 'toImageData';
  const source = operand(heap, tensor, `${where}: tensor`);
  const shape = source.shape.length === 2 ? [1, ...source.shape] : source.shape;
  const [channels, height, width] = shape as [number, number, number];
  if (shape.length !== 3 || ![1, 3, 4].includes(channels) || sizeOf(shape) === 0) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where}: tensor is ${showShape(source.shape)}, must be C×h×w with C of 1, 3 or 4, or h×w`,
    );
  }
  const given = argument.options(options, where, ['min', 'max']);
  const min = given.min === undefined ? 0 : argument.finite(given.min, `${where}: min`);
  const max = given.max === undefined ? 1 : argument.finite(given.max, `${where}: max`);
  if (min >= max) {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where}: min is ${min} and max is ${max}, min must be less than max`,
    );
  }
  const length = width * height * 4;
  return withTensors(heap, where, [source], ([planes]) =>
    heap.lend(length, where, (rgba) => {
      heap.call.writeImage(planes.address, width * height, channels, min, max, rgba);
      const data = withRoom(length, where, () => heap.bytesAt(rgba, length).slice());
      return picture(data, width, height);
    }),
  );
}

/** @internal Checks a picture of 8 bits a channel; `where` names it. */
export function pixels(value: unknown, where: string): ImageDataLike {
  const { data, width, height } = (value ?? {}) as Record<keyof ImageDataLike, unknown>;
  const kind = kindOf(data);
  if (kind !== 'Uint8ClampedArray' && kind !== 'Uint8Array') {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where} is ${show(value)}, must be an ImageData of 8 bits a channel`,
    );
  }
  const w = argument.integer(width, `${where}.width`, 1, 2 ** 30);
  const h = argument.integer(height, `${where}.height`, 1, 2 ** 30);
  const bytes = lengthOf(data as Uint8Array);
  if (bytes !== w * h * 4) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where} has ${bytes} bytes, ${w}×${h} pixels of RGBA have ${w * h * 4}`,
    );
  }
  return { data: data as Uint8ClampedArray, width: w, height: h };
}

/** A class of pages, if the program's `lib` knows it. */
type OfPages<Name extends string> = typeof globalThis extends {
  [Key in Name]: { prototype: infer Known };
}
  ? Known
  : never;

/** What `fromImage` draws. */
export type ImageSource =
  | OfPages<'HTMLImageElement'>
  | OfPages<'HTMLCanvasElement'>
  | OfPages<'OffscreenCanvas'>
  | OfPages<'ImageBitmap'>
  | OfPages<'VideoFrame'>;

/** @internal */
export function fromImage(
  heap: Heap,
  source: ImageSource,
  options?: { channels?: 1 | 3 | 4; scale?: number },
): Tensor {
  const where = 'fromImage';
  heap.assertUsable(`${where}:`);
  const [width, height] = sizeOfSource(source, where);
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
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where}: source cannot be read, it may be closed or of another origin: ${cause}`,
      { cause },
    );
  }
  return fromImageData(heap, data, options);
}

/** The size in pixels of the picture itself, not of the place it is shown in. */
function sizeOfSource(source: unknown, where: string): [number, number] {
  const { naturalWidth, displayWidth, width, naturalHeight, displayHeight, height } = (source ??
    {}) as Record<string, unknown>;
  const size = [naturalWidth ?? displayWidth ?? width, naturalHeight ?? displayHeight ?? height];
  const tag = Object.prototype.toString.call(source).slice(8, -1);
  if (!/^(HTML(Image|Canvas)Element|OffscreenCanvas|ImageBitmap|VideoFrame)$/.test(tag)) {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where}: source is ${show(source)}, must be an image or canvas element, OffscreenCanvas, ImageBitmap or VideoFrame`,
    );
  }
  return size.map((one, axis) =>
    argument.integer(one, `${where}: source's ${axis === 0 ? 'width' : 'height'}`, 1, 2 ** 15),
  ) as [number, number];
}
