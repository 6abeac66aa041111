import type { Kernel } from '../reference';

/* The kernels of the photograph's section: eight output channels over red, green and blue, 5×5 each. */

export interface Filter {
  name: string;
  note: string;
  /** 3 × 5 × 5 */
  kernel: Kernel;
  /** The values that are drawn black and white. */
  range: { min: number; max: number };
}

type Plane = readonly (readonly number[])[];
type Colour = readonly [red: number, green: number, blue: number];

const SIZE = 5;
const LUMA: Colour = [0.299, 0.587, 0.114];

const outer = (column: readonly number[], row: readonly number[]): Plane =>
  column.map((a) => row.map((b) => a * b));
const combine = (p: Plane, q: Plane, f: (a: number, b: number) => number): Plane =>
  p.map((line, i) => line.map((a, j) => f(a, q[i]?.[j] ?? NaN)));
const over = (plane: Plane, colour: Colour): Kernel =>
  colour.map((share) => plane.map((line) => line.map((value) => share * value)));

const smooth = [1, 4, 6, 4, 1].map((v) => v / 16);
const slope = [-1, -2, 0, 2, 1].map((v) => v / 6);
const point = [0, 0, 1, 0, 0];
const blur = outer(smooth, smooth);
const centre = outer(point, point);
const laplacian = [
  [0, 0, 1, 0, 0],
  [0, 1, 2, 1, 0],
  [1, 2, -16, 2, 1],
  [0, 1, 2, 1, 0],
  [0, 0, 1, 0, 0],
].map((line) => line.map((v) => v / 16));
const slant = [
  [-1, -1, -1, -1, 0],
  [-1, -1, -1, 0, 1],
  [-1, -1, 0, 1, 1],
  [-1, 0, 1, 1, 1],
  [0, 1, 1, 1, 1],
].map((line) => line.map((v) => v / 10));

const signed = (limit: number) => ({ min: -limit, max: limit });
const UNIT = { min: 0, max: 1 };

export const bank: readonly Filter[] = [
  {
    name: 'Vertical edges',
    note: 'Sobel across: right minus left.',
    kernel: over(outer(smooth, slope), LUMA),
    range: signed(0.12),
  },
  {
    name: 'Horizontal edges',
    note: 'Sobel down: below minus above.',
    kernel: over(outer(slope, smooth), LUMA),
    range: signed(0.12),
  },
  {
    name: 'Detail',
    note: 'Laplacian: how a pixel differs from what surrounds it.',
    kernel: over(laplacian, LUMA),
    range: signed(0.1),
  },
  {
    name: 'Blur',
    note: 'Gaussian: a weighted mean of the neighbourhood.',
    kernel: over(blur, LUMA),
    range: UNIT,
  },
  {
    name: 'Sharpen',
    note: 'Three times the pixel, less twice its blur.',
    kernel: over(
      combine(centre, blur, (a, b) => 3 * a - 2 * b),
      LUMA,
    ),
    range: UNIT,
  },
  {
    name: 'Emboss',
    note: 'Light from one corner, shade from the other.',
    kernel: over(slant, LUMA),
    range: signed(0.35),
  },
  {
    name: 'Red or green',
    note: 'Red minus green, blurred: bright where red leads.',
    kernel: over(blur, [1, -1, 0]),
    range: signed(0.3),
  },
  {
    name: 'Blue or yellow',
    note: 'Blue minus the mean of red and green: dark where yellow leads.',
    kernel: over(blur, [-0.5, -0.5, 1]),
    range: signed(0.3),
  },
];

export const kernelSize = SIZE;
