// Measures contenders against each other, in turns, so that whatever else the machine does falls on
// all of them.

/** A batch of calls is at least so long: clocks of browsers are coarse. */
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
 * Times each of `runs` in rounds of one batch each.
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
    // Another one begins each time: whoever comes after a large one finds less in the caches.
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

/** With linear interpolation. @param {readonly number[]} sorted @param {number} part */
export function quantile(sorted, part) {
  const position = (sorted.length - 1) * part;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/**
 * Calls `run` until the optimising compiler, which works beside it, has had its turn. Returns the
 * time of a call at the end.
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

/** Milliseconds per call. What runs elsewhere is timed there, by a `time` of its own. */
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
