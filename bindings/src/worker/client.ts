import type { Conv1dPlanOptions } from '../operators/conv1d.js';
import type { FromImageOptions, ImageSource } from '../operators/image.js';
import { createImageData, type ImageDataLike } from '../operators/image-data.js';
import type { Conv2dPlanOptions, PlanFacts } from '../operators/plan.js';
import { Corr2dError, invalid, show, tagOf, unexpected } from '../runtime/errors.js';
import type { Features } from '../runtime/load-options.js';
import { supportUsing } from '../runtime/platform.js';
import { version } from '../runtime/version.js';
import type { TensorLike } from '../tensor/tensor.js';
import type { Connection } from './connection.js';
import type { PlainTensor, PlanAnswer } from './messages.js';
import {
  type CallOptions,
  type ClientMethods,
  METHODS,
  type MethodSettings,
  type ObservedOptions,
  type RemoteOptions,
} from './methods.js';
import { pack } from './pack.js';

interface CallSettings extends Omit<MethodSettings, 'parameters'> {
  /** The id of the plan whose method is called. */
  readonly plan?: number;
}

/** Sends a call. Returns its id and the promise of its result. */
function send(
  connection: Connection,
  owner: unknown,
  name: string,
  values: readonly unknown[],
  options: unknown,
  { hasOptions, hasTasks, plan }: CallSettings,
): { id: number; answer: Promise<unknown> } {
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  if (options !== undefined && !isObject) {
    throw unexpected(`${name}: options`, options, 'an object');
  }
  const { signal, onProgress, transfer = [], ...own } = (options ?? {}) as ObservedOptions;
  if (
    signal !== undefined &&
    (typeof signal?.addEventListener !== 'function' ||
      typeof signal.removeEventListener !== 'function')
  ) {
    throw unexpected(`${name}: signal`, signal, 'an AbortSignal');
  }
  if (!Array.isArray(transfer)) throw unexpected(`${name}: transfer`, transfer, 'an array');
  if (onProgress !== undefined && !hasTasks) {
    throw invalid(`${name}: onProgress is not supported; only conv2d and plans accept it`);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw unexpected(`${name}: onProgress`, onProgress, 'a function');
  }
  for (const [option, value] of Object.entries(own)) {
    if (value !== undefined && (!hasOptions || option === 'out')) {
      throw invalid(`${name}: option ${show(option)} is not supported on a client`);
    }
  }
  const allTransfer = [...transfer];
  const args = packArguments(name, hasOptions ? [...values, own] : values, allTransfer);
  const isObserved = Boolean(hasTasks && (signal || onProgress));
  const call = { name, args, plan, isObserved, transfer: allTransfer, signal, onProgress, owner };
  return connection.send(call);
}

/** @internal Converts arguments to what is sent. Throws INVALID_ARGUMENT if one cannot be copied. */
export function packArguments(
  name: string,
  values: readonly unknown[],
  transfer: object[],
): readonly unknown[] {
  const given = new Set(transfer);
  try {
    return values.map((value) => pack(name, value, given, transfer));
  } catch (cause) {
    // For example, a tensor was disposed.
    if (cause instanceof Corr2dError) throw cause;
    throw invalid(`${name}: an argument cannot be copied: ${cause}`, cause);
  }
}

/** The connection of each client, for methods that are defined outside the class. */
const connections = new WeakMap<Client, Connection>();

const connectionOf = (client: Client) => connections.get(client) as Connection;

/** Ends the workers of clients that were collected without having been disposed. */
const collectedClients = new FinalizationRegistry<Connection>((connection) => connection.dispose());

/** Frees plans that were collected without having been disposed. */
const collectedPlans = new FinalizationRegistry<{ connection: Connection; id: number }>(
  ({ connection, id }) => freePlan(connection, id),
);

function freePlan(connection: Connection, plan: number): void {
  const { answer } = connection.send({ name: 'dispose', args: [], plan });
  // If the worker has ended, the plan has been freed with it.
  answer.catch(() => {});
}

async function makePlan(client: Client, name: string, options: object): Promise<RemotePlan> {
  const connection = connectionOf(client);
  const { id, answer } = send(connection, client, name, [], options, { hasOptions: true });
  try {
    return new RemotePlan(client, connection, id, (await answer) as PlanAnswer);
  } catch (error) {
    // The worker may have made the plan of a call that was aborted.
    freePlan(connection, id);
    throw error;
  }
}

/** The methods of the table METHODS, which are defined below. */
export interface Client extends ClientMethods {}

/**
 * corr2d in a worker of its own; `createClient()` creates it. It has the functions of an instance
 * (`Corr2d`) with the same parameters, and each returns a promise. The worker computes the calls one
 * after the other, in their order. Every function also accepts {@link CallOptions}, in its options or
 * as an additional last argument.
 *
 * Where an instance returns tensors, a client returns plain `{ shape, data }` objects, which every
 * function accepts in place of a tensor. Arguments, including tensors of an instance, are copied when
 * a function is called, and can be changed afterwards. `transfer` avoids the copy.
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

  /** @internal Use `createClient()` to create a client. */
  constructor(connection: Connection, features: Features) {
    connections.set(this, connection);
    this.features = Object.freeze(features);
    collectedClients.register(this, connection, this);
    Object.freeze(this);
  }

  /** Ends the worker. Pending and later calls throw `DISPOSED`; a second call does nothing. */
  dispose(): void {
    collectedClients.unregister(this);
    connectionOf(this).dispose();
  }

  /** Calls `dispose()` at the end of a `using` declaration's block. */
  declare [Symbol.dispose]: () => void;

  /**
   * Prepares a `conv2d` for many inputs of one shape. The weight and the bias are copied to the worker
   * and stay there.
   *
   * @throws `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  async planConv2d(options: RemoteOptions<Conv2dPlanOptions>): Promise<RemotePlan> {
    return makePlan(this, 'planConv2d', options);
  }

  /**
   * Prepares a `conv1d` for many inputs of one shape, like `planConv2d`.
   *
   * @throws `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  async planConv1d(options: RemoteOptions<Conv1dPlanOptions>): Promise<RemotePlan> {
    return makePlan(this, 'planConv1d', options);
  }

  /**
   * Draws an image to a canvas in the worker and reads its pixels.
   *
   * @param source an image or canvas element, OffscreenCanvas, ImageBitmap or VideoFrame
   * @param options `channels` and `scale` as for `fromImageData`, and {@link CallOptions}
   * @returns C×h×w, in the image's intrinsic size
   * @throws `INVALID_ARGUMENT` if the pixels cannot be read, for example because the image comes from
   * another origin
   */
  async fromImage(
    source: ImageSource,
    options?: FromImageOptions & CallOptions,
  ): Promise<PlainTensor> {
    const { sent, transfer } = await toSendable(source);
    const given = options?.transfer ?? [];
    const all = { ...options, transfer: Array.isArray(given) ? [...given, ...transfer] : given };
    const settings = { hasOptions: true };
    const { answer } = send(connectionOf(this), this, 'fromImage', [sent], all, settings);
    return (await answer) as PlainTensor;
  }
}

for (const [name, settings] of Object.entries<MethodSettings>(METHODS)) {
  const method = async function (this: Client, ...args: unknown[]): Promise<unknown> {
    const values = Array.from({ length: settings.parameters }, (_, i) => args[i]);
    const options = args[settings.parameters];
    const result = await send(connectionOf(this), this, name, values, options, settings).answer;
    if (!settings.returnsImage) return result;
    const { data, width, height } = result as ImageDataLike;
    return createImageData(data, width, height);
  };
  Object.defineProperty(Client.prototype, name, {
    value: Object.defineProperty(method, 'name', { value: name }),
    writable: true,
    configurable: true,
  });
}

/** The properties, which the constructor assigns. */
export interface RemotePlan extends PlanFacts {}

/** A convolution that is prepared in the worker of a client. The weight stays there. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns the properties.
export class RemotePlan {
  readonly #client: Client;
  readonly #connection: Connection;
  readonly #id: number;
  readonly #description: string;
  #isDisposed = false;

  /** @internal Use `client.planConv2d` or `client.planConv1d` to create a plan. */
  constructor(client: Client, connection: Connection, id: number, answer: PlanAnswer) {
    const { description, ...facts } = answer;
    Object.freeze(facts.outputShape);
    Object.assign(this, facts);
    this.#client = client;
    this.#connection = connection;
    this.#id = id;
    this.#description = description;
    collectedPlans.register(this, { connection, id }, this);
    Object.freeze(this);
  }

  /** The client whose worker holds the plan. */
  get client(): Client {
    return this.#client;
  }

  /**
   * Runs the plan on an input of the planned shape. With `signal` or `onProgress`, it runs a few tasks
   * at a time, like `plan.runAsync` of an instance; the result has the same bits.
   */
  run(input: TensorLike, options?: ObservedOptions): Promise<PlainTensor> {
    return this.#call('run', [input], options, true) as Promise<PlainTensor>;
  }

  /** Runs the plan on zeros for at least 50 ms, so that the engine compiles it with optimisation. */
  warmup(options?: CallOptions): Promise<void> {
    return this.#call('warmup', [], options) as Promise<void>;
  }

  /**
   * Describes the plan in four lines: the shapes, the algorithm and the reason for it, the number of
   * multiply-adds and tasks, and the memory.
   */
  describe(): string {
    return this.#description;
  }

  /**
   * Frees the plan's memory after all earlier calls. Any later use throws `DISPOSED`; a second call
   * does nothing.
   */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    collectedPlans.unregister(this);
    freePlan(this.#connection, this.#id);
  }

  /** Calls `dispose()` at the end of a `using` declaration's block. */
  declare [Symbol.dispose]: () => void;

  async #call(
    name: string,
    values: readonly unknown[],
    options: object | undefined,
    hasTasks = false,
  ): Promise<unknown> {
    if (this.#isDisposed) {
      throw new Corr2dError('DISPOSED', `${name}: the plan has been disposed`);
    }
    const settings = { hasTasks, plan: this.#id };
    return send(this.#connection, this, name, values, options, settings).answer;
  }
}

supportUsing(Client);
supportUsing(RemotePlan);

/** Converts a DOM element, which cannot be sent to a worker, to a bitmap, which can. */
async function toSendable(source: unknown): Promise<{ sent: unknown; transfer: object[] }> {
  if (!/^(HTML(Image|Canvas)Element|OffscreenCanvas)$/.test(tagOf(source))) {
    return { sent: source, transfer: [] };
  }
  try {
    const bitmap = await createImageBitmap(source as ImageBitmapSource);
    return { sent: bitmap, transfer: [bitmap] };
  } catch (cause) {
    throw invalid(`fromImage: source cannot be read: ${cause}`, cause);
  }
}
