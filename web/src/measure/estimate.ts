/* Estimates how long measurements take and how much memory they need, before they are made. */
import type { Pass } from './messages';
import { macsOf, outputOf, type Problem, weightsOf } from './problem';
import { LONG_RUN_MS } from './time';

/** One timing of a layer. */
export interface LayerRun {
  problem: Problem;
  pass?: Pass;
}

/** The cost of a series of measurements. */
export interface Estimate {
  milliseconds: number;
  /** Memory of the largest layer. */
  bytes: number;
}

/** Measurements that are estimated to take longer start only when the visitor asks for them. */
export const ASK_ABOVE_MS = 2000;
/** Layers that need more memory are not measured. */
export const MAX_BYTES = 512 * 2 ** 20;

/** Multiply-adds per millisecond before a layer has been measured: a slow phone. */
const DEFAULT_SPEED = 4e6;
/** Smaller layers say little about the speed, because of the fixed cost of a call. */
const MIN_MACS = 1e7;
/** Runs of a short layer: a first one, three for the warm-up and four timed ones. */
const RUNS = 8;
/** Time of the warm-up and of a layer's budget, in milliseconds. */
const OVERHEAD_MS = 200;
/** Time to create a random number, in milliseconds. */
const ELEMENT_MS = 2.5e-5;
/** Gradients take at most about this many times as long as the forward pass. */
const GRADIENT_FACTOR = 4;

/** Layers of the same kind have similar speeds, because corr2d computes them in the same way. */
const kindOf = ({ k, stride, groups }: Problem): string => [k, stride, groups > 1].join();

const elementsOf = (problem: Problem): number => {
  const { h, w, ci, co } = problem;
  const [rows, columns] = outputOf(problem);
  return ci * h * w + co * rows * columns + weightsOf(problem);
};

/** Input, output, weights and packed weights. */
const bytesOf = (problem: Problem): number => 4 * (elementsOf(problem) + weightsOf(problem));

export class Estimator {
  /** Multiply-adds per millisecond, by the kind of layer. */
  readonly #speeds = new Map<string, number>();

  /** Remembers the measured time of a planned forward pass. */
  learn(problem: Problem, milliseconds: number): void {
    const macs = macsOf(problem);
    if (macs >= MIN_MACS) this.#speeds.set(kindOf(problem), macs / milliseconds);
  }

  /** The time of one run: from the speed of layers of the same kind, or else the slowest speed measured. */
  runTime({ problem, pass = 'run' }: LayerRun): number {
    const slowest = Math.min(...this.#speeds.values());
    const speed =
      this.#speeds.get(kindOf(problem)) ?? (Number.isFinite(slowest) ? slowest : DEFAULT_SPEED);
    return (macsOf(problem) / speed) * (pass === 'run' || pass === 'call' ? 1 : GRADIENT_FACTOR);
  }

  /** The cost of measuring these layers one after the other. */
  estimate(runs: readonly LayerRun[]): Estimate {
    const duration = (run: LayerRun) => {
      const time = this.runTime(run);
      const measuring = time < LONG_RUN_MS ? RUNS * time + OVERHEAD_MS : time;
      return measuring + ELEMENT_MS * elementsOf(run.problem);
    };
    return {
      milliseconds: runs.reduce((sum, run) => sum + duration(run), 0),
      bytes: Math.max(0, ...runs.map(({ problem }) => bytesOf(problem))),
    };
  }
}
