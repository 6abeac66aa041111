// Clients wait ten minutes instead of ten seconds for their workers to start, so that tests
// do not fail on a busy machine. Pages run `extendStartLimit` too.

export function extendStartLimit() {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (callback, delay, ...args) =>
    setTimeout(callback, delay === 10_000 ? 600_000 : delay, ...args);
}
