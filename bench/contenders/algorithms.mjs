// corr2d by each of its algorithms that `auto` has not chosen: for npm run bench -- --check-choice.
import { ways } from './corr2d.mjs';
import { Unsupported } from './unsupported.mjs';

const ALGORITHMS = ['direct', 'gemm', 'depthwise', 'winograd', 'separable', 'fft'];

export async function create({ variant, threads }) {
  const { load } = await import('../../dist/index.js');
  const c = await load({ simd: variant, threads });
  return ALGORITHMS.map((algorithm) => ({
    name: algorithm,
    version: c.version,
    threads: c.features.threads,
    isAside: true,
    prepare(shape, data) {
      if (shape.kind !== 'plan') throw new Unsupported('chooses for plans');
      if (chosen(c, shape, data) === algorithm) throw new Unsupported('is what auto chooses');
      try {
        return ways.plan(c, shape, data, { algorithm });
      } catch (error) {
        if (error.code !== 'UNSUPPORTED') throw error;
        throw new Unsupported(
          `cannot do it ${/, (as .*?): input/.exec(error.message)?.[1] ?? error.message}`,
        );
      }
    },
  }));
}

function chosen(c, shape, data) {
  const { algorithm, dispose } = ways.plan(c, shape, data);
  dispose();
  return algorithm;
}
