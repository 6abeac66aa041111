import type { Features, MemoryUse } from '../instance.js';
import type { Conv1dOptions, ConvTranspose2dOptions } from '../operators/conv.js';
import type { Conv2dBackwardOptions } from '../operators/conv-backward.js';
import type { Filter2dOptions } from '../operators/filter.js';
import type { ImageSource } from '../operators/image.js';
import { type ImageDataLike, type Picture, picture } from '../operators/image-data.js';
import type { Conv2dPlanOptions } from '../operators/plan.js';
import type {
  AvgPool2dOptions,
  MaxPool2dOptions,
  PadMode,
  WindowOptions,
} from '../operators/planes.js';
import type { Correlate2dOptions } from '../operators/scipy.js';
import type { Conv2dOptions, Pair } from '../problem/options.js';
import { Corr2dError } from '../runtime/corr2d-error.js';
import { version } from '../runtime/version.js';
import type { NestedArray } from '../tensor/nested.js';
import type { TensorLike } from '../tensor/tensor.js';
import type { NumberArray } from '../tensor/views.js';
import type { Connection } from './connection.js';
import type { CallSignal, PlainTensor, PlanFacts } from './messages.js';
import { pack } from './pack.js';

/** What every call takes, beside the options of its own. */
export interface CallOptions {
  /**
   * An `AbortSignal`. Aborted, the promise is rejected with its reason at once; a call that waits for
   * its turn is never started, one that runs by a plan stops after the tasks in hand.
   */
  signal?: CallSignal;
  /**
   * Buffers of arguments that are handed over instead of copied, as with `postMessage`: the arrays
   * that the caller has of them are empty afterwards.
   */
  transfer?: readonly object[];
}

/** What calls that run by a plan take besides. */
export interface ObservedOptions extends CallOptions {
  /** Is told about every 10 ms how many of all tasks are done. What it throws ends the call. */
  onProgress?: (done: number, tasks: number) => void;
}

/** The options of an instance's function, as a client takes them: the results are new always. */
export type RemoteOptions<Options, Call = CallOptions> = Omit<Options, 'out'> & Call;

/** The gradients that `conv2dBackward` gives, each of the shape of its tensor. */
export interface PlainGradients {
  /** For the input. */
  readonly input: PlainTensor;
  /** For the weight. */
  readonly weight: PlainTensor;
  /** For the bias: Co. */
  readonly bias: PlainTensor;
}

type CallSettings = {
  /** Whether it has options of its own, as its last argument. */
  readonly hasOptions?: boolean;
  /** Whether it can be done some tasks at a time. */
  readonly hasTasks?: boolean;
  /** The id of a plan whose method it is. */
  readonly plan?: number;
};

/** Asks for a call: the id of it, and the promise of what it gives. */
function ask<Result>(
  connection: Connection,
  owner: unknown,
  name: string,
  given: readonly unknown[],
  options: object | undefined,
  { hasOptions, hasTasks, plan }: CallSettings,
): { id: number; answer: Promise<Result> } {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw invalid(`${name}: options is of type ${typeof options}, must be an object`);
  }
  const { signal, onProgress, transfer = [], ...own } = (options ?? {}) as ObservedOptions;
  if (
    signal !== undefined &&
    (typeof signal?.addEventListener !== 'function' ||
      typeof signal.removeEventListener !== 'function')
  ) {
    throw invalid(`${name}: signal must be an AbortSignal`);
  }
  if (!Array.isArray(transfer)) throw invalid(`${name}: transfer must be an array`);
  if (onProgress !== undefined && (!hasTasks || typeof onProgress !== 'function')) {
    const why = hasTasks ? 'must be a function' : 'is an option of conv2d and of plans alone';
    throw invalid(`${name}: onProgress ${why}`);
  }
  for (const [option, value] of Object.entries(own)) {
    if (value !== undefined && (!hasOptions || option === 'out')) {
      throw invalid(`${name}: a client has no such option here: ${JSON.stringify(option)}`);
    }
  }
  const handedOver = [...transfer];
  const args = packed(name, hasOptions ? [...given, own] : given, handedOver);
  const isObserved = Boolean(hasTasks && (signal || onProgress));
  const call = { name, args, plan, isObserved, transfer: handedOver, signal, onProgress, owner };
  const { id, answer } = connection.ask(call);
  return { id, answer: answer as Promise<Result> };
}

/** @internal Arguments as they are sent. INVALID_ARGUMENT where one cannot be. */
export function packed(
  name: string,
  values: readonly unknown[],
  transfer: object[],
): readonly unknown[] {
  try {
    return pack(name, values, new Set(transfer), transfer) as unknown[];
  } catch (cause) {
    // A tensor may have been disposed of.
    if (cause instanceof Corr2dError) throw cause;
    throw invalid(`${name}: an argument cannot be copied: ${cause}`, cause);
  }
}

function invalid(message: string, cause?: unknown): Corr2dError {
  return new Corr2dError('INVALID_ARGUMENT', message, { cause });
}

/** Ends the workers of clients that were dropped and not disposed of. */
const droppedClients = new FinalizationRegistry<Connection>((connection) => connection.dispose());

/** Frees plans that were dropped and not disposed of. */
const droppedPlans = new FinalizationRegistry<{ connection: Connection; id: number }>(
  ({ connection, id }) => freePlan(connection, id),
);

function freePlan(connection: Connection, plan: number): void {
  const { answer } = connection.ask({ name: 'dispose', args: [], plan });
  // It goes with the worker, if that has ended.
  answer.catch(() => {});
}

/**
 * corr2d in a worker of its own: made by `createClient()`. It has the functions of an instance
 * (`Corr2d`), each of which takes what it takes there and gives a promise. Calls are done one
 * after the other, in the order they were made.
 *
 * What results are tensors for an instance are `{ shape, data }` here: plain data, which every
 * function takes for a tensor again. Arguments are copied when a function is called, and may be
 * changed afterwards; see `transfer` for how not to copy them. Tensors of an instance are copied too.
 *
 * Errors are those of the instance, with the same codes. `WORKER_FAILED`: the worker has ended, and
 * with it every call that waits.
 */
export class Client {
  /** What the instance in the worker runs on, frozen. */
  readonly features: Features;
  /** The package's version. */
  readonly version: string = version;
  readonly #connection: Connection;

  /** @internal `createClient()` makes clients. */
  constructor(connection: Connection, features: Features) {
    this.#connection = connection;
    this.features = Object.freeze(features);
    droppedClients.register(this, connection, this);
    Object.freeze(this);
  }

  /** Ends the worker. What waits, and every later call: DISPOSED. Doing so twice is no error. */
  dispose(): void {
    droppedClients.unregister(this);
    this.#connection.dispose();
  }

  /** `dispose()`, for `using`. */
  declare [Symbol.dispose]: () => void;

  /** What the instance holds: its heap, and the weights of plans. */
  memory(options?: CallOptions): Promise<MemoryUse> {
    return this.#call('memory', [], options);
  }

  /** See `Corr2d.tensor`. */
  tensor(
    values: TensorLike | NestedArray | NumberArray,
    shape?: readonly number[],
    options?: CallOptions,
  ): Promise<PlainTensor> {
    return this.#call('tensor', [values, shape], options);
  }

  /** See `Corr2d.zeros`. */
  zeros(shape: readonly number[], options?: CallOptions): Promise<PlainTensor> {
    return this.#call('zeros', [shape], options);
  }

  /** See `Corr2d.ones`. */
  ones(shape: readonly number[], options?: CallOptions): Promise<PlainTensor> {
    return this.#call('ones', [shape], options);
  }

  /** See `Corr2d.full`. */
  full(shape: readonly number[], value: number, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('full', [shape, value], options);
  }

  /** See `Corr2d.arange`. */
  arange(n: number, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('arange', [n], options);
  }

  /** See `Corr2d.normal`. */
  normal(
    mean: number,
    std: number,
    shape: readonly number[],
    options?: { seed?: number } & CallOptions,
  ): Promise<PlainTensor> {
    return this.#call('normal', [mean, std, shape], options, { hasOptions: true });
  }

  /** See `Corr2d.stack`. */
  stack(tensors: readonly TensorLike[], axis = 0, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('stack', [tensors, axis], options);
  }

  /** See `Corr2d.matmul`. */
  matmul(a: TensorLike, b: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('matmul', [a, b], options);
  }

  /** X: h×w, K: kh×kw → (h−kh+1)×(w−kw+1). See `Corr2d.corr2d`. */
  corr2d(X: TensorLike, K: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('corr2d', [X, K], options);
  }

  /** X: ci×h×w, K: ci×kh×kw → (h−kh+1)×(w−kw+1). See `Corr2d.corr2dMultiIn`. */
  corr2dMultiIn(X: TensorLike, K: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('corr2dMultiIn', [X, K], options);
  }

  /** X: ci×h×w, K: co×ci×kh×kw → co×(h−kh+1)×(w−kw+1). See `Corr2d.corr2dMultiInOut`. */
  corr2dMultiInOut(X: TensorLike, K: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('corr2dMultiInOut', [X, K], options);
  }

  /** X: ci×h×w, K: co×ci×1×1 → co×h×w. See `Corr2d.corr2dMultiInOut1x1`. */
  corr2dMultiInOut1x1(X: TensorLike, K: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('corr2dMultiInOut1x1', [X, K], options);
  }

  /**
   * input: N×C×H×W or C×H×W; weight: Co×(C/groups)×kh×kw → N×Co×H'×W' or Co×H'×W'. See
   * `Corr2d.conv2d`. With `signal` or `onProgress` a plan is made for it, which may choose
   * another algorithm, and so round otherwise, than the call without them.
   */
  conv2d(
    input: TensorLike,
    weight: TensorLike,
    options?: RemoteOptions<Conv2dOptions, ObservedOptions>,
  ): Promise<PlainTensor> {
    return this.#call('conv2d', [input, weight], options, { hasOptions: true, hasTasks: true });
  }

  /** input: N×C×L or C×L; weight: Co×(C/groups)×k → N×Co×L' or Co×L'. See `Corr2d.conv1d`. */
  conv1d(
    input: TensorLike,
    weight: TensorLike,
    options?: RemoteOptions<Conv1dOptions>,
  ): Promise<PlainTensor> {
    return this.#call('conv1d', [input, weight], options, { hasOptions: true });
  }

  /**
   * input: N×Ci×H×W or Ci×H×W; weight: Ci×(Co/groups)×kh×kw → N×Co×H'×W' or Co×H'×W'. See
   * `Corr2d.convTranspose2d`.
   */
  convTranspose2d(
    input: TensorLike,
    weight: TensorLike,
    options?: RemoteOptions<ConvTranspose2dOptions>,
  ): Promise<PlainTensor> {
    return this.#call('convTranspose2d', [input, weight], options, { hasOptions: true });
  }

  /** Gradients for input, weight and bias of a `conv2d`. See `Corr2d.conv2dBackward`. */
  conv2dBackward(
    gradOutput: TensorLike,
    input: TensorLike,
    weight: TensorLike,
    options?: RemoteOptions<Conv2dBackwardOptions>,
  ): Promise<PlainGradients> {
    return this.#call('conv2dBackward', [gradOutput, input, weight], options, { hasOptions: true });
  }

  /** Makes a `conv2d` ready for many inputs of one shape; its weights stay in the worker. */
  async planConv2d(options: RemoteOptions<Conv2dPlanOptions>): Promise<RemotePlan> {
    const asked = this.#ask<PlanFacts>('planConv2d', [], options, { hasOptions: true });
    try {
      return new RemotePlan(this, this.#connection, asked.id, await asked.answer);
    } catch (error) {
      // One that is not wanted any more may have been made.
      freePlan(this.#connection, asked.id);
      throw error;
    }
  }

  /** a: h×w, b: kh×kw, as scipy.signal.correlate2d. See `Corr2d.correlate2d`. */
  correlate2d(
    a: TensorLike,
    b: TensorLike,
    options?: RemoteOptions<Correlate2dOptions>,
  ): Promise<PlainTensor> {
    return this.#call('correlate2d', [a, b], options, { hasOptions: true });
  }

  /** a: h×w, b: kh×kw, as scipy.signal.convolve2d. See `Corr2d.convolve2d`. */
  convolve2d(
    a: TensorLike,
    b: TensorLike,
    options?: RemoteOptions<Correlate2dOptions>,
  ): Promise<PlainTensor> {
    return this.#call('convolve2d', [a, b], options, { hasOptions: true });
  }

  /** N×C×H×W or C×H×W → N×(C·kh·kw)×L or (C·kh·kw)×L. See `Corr2d.unfold`. */
  unfold(
    input: TensorLike,
    kernelSize: Pair,
    options?: RemoteOptions<WindowOptions>,
  ): Promise<PlainTensor> {
    return this.#call('unfold', [input, kernelSize], options, { hasOptions: true });
  }

  /** N×(C·kh·kw)×L or (C·kh·kw)×L → N×C×H×W or C×H×W. See `Corr2d.fold`. */
  fold(
    input: TensorLike,
    outputSize: Pair,
    kernelSize: Pair,
    options?: RemoteOptions<WindowOptions>,
  ): Promise<PlainTensor> {
    return this.#call('fold', [input, outputSize, kernelSize], options, { hasOptions: true });
  }

  /** N×C×H×W or C×H×W → N×C×H'×W' or C×H'×W'. See `Corr2d.maxPool2d`. */
  maxPool2d(
    input: TensorLike,
    kernelSize: Pair,
    options?: RemoteOptions<MaxPool2dOptions>,
  ): Promise<PlainTensor> {
    return this.#call('maxPool2d', [input, kernelSize], options, { hasOptions: true });
  }

  /** N×C×H×W or C×H×W → N×C×H'×W' or C×H'×W'. See `Corr2d.avgPool2d`. */
  avgPool2d(
    input: TensorLike,
    kernelSize: Pair,
    options?: RemoteOptions<AvgPool2dOptions>,
  ): Promise<PlainTensor> {
    return this.#call('avgPool2d', [input, kernelSize], options, { hasOptions: true });
  }

  /** Pads or crops the last two axes. See `Corr2d.pad`. */
  pad(
    input: TensorLike,
    padding: readonly [left: number, right: number, top: number, bottom: number],
    mode?: PadMode,
    value?: number,
    options?: CallOptions,
  ): Promise<PlainTensor> {
    return this.#call('pad', [input, padding, mode, value], options);
  }

  /** max(x, 0) */
  relu(tensor: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('relu', [tensor], options);
  }

  /** min(max(x, 0), 6) */
  relu6(tensor: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('relu6', [tensor], options);
  }

  /** x, and alpha·x where x is negative. */
  leakyRelu(tensor: TensorLike, alpha = 0.01, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('leakyRelu', [tensor, alpha], options);
  }

  /** 1 / (1 + e^−x) */
  sigmoid(tensor: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('sigmoid', [tensor], options);
  }

  /** (e^x − e^−x) / (e^x + e^−x) */
  tanh(tensor: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('tanh', [tensor], options);
  }

  /** x / (1 + e^−x) */
  silu(tensor: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('silu', [tensor], options);
  }

  /** x·min(max(x + 3, 0), 6) / 6 */
  hardSwish(tensor: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('hardSwish', [tensor], options);
  }

  /** x·(1 + erf(x/√2)) / 2 */
  gelu(tensor: TensorLike, options?: CallOptions): Promise<PlainTensor> {
    return this.#call('gelu', [tensor], options);
  }

  /** A picture correlated with one kernel. See `Corr2d.filter2d`. */
  async filter2d(
    imageData: ImageDataLike,
    kernel: TensorLike,
    options?: RemoteOptions<Filter2dOptions>,
  ): Promise<Picture> {
    return pictureOf(
      await this.#call('filter2d', [imageData, kernel], options, { hasOptions: true }),
    );
  }

  /** A picture of a page as a tensor C×h×w. See `Corr2d.fromImage`. */
  async fromImage(
    source: ImageSource,
    options?: { channels?: 1 | 3 | 4; scale?: number } & CallOptions,
  ): Promise<PlainTensor> {
    const { sent, transfer } = await sendable(source);
    const given = options?.transfer ?? [];
    const all = { ...options, transfer: Array.isArray(given) ? [...given, ...transfer] : given };
    return this.#call('fromImage', [sent], all, { hasOptions: true });
  }

  /** The pixels as a tensor C×h×w. See `Corr2d.fromImageData`. */
  fromImageData(
    imageData: ImageDataLike,
    options?: { channels?: 1 | 3 | 4; scale?: number } & CallOptions,
  ): Promise<PlainTensor> {
    return this.#call('fromImageData', [imageData], options, { hasOptions: true });
  }

  /** A tensor C×h×w (C: 1, 3 or 4) or h×w as a picture. See `Corr2d.toImageData`. */
  async toImageData(
    tensor: TensorLike,
    options?: { min?: number; max?: number } & CallOptions,
  ): Promise<Picture> {
    return pictureOf(await this.#call('toImageData', [tensor], options, { hasOptions: true }));
  }

  #ask<Result>(
    name: string,
    given: readonly unknown[],
    options: object | undefined,
    settings: CallSettings = {},
  ) {
    return ask<Result>(this.#connection, this, name, given, options, settings);
  }

  /** What is wrong with the arguments rejects the promise too. */
  async #call<Result>(
    name: string,
    given: readonly unknown[],
    options: object | undefined,
    settings?: CallSettings,
  ): Promise<Result> {
    return this.#ask<Result>(name, given, options, settings).answer;
  }
}

/** A convolution that was made ready in the worker of a client, and stays there with its weights. */
export class RemotePlan {
  /** How it is computed. */
  readonly algorithm: string;
  /** What `run` gives: N×Co×H'×W' or Co×H'×W', in the order that `layout` says. */
  readonly outputShape: readonly number[];
  /** Multiply-adds of one run, padding included. */
  readonly macs: number;
  /** Twice that: a multiplication and an addition each. */
  readonly flops: number;
  /** Bytes of the packed weights, the bias and the tables that go with them. */
  readonly weightBytes: number;
  /** Bytes that running it needs beside input and output. */
  readonly workspaceBytes: number;
  /** The independent pieces that a run falls into. */
  readonly tasks: number;
  readonly #client: Client;
  readonly #connection: Connection;
  readonly #id: number;
  readonly #description: string;
  #isDisposed = false;

  /** @internal `client.planConv2d` makes plans. */
  constructor(client: Client, connection: Connection, id: number, facts: PlanFacts) {
    this.algorithm = facts.algorithm;
    this.outputShape = Object.freeze(facts.outputShape);
    this.macs = facts.macs;
    this.flops = facts.flops;
    this.weightBytes = facts.weightBytes;
    this.workspaceBytes = facts.workspaceBytes;
    this.tasks = facts.tasks;
    this.#client = client;
    this.#connection = connection;
    this.#id = id;
    this.#description = facts.description;
    droppedPlans.register(this, { connection, id }, this);
    Object.freeze(this);
  }

  /** The client whose worker it is in. */
  get client(): Client {
    return this.#client;
  }

  /**
   * Runs it on an input of the planned shape. With `signal` or `onProgress` it runs some tasks at a
   * time, as `plan.runAsync` of an instance does, to the same bits.
   */
  run(input: TensorLike, options?: ObservedOptions): Promise<PlainTensor> {
    return this.#call('run', [input], options, true);
  }

  /** Runs it on zeros until the engine's optimising compiler has had its turn. */
  warmup(options?: CallOptions): Promise<void> {
    return this.#call('warmup', [], options);
  }

  /** A few lines: which algorithm and why, multiply-adds, bytes of weights and workspace. */
  describe(): string {
    return this.#description;
  }

  /**
   * Frees its memory, after the calls that were made before. Doing so twice is no error; using it
   * afterwards: DISPOSED.
   */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    droppedPlans.unregister(this);
    freePlan(this.#connection, this.#id);
  }

  /** `dispose()`, for `using`. */
  declare [Symbol.dispose]: () => void;

  async #call<Result>(
    name: string,
    given: readonly unknown[],
    options: object | undefined,
    hasTasks = false,
  ): Promise<Result> {
    if (this.#isDisposed) {
      throw new Corr2dError('DISPOSED', `${name}: the plan has been disposed`);
    }
    const settings = { hasTasks, plan: this.#id };
    return ask<Result>(this.#connection, this, name, given, options, settings).answer;
  }
}

const pictureOf = ({ data, width, height }: ImageDataLike) => picture(data, width, height);

/** What of a page cannot cross, as a bitmap that can. */
async function sendable(source: unknown): Promise<{ sent: unknown; transfer: object[] }> {
  const tag = Object.prototype.toString.call(source).slice(8, -1);
  if (!/^(HTML(Image|Canvas)Element|OffscreenCanvas)$/.test(tag)) {
    return { sent: source, transfer: [] };
  }
  try {
    const bitmap = await createImageBitmap(source as ImageBitmapSource);
    return { sent: bitmap, transfer: [bitmap] };
  } catch (cause) {
    throw invalid(`fromImage: source cannot be read: ${cause}`, cause);
  }
}

// Engines without it have no `using` that could look for it.
if (Symbol.dispose !== undefined) {
  for (const { prototype } of [Client, RemotePlan]) {
    Object.defineProperty(prototype, Symbol.dispose, { value: prototype.dispose });
  }
}
