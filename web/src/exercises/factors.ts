/*
 * The best approximation of a 3×3 kernel by the full convolution of two 2×2 kernels, in double
 * precision. With one factor fixed, the product is linear in the other, so we use alternating least
 * squares from many random starts.
 */

/** A 2×2 and a 3×3 kernel in row-major order. */
type Factor = readonly [number, number, number, number];
type Kernel = readonly number[];

const STARTS = 40;
const ROUNDS = 150;

export interface Factors {
  left: Factor;
  right: Factor;
  /** Euclidean distance between their product and the target kernel. */
  distance: number;
}

const at = (row: number, column: number): number => 3 * row + column;

/** The columns of the 9×4 matrix of convolution with `factor`; column n is the shifted factor. */
function convolutionMatrix(factor: Factor): number[][] {
  return [0, 1, 2, 3].map((n) => {
    const column = new Array<number>(9).fill(0);
    factor.forEach((value, m) => {
      column[at((n >> 1) + (m >> 1), (n & 1) + (m & 1))] = value;
    });
    return column;
  });
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** The best factor while the other one is `fixed`: solves the normal equations by elimination. */
function solveFactor(fixed: Factor, target: Kernel): Factor {
  const columns = convolutionMatrix(fixed);
  const rows = columns.map((column, i) => [
    ...columns.map((other, j) => dot(column, other) + (i === j ? 1e-12 : 0)),
    dot(column, target),
  ]);
  for (let p = 0; p < 4; p++) {
    const pivot = rows[p] as number[];
    for (let i = p + 1; i < 4; i++) {
      const row = rows[i] as number[];
      const ratio = (row[p] as number) / (pivot[p] as number);
      for (let j = p; j <= 4; j++) row[j] = (row[j] as number) - ratio * (pivot[j] as number);
    }
  }
  const found: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 3; i >= 0; i--) {
    const row = rows[i] as number[];
    let rest = row[4] as number;
    for (let j = i + 1; j < 4; j++) rest -= (row[j] as number) * (found[j] as number);
    found[i] = rest / (row[i] as number);
  }
  return found;
}

export function bestFactors(target: Kernel, random: () => number): Factors {
  let best: Factors | null = null;
  for (let start = 0; start < STARTS; start++) {
    let left: Factor = [random(), random(), random(), random()];
    let right: Factor = [0, 0, 0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      right = solveFactor(left, target);
      left = solveFactor(right, target);
    }
    const product = new Array<number>(9).fill(0);
    convolutionMatrix(left).forEach((column, n) => {
      column.forEach((value, i) => {
        product[i] = (product[i] as number) + value * (right[n] as number);
      });
    });
    const distance = Math.hypot(...product.map((value, i) => value - (target[i] ?? 0)));
    if (!best || distance < best.distance) best = { left, right, distance };
  }
  return best as Factors;
}
