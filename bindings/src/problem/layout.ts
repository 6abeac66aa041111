import { Corr2dError, showShape } from '../runtime/errors.js';
import { checkedSize, sizeOf } from '../tensor/nested.js';
import type { Fields } from './problem.js';

/** @internal Sizes of an image or of a batch of images, whatever their layout. */
export interface ImageSizes {
  /** False where the batch axis is missing; `batch` is 1 then. */
  readonly batched: boolean;
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** @internal */
export type Layout = 'nchw' | 'nhwc';

/** @internal Reads N×C×H×W or C×H×W (or with the channels last). SHAPE_MISMATCH for any other rank. */
export function imageSizes(shape: readonly number[], layout: Layout, where: string): ImageSizes {
  if (shape.length !== 3 && shape.length !== 4) {
    const axes = layout === 'nchw' ? 'C×H×W' : 'H×W×C';
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where} is ${showShape(shape)}, must be N×${axes} or ${axes}`,
    );
  }
  checkedSize(shape, where);
  const batched = shape.length === 4;
  const [batch, a, b, c] = (batched ? shape : [1, ...shape]) as [number, number, number, number];
  return layout === 'nchw'
    ? { batched, batch, channels: a, height: b, width: c }
    : { batched, batch, channels: c, height: a, width: b };
}

/** @internal The shape of an image with these sizes. */
export function imageShape(
  like: { readonly batched: boolean; readonly batch: number },
  layout: Layout,
  channels: number,
  height: number,
  width: number,
): number[] {
  const image = layout === 'nchw' ? [channels, height, width] : [height, width, channels];
  return like.batched ? [like.batch, ...image] : image;
}

/** @internal The strides of an image's axes: none for NCHW, which is what a problem takes for granted. */
export function imageStrides(
  tensor: 'input' | 'output',
  layout: Layout,
  channels: number,
  height: number,
  width: number,
): Partial<Fields> {
  if (layout === 'nchw') return {};
  return {
    [`${tensor}_strides.n`]: height * width * channels,
    [`${tensor}_strides.c`]: 1,
    [`${tensor}_strides.h`]: width * channels,
    [`${tensor}_strides.w`]: channels,
  };
}

/** @internal Sizes of a weight, by the letters that layouts are written with. */
export type WeightSizes = Record<'o' | 'i' | 'h' | 'w', number>;

/**
 * @internal
 * Reads a weight whose axes are in the order of `layout`, such as `'oihw'`. `names` say what the
 * letters are. SHAPE_MISMATCH for any other rank.
 */
export function weightSizes(
  shape: readonly number[],
  layout: string,
  names: Record<'o' | 'i', string>,
  where: string,
): WeightSizes {
  if (shape.length !== 4) {
    const axes = Array.from(layout, (letter) => ({ ...names, h: 'kh', w: 'kw' })[letter]);
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where} is ${showShape(shape)}, must be ${axes.join('×')}`,
    );
  }
  checkedSize(shape, where);
  const size = (letter: string) => shape[layout.indexOf(letter)] as number;
  return { o: size('o'), i: size('i'), h: size('h'), w: size('w') };
}

/** @internal The strides of a weight's axes in a layout: none for the one taken for granted. */
export function weightStrides(
  shape: readonly number[],
  layout: string,
  granted: 'oihw' | 'iohw',
): Partial<Fields> {
  if (layout === granted) return {};
  const stride = (letter: string) => sizeOf(shape.slice(layout.indexOf(letter) + 1));
  return {
    'weight_strides.n': stride('o'),
    'weight_strides.c': stride('i'),
    'weight_strides.h': stride('h'),
    'weight_strides.w': stride('w'),
  };
}
