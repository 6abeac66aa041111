// Measures contenders in alternation, so that other load on the machine affects all of them.

/** The minimum duration of a batch of calls, because the clocks of browsers are coarse. */
const BATCH_MS = 2;

/**
 * @typedef {object} Timing Milliseconds per call.
 * @property {number} median
 * @property {number} min
 * @property {number} q1
 * @property {number} q3
 * @property {number} rounds
 */

/**
 * Measures each of `runs` in rounds. In each round, one batch of calls of each is timed.
 * @param {Record<string, () => unknown>} runs
 * @param {{ milliseconds: number, minRounds: number, maxRounds: number, warmupMs: number }} budget
 * @returns {Promise<Record<string, Timing>>}
 */
export async function measure(runs, { milliseconds, minRounds, maxRounds, warmupMs }) {
  const entries = [];
  for (const [name, run] of Object.entries(runs)) {
    const time = await warmUp(run, warmupMs);
    entries.push({ name, run, calls: Math.max(1, Math.ceil(BATCH_MS / time)), samples: [] });
  }
  const end = performance.now() + milliseconds;
  for (let round = 0; round < maxRounds; round++) {
    if (round >= minRounds && performance.now() > end) break;
    // The order rotates, because a contender that follows one with much data finds less in the caches.
    for (let i = 0; i < entries.length; i++) {
      const { run, calls, samples } = entries[(round + i) % entries.length];
      samples.push(await timeBatch(run, calls));
    }
    await pause();
  }
  return Object.fromEntries(entries.map(({ name, samples }) => [name, summarise(samples)]));
}

/** @param {readonly number[]} samples @returns {Timing} */
export function summarise(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: sorted[0],
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    rounds: sorted.length,
  };
}

/** A quantile with linear interpolation. @param {readonly number[]} sorted @param {number} part */
export function quantile(sorted, part) {
  const position = (sorted.length - 1) * part;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/**
 * Calls `run` until the engine's optimising compiler, which runs in the background, has replaced the
 * code. Returns the time per call at the end.
 */
async function warmUp(run, milliseconds) {
  const begin = performance.now();
  let calls = 1;
  let time = 0;
  for (let round = 0; round < 2 || performance.now() - begin < milliseconds; round++) {
    time = await timeBatch(run, calls);
    if (time * calls < BATCH_MS) calls *= 2;
    await pause();
  }
  return time;
}

/** Milliseconds per call. A contender in another process has its own `time` method. */
async function timeBatch(run, calls) {
  if (run.time) return run.time(calls);
  const begin = performance.now();
  for (let i = 0; i < calls; i++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  return (performance.now() - begin) / calls;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 0));
