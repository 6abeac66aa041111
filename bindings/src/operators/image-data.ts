/** Where the engine has no `ImageData`, an object of the same form stands for it. */
export type ImageDataLike = {
  /** Red, green, blue and alpha of each pixel, from 0 to 255, row by row. */
  readonly data: Uint8ClampedArray;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
};

/** What a picture is here: an `ImageData`, if the program's `lib` knows that there is such a thing. */
export type Picture = typeof globalThis extends { ImageData: { prototype: infer Known } }
  ? Known
  : ImageDataLike;

/** @internal A picture of these bytes: an ImageData where the engine has one. */
export function picture(data: Uint8ClampedArray, width: number, height: number): Picture {
  return typeof ImageData === 'function'
    ? new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height)
    : ({ data, width, height } as Picture);
}
