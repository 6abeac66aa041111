// A clock for runs that report their progress. `runAsync` reports and yields to the event loop when
// several milliseconds have passed; with this clock it does so after every batch of tasks, however fast
// the machine is. Browsers' workers import this file too.

/**
 * Makes each reading of `performance.now` `stepMs` later than the one before. Returns a function that
 * restores the real clock.
 */
export function stepClock(stepMs = 10) {
  const { now } = performance;
  let time = 0;
  performance.now = () => {
    time += stepMs;
    return time;
  };
  return () => {
    performance.now = now;
  };
}
