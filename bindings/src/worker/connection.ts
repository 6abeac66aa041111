// The client's end of the connection to its worker: it sends the calls one after the other, and
// rejects those that are pending when the worker ends.

import { Corr2dError } from '../runtime/errors.js';
import type { Variant } from '../runtime/load-options.js';
import { abortReason } from '../runtime/platform.js';
import {
  NOT_LOADED,
  START_TIMEOUT_MS,
  type StartedWorker,
  startWorker,
  type WorkerScript,
} from '../runtime/start-worker.js';
import type { CallSignal, Failure, FromWorker, ToWorker } from './messages.js';
import { calledName, closeAll, pack, placeOf, uncloneable, unsendable } from './pack.js';

type Outcome = { value: unknown } | { error: unknown };

/** A call to be sent. */
export interface Request {
  readonly name: string;
  /** The arguments, which are copied when the call is sent. */
  readonly args: readonly unknown[];
  readonly transfer?: readonly object[];
  /** The id of the object whose method is called. */
  readonly target?: number | undefined;
  readonly signal?: CallSignal | undefined;
  readonly onProgress?: ((done: number, tasks: number) => void) | undefined;
  readonly isObserved?: boolean;
  readonly keeps?: boolean;
  /** Whether to reject older calls of the same function that wait. */
  readonly latest?: boolean;
  /**
   * Converts an answer to the result, whose handles are freed if the call was aborted. It holds the client,
   * which must not be collected before the answer: that would end the worker.
   */
  convert?(value: unknown, isAborted: boolean): unknown;
}

/** A call that has no answer yet. */
interface Pending {
  readonly id: number;
  readonly name: string;
  /** Undefined once the call has been sent, so that the arguments can be collected. */
  request: Request | undefined;
  readonly onProgress: Request['onProgress'];
  readonly convert: Request['convert'];
  /** Settles the promise of the caller. Later answers of the worker are ignored. */
  settle(outcome: Outcome): void;
}

/** The name of the call that frees objects. */
const FREE = 'dispose';

/** Why a script cannot be loaded, although browsers do not say so. */
const CAUSES =
  '; usual causes: the bundler did not copy it, a Content-Security-Policy without worker-src for it, or ' +
  'no Cross-Origin-Embedder-Policy on its response; see docs/troubleshooting.md#bundlers';

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
        failed: (cause) => this.#fail(`has failed: ${textOf(cause)}`),
        ended: () => this.#fail('has ended'),
      });
    } catch (cause) {
      this.#fail(`could not be started: ${textOf(cause)}`);
      return;
    }
    this.#startTimer = setTimeout(
      () => this.#fail(`did not start within ${START_TIMEOUT_MS / 1000} s`),
      START_TIMEOUT_MS,
    );
  }

  /** Sends a call after all earlier ones. Returns the promise of its result. */
  send(request: Request): Promise<unknown> {
    return this.#enqueue(++this.#lastId, request);
  }

  /** Frees an object of the worker after all earlier calls. Returns the id of the call that frees it. */
  free(object: number): number {
    const last = this.#waiting[this.#waiting.length - 1];
    if (last?.request && last.name === FREE) {
      (last.request.args as number[]).push(object);
      return last.id;
    }
    // If the worker has ended, the object has been freed with it.
    this.send({ name: FREE, args: [object] }).catch(() => {});
    return this.#lastId;
  }

  /** Ends the worker, and rejects every pending call. */
  dispose(): void {
    this.#end(new Corr2dError('DISPOSED', 'this corr2d client has been disposed'));
  }

  #enqueue(id: number, request: Request): Promise<unknown> {
    const { name, target, signal, latest, onProgress, convert } = request;
    return new Promise((resolve, reject) => {
      if (this.#ended) throw this.#failureOf(name);
      if (signal?.aborted) throw abortReason(signal);
      const onAbort = () => this.#abort(pending, abortReason(signal as CallSignal));
      const pending: Pending = {
        id,
        name,
        request,
        onProgress,
        convert,
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
      for (const older of latest ? [...this.#waiting] : []) {
        if (older.name === name && older.request?.target === target) {
          this.#abort(older, abortReason({}));
        }
      }
      this.#unsettled.add(pending);
      this.#waiting.push(pending);
      this.#worker?.keepAlive(true);
      this.#sendNext();
    });
  }

  #sendNext(): void {
    while (this.#isStarted && !this.#running && !this.#ended) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running = next;
      try {
        this.#sendCall(next, next.request as Request);
      } catch (error) {
        this.#running = undefined;
        next.settle({ error });
      }
      next.request = undefined;
    }
  }

  /** Copies the arguments of a call and sends it, at once unless there are DOM elements to read. */
  #sendCall(pending: Pending, request: Request): void {
    const { id, name } = pending;
    const { target, isObserved = false, keeps = false, transfer: given = [] } = request;
    const packed = pack(request.args, { name, id, connection: this, transfer: given });
    const { args, references, transfer, bitmaps } = packed;
    const post = () => {
      try {
        this.#post({ id, name, args, references, target, isObserved, keeps }, transfer);
      } catch (cause) {
        throw unsendable(placeOf(name, uncloneable(args)), cause);
      }
    };
    if (bitmaps.length === 0) {
      post();
      return;
    }
    Promise.all(bitmaps)
      .then(() => {
        if (this.#unsettled.has(pending)) return post();
        closeAll(bitmaps);
        this.#answered({ error: undefined });
      })
      .catch((error) => {
        closeAll(bitmaps);
        this.#answered({ error });
      });
  }

  #receive(message: FromWorker): void {
    // A worker that the caller has created may send other messages too.
    if (this.#ended || typeof message !== 'object' || message === null) return;
    if ('lock' in message) this.#started(message.lock);
    else if ('wanted' in message) this.#sendChunk(message.wanted);
    else if ('done' in message) this.#progress(message.done, message.tasks);
    else if ('unreadable' in message) {
      this.#answered({ error: unsendable(placeOf(this.#running?.name ?? ''), message.unreadable) });
    } else if ('value' in message) {
      this.#answered(message);
    } else if ('failure' in message) {
      this.#answered({ error: errorOf(message.failure, this.#running?.name) });
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

  #answered(outcome: Outcome): void {
    const pending = this.#running;
    this.#running = undefined;
    pending?.settle('value' in outcome ? this.#result(pending, outcome.value) : outcome);
    this.#sendNext();
  }

  #result(pending: Pending, value: unknown): Outcome {
    try {
      const isAborted = !this.#unsettled.has(pending);
      return { value: pending.convert ? pending.convert(value, isAborted) : value };
    } catch (error) {
      return { error };
    }
  }

  #abort(pending: Pending, error: unknown): void {
    const place = this.#waiting.indexOf(pending);
    if (place >= 0) this.#waiting.splice(place, 1);
    else if (pending === this.#running) this.#post({ abort: pending.id });
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
      pending.settle({ error: this.#failureOf(pending.name) });
    }
    this.#worker?.end();
  }

  #failureOf(name: string): Corr2dError {
    const { code, message } = this.#ended as Corr2dError;
    return new Corr2dError(code, `${calledName(name)}: ${message}`);
  }
}

function textOf(cause: unknown): string {
  const text = String(cause instanceof Error ? cause.message : cause);
  return text.startsWith(NOT_LOADED) ? `${text}${CAUSES}` : text;
}

/** The error of a call. Errors of `load` name createClient, which the user called. */
function errorOf({ code, name, message }: Failure, caller?: string): Error {
  if (code !== undefined) {
    const text =
      caller === 'load' ? message.replace(/^load: /, `${calledName(caller)}: `) : message;
    return new Corr2dError(code, text);
  }
  return Object.assign(new Error(message), { name });
}
