import type { ColorSpace } from '../operators/image-data.js';
import type { AsyncImageSource, ImageSource } from '../operators/image-source.js';
import type { PlanFacts, PlanRunOptions } from '../operators/plan.js';
import { isPlainObject } from '../runtime/arguments.js';
import { assertInternal, unexpected } from '../runtime/errors.js';
import type { Features } from '../runtime/load-options.js';
import { bindMethods, methodsOf } from '../runtime/methods.js';
import { supportUsing } from '../runtime/platform.js';
import { version } from '../runtime/version.js';
import type { TensorLike } from '../tensor/tensor.js';
import {
  Caller,
  type CallOptions,
  isCallOptions,
  type KeepOptions,
  type ObservedOptions,
} from './call.js';
import { Connection } from './connection.js';
import { callerOf, callWorker, RemoteImage, RemoteObject, RemoteTensor } from './handles.js';
import { assertUsable, type Held, heldBy, Scope } from './held.js';
import type { Kept, KeptPlan, PlainTensor } from './messages.js';
import {
  type ClientMethods,
  METHODS,
  type MethodSettings,
  type RemoteArgument,
  type RemoteOptions,
} from './methods.js';

/** Makes the calls of each client. */
const callers = new WeakMap<Client, Caller>();

/** Ends the workers of clients that were collected without having been disposed. */
const collectedClients = new FinalizationRegistry<Connection>((connection) => connection.dispose());

// The methods of the table METHODS, which are defined below.
export interface Client extends ClientMethods<RemotePlan> {}

/**
 * corr2d in a worker of its own; `createClient()` creates it. It has the functions of an instance
 * (`Corr2d`) with the same parameters, and each returns a promise. The worker computes the calls one
 * after the other, in their order. Every function also accepts {@link CallOptions}, in its options or
 * as an additional last argument.
 *
 * The comments of the functions are those of the instance. Read `c.conv2d(…)` in their examples as
 * `await client.conv2d(…)`; the next paragraph says what takes the place of tensors in results.
 *
 * Where an instance returns tensors, a client returns plain `{ shape, data }` objects, which every
 * function accepts in place of a tensor. With `keep: true`, and from `client.tensor`, it returns a
 * {@link RemoteTensor} instead: a handle to a tensor that stays in the worker, which every function of the
 * client accepts too.
 *
 * Arguments, including tensors of an instance, are copied when the call is sent: at once if the worker is
 * idle, and otherwise when all earlier calls have ended. Do not change or dispose of them before the promise
 * settles. A call that is cancelled while it waits copies nothing. `transfer` avoids the copy.
 *
 * Errors have the same codes as those of the instance. `WORKER_FAILED` means that the worker has
 * ended; it rejects every pending call.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are defined below.
export class Client {
  /** The properties of the instance in the worker. The object is frozen. */
  readonly features: Features;
  /** The version of the package. */
  readonly version: string = version;

  /** @internal Use `createClient()` to create a client. A tidy has a client `of` another one. */
  constructor(connection: Connection, features: Features, of?: Client, scope?: Scope) {
    assertInternal(connection instanceof Connection, 'Client', 'createClient()');
    callers.set(this, new Caller(connection, of ?? this, scope, create));
    this.features = Object.freeze(features);
    if (of === undefined) collectedClients.register(this, connection, this);
    bindMethods(this, methodsOf(Client.prototype));
    Object.freeze(this);
  }

  /**
   * Copies an image to the worker, where it stays: a slider that calls `filter2d` with the handle sends only
   * the kernel.
   *
   * @example
   * ```js
   * const data = new Uint8ClampedArray([0, 0, 0, 255, 200, 200, 200, 255]);
   * const image = await client.image({ width: 2, height: 1, data });
   * const blurred = await client.filter2d(image, [[0.5, 0.5]]);
   * console.log(blurred.data.join()); // 0,0,0,255,100,100,100,255
   * image.dispose();
   * ```
   *
   * @param source a source that `fromImageAsync` accepts: an `ImageData`, an image, video or canvas element,
   * OffscreenCanvas, ImageBitmap, VideoFrame, or the Blob of an image file
   * @param options `colorSpace`, and the options of every call
   * @returns a handle
   * @throws `INVALID_ARGUMENT` if the pixels cannot be read, for example because the image comes from
   * another origin; `UNSUPPORTED` if the engine does not have the colour space
   */
  async image(
    source: AsyncImageSource,
    options?: CallOptions & { colorSpace?: ColorSpace | undefined },
  ): Promise<RemoteImage> {
    const settings = { hasOptions: true, keeps: 'always' } as const;
    return callers.get(this)?.call('image', [source], options, settings) as Promise<RemoteImage>;
  }

  /**
   * Runs a function and frees the handles that were created by the client that it receives, except those
   * that it returns: a handle, or arrays and plain objects of handles. After an exception all are freed.
   *
   * The function receives a client of its own on the same worker, so several of them can run at the same
   * time. Handles that other clients create meanwhile are not freed. Calls of `c.tidy` nest: the handles
   * that the inner function returns belong to the outer one. Plans are not freed.
   *
   * @example
   * ```js
   * const y = await client.tidy(async (c) => {
   *   const x = await c.tensor([[1, -2]]);
   *   return c.relu(x, { keep: true }); // y stays in the worker, and x is freed
   * });
   * console.log((await y.data()).join()); // 1,0
   * ```
   *
   * @param fn a function, usually `async`, that receives the client to use
   * @returns the result of the function
   * @throws `INVALID_ARGUMENT` if `fn` is not a function; and whatever the function throws
   */
  async tidy<Result>(fn: (c: Client) => Result): Promise<Awaited<Result>> {
    if (typeof fn !== 'function') throw unexpected('tidy: fn', fn, 'a function');
    const { connection, client, scope } = callers.get(this) as Caller;
    const own = new Scope();
    try {
      const result = await fn(new Client(connection, this.features, client as Client, own));
      for (const handle of handlesIn(result)) {
        if (heldBy(handle)?.scope !== own) continue;
        own.remove(handle);
        scope?.add(handle);
      }
      return result;
    } finally {
      own.close();
    }
  }

  /**
   * Exempts a handle from every enclosing `tidy`, and returns it.
   *
   * @example
   * ```js
   * let kept;
   * await client.tidy(async (c) => {
   *   kept = c.keep(await c.tensor([1, 2]));
   * });
   * console.log((await kept.data()).join()); // 1,2
   * ```
   *
   * @param handle a handle of a tensor or an image
   * @returns the handle
   * @throws `INVALID_ARGUMENT` if `handle` is not a handle of this client; `DISPOSED` if it has been disposed of
   */
  keep<Handle extends RemoteTensor | RemoteImage>(handle: Handle): Handle {
    if (!(handle instanceof RemoteObject)) {
      throw unexpected('keep: handle', handle, 'a handle of a tensor or an image in the worker');
    }
    const held = heldBy(handle) as Held;
    const { connection } = callers.get(this) as Caller;
    assertUsable(held, 'keep: handle', { connection, id: Infinity });
    held.scope?.remove(handle);
    return handle;
  }

  /**
   * Ends the worker. Pending and later calls reject with `DISPOSED`; a second `dispose()` does nothing.
   *
   * @example
   * ```js
   * client.dispose();
   * console.log(await client.relu([1]).catch(({ code }) => code)); // DISPOSED
   * ```
   */
  dispose(): void {
    const { client, connection } = callers.get(this) as Caller;
    collectedClients.unregister(client);
    connection.dispose();
  }

  /** Calls `dispose()` at the end of a `using` declaration's block. */
  declare [Symbol.dispose]: () => void;
}

supportUsing(Client);

/** The handles in the result of a tidy. */
function handlesIn(result: unknown, seen = new Set<unknown>()): RemoteObject[] {
  if (result instanceof RemoteObject) return [result];
  if (seen.has(result) || !(Array.isArray(result) || isPlainObject(result))) return [];
  seen.add(result);
  return Object.values(result).flatMap((one) => handlesIn(one, seen));
}

for (const [name, settings] of Object.entries<MethodSettings>(METHODS)) {
  const count = settings.parameters;
  const method = async function (this: Client, ...args: unknown[]): Promise<unknown> {
    // The options may follow fewer arguments than the function has.
    const last = args.length - 1;
    const place = last < count && isCallOptions(args[last]) ? last : count;
    const values = args.slice(0, place);
    values.length = count;
    return callers.get(this)?.call(name, values, args[place], { hasTasks: true, ...settings });
  };
  // The number of arguments that are not surplus.
  Object.defineProperty(method, 'length', { value: count + 1 });
  Object.assign(Client.prototype, { [name]: method });
}

// The properties, which the constructor assigns.
export interface RemotePlan extends PlanFacts {}

/** A convolution that is prepared in the worker of a client. The weight stays there. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns the properties.
export class RemotePlan extends RemoteObject {
  readonly #description: string;

  /** @internal Use `client.planConv2d` or `client.planConv1d` to create a plan. */
  constructor(caller: Caller, plan: KeptPlan) {
    super(caller, plan, () => 'plan');
    const { kept: _, id: _id, description, ...facts } = plan;
    Object.freeze(facts.outputShape);
    Object.assign(this, facts);
    this.#description = description;
    Object.freeze(this);
  }

  /** The client whose worker holds the plan. */
  get client(): Client {
    return callerOf(this).client as Client;
  }

  /**
   * Runs the plan on an input of the planned shape. With `signal` or `onProgress`, it runs a few tasks
   * at a time, like `plan.runAsync` of an instance; the result has the same bits.
   *
   * @example
   * ```js
   * const plan = await client.planConv2d({ inputShape: [1, 1, 3], weight: [[[[1, 1]]]] });
   * const y = await plan.run([[[1, 2, 3]]]);
   * console.log(y.data.join()); // 3,5
   * ```
   *
   * @param input an input of the planned shape, or a handle
   * @param options `add`, for a plan made with `add: true`, `signal`, `onProgress`, `keep` and `latest`
   * @returns the result: data, or a handle with `keep: true`
   * @throws `SHAPE_MISMATCH` if the input has another shape; `DISPOSED` after `dispose()` of the plan
   */
  async run<Keep extends boolean | undefined = undefined>(
    input: RemoteArgument<TensorLike | ImageSource>,
    options?: RemoteOptions<PlanRunOptions, ObservedOptions> & KeepOptions<Keep>,
  ): Promise<Keep extends true ? RemoteTensor : PlainTensor> {
    const settings = { hasOptions: true, hasTasks: true };
    return callWorker(this, 'run', [input], options, settings) as never;
  }

  /**
   * Runs the plan on zeros for at least 50 ms, so that the engine compiles it with optimisation.
   *
   * @example
   * ```js
   * const plan = await client.planConv2d({ inputShape: [1, 1, 3], weight: [[[[1, 1]]]] });
   * await plan.warmup();
   * console.log((await plan.run([[[1, 2, 3]]])).data.join()); // 3,5
   * ```
   *
   * @param options the options of every call, such as `signal`
   * @returns a promise that resolves after the last run
   * @throws `DISPOSED` after `dispose()` of the plan
   */
  async warmup(options?: CallOptions): Promise<void> {
    await callWorker(this, 'warmup', [], options);
  }

  /**
   * Describes the plan in four lines: the shapes, the algorithm and the reason for it, the number of
   * multiply-adds and tasks, and the memory.
   *
   * @example
   * ```js
   * const plan = await client.planConv2d({ inputShape: [1, 1, 3], weight: [[[[1, 1]]]] });
   * console.log(plan.describe().split('\n')[0]); // conv2d of 1×1×3 by 1×1×1×2 to 1×1×2
   * ```
   *
   * @returns the lines, separated by line feeds
   */
  describe(): string {
    return this.#description;
  }
}

/** Creates the handle or the plan for an object that stays in the worker. */
function create(caller: Caller, kept: Kept): RemoteObject {
  if (kept.kept === 'tensor') return new RemoteTensor(caller, kept);
  return kept.kept === 'image' ? new RemoteImage(caller, kept) : new RemotePlan(caller, kept);
}
