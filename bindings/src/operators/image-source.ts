// Reads the pixels of images: of ImageData, and of the elements and bitmaps of browsers.

import * as argument from '../runtime/arguments.js';
import { Corr2dError, invalid, mismatch, tagOf, unexpected } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Elements } from '../tensor/nested.js';
import { copyElements, kindOf, lengthOf } from '../tensor/views.js';
import {
  assertColorSpace,
  type BrowserInstance,
  COLOR_SPACES,
  type ImageDataInput,
} from './image-data.js';

/** An image that a canvas can draw, or an `ImageData`. */
export type ImageSource =
  | BrowserInstance<'HTMLImageElement'>
  | BrowserInstance<'HTMLVideoElement'>
  | BrowserInstance<'HTMLCanvasElement'>
  | BrowserInstance<'OffscreenCanvas'>
  | BrowserInstance<'ImageBitmap'>
  | BrowserInstance<'VideoFrame'>
  | ImageDataInput;

/** An image that `fromImageAsync` reads: also a file or an SVG image element. */
export type AsyncImageSource =
  | ImageSource
  | BrowserInstance<'Blob'>
  | BrowserInstance<'SVGImageElement'>;

/** @internal A source that `drawImage` accepts and whose size is known. */
type Drawable = Exclude<CanvasImageSource, SVGImageElement>;

const DRAWABLES = 'an image, video or canvas element, OffscreenCanvas, ImageBitmap or VideoFrame';

/** @internal Whether a value can be drawn to a canvas. */
export function isDrawable(value: unknown): value is Drawable {
  return /^(HTML(Image|Video|Canvas)Element|OffscreenCanvas|ImageBitmap|VideoFrame)$/.test(
    tagOf(value),
  );
}

/**
 * @internal Whether a value is an element or OffscreenCanvas, which cannot be sent to a worker; SVG image
 * elements only if `allowsSvg`.
 */
export function isElement(value: unknown, allowsSvg: boolean): boolean {
  const tag = tagOf(value);
  return tag === 'SVGImageElement' ? allowsSvg : isDrawable(value) && /Element$|Canvas$/.test(tag);
}

/**
 * @internal The colour space of a canvas's context; undefined for other values. `getContext` returns the existing
 * context, or null if it is of another kind. A canvas without a context gets a 2D context.
 */
export function canvasColorSpace(source: unknown): string | undefined {
  try {
    const canvas = source as HTMLCanvasElement;
    if (canvas.getContext === undefined) return undefined;
    const context = canvas.getContext('2d');
    if (context) return context.getContextAttributes?.().colorSpace;
    return (canvas.getContext('webgl2') ?? canvas.getContext('webgl'))?.drawingBufferColorSpace;
  } catch {
    return undefined; // its control was transferred to a worker
  }
}

/** The checked pixels of an image. */
export type Pixels = Required<ImageDataInput>;

/**
 * @internal Reads the pixels of an image with 8 bits per channel. Drawables are converted to `colorSpace`, by default
 * sRGB; pixels are read as they are, and must be in `colorSpace` if it is given.
 */
export function readImage(value: unknown, where: string, colorSpace: string | undefined): Pixels {
  return isDrawable(value)
    ? readPixels(draw(value, where, colorSpace ?? 'srgb'), where)
    : readPixels(value, where, `, ${DRAWABLES}`, colorSpace);
}

/**
 * @internal Reads an image with 8 bits per channel. If the colour space `wanted` is given, the image must be in it or
 * have none. `others` names the other values that the caller accepts.
 */
export function readPixels(value: unknown, where: string, others = '', wanted?: string): Pixels {
  const { data, width, height, colorSpace } = (value ?? {}) as Record<keyof Pixels, unknown>;
  const kind = kindOf(data);
  if (kind !== 'Uint8ClampedArray' && kind !== 'Uint8Array') {
    if (data !== undefined && kind !== 'Float16Array' && width !== undefined) {
      throw unexpected(`${where}.data`, data, 'a Uint8ClampedArray or Uint8Array of RGBA pixels');
    }
    const expected = `an ImageData with 8 bits per channel${others}`;
    throw unexpected(where, value, `${expected}${hintFor(value, kind)}`);
  }
  const w = argument.integer(width, `${where}.width`, 1, 2 ** 30);
  const h = argument.integer(height, `${where}.height`, 1, 2 ** 30);
  const bytes = lengthOf(data as Uint8Array);
  if (bytes !== w * h * 4) {
    throw mismatch(
      `${where} has ${bytes} bytes; expected ${w * h * 4} for ${w}×${h} pixels of RGBA`,
    );
  }
  const named = colorSpace === undefined ? wanted : colorSpace;
  const actual = argument.choice(named, `${where}.colorSpace`, COLOR_SPACES);
  if (wanted && actual !== wanted) throw unexpected(`${where}.colorSpace`, actual, `'${wanted}'`);
  return { data: data as ImageDataInput['data'], width: w, height: h, colorSpace: actual };
}

/** A hint for a rejected value whose `data` is of this kind: a function or an option that helps. */
function hintFor(value: unknown, kind: string | undefined): string {
  if (kind === 'Float16Array') return " (pixelFormat 'rgba-unorm8')";
  if (isDrawable(value)) return ' (fromImage and filter2d read it)';
  if (isFile(value)) return ' (fromImageAsync and createImageBitmap read it)';
  const isTensor = typeof value === 'object' && value !== null && 'shape' in value;
  return isTensor ? ' (toImageData converts it; conv2d filters it)' : '';
}

const isFile = (value: unknown) => /^(Blob|File|SVGImageElement)$/.test(tagOf(value));

/**
 * @internal The planes of an image, multiplied by `scale`: the luma (1 channel), red, green and blue (3), or these
 * and alpha (4).
 */
export function planesOf(
  heap: Heap,
  where: string,
  { data, width, height }: Pick<ImageDataInput, 'data' | 'width' | 'height'>,
  channels: number,
  scale: number,
): Elements {
  const bytes = 4 * width * height;
  return {
    shape: [channels, height, width],
    data: [],
    write: (address) =>
      heap.withBlock(bytes, where, (rgba) => {
        copyElements(heap.bytesAt(rgba, bytes), data, where);
        heap.call.readImage(rgba, width * height, channels, scale, address);
      }),
  };
}

/** Draws an image to a canvas and reads its pixels. */
function draw(source: Drawable, where: string, colorSpace: string): ImageData {
  const [width, height] = assertReadable(source, where);
  let image: ImageData;
  try {
    const canvas =
      typeof OffscreenCanvas === 'function'
        ? new OffscreenCanvas(width, height)
        : Object.assign(document.createElement('canvas'), { width, height });
    const settings = { willReadFrequently: true, colorSpace: colorSpace as PredefinedColorSpace };
    const context = canvas.getContext('2d', settings) as
      | CanvasRenderingContext2D
      | OffscreenCanvasRenderingContext2D;
    context.drawImage(source, 0, 0, width, height);
    image = context.getImageData(0, 0, width, height);
  } catch (cause) {
    // The engine does not know the name of the colour space.
    if (cause instanceof TypeError) return assertColorSpace(where, undefined, colorSpace);
    throw invalid(
      `${where} cannot be read; it may be closed or from another origin: ${cause}`,
      cause,
    );
  }
  return assertColorSpace(where, image, colorSpace);
}

/**
 * @internal The intrinsic width and height of a drawable in pixels, which may differ from its size on the page. Throws
 * INVALID_ARGUMENT if it has no pixels yet.
 */
export function assertReadable(source: Drawable, where: string): [number, number] {
  const properties = source as unknown as Record<string, unknown>;
  const { readyState = 2, complete, naturalWidth } = properties;
  if ((readyState as number) < 2) {
    throw invalid(
      `${where} is a video with readyState ${readyState}; expected at least 2 (wait for 'loadeddata')`,
    );
  }
  if (complete === false || naturalWidth === 0) {
    throw invalid(`${where} is an image that is not decoded; await its decode() first`);
  }
  if (properties.close && (properties.displayWidth ?? properties.width) === 0) {
    throw invalid(`${where} has been closed; expected an open ImageBitmap or VideoFrame`);
  }
  return ['Width', 'Height'].map((side) => {
    const plain = side.toLowerCase();
    const size = ['natural', 'video', 'display'].map((kind) => properties[kind + side]);
    return argument.integer(
      size.find((one) => one !== undefined) ?? properties[plain],
      `${where}'s ${plain}`,
      1,
      2 ** 15,
    );
  }) as [number, number];
}

/**
 * @internal Calls `read` with an image: waits until an image element is decoded, and decodes a file or an SVG image
 * element to a bitmap, which it closes. Passes other values on unchanged.
 */
export async function withDecoded<Result>(
  source: unknown,
  where: string,
  read: (image: unknown) => Result,
): Promise<Result> {
  if (isFile(source) && typeof createImageBitmap !== 'function') {
    throw new Corr2dError(
      'UNSUPPORTED',
      `${where} cannot be decoded without createImageBitmap; use a package such as sharp, and ` +
        'pass its pixels to fromImageData',
    );
  }
  let bitmap: ImageBitmap | undefined;
  try {
    if (isFile(source)) bitmap = await createImageBitmap(source as Blob);
    else if (tagOf(source) === 'HTMLImageElement') await (source as HTMLImageElement).decode();
  } catch (cause) {
    throw invalid(`${where} cannot be decoded: ${cause}`, cause);
  }
  try {
    return read(bitmap ?? source);
  } finally {
    bitmap?.close();
  }
}
