// The workers of an instance and the memory that they share. This file is bundled into the chunks of
// the variants with threads. It must import nothing but start-worker.js and node.js: any other module
// would be duplicated there.

import type { EmbindModule, ThreadFunctions } from './abi.js';
import type { ThreadPool } from './module.js';
import { nodeModule } from './node.js';
import {
  START_TIMEOUT_MS,
  type StartedWorker,
  startWorker,
  type WorkerScript,
} from './start-worker.js';

/** How long a call waits for a task that a worker has begun, in milliseconds. Most tasks take 1 ms. */
const TASK_TIMEOUT_MS = 10_000;
/** INITIAL_MEMORY in cmake/wasm.cmake, in pages of 64 KiB. */
const INITIAL_PAGES = 16;

/** Ends the workers of instances that were collected without having been disposed. */
const collected = new FinalizationRegistry<WorkerSet>((workers) => workers.stop());

/** The workers of one instance. It does not refer to the instance, so that it can be collected. */
class WorkerSet {
  readonly workers = new Set<StartedWorker>();
  failure: string | undefined;
  onCrash: (cause: unknown) => void = () => {};
  isRunning = false;

  /** Handles an error of a worker: a trap if all workers have started, otherwise a failed start. */
  fail(cause: unknown): void {
    if (this.isRunning) this.onCrash(cause);
    else this.reportEnd(cause);
  }

  /** Records why a start failed. If an idle worker ends later, the others take over its tasks. */
  reportEnd(cause: unknown): void {
    this.failure ??= `a worker did not start: ${cause}`;
  }

  stop(): void {
    for (const worker of this.workers) worker.end();
    this.workers.clear();
    this.onCrash = () => {};
  }
}

/** Makes the `createThreadPool` function of a chunk. `script` is the script of its workers. */
export function threadPoolFactory(script: WorkerScript): () => ThreadPool {
  return () => {
    const set = new WorkerSet();
    const wasmMemory = createSharedMemory();
    return {
      moduleOptions: {
        ...(wasmMemory && { wasmMemory }),
        Worker: class {
          onmessage: ((event: { data: unknown }) => void) | undefined;
          readonly #worker: StartedWorker | undefined;

          constructor() {
            try {
              this.#worker = startWorker(script, {
                message: (data) => this.onmessage?.({ data }),
                failed: (cause) => set.fail(cause),
                ended: () => set.reportEnd('it has ended'),
              });
              set.workers.add(this.#worker);
            } catch (cause) {
              set.fail(cause);
            }
          }

          postMessage(data: unknown): void {
            try {
              this.#worker?.post(data);
            } catch (cause) {
              set.fail(cause);
            }
          }
        },
      },
      unavailable: wasmMemory ? undefined : 'the engine cannot create shared memory',
      cores:
        nodeModule('os')?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1,
      start: (module, threads) => start(set, module, threads),
      attach(owner, onCrash) {
        set.onCrash = onCrash;
        collected.register(owner, set, set);
      },
      stop() {
        collected.unregister(set);
        set.stop();
      },
    };
  };
}

async function start(
  set: WorkerSet,
  module: EmbindModule,
  threads: number,
): Promise<string | undefined> {
  const { startThreads, startedThreads } = module as ThreadFunctions;
  if (startThreads(threads, TASK_TIMEOUT_MS) !== 0) return 'the threads could not be created';
  let waitedMs = 0;
  let before: number | undefined;
  while (startedThreads() < threads) {
    if (set.failure !== undefined) return set.failure;
    if (waitedMs >= START_TIMEOUT_MS) {
      const missing = threads - startedThreads();
      return `${missing} of ${threads - 1} workers did not start within ${START_TIMEOUT_MS / 1000} s`;
    }
    before ??= performance.now();
    await new Promise((resolve) => setTimeout(resolve, 1));
    const now = performance.now();
    // A longer pause means that the machine slept or that the page was in the background.
    waitedMs += Math.min(now - before, 250);
    before = now;
  }
  set.isRunning = true;
  return undefined;
}

/**
 * Creates shared memory with the largest maximum that the engine grants. Some engines reserve the
 * address space of the whole maximum at once.
 */
function createSharedMemory(): WebAssembly.Memory | undefined {
  for (let maximum = 2 ** 16; maximum >= 2 ** 12; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true });
    } catch {
      // Try half as much.
    }
  }
  return undefined;
}
