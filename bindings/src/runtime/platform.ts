// Differences between JavaScript engines and runtimes, apart from WebAssembly.

import { Corr2dError } from './corr2d-error.js';

declare const setImmediate: ((callback: () => void) => void) | undefined;

/**
 * Calls `allocate`, which allocates `bytes` bytes outside the WebAssembly heap, and returns its
 * result. Throws OUT_OF_MEMORY, with a message that begins with `where`, if the engine throws a
 * RangeError, which means that it has no memory.
 */
export function allocateOrThrow<Result>(
  bytes: number,
  where: string,
  allocate: () => Result,
): Result {
  try {
    return allocate();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `${where}: not enough memory for ${bytes} bytes outside the heap`;
    throw new Corr2dError('OUT_OF_MEMORY', message, { cause });
  }
}

/** Lets `using` call the `dispose` method of a class, on engines that have `Symbol.dispose`. */
export function supportUsing({ prototype }: { prototype: { dispose(): void } }): void {
  if (Symbol.dispose !== undefined) {
    Object.defineProperty(prototype, Symbol.dispose, { value: prototype.dispose });
  }
}

/**
 * Makes the stack trace of `error` begin with the caller of `method`, where the engine can: traces have ten
 * lines, which the minified code of this package would fill.
 */
export function beginTraceBelow(error: Error, method: unknown): void {
  const { captureStackTrace } = Error as {
    captureStackTrace?: (error: Error, method: unknown) => void;
  };
  captureStackTrace?.(error, method);
}

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

/** The reason of an aborted signal. Older engines do not set one; an AbortError replaces it there. */
export function abortReason(signal: { readonly reason?: unknown }): unknown {
  return signal.reason ?? new DOMException('aborted', 'AbortError');
}
