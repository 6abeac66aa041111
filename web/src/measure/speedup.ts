import type { Corr2d } from 'corr2d';

const LENGTH = 4096;
const CHANNELS = 128;
const SIDE = 8;
/** Long enough for the engine's optimising compiler, which runs in the background, to finish. */
const BUDGET_MS = 400;

/** A dot product with four independent sums, over arrays that fit in the cache. */
function dot(a: Float32Array, b: Float32Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < LENGTH; i += 4) {
    s0 += (a[i] as number) * (b[i] as number);
    s1 += (a[i + 1] as number) * (b[i + 1] as number);
    s2 += (a[i + 2] as number) * (b[i + 2] as number);
    s3 += (a[i + 3] as number) * (b[i + 3] as number);
  }
  return s0 + s1 + s2 + s3;
}

/**
 * Measures how many times as fast as plain JavaScript corr2d does multiply-adds on cached data, by the
 * shortest time of each. The result is about 12 if the engine optimises both. With developer tools open,
 * engines do not optimise WebAssembly, so that it can be debugged; the result is then about 4.
 */
export async function measureSpeedup(c: Corr2d): Promise<number> {
  const [a, b] = [new Float32Array(LENGTH).fill(0.5), new Float32Array(LENGTH).fill(0.25)];
  const input = c.normal(0, 1, [CHANNELS, SIDE, SIDE], { seed: 1 });
  const weight = c.normal(0, 1, [CHANNELS, CHANNELS, 1, 1], { seed: 2 });
  const plan = c.planConv2d({ inputShape: input.shape, weight, algorithm: 'gemm' });
  const output = c.zeros(plan.outputShape);
  // As many dot products as one plan run has multiply-adds.
  const calls = plan.macs / LENGTH;
  let [loops, corr2d, kept] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  try {
    await plan.warmup();
    const end = performance.now() + BUDGET_MS;
    while (performance.now() < end) {
      let begin = performance.now();
      for (let i = 0; i < calls; i++) {
        a[i % LENGTH] = i; // change the input so that the engine cannot skip the call
        kept += dot(a, b);
      }
      loops = Math.min(loops, performance.now() - begin);
      begin = performance.now();
      for (let i = 0; i < 4; i++) plan.run(input, output);
      corr2d = Math.min(corr2d, (performance.now() - begin) / 4);
      await new Promise((done) => setTimeout(done));
    }
  } finally {
    output.dispose();
    plan.dispose();
    weight.dispose();
    input.dispose();
  }
  return Number.isFinite(kept) ? loops / corr2d : 0;
}
