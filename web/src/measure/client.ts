import type { Envelope, Kind, Reply, Request, Results } from './messages';

interface PendingReply {
  resolve(result: Results[Kind]): void;
  reject(error: unknown): void;
}

/** The rejection reason of a cancelled measurement. */
export class CancelledError extends Error {
  override readonly name = 'Cancelled';
}

/** The client of the measurement worker. The first request starts the worker; `cancel` terminates it. */
export class MeasurementClient {
  readonly #threads: number | 'auto';
  #worker: Worker | null = null;
  readonly #pending = new Map<number, PendingReply>();
  #nextId = 0;

  constructor(threads: number | 'auto' = 'auto') {
    this.#threads = threads;
  }

  /** Requests a measurement. Concurrent requests run one after the other. */
  async request<K extends Kind>(kind: K, request: Request[K]): Promise<Results[K]> {
    if (!this.#worker) {
      this.#start();
      if (kind !== 'load') void this.#send('load', { threads: this.#threads }).catch(() => {});
    }
    return (await this.#send(kind, request)) as Results[K];
  }

  /** The features and loading time of the worker's corr2d instance. */
  load(): Promise<Results['load']> {
    return this.request('load', { threads: this.#threads });
  }

  /** Terminates the worker; pending requests reject with `CancelledError`. */
  cancel(): void {
    this.#end(new CancelledError('cancelled'));
  }

  #start(): void {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      type: 'module',
      name: 'measurements',
    });
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      const pending = this.#pending.get(data.id);
      this.#pending.delete(data.id);
      if ('error' in data) pending?.reject(new Error(data.error));
      else pending?.resolve(data.result);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#end(new Error(event.message || 'the measurement worker could not be started'));
    });
    this.#worker = worker;
  }

  #send<K extends Kind>(kind: K, request: Request[K]): Promise<Results[Kind]> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      const envelope: Envelope<K> = { id, kind, request };
      this.#worker?.postMessage(envelope);
    });
  }

  #end(error: Error): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
