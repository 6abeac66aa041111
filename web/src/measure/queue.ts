import { CancelledError, MeasurementClient } from './client';
import type { Kind, Request, Results } from './messages';

/** The rejection reason of a measurement whose result is no longer needed. */
export class SupersededError extends CancelledError {}

export interface JobOptions {
  /** Estimated duration in milliseconds. */
  estimate: number;
  /** Aborts the measurement with a `CancelledError`, or a `SupersededError` if it may finish unseen. */
  signal: AbortSignal;
  /** Whether to end the worker afterwards, because WebAssembly memory never shrinks. */
  releasesMemory?: boolean;
}

interface Job extends JobOptions {
  kind: Kind;
  request: Request[Kind];
  resolve(result: Results[Kind]): void;
  reject(error: unknown): void;
}

/** A superseded measurement that is running may finish if its estimated duration is at most this. */
const MAX_STALE_MS = 400;

/**
 * Runs measurements one at a time in one worker. The worker gets a request only when it is idle, so an
 * aborted measurement that has not started never runs. One that is running ends with its worker, unless
 * it is superseded and short: starting another worker would take longer.
 */
export class MeasurementQueue {
  readonly #client = new MeasurementClient();
  readonly #waiting: Job[] = [];
  #running: Job | null = null;

  request<K extends Kind>(kind: K, request: Request[K], options: JobOptions): Promise<Results[K]> {
    return new Promise<Results[Kind]>((resolve, reject) => {
      const { signal } = options;
      signal.throwIfAborted();
      const job: Job = { ...options, kind, request, resolve, reject };
      signal.addEventListener('abort', () => this.#abort(job), { once: true });
      this.#waiting.push(job);
      this.#startNext();
    }) as Promise<Results[K]>;
  }

  #startNext(): void {
    if (this.#running) return;
    const job = this.#waiting.shift();
    if (job) void this.#run(job);
  }

  async #run(job: Job): Promise<void> {
    this.#running = job;
    try {
      job.resolve(await this.#client.request(job.kind, job.request));
    } catch (error) {
      job.reject(error);
    }
    if (job.releasesMemory) this.#client.cancel();
    this.#running = null;
    this.#startNext();
  }

  #abort(job: Job): void {
    const { reason } = job.signal;
    job.reject(reason);
    const index = this.#waiting.indexOf(job);
    if (index >= 0) this.#waiting.splice(index, 1);
    const mayFinish = reason instanceof SupersededError && job.estimate <= MAX_STALE_MS;
    if (job === this.#running && !mayFinish) this.#client.cancel();
  }
}
