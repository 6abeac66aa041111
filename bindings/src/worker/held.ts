// The objects in the worker that a client's objects stand for.

import { Corr2dError, invalid } from '../runtime/errors.js';
import type { Disposable } from '../runtime/scopes.js';

/** An object in the worker: a tensor, an image or a plan. */
export interface Held {
  /** Makes the calls of the client that created it. */
  readonly caller: { readonly connection: object };
  readonly id: number;
  /** The object in messages, such as `tensor (shape 2×3)`. */
  readonly name: string;
  /** The call that copies the object's content to the page, such as `await data()`; plans have none. */
  readonly copying?: string | undefined;
  /** The tidy that frees the object. */
  scope?: Scope | undefined;
  /** The id of the call that frees the object; undefined unless it has been disposed of. */
  freedBy?: number;
}

/** The object in the worker that each handle and plan stands for. */
const all = new WeakMap<object, Held>();

/** The object in the worker that `value` stands for; undefined for any other value. */
export function heldBy(value: unknown): Held | undefined {
  return all.get(value as object);
}

/** Makes `handle` stand for an object. */
export function hold(handle: object, held: Held): void {
  all.set(handle, held);
}

/** Throws unless an object belongs to this client and has not been disposed of before the call `id`. */
export function assertUsable(
  held: Held,
  where: string,
  { connection, id }: { readonly connection: object; readonly id: number },
): void {
  if (held.caller.connection !== connection) {
    throw invalid(`${where} is the ${held.name} of another client; expected one of this client`);
  }
  // A call that was made before the disposal may still use the object.
  if (held.freedBy !== undefined && held.freedBy < id) {
    throw new Corr2dError('DISPOSED', `${where}, the ${held.name}, has been disposed`);
  }
}

/** The handles that a tidy frees. */
export class Scope {
  readonly #handles = new Set<Disposable>();
  #isClosed = false;

  /** Takes a handle, and frees it at once if the tidy has ended. */
  add(handle: Disposable): void {
    if (this.#isClosed) {
      handle.dispose();
      return;
    }
    this.#handles.add(handle);
    const held = heldBy(handle);
    if (held) held.scope = this;
  }

  /** Gives a handle up: it is not freed. */
  remove(handle: object): void {
    if (!this.#handles.delete(handle as Disposable)) return;
    const held = heldBy(handle);
    if (held) held.scope = undefined;
  }

  /** Frees the handles, and those that are added later. */
  close(): void {
    this.#isClosed = true;
    for (const handle of this.#handles) handle.dispose();
  }
}
