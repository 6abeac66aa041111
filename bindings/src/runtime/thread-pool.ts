// Workers, and the memory that they share: part of the chunks of the variants with threads, and
// nothing of the other chunks may be imported here but spawn.js and node.js, or there would be two of it.

import type { Crew, EmbindModule, ThreadFunctions } from './abi.js';
import { ofNode } from './node.js';
import { startThread, type Thread, type WorkerScript } from './start-worker.js';

/** So long a worker may take to start, in milliseconds. Scripts come over networks. */
const startLimit = 10_000;
/** So long a call waits for a task that a worker has in hand, in milliseconds; most take one. */
const patience = 10_000;
/** As cmake/wasm.cmake says. */
const initialPages = 16;

/** Ends the workers of crews whose instances were dropped and not disposed of. */
const dropped = new FinalizationRegistry<Team>((team) => team.stop());

/** The workers of one instance. It does not know the instance, which so can be collected. */
class Team {
  readonly threads = new Set<Thread>();
  failure: string | undefined;
  crashed: (cause: unknown) => void = () => {};
  isServing = false;

  fail(cause: unknown): void {
    if (this.isServing) this.crashed(cause);
    else this.end(cause);
  }

  /** A worker that serves can be done without: nobody waits for it unless it has a task in hand. */
  end(cause: unknown): void {
    this.failure ??= `a worker did not start: ${cause}`;
  }

  stop(): void {
    for (const thread of this.threads) thread.end();
    this.threads.clear();
    this.crashed = () => {};
  }
}

/** `makeCrew` of a chunk whose worker's script this is. */
export function crewOf(script: WorkerScript): () => Crew {
  return () => {
    const team = new Team();
    const wasmMemory = sharedMemory();
    return {
      incoming: {
        ...(wasmMemory && { wasmMemory }),
        Worker: class {
          onmessage: ((event: { data: unknown }) => void) | undefined;
          readonly #thread: Thread | undefined;

          constructor() {
            try {
              this.#thread = startThread(script, {
                message: (data) => this.onmessage?.({ data }),
                failed: (cause) => team.fail(cause),
                ended: () => team.end('it has ended'),
              });
              team.threads.add(this.#thread);
            } catch (cause) {
              team.fail(cause);
            }
          }

          postMessage(data: unknown): void {
            try {
              this.#thread?.post(data);
            } catch (cause) {
              team.fail(cause);
            }
          }
        },
      },
      refusal: wasmMemory ? undefined : 'no memory can be shared',
      cores: ofNode('os')?.availableParallelism() ?? navigator.hardwareConcurrency ?? 1,
      start: (module, threads) => start(team, module, threads),
      serve(owner, crashed) {
        team.crashed = crashed;
        dropped.register(owner, team, team);
      },
      stop() {
        dropped.unregister(team);
        team.stop();
      },
    };
  };
}

async function start(
  team: Team,
  module: EmbindModule,
  threads: number,
): Promise<string | undefined> {
  const { startThreads, startedThreads } = module as ThreadFunctions;
  if (startThreads(threads, patience) !== 0) return 'the threads could not be created';
  let waited = 0;
  for (let before = performance.now(); startedThreads() < threads; ) {
    if (team.failure !== undefined) return team.failure;
    if (waited >= startLimit) {
      const missing = threads - startedThreads();
      return `${missing} of ${threads - 1} workers did not start within ${startLimit / 1000} s`;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
    const now = performance.now();
    // Not the time during which the machine was asleep, or the page in the background.
    waited += Math.min(now - before, 250);
    before = now;
  }
  team.isServing = true;
  return undefined;
}

/** As large as can be had: some engines set so much address space aside at once. */
function sharedMemory(): WebAssembly.Memory | undefined {
  for (let maximum = 2 ** 16; maximum >= 2 ** 12; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: initialPages, maximum, shared: true });
    } catch {
      // Less, then.
    }
  }
  return undefined;
}
