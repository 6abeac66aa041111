/** An object like `ImageData`, for engines without that class, such as Node. */
export type ImageDataLike = {
  /** The red, green, blue and alpha values of each pixel, from 0 to 255, in row-major order. */
  readonly data: Uint8ClampedArray;
  /** The width in pixels. */
  readonly width: number;
  /** The height in pixels. */
  readonly height: number;
};

/**
 * The pixels that functions read: an `ImageData`, or an object like it, whose bytes may also be a `Uint8Array` or
 * Node's `Buffer`, as packages for Node such as sharp and pngjs return them.
 */
export type ImageDataInput = Omit<ImageDataLike, 'data'> & {
  /** The red, green, blue and alpha values of each pixel, from 0 to 255, in row-major order. */
  readonly data: Uint8ClampedArray | Uint8Array;
};

/** `ImageData` if the program's `lib` declares it, otherwise `ImageDataLike`. */
export type EngineImageData = typeof globalThis extends { ImageData: { prototype: infer Known } }
  ? Known
  : ImageDataLike;

/** @internal Creates an image from these bytes: an `ImageData` if the engine has that class. */
export function createImageData(
  data: Uint8ClampedArray,
  width: number,
  height: number,
): EngineImageData {
  return typeof ImageData === 'function'
    ? new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height)
    : ({ data, width, height } as EngineImageData);
}
