import {
  type ColourKernel,
  GAUSSIAN,
  LUMA,
  SOBEL_X,
  SOBEL_Y,
  weighColours,
} from '../../shared/colour-kernels';
import { type GreyRange, UNIT_RANGE } from '../picture-tile';

export interface KernelPreset {
  name: string;
  note: string;
  kernel: ColourKernel;
  /**
   * Contrast with which responses are drawn if the weights sum to zero. Default 1. Chosen so that
   * typical responses look alike: on the page's photograph, nine of ten responses are below 0.19 for Sobel
   * kernels, 0.045 for the Laplacian and 0.13 for red minus green.
   */
  gain?: number;
}

export const PRESETS: readonly KernelPreset[] = [
  {
    name: 'Vertical edges',
    note: 'Sobel: right minus left.',
    kernel: weighColours(SOBEL_X, LUMA),
  },
  {
    name: 'Horizontal edges',
    note: 'Sobel: below minus above.',
    kernel: weighColours(SOBEL_Y, LUMA),
  },
  {
    name: 'Laplacian',
    note: 'Four neighbours minus four times the pixel.',
    kernel: weighColours(
      [
        [0, 1, 0],
        [1, -4, 1],
        [0, 1, 0],
      ],
      LUMA,
    ),
    gain: 4,
  },
  {
    name: 'Gaussian',
    note: 'A weighted mean of the neighbourhood.',
    kernel: weighColours(GAUSSIAN, LUMA),
  },
  {
    name: 'Sharpen',
    note: 'The pixel minus its Laplacian.',
    kernel: weighColours(
      [
        [0, -1, 0],
        [-1, 5, -1],
        [0, -1, 0],
      ],
      LUMA,
    ),
  },
  {
    name: 'Red minus green',
    note: 'Sees colour: smoothed red minus smoothed green.',
    kernel: weighColours(GAUSSIAN, [1, -1, 0]),
    gain: 2,
  },
];

/** The sixth kernel of links with 72 numbers. */
export const EMBOSS: KernelPreset = {
  name: 'Emboss',
  note: 'Light from one corner, shadow at the other.',
  kernel: weighColours(
    [
      [-2, -1, 0],
      [-1, 1, 1],
      [0, 1, 2],
    ],
    LUMA,
  ),
};

/**
 * The values drawn as black and white. If the weights sum to about zero, zero is mid-grey and a response of
 * 0.5 / gain is white.
 */
export function rangeOf(kernel: ColourKernel, gain = 1): GreyRange {
  return isZeroSum(kernel) ? { min: -0.5 / gain, max: 0.5 / gain } : UNIT_RANGE;
}

/** Describes `rangeOf` in words. */
export function describeRange(kernel: ColourKernel, gain = 1): string {
  if (!isZeroSum(kernel)) return '0 is black';
  return gain === 1 ? '0 is grey' : `0 is grey, gain ${gain}`;
}

function isZeroSum(kernel: ColourKernel): boolean {
  const weights = kernel.flat(2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const size = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  return size > 0 && Math.abs(total) <= 0.05 * size;
}
