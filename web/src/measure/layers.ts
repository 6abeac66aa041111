import { type Estimate, Estimator, type LayerRun } from './estimate';
import type { Timing } from './messages';
import { MeasurementQueue } from './queue';

/** After measuring a layer that needs more memory, the worker ends. */
const RELEASE_ABOVE_BYTES = 64 * 2 ** 20;

export interface TimeOptions {
  signal: AbortSignal;
  /** Default 'auto': corr2d chooses. */
  algorithm?: 'auto' | 'gemm';
}

/** Time for repeated runs of a layer, in milliseconds. */
const BUDGET_MS = 100;

/** Times layers, and estimates in advance how long that takes, from the speed measured so far. */
class LayerMeasurements {
  readonly queue = new MeasurementQueue();
  readonly #estimator = new Estimator();

  /** The cost of measuring these layers. */
  estimate(runs: readonly LayerRun[]): Estimate {
    return this.#estimator.estimate(runs);
  }

  /** The estimated time of one run of a layer, in milliseconds. */
  estimateRun(run: LayerRun): number {
    return this.#estimator.runTime(run);
  }

  async time(run: LayerRun, { signal, algorithm = 'auto' }: TimeOptions): Promise<Timing> {
    const { problem, pass = 'run' } = run;
    const { milliseconds, bytes } = this.estimate([run]);
    const timing = await this.queue.request(
      'time',
      { problem, pass, algorithm, budget: BUDGET_MS },
      { signal, estimate: milliseconds, releasesMemory: bytes > RELEASE_ABOVE_BYTES },
    );
    if (pass === 'run' && algorithm === 'auto') this.#estimator.learn(problem, timing.milliseconds);
    return timing;
  }
}

/** The measurements of the cost explorer and the exercises, which share one worker. */
export const layers = new LayerMeasurements();
