declare const setImmediate: ((callback: () => void) => void) | undefined;

/** Lets the event loop run once. Unlike timers, which wait for 4 ms, it adds no delay. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

/** The reason of an aborted signal. Older engines do not set it. */
export function abortReason(signal: { readonly reason?: unknown }): unknown {
  return signal.reason ?? new DOMException('aborted', 'AbortError');
}
