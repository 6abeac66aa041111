// The messages between a client and its worker. The client sends one call at a time, so that a waiting
// call can be withdrawn before the worker starts it.

import type { PlanFacts } from '../operators/plan.js';
import type { Signal } from '../problem/slices.js';
import type { Corr2dErrorCode } from '../runtime/corr2d-error.js';
import type { Variant } from '../runtime/load-options.js';
import type { Float32Data } from '../tensor/views.js';

/** A call. The worker answers it with one value or failure. */
export interface Call {
  readonly id: number;
  /** A method of the instance, or of the object `target`. `load` creates the instance. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** The objects of the worker that belong into `args`. */
  readonly references: readonly Reference[];
  /** The id of the object whose method is called. */
  readonly target?: number | undefined;
  /** Whether to run a few tasks at a time, to report progress and to allow an abort. */
  readonly isObserved: boolean;
  /** Whether the tensors and images of the result stay in the worker. */
  readonly keeps: boolean;
}

/** The keys that lead from the arguments of a call to one place in them. */
export type Path = readonly (string | number)[];

/** A place in the arguments of a call, and the id of the object that belongs there. */
export interface Reference {
  readonly path: Path;
  readonly id: number;
}

/** Writes `value` to a place in the arguments of a call. */
export function setAt(args: readonly unknown[], path: Path, value: unknown): void {
  const parent = path.slice(0, -1).reduce((one, key) => (one as never)[key], args as object);
  (parent as Record<string, unknown>)[path[path.length - 1] as string] = value;
}

/** An object that stays in the worker, in an answer. */
export type Kept = KeptTensor | KeptImage | KeptPlan;

export interface KeptTensor {
  readonly kept: 'tensor';
  readonly id: number;
  readonly shape: readonly number[];
}

export interface KeptImage {
  readonly kept: 'image';
  readonly id: number;
  readonly width: number;
  readonly height: number;
  readonly colorSpace: string;
}

export interface KeptPlan extends PlanFacts {
  readonly kept: 'plan';
  readonly id: number;
  readonly description: string;
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

/** The members of an `AbortSignal` that a call uses, for programs without the DOM's types. */
export interface CallSignal extends Signal {
  /** Calls `listener` when the signal is aborted. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Removes a listener. */
  removeEventListener(type: 'abort', listener: () => void): void;
}
