// Tasks in slices of time, between which the event loop runs.

import { abortReason, now, yieldToEventLoop } from '../runtime/platform.js';

/** The members of an `AbortSignal` that a run uses, for programs without the DOM's types. */
export interface Signal {
  /** Whether the signal was aborted. */
  readonly aborted: boolean;
  /** The reason, with which the promise is rejected. */
  readonly reason?: unknown;
}

/** How a run is cancelled and observed. */
export interface Observed {
  /** An `AbortSignal` that cancels the run. */
  signal?: Signal | undefined;
  /** Called about every 10 ms with the number of finished tasks, and at the end. */
  onProgress?: ((done: number, tasks: number) => void) | undefined;
}

/**
 * @internal Runs `tasks` tasks by calls of `run`, each of which computes the tasks from `first` to `end` - 1 with this
 * many threads.
 */
export async function runInSlices(
  threads: number,
  tasks: number,
  { signal, onProgress }: Observed,
  run: (first: number, end: number) => void,
): Promise<void> {
  const throwIfAborted = () => {
    if (signal?.aborted) throw abortReason(signal);
  };
  throwIfAborted();
  let count = threads;
  let begin = now();
  for (let done = 0; done < tasks; ) {
    const before = now();
    const end = Math.min(done + count, tasks);
    run(done, end);
    done = end;
    const after = now();
    // Adapts the number of tasks per call to a few milliseconds, with at least one for each thread.
    count = after - before < 2 ? 2 * count : Math.max(count >> 1, threads);
    if (after - begin < 8 && done < tasks) continue;
    onProgress?.(done, tasks);
    if (done < tasks) await yieldToEventLoop();
    throwIfAborted();
    begin = now();
  }
}
