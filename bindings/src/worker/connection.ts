// The client's end of the connection to its worker: it sends the calls one after the other, and
// rejects those that are pending when the worker ends.

import { Corr2dError, invalid } from '../runtime/errors.js';
import type { Variant } from '../runtime/load-options.js';
import { abortReason } from '../runtime/platform.js';
import {
  START_TIMEOUT_MS,
  type StartedWorker,
  startWorker,
  type WorkerScript,
} from '../runtime/start-worker.js';
import type { Call, CallSignal, Failure, FromWorker, ToWorker } from './messages.js';

/** A call that has no answer yet. */
interface Pending {
  readonly call: Call;
  readonly transfer: readonly object[];
  readonly onProgress: ((done: number, tasks: number) => void) | undefined;
  /** The client or plan, which must not be collected before the answer: that would end the worker. */
  readonly owner: unknown;
  /** Settles the promise of the caller. Later answers of the worker are ignored. */
  settle(outcome: { value: unknown } | { error: unknown }): void;
}

/** A call to be sent. */
export interface Request {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly transfer?: readonly object[];
  readonly plan?: number | undefined;
  readonly signal?: CallSignal | undefined;
  readonly onProgress?: ((done: number, tasks: number) => void) | undefined;
  readonly isObserved?: boolean;
  readonly owner?: unknown;
}

export class Connection {
  readonly #worker: StartedWorker | undefined;
  readonly #importChunk: (variant: Variant) => Promise<{ compressed: string }>;
  readonly #startTimer: ReturnType<typeof setTimeout> | undefined;
  #isStarted = false;
  #lastId = 0;
  /** The calls that have not been sent yet. */
  readonly #waiting: Pending[] = [];
  /** The call that the worker is running. An aborted call is settled already. */
  #running: Pending | undefined;
  /** The calls whose promises have not been settled. */
  readonly #unsettled = new Set<Pending>();
  /** Why the worker has ended. */
  #ended: Corr2dError | undefined;

  constructor(
    script: WorkerScript,
    importChunk: (variant: Variant) => Promise<{ compressed: string }>,
  ) {
    this.#importChunk = importChunk;
    try {
      this.#worker = startWorker(script, {
        message: (message) => this.#receive(message as FromWorker),
        failed: (cause) =>
          this.#fail(`has failed: ${cause instanceof Error ? cause.message : cause}`),
        ended: () => this.#fail('has ended'),
      });
    } catch (cause) {
      this.#fail(`could not be started: ${cause instanceof Error ? cause.message : cause}`);
      return;
    }
    this.#startTimer = setTimeout(
      () => this.#fail(`did not start within ${START_TIMEOUT_MS / 1000} s`),
      START_TIMEOUT_MS,
    );
  }

  /** Sends a call after all earlier ones. Returns its id and the promise of the answer. */
  send(request: Request): { id: number; answer: Promise<unknown> } {
    const id = ++this.#lastId;
    return { id, answer: this.#enqueue(id, request) };
  }

  /** Ends the worker, and rejects every pending call. */
  dispose(): void {
    this.#end(new Corr2dError('DISPOSED', 'this corr2d client has been disposed'));
  }

  #enqueue(id: number, request: Request): Promise<unknown> {
    const { name, args, plan, isObserved = false, transfer = [], signal, onProgress } = request;
    return new Promise((resolve, reject) => {
      if (this.#ended) throw this.#failureOf(name);
      if (signal?.aborted) throw abortReason(signal);
      const onAbort = () => this.#abort(pending, abortReason(signal as CallSignal));
      const pending: Pending = {
        call: { id, name, args, plan, isObserved },
        transfer,
        onProgress,
        owner: request.owner,
        settle: (outcome) => {
          if (!this.#unsettled.delete(pending)) return;
          if (this.#unsettled.size === 0) this.#worker?.keepAlive(false);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.value);
          try {
            signal?.removeEventListener('abort', onAbort);
          } catch {
            // The caller's own signal object may throw. The promise is settled already.
          }
        },
      };
      signal?.addEventListener('abort', onAbort);
      this.#unsettled.add(pending);
      this.#waiting.push(pending);
      this.#worker?.keepAlive(true);
      this.#sendNext();
    });
  }

  #sendNext(): void {
    if (!this.#isStarted || this.#running || this.#ended) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#running = next;
    try {
      this.#post(next.call, next.transfer);
    } catch (cause) {
      // For example, an option contains a function, or a buffer was transferred before.
      this.#running = undefined;
      next.settle({ error: unsendable(next.call.name, cause) });
      this.#sendNext();
    }
  }

  #receive(message: FromWorker): void {
    // A worker that the caller has created may send other messages too.
    if (this.#ended || typeof message !== 'object' || message === null) return;
    if ('lock' in message) this.#started(message.lock);
    else if ('wanted' in message) this.#sendChunk(message.wanted);
    else if ('done' in message) this.#progress(message.done, message.tasks);
    else if ('unreadable' in message) {
      this.#answered({ error: unsendable(this.#running?.call.name ?? '', message.unreadable) });
    } else if ('value' in message) {
      this.#answered(message);
    } else if ('failure' in message) {
      this.#answered({ error: errorOf(message.failure) });
    }
  }

  #started(lock: string | undefined): void {
    clearTimeout(this.#startTimer);
    this.#isStarted = true;
    // The lock is granted once the worker that held it has died.
    if (lock !== undefined) {
      globalThis.navigator?.locks?.request(lock, () => this.#fail('has ended')).catch(() => {});
    }
    this.#sendNext();
  }

  async #sendChunk(chunk: Variant): Promise<void> {
    const message = await this.#importChunk(chunk).then(
      ({ compressed }) => ({ chunk, compressed }),
      (cause) => ({ chunk, failure: String(cause) }),
    );
    if (!this.#ended) this.#post(message);
  }

  #progress(done: number, tasks: number): void {
    const pending = this.#running;
    if (pending === undefined || !this.#unsettled.has(pending)) return;
    try {
      pending.onProgress?.(done, tasks);
    } catch (error) {
      this.#abort(pending, error);
    }
  }

  #answered(outcome: { value: unknown } | { error: unknown }): void {
    this.#running?.settle(outcome);
    this.#running = undefined;
    this.#sendNext();
  }

  #abort(pending: Pending, error: unknown): void {
    const place = this.#waiting.indexOf(pending);
    if (place >= 0) this.#waiting.splice(place, 1);
    else if (pending === this.#running) this.#post({ abort: pending.call.id });
    pending.settle({ error });
  }

  #post(message: ToWorker, transfer?: readonly object[]): void {
    this.#worker?.post(message, transfer);
  }

  #fail(what: string): void {
    this.#end(new Corr2dError('WORKER_FAILED', `the worker of this client ${what}`));
  }

  #end(error: Corr2dError): void {
    if (this.#ended) return;
    this.#ended = error;
    // Worklets have neither workers nor timers.
    if (this.#startTimer !== undefined) clearTimeout(this.#startTimer);
    this.#waiting.length = 0;
    this.#running = undefined;
    for (const pending of this.#unsettled) {
      pending.settle({ error: this.#failureOf(pending.call.name) });
    }
    this.#worker?.end();
  }

  #failureOf(name: string): Corr2dError {
    const { code, message } = this.#ended as Corr2dError;
    return new Corr2dError(code, `${name === 'load' ? 'createClient' : name}: ${message}`);
  }
}

function unsendable(name: string, cause: unknown): Corr2dError {
  return invalid(`${name}: an argument cannot be sent to the worker: ${cause}`, cause);
}

function errorOf({ code, name, message }: Failure): Error {
  if (code !== undefined) return new Corr2dError(code, message);
  return Object.assign(new Error(message), { name });
}
