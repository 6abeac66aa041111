// The calls of a client: their options, and the conversion of their answers.

import { createImageData, type ImageDataLike } from '../operators/image-data.js';
import * as argument from '../runtime/arguments.js';
import { invalid, show, unexpected } from '../runtime/errors.js';
import type { Disposable } from '../runtime/scopes.js';
import type { Connection } from './connection.js';
import { Scope } from './held.js';
import type { CallSignal, Kept } from './messages.js';

/** The options that every call accepts in addition to those of the function. */
export interface CallOptions {
  /**
   * An `AbortSignal`. When it is aborted, the promise is rejected with its reason at once. A call that
   * has not started never starts; a call that computes tensors stops after the current tasks.
   */
  signal?: CallSignal | undefined;
  /**
   * Buffers of arguments that are transferred to the worker instead of copied, as by `postMessage`, when
   * the call is sent. The caller's views of these buffers are empty afterwards.
   */
  transfer?: readonly object[] | undefined;
  /**
   * Only the latest call counts: older calls of the same function, or of the same plan, that have not
   * started are rejected with an `AbortError`. Default false.
   */
  latest?: boolean | undefined;
}

/**
 * The option of functions that return tensors or images.
 *
 * @typeParam Keep `true` if the result stays in the worker; it decides the type of the result
 */
export interface KeepOptions<Keep extends boolean | undefined = boolean | undefined> {
  /**
   * Whether the result stays in the worker. If so, the promise resolves to a handle, which every function
   * of the client accepts in place of the data. Default false; `client.tensor` and `client.image` always
   * keep the result.
   */
  keep?: Keep | undefined;
}

/**
 * The options of calls that compute tensors. With `signal` or `onProgress` they run a few tasks at a time, with plans;
 * the plan of a convolution may choose another algorithm than the call without them, and then rounds differently.
 */
export interface ObservedOptions extends CallOptions {
  /**
   * Called about every 10 ms with the number of finished tasks and of all tasks. If it throws, the
   * call ends, and the promise is rejected with that error.
   */
  onProgress?: ((done: number, tasks: number) => void) | undefined;
}

/** How a function is called in the worker. */
export interface CallSettings {
  /** Whether the function has an options object as its last parameter. */
  readonly hasOptions?: boolean;
  /** Whether the worker can run the function a few tasks at a time. */
  readonly hasTasks?: boolean;
  /**
   * False if the result contains neither tensors nor images, `'always'` if they always stay in the worker.
   * By default, the caller decides.
   */
  readonly keeps?: boolean | 'always';
  /** The id of the object whose method is called. */
  readonly target?: number;
}

const OPTIONS = ['signal', 'transfer', 'latest', 'keep', 'onProgress'];

/** Whether `value` is an object that has only options of every call, and at least one. */
export function isCallOptions(value: unknown): value is object {
  if (!argument.isPlainObject(value)) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => OPTIONS.includes(name));
}

/** Checks that `signal` is undefined or has what a call uses of an `AbortSignal`. */
export function readSignal(signal: unknown, where: string): CallSignal | undefined {
  const given = signal as CallSignal | undefined;
  if (
    given !== undefined &&
    (typeof given?.addEventListener !== 'function' ||
      typeof given.removeEventListener !== 'function')
  ) {
    throw unexpected(`${where}: signal`, given, 'an AbortSignal');
  }
  return given;
}

type Create = (caller: Caller, kept: Kept) => Disposable;

/** Makes the calls of a client, or of the client that a tidy passes to its function. */
export class Caller {
  readonly connection: Connection;
  /** The client, which lives as long as its calls and handles. */
  readonly client: object;
  readonly scope: Scope | undefined;
  /** Creates the handle or the plan for an object that stays in the worker. */
  readonly #create: Create;

  constructor(connection: Connection, client: object, scope: Scope | undefined, create: Create) {
    this.connection = connection;
    this.client = client;
    this.scope = scope;
    this.#create = create;
  }

  /** Calls a function in the worker. */
  call(
    name: string,
    values: readonly unknown[],
    options: unknown,
    settings: CallSettings,
  ): Promise<unknown> {
    const { hasOptions, hasTasks, keeps = true, target } = settings;
    if (options !== undefined && !argument.isPlainObject(options)) {
      throw unexpected(`${name}: options`, options, 'an object');
    }
    const {
      signal,
      onProgress,
      transfer = [],
      latest,
      keep,
      ...own
    } = (options ?? {}) as ObservedOptions & KeepOptions & Record<string, unknown>;
    readSignal(signal, name);
    if (!Array.isArray(transfer)) throw unexpected(`${name}: transfer`, transfer, 'an array');
    if (onProgress !== undefined && !hasTasks) {
      throw invalid(
        `${name}: onProgress is not supported; only functions that compute tensors accept it`,
      );
    }
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw unexpected(`${name}: onProgress`, onProgress, 'a function');
    }
    if (keep !== undefined && !keeps) {
      throw invalid(`${name}: keep is not supported; the result is neither a tensor nor an image`);
    }
    for (const [option, value] of Object.entries(own)) {
      if (value === undefined) continue;
      if (option === 'out') throw invalid(`${name}: option "out" is not supported on a client`);
      if (!hasOptions) {
        throw invalid(
          `${name}: unknown option ${show(option)}; expected one of ${OPTIONS.join(', ')}`,
        );
      }
    }
    return this.connection.send({
      name,
      args: hasOptions ? [...values, own] : values,
      transfer,
      target,
      signal,
      onProgress,
      isObserved: Boolean(hasTasks && (signal || onProgress)),
      keeps: argument.flag(keep, `${name}: keep`, keeps === 'always'),
      latest: argument.flag(latest, `${name}: latest`),
      convert: (value, isAborted) => this.#convert(name, value, isAborted ? closed : this.scope),
    });
  }

  /** Replaces images and kept objects in the answer to a call of `name`. The handles belong to `scope`. */
  #convert(name: string, value: unknown, scope: Scope | undefined): unknown {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    if (Array.isArray(value)) return value.map((one) => this.#convert(name, one, scope));
    if ('kept' in value) {
      const kept = value as Kept;
      const handle = this.#create(this, kept);
      // A tidy frees no plans.
      if (kept.kept !== 'plan' || scope === closed) scope?.add(handle);
      return handle;
    }
    const { data, width, height, colorSpace } = value as ImageDataLike;
    if (data instanceof Uint8ClampedArray) {
      return createImageData(name, data, width, height, colorSpace);
    }
    const members = Object.entries(value);
    return Object.fromEntries(members.map(([key, one]) => [key, this.#convert(name, one, scope)]));
  }
}

/** The scope of handles that nobody receives, because their call was aborted. */
const closed = new Scope();
closed.close();
