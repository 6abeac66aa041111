/* Well-known slices, weights of colours and colour matrices, and how they become kernels of three slices. */
import type { Matrix } from './grid';

/** Three slices: red, green, blue. */
export type ColourKernel = readonly Matrix[];

/** Weights of red, green and blue in luma (ITU-R BT.601). */
export const LUMA: readonly [number, number, number] = [0.299, 0.587, 0.114];

/** Right minus left. */
export const SOBEL_X: Matrix = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-1, 0, 1],
];

/** Below minus above. */
export const SOBEL_Y: Matrix = [
  [-1, -2, -1],
  [0, 0, 0],
  [1, 2, 1],
];

export const GAUSSIAN: Matrix = [
  [1, 2, 1],
  [2, 4, 2],
  [1, 2, 1],
].map((row) => row.map((weight) => weight / 16));

/** A colour matrix: each output is a brownish mean of red, green and blue. */
export const SEPIA: Matrix = [
  [0.393, 0.769, 0.189],
  [0.349, 0.686, 0.168],
  [0.272, 0.534, 0.131],
];

/** The colour matrix that changes nothing. */
export const IDENTITY: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** `slice` with every weight multiplied by `factor`. */
export const scaleSlice = (factor: number, slice: Matrix): Matrix =>
  slice.map((row) => row.map((weight) => factor * weight));

/** The kernel whose slices are `slice` times the weight of each colour. */
export const weighColours = (slice: Matrix, colours: readonly number[]): ColourKernel =>
  colours.map((colour) => scaleSlice(colour, slice));
