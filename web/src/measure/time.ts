import { median } from '../shared/format';

/** Clocks of browsers step by up to 0.1 ms: what is timed takes many times that. */
const MIN_TIMED_MS = 4;

/**
 * The median time of `work` in milliseconds, of runs that go on for `budget` milliseconds, and at
 * least `least` of them. Runs that are short are timed several at a time.
 */
export function medianTime(work: () => void, budgetMs: number, minRuns = 3): number {
  let begin = performance.now();
  work();
  const first = performance.now() - begin;
  let batch = 1;
  // What is short is run until it takes long enough to be timed; that compiles it as well.
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
