/* Planes of weights, and how they become kernels. */

export type Plane = readonly (readonly number[])[];

/** Three slices: red, green, blue. */
export type ColourKernel = readonly Plane[];

/** Weights of red, green and blue in luma (ITU-R BT.601). */
export const LUMA: readonly [number, number, number] = [0.299, 0.587, 0.114];

export const SOBEL_X: Plane = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-1, 0, 1],
];

export const SOBEL_Y: Plane = [
  [-1, -2, -1],
  [0, 0, 0],
  [1, 2, 1],
];

export const GAUSSIAN: Plane = [
  [1, 2, 1],
  [2, 4, 2],
  [1, 2, 1],
].map((row) => row.map((weight) => weight / 16));

/** The kernel whose slices are `plane` times the weight of each colour. */
export const weighColours = (plane: Plane, colours: readonly number[]): ColourKernel =>
  colours.map((colour) => plane.map((row) => row.map((weight) => colour * weight)));
