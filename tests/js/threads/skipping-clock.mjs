// A clock that lets time-outs of seconds pass at once, for calls that wait for a lost worker.

/** Readings during one call before time is skipped: about a second of waiting in slices of 50 ms. */
const REAL_READINGS = 60;

/**
 * Replaces `Date.now` and `performance.now`. During `watch(call)` they call `onReading`, and from the
 * 60th reading on each reading is one second later than the one before. A call that waits for healthy
 * workers reads the clock less often.
 */
export function createSkippingClock(onReading = () => {}) {
  let isWatching = false;
  let readings = 0;
  let offset = 0;
  const clocks = [Date, performance].map((clock) => ({ clock, now: clock.now }));
  for (const { clock, now } of clocks) {
    clock.now = () => {
      if (isWatching) {
        onReading();
        readings++;
        if (readings > REAL_READINGS) offset += 1000;
      }
      return now.call(clock) + offset;
    };
  }
  return {
    watch(call) {
      isWatching = true;
      readings = 0;
      try {
        return call();
      } finally {
        isWatching = false;
      }
    },
    restore() {
      for (const { clock, now } of clocks) clock.now = now;
    },
  };
}
