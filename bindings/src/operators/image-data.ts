// ImageData, objects like it, and their colour spaces.

import * as argument from '../runtime/arguments.js';
import { Corr2dError } from '../runtime/corr2d-error.js';

/** The instance type of a browser's class; `Otherwise` if the program's `lib` does not declare the class. */
export type BrowserInstance<Name extends string, Otherwise = never> = typeof globalThis extends {
  [Key in Name]: { prototype: infer Known };
}
  ? Known
  : Otherwise;

/** The colour spaces of an `ImageData`. Engines may support only some of them, or only `'srgb'`. */
export type ColorSpace = 'srgb' | 'display-p3' | 'srgb-linear' | 'display-p3-linear';

/** @internal The names of all colour spaces, the default first. */
export const COLOR_SPACES: readonly ColorSpace[] = [
  'srgb',
  'display-p3',
  'srgb-linear',
  'display-p3-linear',
];

/** @internal Reads the option `colorSpace`; returns undefined if it is missing. */
export function readColorSpace(value: unknown, where: string): ColorSpace | undefined {
  return value === undefined
    ? undefined
    : argument.choice(value, `${where}: colorSpace`, COLOR_SPACES);
}

/** An object like `ImageData`, for engines without that class, such as Node. */
export type ImageDataLike = {
  /** The red, green, blue and alpha values of each pixel, from 0 to 255, in row-major order. */
  readonly data: Uint8ClampedArray;
  /** The width in pixels. */
  readonly width: number;
  /** The height in pixels. */
  readonly height: number;
  /**
   * The colour space of the values. Results always have one. An argument without one is taken to be in the colour
   * space that the options name, an `out` in that of the input, and any other in `'srgb'`.
   */
  readonly colorSpace?: string;
};

/**
 * The pixels that functions read: an `ImageData`, or an object like it, whose bytes may also be a `Uint8Array` or
 * Node's `Buffer`. The images of pngjs are such objects. From sharp's raw pixels with alpha, `{ data, info }`,
 * make one with `{ data, ...info }`.
 */
export type ImageDataInput = Omit<ImageDataLike, 'data'> & {
  /** The red, green, blue and alpha values of each pixel, from 0 to 255, in row-major order. */
  readonly data: Uint8ClampedArray | Uint8Array;
};

/** `ImageData` if the program's `lib` declares it, otherwise `ImageDataLike` with a colour space. */
export type EngineImageData = BrowserInstance<'ImageData', Required<ImageDataLike>>;

/**
 * @internal Creates an image of these pixels: an `ImageData` if the engine has that class. Throws UNSUPPORTED
 * if the engine's `ImageData` does not have this colour space.
 */
export function createImageData(
  where: string,
  data: Uint8ClampedArray,
  width: number,
  height: number,
  colorSpace = 'srgb',
): EngineImageData {
  if (typeof ImageData !== 'function') {
    return { data, width, height, colorSpace } as EngineImageData;
  }
  const settings = { colorSpace } as ImageDataSettings;
  let image: ImageData | undefined;
  try {
    image = new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height, settings);
  } catch {
    // The engine does not know the name.
  }
  return assertColorSpace(where, image, colorSpace);
}

/** @internal Returns `image` if the engine has created it in this colour space; otherwise throws UNSUPPORTED. */
export function assertColorSpace(
  where: string,
  image: ImageData | undefined,
  colorSpace: string,
): ImageData {
  // Engines without the property ignore the option: their images are in sRGB.
  if (image && (image.colorSpace ?? 'srgb') === colorSpace) return image;
  throw new Corr2dError(
    'UNSUPPORTED',
    `${where}: this engine has no ImageData with colorSpace '${colorSpace}'`,
  );
}
