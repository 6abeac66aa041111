// The client's side of what is said to its worker: which call is sent when, and what becomes of those
// that wait when it ends.

import type { Variant } from '../instance.js';
import { Corr2dError } from '../runtime/corr2d-error.js';
import { startThread, type Thread, type WorkerScript } from '../runtime/start-worker.js';
import type { Call, CallSignal, Failure, FromWorker, ToWorker } from './messages.js';

/** So long a worker may take to start, in milliseconds. Scripts come over networks. */
const startLimit = 10_000;

/** A call that nobody has answered yet. */
interface Pending {
  readonly call: Call;
  readonly transfer: readonly object[];
  readonly onProgress: ((done: number, tasks: number) => void) | undefined;
  /** What must not be collected before there is an answer: with it the worker would be ended. */
  readonly owner: unknown;
  /** Ends it for the caller; what the worker says of it afterwards is heard by nobody. */
  settle(outcome: { value: unknown } | { error: unknown }): void;
}

/** What a call is beside its name and its arguments. */
export interface Asked {
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
  readonly #thread: Thread | undefined;
  readonly #chunkOf: (variant: Variant) => Promise<{ compressed: string }>;
  readonly #startTimer: ReturnType<typeof setTimeout> | undefined;
  #isStarted = false;
  #lastId = 0;
  /** Those that have not been sent. */
  readonly #waiting: Pending[] = [];
  /** The one that the worker has in hand; it may have been settled. */
  #sent: Pending | undefined;
  /** Those that have not been settled. */
  readonly #unsettled = new Set<Pending>();
  /** Why there is no worker any more. */
  #ended: Corr2dError | undefined;

  constructor(
    script: WorkerScript,
    chunkOf: (variant: Variant) => Promise<{ compressed: string }>,
  ) {
    this.#chunkOf = chunkOf;
    try {
      this.#thread = startThread(script, {
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
      () => this.#fail(`did not start within ${startLimit / 1000} s`),
      startLimit,
    );
  }

  /** Has the worker do it when its turn has come: a promise of the answer, and the id of the call. */
  ask(asked: Asked): { id: number; answer: Promise<unknown> } {
    const id = ++this.#lastId;
    return { id, answer: this.#ask(id, asked) };
  }

  /** Ends the worker, and every call that has no answer. */
  dispose(): void {
    this.#end(new Corr2dError('DISPOSED', 'this corr2d client has been disposed'));
  }

  #ask(id: number, asked: Asked): Promise<unknown> {
    const { name, args, plan, isObserved = false, transfer = [], signal, onProgress } = asked;
    return new Promise((resolve, reject) => {
      if (this.#ended) throw this.#failureOf(name);
      if (signal?.aborted) throw reasonOf(signal);
      const aborted = () => this.#abort(pending, reasonOf(signal as CallSignal));
      const pending: Pending = {
        call: { id, name, args, plan, isObserved },
        transfer,
        onProgress,
        owner: asked.owner,
        settle: (outcome) => {
          if (!this.#unsettled.delete(pending)) return;
          if (this.#unsettled.size === 0) this.#thread?.keep(false);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.value);
          try {
            signal?.removeEventListener('abort', aborted);
          } catch {
            // A signal of the caller's own; nobody waits for this any more.
          }
        },
      };
      signal?.addEventListener('abort', aborted);
      this.#unsettled.add(pending);
      this.#waiting.push(pending);
      this.#thread?.keep(true);
      this.#sendNext();
    });
  }

  #sendNext(): void {
    if (!this.#isStarted || this.#sent || this.#ended) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#sent = next;
    try {
      this.#post(next.call, next.transfer);
    } catch (cause) {
      // A function in an option, say, or memory that was handed over before.
      this.#sent = undefined;
      next.settle({ error: unsendable(next.call.name, cause) });
      this.#sendNext();
    }
  }

  #receive(message: FromWorker): void {
    // Workers that callers make may say other things too.
    if (this.#ended || typeof message !== 'object' || message === null) return;
    if ('lock' in message) this.#started(message.lock);
    else if ('wanted' in message) this.#sendChunk(message.wanted);
    else if ('done' in message) this.#progress(message.done, message.tasks);
    else if ('unreadable' in message) {
      this.#answered({ error: unsendable(this.#sent?.call.name ?? '', message.unreadable) });
    } else if ('value' in message) {
      this.#answered(message);
    } else if ('failure' in message) {
      this.#answered({ error: errorOf(message.failure) });
    }
  }

  #started(lock: string | undefined): void {
    clearTimeout(this.#startTimer);
    this.#isStarted = true;
    // It is given when the worker that has it is no more.
    if (lock !== undefined) {
      globalThis.navigator?.locks?.request(lock, () => this.#fail('has ended')).catch(() => {});
    }
    this.#sendNext();
  }

  async #sendChunk(chunk: Variant): Promise<void> {
    const message = await this.#chunkOf(chunk).then(
      ({ compressed }) => ({ chunk, compressed }),
      (cause) => ({ chunk, failure: String(cause) }),
    );
    if (!this.#ended) this.#post(message);
  }

  #progress(done: number, tasks: number): void {
    const pending = this.#sent;
    if (pending === undefined || !this.#unsettled.has(pending)) return;
    try {
      pending.onProgress?.(done, tasks);
    } catch (error) {
      this.#abort(pending, error);
    }
  }

  #answered(outcome: { value: unknown } | { error: unknown }): void {
    this.#sent?.settle(outcome);
    this.#sent = undefined;
    this.#sendNext();
  }

  #abort(pending: Pending, error: unknown): void {
    const place = this.#waiting.indexOf(pending);
    if (place >= 0) this.#waiting.splice(place, 1);
    else if (pending === this.#sent) this.#post({ abort: pending.call.id });
    pending.settle({ error });
  }

  #post(message: ToWorker, transfer?: readonly object[]): void {
    this.#thread?.post(message, transfer);
  }

  #fail(what: string): void {
    this.#end(new Corr2dError('WORKER_FAILED', `the worker of this client ${what}`));
  }

  #end(error: Corr2dError): void {
    if (this.#ended) return;
    this.#ended = error;
    clearTimeout(this.#startTimer);
    this.#waiting.length = 0;
    this.#sent = undefined;
    for (const pending of this.#unsettled) {
      pending.settle({ error: this.#failureOf(pending.call.name) });
    }
    this.#thread?.end();
  }

  #failureOf(name: string): Corr2dError {
    const { code, message } = this.#ended as Corr2dError;
    return new Corr2dError(code, `${name === 'load' ? 'createClient' : name}: ${message}`);
  }
}

function unsendable(name: string, cause: unknown): Corr2dError {
  const message = `${name}: an argument cannot be sent to the worker: ${cause}`;
  return new Corr2dError('INVALID_ARGUMENT', message, { cause });
}

function errorOf({ code, name, message }: Failure): Error {
  if (code !== undefined) return new Corr2dError(code, message);
  return Object.assign(new Error(message), { name });
}

/** Older engines give no reason. */
function reasonOf(signal: CallSignal): unknown {
  return signal.reason ?? new DOMException('aborted', 'AbortError');
}
