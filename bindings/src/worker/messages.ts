// What a client and its worker say to each other. The client sends one call at a time, so that what
// waits can be taken back: a call that has not been sent is never started.

import type { Variant } from '../instance.js';
import type { Corr2dErrorCode } from '../runtime/corr2d-error.js';

/** A call, which the worker answers once. */
export interface Call {
  readonly id: number;
  /** A method of the instance, or of the plan that `plan` is; `load` makes the instance. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** The id of the call that made the plan. */
  readonly plan?: number | undefined;
  /** Whether it is to be done some tasks at a time, which are told of and can be its last. */
  readonly isObserved: boolean;
}

/** A variant's bytes, as its chunk holds them; or why they could not be imported. */
export interface Chunk {
  readonly chunk: Variant;
  readonly compressed?: string;
  readonly failure?: string;
}

export type ToWorker =
  | Call
  | Chunk
  /** The call of this id is wanted no more. */
  | { readonly abort: number };

/** How an error crosses: classes do not. */
export interface Failure {
  readonly code?: Corr2dErrorCode | undefined;
  readonly name: string;
  readonly message: string;
}

export type FromWorker =
  /** Its script runs. It holds the lock, if there are any, for as long as it lives. */
  | { readonly lock: string | undefined }
  /** It wants this variant's chunk. Bundlers break workers that import on demand. */
  | { readonly wanted: Variant }
  | { readonly id: number; readonly done: number; readonly tasks: number }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }
  /** The call it was sent last could not be read. */
  | { readonly unreadable: string };

/** What a tensor crosses as, and what users get. */
export interface PlainTensor {
  /** How long each axis is; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The elements in row-major order, in memory of their own. */
  readonly data: Float32Array;
}

/** What a plan tells of itself: the answer to `planConv2d`. */
export interface PlanFacts {
  readonly algorithm: string;
  readonly outputShape: readonly number[];
  readonly macs: number;
  readonly flops: number;
  readonly weightBytes: number;
  readonly workspaceBytes: number;
  readonly tasks: number;
  readonly description: string;
}

/** What a call asks of an `AbortSignal`, also where the types of the DOM are not to be had. */
export interface CallSignal {
  /** Whether it has been aborted. */
  readonly aborted: boolean;
  /** Why: what the promise is rejected with. */
  readonly reason?: unknown;
  /** Calls `listener` when it is aborted. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Takes it back. */
  removeEventListener(type: 'abort', listener: () => void): void;
}
