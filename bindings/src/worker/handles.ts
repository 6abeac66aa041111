// The handles of objects that stay in the worker of a client.

import type { EngineImageData } from '../operators/image-data.js';
import { assertInternal, Corr2dError, invalid, showShape } from '../runtime/errors.js';
import { bindMethods, methodsOf } from '../runtime/methods.js';
import { supportUsing } from '../runtime/platform.js';
import { sizeOf } from '../tensor/nested.js';
import type { Float32Data } from '../tensor/views.js';
import { Caller, type CallOptions, type CallSettings } from './call.js';
import type { Connection } from './connection.js';
import { type Held, heldBy, hold } from './held.js';
import type { Kept, KeptImage, KeptTensor } from './messages.js';

/** Frees objects whose handles were collected without having been disposed. */
const collected = new FinalizationRegistry<{ connection: Connection; id: number }>(
  ({ connection, id }) => connection.free(id),
);

/** Makes the calls of an object in the worker. */
export const callerOf = (object: RemoteObject) => heldBy(object)?.caller as Caller;

/** Throws INVALID_ARGUMENT if the object's content is in the worker: for a tensor or an image. */
function assertIsHere(object: RemoteObject, where: string): void {
  const { name, copying } = heldBy(object) as Held;
  if (copying)
    throw invalid(`${where}: the ${name} is in the worker; copy it with ${copying} first`);
}

/** Calls a method of an object in the worker. */
export async function callWorker(
  object: RemoteObject,
  name: string,
  values: readonly unknown[],
  options: object | undefined,
  settings: CallSettings = { keeps: false },
): Promise<unknown> {
  const held = heldBy(object) as Held;
  if (held.freedBy !== undefined) {
    throw new Corr2dError('DISPOSED', `${name}: the ${held.name} has been disposed`);
  }
  return callerOf(object).call(name, values, options, { ...settings, target: held.id });
}

/** An object that stays in the worker of a client: a tensor, an image or a plan. */
export abstract class RemoteObject {
  /** @internal */
  constructor(caller: Caller, kept: Kept, name: () => string, copying?: string) {
    assertInternal(caller instanceof Caller, new.target.name, 'the methods of a client');
    const { id } = kept;
    hold(this, { caller, id, name: name(), copying });
    const inherited = methodsOf(RemoteObject.prototype);
    bindMethods(this, { ...inherited, ...methodsOf(new.target.prototype) });
    collected.register(this, { connection: caller.connection, id }, this);
  }

  /**
   * Frees the object's memory after all earlier calls. Any later use throws `DISPOSED`; a second call
   * does nothing.
   *
   * @example
   * ```js
   * const x = await client.tensor([1, -2]);
   * const y = client.relu(x); // still uses x
   * x.dispose();
   * console.log((await y).data.join(), (await client.memory()).liveTensors); // 1,0 0
   * ```
   */
  dispose(): void {
    const held = heldBy(this) as Held;
    if (held.freedBy !== undefined) return;
    collected.unregister(this);
    held.scope?.remove(this);
    held.freedBy = callerOf(this).connection.free(held.id);
  }

  /** Calls `dispose()` at the end of a `using` declaration's block. */
  declare [Symbol.dispose]: () => void;

  /**
   * Returns the properties of a plan, for `JSON.stringify`. Tensors and images are not converted, because their
   * content is in the worker.
   *
   * @example
   * ```js
   * const x = await client.tensor([1, 2]);
   * const text = JSON.stringify({ shape: x.shape, data: Array.from(await x.data()) });
   * console.log(text); // {"shape":[2],"data":[1,2]}
   * ```
   *
   * @returns the properties of a plan
   * @throws `INVALID_ARGUMENT` for a tensor or an image
   */
  toJSON(): object {
    assertIsHere(this, 'toJSON');
    return { ...this };
  }

  /** Conversion to a number, as in `t + 1`, is refused: the elements of a tensor are in the worker. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint !== 'string') assertIsHere(this, 'conversion to a number');
    return Object.prototype.toString.call(this);
  }
}

/**
 * A tensor that stays in the worker of a client. Every function of that client accepts it in place of a
 * tensor, without copying the data.
 *
 * `client.tensor` and the option `keep: true` of other functions create handles. `dispose()`, `using`,
 * `client.tidy` and, some time later, the garbage collector free the tensor; the collector does not see
 * how large it is. Copy the elements to the page with `await handle.data()`.
 */
export class RemoteTensor extends RemoteObject {
  /** The size of each axis; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The number of elements. */
  readonly size: number;

  /** @internal */
  constructor(caller: Caller, kept: KeptTensor) {
    super(caller, kept, () => `tensor (shape ${showShape(kept.shape)})`, 'await data()');
    const { shape } = kept;
    this.shape = Object.freeze(shape);
    this.size = sizeOf(shape);
    Object.freeze(this);
  }

  /**
   * Copies the elements to the page.
   *
   * @example
   * ```js
   * const x = await client.tensor([[1, -2]]);
   * const y = await client.relu(x, { keep: true });
   * console.log(y.shape.join('×'), (await y.data()).join()); // 1×2 1,0
   * ```
   *
   * @param options the options of every call, such as `signal`
   * @returns the elements in row-major order, in a buffer of their own
   * @throws `DISPOSED` after `dispose()` of the handle or of the client
   */
  async data(options?: CallOptions): Promise<Float32Data> {
    return callWorker(this, 'data', [], options) as Promise<Float32Data>;
  }

  /** The name of the class, for error messages. */
  get [Symbol.toStringTag](): string {
    return 'RemoteTensor';
  }
}

/**
 * An image that stays in the worker of a client. `filter2d`, `fromImage` and `fromImageData` of that client
 * accept it in place of an image, without copying the pixels. `client.image` creates it, and so do `filter2d` and
 * `toImageData` with `keep: true`. It is freed like a {@link RemoteTensor}.
 */
export class RemoteImage extends RemoteObject {
  /** The width in pixels. */
  readonly width: number;
  /** The height in pixels. */
  readonly height: number;
  /** The colour space of the pixels, such as `'srgb'`. */
  readonly colorSpace: string;

  /** @internal */
  constructor(caller: Caller, kept: KeptImage) {
    super(caller, kept, () => `image (${kept.width}×${kept.height} pixels)`, 'await imageData()');
    const { width, height, colorSpace } = kept;
    this.width = width;
    this.height = height;
    this.colorSpace = colorSpace;
    Object.freeze(this);
  }

  /**
   * Copies the pixels to the page.
   *
   * @example
   * ```js
   * const grey = await client.toImageData([[0, 1]], { keep: true });
   * const blurred = await client.filter2d(grey, [[0.5, 0.5]]); // sends only the kernel
   * console.log(blurred.data.join()); // 0,0,0,255,128,128,128,255
   * console.log((await grey.imageData()).width); // 2
   * ```
   *
   * @param options the options of every call, such as `signal`
   * @returns an `ImageData`, or an object with the same members if the engine has no such class
   * @throws `DISPOSED` after `dispose()` of the handle or of the client
   */
  async imageData(options?: CallOptions): Promise<EngineImageData> {
    return callWorker(this, 'imageData', [], options) as Promise<EngineImageData>;
  }

  /** The name of the class, for error messages. */
  get [Symbol.toStringTag](): string {
    return 'RemoteImage';
  }
}

supportUsing(RemoteObject as never);
