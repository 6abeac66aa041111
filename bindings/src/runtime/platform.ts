// Differences between JavaScript engines and runtimes, apart from WebAssembly. Worklets have hardly any
// globals but those of ECMAScript and WebAssembly: no timers, TextDecoder, URL, performance or fetch.
// Where the rest of the package needs one of these to compute, it uses a function of this file.

import { Corr2dError } from './corr2d-error.js';

declare const setImmediate: ((callback: () => void) => void) | undefined;

/** The time in milliseconds since a fixed moment. */
export function now(): number {
  return (globalThis.performance ?? Date).now();
}

/** The text with these bytes in UTF-8, or one character for each byte if they are no UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  try {
    const escapes = Array.from(bytes, (byte) => `%${(byte + 256).toString(16).slice(1)}`);
    return decodeURIComponent(escapes.join(''));
  } catch {
    return String.fromCharCode(...bytes);
  }
}

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

/**
 * Lets `using` call the `dispose` method of a class, on engines that have `Symbol.dispose`. It is a getter, so
 * that it returns the method that is bound to the object.
 */
export function supportUsing({ prototype }: { prototype: { dispose(): void } }): void {
  if (Symbol.dispose !== undefined) {
    Object.defineProperty(prototype, Symbol.dispose, {
      configurable: true,
      get(this: { dispose(): void }) {
        return this.dispose;
      },
    });
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
export function yieldToEventLoop(): Promise<unknown> {
  if (typeof setImmediate === 'function') {
    return new Promise<void>((resolve) => setImmediate(resolve));
  }
  if (typeof MessageChannel !== 'function') {
    // Engines settle the promise of an empty module in a task. Where compiling is forbidden, they
    // reject it, maybe at once.
    return WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)).catch(() => {});
  }
  return new Promise<void>((resolve) => {
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
  const name = 'AbortError';
  return (
    signal.reason ??
    (typeof DOMException === 'function'
      ? new DOMException('aborted', name)
      : Object.assign(new Error('aborted'), { name }))
  );
}
