/* A convolution in plain JavaScript over typed arrays: what you would write without a library. */

export interface LoopShape {
  ci: number;
  co: number;
  groups: number;
  input: readonly [h: number, w: number];
  kernel: readonly [h: number, w: number];
  stride: readonly [h: number, w: number];
  dilation: readonly [h: number, w: number];
  /** top, bottom, left, right */
  pads: readonly [number, number, number, number];
  output: readonly [h: number, w: number];
}

/**
 * Writes the convolution of `x` (ci×h×w) with `weight` (co×(ci/groups)×kh×kw) to `y` (co×oh×ow).
 * Accumulates one output row at a time, the fastest loop order of those tried, and computes the bounds
 * outside the innermost loop.
 */
export function convolveWithLoops(
  shape: LoopShape,
  x: Float32Array,
  weight: Float32Array,
  y: Float32Array,
): void {
  const { ci, co, groups, pads } = shape;
  const [h, w] = shape.input;
  const [kh, kw] = shape.kernel;
  const [sy, sx] = shape.stride;
  const [dy, dx] = shape.dilation;
  const [oh, ow] = shape.output;
  const [top, , left] = pads;
  const inputs = ci / groups;
  const outputs = co / groups;
  y.fill(0);
  for (let o = 0; o < co; o++) {
    const firstChannel = Math.floor(o / outputs) * inputs;
    for (let c = 0; c < inputs; c++) {
      for (let a = 0; a < kh; a++) {
        for (let b = 0; b < kw; b++) {
          const factor = weight[((o * inputs + c) * kh + a) * kw + b] as number;
          const shift = b * dx - left;
          const begin = Math.max(0, Math.ceil(-shift / sx));
          const end = Math.min(ow, Math.floor((w - 1 - shift) / sx) + 1);
          for (let i = 0; i < oh; i++) {
            const row = i * sy + a * dy - top;
            if (row < 0 || row >= h) continue;
            const from = ((firstChannel + c) * h + row) * w + shift;
            const to = (o * oh + i) * ow;
            for (let j = begin; j < end; j++) {
              y[to + j] = (y[to + j] as number) + factor * (x[from + j * sx] as number);
            }
          }
        }
      }
    }
  }
}
