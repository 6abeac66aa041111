// The messages between a client and its worker. The client sends one call at a time, so that a waiting
// call can be withdrawn before the worker starts it.

import type { PlanFacts, Signal } from '../operators/plan.js';
import type { Corr2dErrorCode } from '../runtime/corr2d-error.js';
import type { Variant } from '../runtime/load-options.js';
import type { Float32Data } from '../tensor/views.js';

/** A call. The worker answers it with one value or failure. */
export interface Call {
  readonly id: number;
  /** A method of the instance, or of the plan `plan`. `load` creates the instance. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** The id of the call that created the plan. */
  readonly plan?: number | undefined;
  /** Whether to run a few tasks at a time, to report progress and to allow an abort. */
  readonly isObserved: boolean;
}

/** The binary of a variant as its chunk contains it, or why the chunk could not be imported. */
export interface Chunk {
  readonly chunk: Variant;
  readonly compressed?: string;
  readonly failure?: string;
}

export type ToWorker =
  | Call
  | Chunk
  /** Aborts the call with this id. */
  | { readonly abort: number };

/** An error in a message, since classes cannot be sent. */
export interface Failure {
  readonly code?: Corr2dErrorCode | undefined;
  readonly name: string;
  readonly message: string;
}

export type FromWorker =
  /** The script has started. It holds this lock until it ends; undefined without locks. */
  | { readonly lock: string | undefined }
  /** Asks for the chunk of a variant: bundlers break workers that import on demand. */
  | { readonly wanted: Variant }
  | { readonly id: number; readonly done: number; readonly tasks: number }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }
  /** The last call could not be deserialised. */
  | { readonly unreadable: string };

/** A tensor in a message, and the result that clients return in its place. */
export interface PlainTensor {
  /** The size of each axis; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The elements in row-major order, in a buffer of their own. */
  readonly data: Float32Data;
}

/** The answer to `planConv2d` and `planConv1d`. */
export interface PlanAnswer extends PlanFacts {
  readonly description: string;
}

/** The members of an `AbortSignal` that a call uses, for programs without the DOM's types. */
export interface CallSignal extends Signal {
  /** Calls `listener` when the signal is aborted. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Removes a listener. */
  removeEventListener(type: 'abort', listener: () => void): void;
}
