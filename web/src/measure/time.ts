import { median } from '../shared/format';

/** Shortest interval that is timed. Browser clocks have a resolution of up to 0.1 ms. */
const MIN_TIMED_MS = 4;

/** A run that takes at least this long is not repeated. */
export const LONG_RUN_MS = 150;

/** The time of one call of `work` in milliseconds. */
export function timeOnce(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

/**
 * The median time of `work` in milliseconds. Repeats it for `budgetMs` milliseconds, and at least
 * `minRuns` times. Short runs are timed in batches.
 */
export function medianTime(work: () => void, budgetMs: number, minRuns = 3): number {
  let begin = performance.now();
  work();
  const first = performance.now() - begin;
  let batch = 1;
  // Grow the batch until it takes long enough to time. This also lets the engine compile `work`.
  if (first < MIN_TIMED_MS) {
    for (;;) {
      begin = performance.now();
      for (let i = 0; i < batch; i++) work();
      const took = performance.now() - begin;
      if (took >= MIN_TIMED_MS) break;
      batch = took > 0 ? Math.ceil((batch * MIN_TIMED_MS * 1.2) / took) + 1 : batch * 8;
    }
  }
  const times: number[] = [];
  const end = performance.now() + budgetMs;
  while (times.length < minRuns || performance.now() < end) {
    begin = performance.now();
    for (let i = 0; i < batch; i++) work();
    times.push((performance.now() - begin) / batch);
  }
  return median(times);
}
