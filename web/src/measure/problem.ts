/** A convolution of one picture, square in kernel, stride and padding. */
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

/** Multiply-adds by the formula: one for each weight that an output element sees. */
export function macsOf(problem: Problem): number {
  const [h, w] = outputOf(problem);
  return h * w * weightsOf(problem);
}

export const weightsOf = ({ k, ci, co, groups }: Problem): number => co * (ci / groups) * k * k;
