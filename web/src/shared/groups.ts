/* Checks of grouped layers. */
import type { Corr2d, Tensor } from 'corr2d';

/** Larger differences are more than rounding. */
const CHANGED = 1e-3;

/** The output channels in which two results (co×h×w) differ by more than rounding. */
export function changedOutputs(a: Tensor, b: Tensor): number[] {
  const [left, right] = [a.data, b.data];
  const [outputs = 0] = a.shape;
  const plane = left.length / outputs;
  return Array.from({ length: outputs }, (_, o) => o).filter((o) =>
    left
      .subarray(o * plane, (o + 1) * plane)
      .some((value, i) => Math.abs(value - (right[o * plane + i] ?? Number.NaN)) > CHANGED),
  );
}

/**
 * The kernel of a grouped layer (co×(ci/groups)×kh×kw) as that of a layer without groups (co×ci×kh×kw), with
 * zeros outside the blocks on the diagonal.
 */
export function ungroupKernel(c: Corr2d, K: Tensor, groups: number): Tensor {
  const [outputs = 0, perGroup = 0, kh = 0, kw = 0] = K.shape;
  const inputs = perGroup * groups;
  const slice = kh * kw;
  const dense = new Float32Array(outputs * inputs * slice);
  for (let o = 0; o < outputs; o++) {
    const firstInput = Math.floor((o * groups) / outputs) * perGroup;
    const row = K.data.subarray(o * perGroup * slice, (o + 1) * perGroup * slice);
    dense.set(row, (o * inputs + firstInput) * slice);
  }
  return c.tensor(dense, [outputs, inputs, kh, kw]);
}
