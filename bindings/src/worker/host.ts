// The worker of a client. It has an instance of its own, and computes one call after the other.

import type { Corr2d } from '../instance.js';
import { type Load, loadFrom } from '../load.js';
import { Plan, plannedConv2d, type RunOptions, type Signal } from '../operators/plan.js';
import { planOptions } from '../problem/convolution.js';
import type { Conv2dOptions } from '../problem/options.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError } from '../runtime/errors.js';
import { heapKey } from '../runtime/heap.js';
import type { LoadOptions, Variant } from '../runtime/load-options.js';
import type { CreateModule, ThreadPool } from '../runtime/module.js';
import { nodeModule } from '../runtime/node.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { operand } from '../tensor/operands.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import type { Call, Chunk, FromWorker, PlainTensor, PlanAnswer, ToWorker } from './messages.js';

/** The port to the client. */
interface Port {
  post(message: FromWorker, transfer?: readonly object[]): void;
  listen(receive: (message: ToWorker) => void, unreadable: (why: string) => void): void;
}

/** The code of the variants with threads. The client sends only their binaries. */
export interface ThreadsCode {
  createModule: CreateModule;
  createThreadPool: () => ThreadPool;
}

/** Serves the client that has started this worker. */
export async function serve(threads: ThreadsCode): Promise<void> {
  const port = parentPort();
  const host = new Host(port, threads);
  port.listen(
    (message) => host.receive(message),
    (why) => port.post({ unreadable: why }),
  );
  port.post({ lock: await heldLock() });
}

class Host {
  readonly #port: Port;
  readonly #load: Load;
  readonly #chunks = new Map<Variant, (chunk: Chunk) => void>();
  readonly #plans = new Map<number, Plan>();
  #instance: Corr2d | undefined;
  #running: (Signal & { id: number; aborted: boolean }) | undefined;

  constructor(port: Port, threads: ThreadsCode) {
    this.#port = port;
    this.#load = loadFrom({
      simd: async () => ({ compressed: await this.#compressed('simd') }),
      relaxed: async () => ({ compressed: await this.#compressed('relaxed') }),
      threads: async () => ({ compressed: await this.#compressed('threads'), ...threads }),
      'relaxed-threads': async () => ({
        compressed: await this.#compressed('relaxed-threads'),
        ...threads,
      }),
    });
  }

  receive(message: ToWorker): void {
    if ('abort' in message) {
      if (this.#running?.id === message.abort) this.#running.aborted = true;
    } else if ('chunk' in message) {
      this.#chunks.get(message.chunk)?.(message);
      this.#chunks.delete(message.chunk);
    } else {
      this.#answer(message);
    }
  }

  async #answer(call: Call): Promise<void> {
    const { id } = call;
    const signal = { id, aborted: false, reason: 'aborted' };
    this.#running = signal;
    try {
      const transfer: object[] = [];
      const value = toPlain(call.name, await this.#perform(call, signal), transfer);
      this.#port.post({ id, value }, transfer);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      const code = error instanceof Corr2dError ? error.code : undefined;
      this.#port.post({ id, failure: { code, name, message } });
    } finally {
      this.#running = undefined;
      for (const arg of call.args) closeImage(arg);
    }
  }

  async #perform(call: Call, signal: Signal): Promise<unknown> {
    const { id, name, args, plan } = call;
    const observed: RunOptions | undefined = call.isObserved
      ? { signal, onProgress: (done, tasks) => this.#port.post({ id, done, tasks }) }
      : undefined;
    if (plan !== undefined) return this.#usePlan(plan, name, args, observed);
    if (name === 'load') {
      this.#instance = await this.#load(args[0] as LoadOptions);
      return this.#instance.features;
    }
    const c = this.#instance as Corr2d;
    if (name === 'conv2d' && observed) {
      const [input, weight, options] = args as Parameters<Corr2d['conv2d']>;
      return conv2dByPlan(c, input, weight, options, observed);
    }
    const methods = c as unknown as Record<string, (...values: readonly unknown[]) => unknown>;
    const result = methods[name]?.(...args);
    if (!(result instanceof Plan)) return result;
    this.#plans.set(id, result);
    return { ...result, description: result.describe() } satisfies PlanAnswer;
  }

  async #usePlan(
    id: number,
    name: string,
    args: readonly unknown[],
    observed: RunOptions | undefined,
  ): Promise<unknown> {
    if (name === 'dispose') {
      // A client also disposes of a plan whose creation was aborted or failed.
      this.#plans.get(id)?.dispose();
      this.#plans.delete(id);
      return;
    }
    const plan = this.#plans.get(id) as Plan;
    if (name === 'warmup') return plan.warmup();
    const input = args[0] as TensorLike;
    return observed ? plan.runAsync(input, observed) : plan.run(input);
  }

  async #compressed(variant: Variant): Promise<string> {
    const { compressed, failure } = await new Promise<Chunk>((resolve) => {
      this.#chunks.set(variant, resolve);
      this.#port.post({ wanted: variant });
    });
    if (compressed === undefined) throw failure;
    return compressed;
  }
}

/** Computes `conv2d` a few tasks at a time, with a plan of its own. */
async function conv2dByPlan(
  c: Corr2d,
  input: TensorLike,
  weight: TensorLike,
  options: Conv2dOptions | undefined,
  observed: RunOptions,
): Promise<Tensor> {
  const where = 'conv2d';
  const heap = c[heapKey];
  const image = operand(heap, input, `${where}: input`);
  const given = argument.options(options, where, planOptions) as Conv2dOptions;
  const plan = new Plan(heap, { ...given, inputShape: image.shape, weight }, plannedConv2d(where));
  try {
    return await plan.runAsync(image as TensorLike, observed);
  } finally {
    plan.dispose();
  }
}

/** Converts a result to what is sent: a copy outside the heap, whose buffer is transferred. */
function toPlain(where: string, value: unknown, transfer: object[]): unknown {
  if (Tensor.is(value)) {
    try {
      const data = allocateOrThrow(4 * value.size, where, () => value.data.slice());
      const copy: PlainTensor = { shape: value.shape, data };
      transfer.push(copy.data.buffer);
      return copy;
    } finally {
      value.dispose();
    }
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const { data, width, height } = value as Partial<ImageData>;
  if (data instanceof Uint8ClampedArray) {
    transfer.push(data.buffer);
    return { data, width, height };
  }
  const parts = Object.entries(value);
  try {
    return Object.fromEntries(
      parts.map(([name, part]) => [name, Tensor.is(part) ? toPlain(where, part, transfer) : part]),
    );
  } finally {
    // If the copy of one gradient fails, the others are freed too.
    for (const [, part] of parts) if (Tensor.is(part)) part.dispose();
  }
}

/** Closes a frame or bitmap. The worker has its own copy, which would keep the image's memory otherwise. */
function closeImage(value: unknown): void {
  const { close } = (value ?? {}) as { close?: unknown };
  if (typeof close === 'function') close.call(value);
}

/**
 * Requests a lock with a unique name and never releases it. The browser releases it when the worker ends
 * for whatever reason. No other signal tells the client that a worker has ended.
 */
function heldLock(): Promise<string | undefined> {
  // Node reports the end of a worker. Insecure pages have no locks.
  if (nodeModule('worker_threads') || !globalThis.navigator?.locks)
    return Promise.resolve(undefined);
  const name = `corr2d ${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    navigator.locks
      .request(name, () => {
        resolve(name);
        return new Promise(() => {});
      })
      .catch(() => resolve(undefined));
  });
}

function parentPort(): Port {
  const port = nodeModule('worker_threads')?.parentPort;
  if (port) {
    return {
      post: (message, transfer) => port.postMessage(message, transfer),
      listen(receive, unreadable) {
        port.on('message', (message) => receive(message as ToWorker));
        port.on('messageerror', (cause) => unreadable(String(cause)));
      },
    };
  }
  const scope = globalThis as unknown as Worker;
  return {
    post: (message, transfer = []) => scope.postMessage(message, transfer as Transferable[]),
    listen(receive, unreadable) {
      scope.onmessage = ({ data }) => receive(data);
      scope.onmessageerror = () => unreadable('it could not be deserialised');
    },
  };
}
