/** A convolution of one image with a square kernel and equal stride and padding on both axes. */
export interface Problem {
  h: number;
  w: number;
  ci: number;
  co: number;
  k: number;
  stride: number;
  padding: number;
  groups: number;
}

export const outputOf = ({ h, w, k, stride, padding }: Problem): [h: number, w: number] => [
  Math.floor((h + 2 * padding - k) / stride) + 1,
  Math.floor((w + 2 * padding - k) / stride) + 1,
];

/** Number of multiply-adds: one for each output position and weight. */
export function macsOf(problem: Problem): number {
  const [h, w] = outputOf(problem);
  return h * w * weightsOf(problem);
}

export const weightsOf = ({ k, ci, co, groups }: Problem): number => co * (ci / groups) * k * k;
