// corr2d with each algorithm that `auto` does not choose, for npm run bench -- --check-choice.
import { prepareByKind } from './corr2d.mjs';
import { Unsupported } from './unsupported.mjs';

const ALGORITHMS = ['direct', 'gemm', 'depthwise', 'winograd', 'separable', 'fft'];

export async function create({ variant, threads }) {
  const { load } = await import('../../dist/index.js');
  const c = await load({ simd: variant, threads });
  return ALGORITHMS.map((algorithm) => ({
    name: algorithm,
    version: c.version,
    threads: c.features.threads,
    isUnranked: true,
    prepare(shape, data) {
      if (shape.kind !== 'plan') throw new Unsupported('is measured for plans only');
      if (chosenAlgorithm(c, shape, data) === algorithm)
        throw new Unsupported('is the algorithm that auto chooses');
      try {
        return prepareByKind.plan(c, shape, data, { algorithm });
      } catch (error) {
        if (error.code !== 'UNSUPPORTED') throw error;
        // The message has the form "…: algorithm 'fft' cannot compute this because <reason>: <arguments>".
        const [, reason = error.message] =
          / cannot compute this because (.*?): /.exec(error.message) ?? [];
        throw new Unsupported(`cannot compute the shape because ${reason}`);
      }
    },
  }));
}

function chosenAlgorithm(c, shape, data) {
  const { algorithm, dispose } = prepareByKind.plan(c, shape, data);
  dispose();
  return algorithm;
}
