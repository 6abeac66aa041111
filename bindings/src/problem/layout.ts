// Shapes of images and weights in their layouts.

import type { ProblemFields } from '../runtime/abi.js';
import { unexpectedShape } from '../runtime/errors.js';
import { checkedSize, sizeOf } from '../tensor/nested.js';
import type { Rank } from './read-options.js';

/** The sizes of an image or of a batch of images, independent of the layout. */
export interface ImageSizes {
  /** False if there is no batch axis; `batch` is 1 then. */
  readonly batched: boolean;
  readonly batch: number;
  readonly channels: number;
  readonly rank: Rank;
  /** 1 if the rank is 2. */
  readonly depth: number;
  readonly height: number;
  readonly width: number;
}

export type Layout = 'nchw' | 'nhwc';

/** The last `rank` sizes of a shape; undefined if there are fewer, or if one of the sizes before them is not 1. */
export function withoutLeadingOnes(shape: readonly number[], rank: number): number[] | undefined {
  const excess = shape.length - rank;
  const isDropped = shape.slice(0, Math.max(excess, 0)).every((size) => size === 1);
  return excess >= 0 && isDropped ? shape.slice(excess) : undefined;
}

/**
 * Reads a shape N×C×H×W or C×H×W, or N×H×W×C or H×W×C; with a rank of 3 there is a D before the H. Throws
 * SHAPE_MISMATCH for other shapes.
 */
export function imageSizes(
  shape: readonly number[],
  layout: Layout,
  where: string,
  rank: Rank = 2,
): ImageSizes {
  const batched = shape.length === rank + 2;
  if (!batched && shape.length !== rank + 1) {
    const spatial = rank === 2 ? 'H×W' : 'D×H×W';
    const axes = layout === 'nchw' ? `C×${spatial}` : `${spatial}×C`;
    throw unexpectedShape(where, shape, `N×${axes} or ${axes}`);
  }
  checkedSize(shape, where);
  const first = Number(batched);
  // The position of the first spatial axis.
  const spatial = layout === 'nchw' ? first + 1 : first;
  const size = (axis: number) => shape[axis] as number;
  return {
    batched,
    batch: batched ? size(0) : 1,
    channels: size(layout === 'nchw' ? first : first + rank),
    rank,
    depth: rank === 2 ? 1 : size(spatial),
    height: size(spatial + rank - 2),
    width: size(spatial + rank - 1),
  };
}

/** The shape of an image with these sizes, and with a batch axis if `like` has one. */
export function imageShape(
  like: { readonly batched: boolean; readonly batch: number; readonly rank: Rank },
  layout: Layout,
  channels: number,
  height: number,
  width: number,
  depth: number,
): number[] {
  const spatial = like.rank === 2 ? [height, width] : [depth, height, width];
  const image = layout === 'nchw' ? [channels, ...spatial] : [...spatial, channels];
  return like.batched ? [like.batch, ...image] : image;
}

/** The strides of an image's axes, in elements. Empty for NCHW, the default layout of a problem. */
export function imageStrides(
  tensor: 'input' | 'output',
  layout: Layout,
  channels: number,
  height: number,
  width: number,
  depth = 1,
): Partial<ProblemFields> {
  if (layout === 'nchw') return {};
  return {
    [`${tensor}_strides.n`]: depth * height * width * channels,
    [`${tensor}_strides.d`]: height * width * channels,
    [`${tensor}_strides.c`]: 1,
    [`${tensor}_strides.h`]: width * channels,
    [`${tensor}_strides.w`]: channels,
  };
}

/** The sizes of a weight, by the letters of its layout. */
export type WeightSizes = Record<'o' | 'i' | 'd' | 'h' | 'w', number>;

/**
 * Reads the shape of a weight whose axes are in the order of `layout`, such as `'oihw'`. Messages use
 * `names` for its channel axes. Throws SHAPE_MISMATCH unless it has these axes; `alternative` ends the message if the
 * caller accepts other shapes too.
 */
export function weightSizes(
  shape: readonly number[],
  layout: string,
  names: Record<'o' | 'i', string>,
  where: string,
  alternative = '',
): WeightSizes {
  if (shape.length !== layout.length) {
    const letters: Record<string, string> = { ...names, d: 'kd', h: 'kh', w: 'kw' };
    const axes = Array.from(layout, (letter) => letters[letter]);
    throw unexpectedShape(where, shape, axes.join('×') + alternative);
  }
  checkedSize(shape, where);
  const size = (letter: string) => shape[layout.indexOf(letter)] ?? 1;
  return { o: size('o'), i: size('i'), d: size('d'), h: size('h'), w: size('w') };
}

/** The strides of a weight's axes, in elements. Empty for the default layout of the problem's kind. */
export function weightStrides(
  shape: readonly number[],
  layout: string,
  defaultLayout: string,
): Partial<ProblemFields> {
  if (layout === defaultLayout) return {};
  const stride = (letter: string) => sizeOf(shape.slice(layout.indexOf(letter) + 1));
  return {
    'weight_strides.n': stride('o'),
    'weight_strides.c': stride('i'),
    'weight_strides.h': stride('h'),
    'weight_strides.w': stride('w'),
  };
}
