// The worker of a client. It has an instance of its own, and computes one call after the other.

import type { Corr2d } from '../instance.js';
import { type Load, loadFrom } from '../load.js';
import {
  createImageData,
  type ImageDataInput,
  type ImageDataLike,
  readColorSpace,
} from '../operators/image-data.js';
import { readImage, withDecoded } from '../operators/image-source.js';
import { Plan, type PlanRunOptions } from '../operators/plan.js';
import { runDeferred } from '../problem/deferral.js';
import type { Observed, Signal } from '../problem/slices.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError } from '../runtime/errors.js';
import { type Heap, heapKey } from '../runtime/heap.js';
import type { LoadOptions, Variant } from '../runtime/load-options.js';
import type { CreateModule, ThreadPool } from '../runtime/module.js';
import { nodeModule } from '../runtime/node.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import type { Float32Data } from '../tensor/views.js';
import {
  type Call,
  type Chunk,
  type FromWorker,
  type Kept,
  type PlainTensor,
  setAt,
  type ToWorker,
} from './messages.js';
import { OBSERVED } from './observed.js';

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

/** A method of OBSERVED. */
type ObservedCall = (heap: Heap, observed: Observed, ...args: readonly unknown[]) => unknown;

/** The objects that can stay in the worker. */
type Keepable = Tensor | ImageDataLike | Plan;

class Host {
  readonly #port: Port;
  readonly #load: Load;
  readonly #chunks = new Map<Variant, (chunk: Chunk) => void>();
  /** The objects that the client has handles of, by id. */
  readonly #kept = new Map<number, Keepable>();
  #lastKept = 0;
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
      for (const one of call.references) setAt(call.args, one.path, this.#kept.get(one.id));
      const value = this.#toSent(call, await this.#perform(call, signal), transfer);
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
    const { id, name, args, target } = call;
    const observed: Observed | undefined = call.isObserved
      ? { signal, onProgress: (done, tasks) => this.#port.post({ id, done, tasks }) }
      : undefined;
    if (target !== undefined) return this.#use(target, name, args, observed);
    if (name === 'dispose') return this.#free(args as number[]);
    if (name === 'load') {
      this.#instance = await this.#load(args[0] as LoadOptions);
      return this.#instance.features;
    }
    if (name === 'image') return readSource(args[0], args[1]);
    const c = this.#instance as Corr2d;
    const methods = c as unknown as Record<string, (...values: readonly unknown[]) => unknown>;
    const compute = () => methods[name]?.(...args);
    if (!observed) return compute();
    const method = OBSERVED[name as keyof typeof OBSERVED] as ObservedCall | undefined;
    return method
      ? method(c[heapKey], observed, ...args)
      : runDeferred(c[heapKey], compute, observed);
  }

  /** Calls a method of an object that is kept here. */
  #use(
    id: number,
    name: string,
    args: readonly unknown[],
    observed: Observed | undefined,
  ): unknown {
    const target = this.#kept.get(id) as Keepable;
    if (target instanceof Plan) {
      if (name === 'warmup') return target.warmup();
      const [input, options] = args as [TensorLike, PlanRunOptions];
      return observed
        ? target.runAsync(input, { ...options, ...observed })
        : target.run(input, options);
    }
    const copy = copyOf(name, target.data);
    if (Tensor.is(target)) return copy;
    const { width, height, colorSpace } = target;
    return createImageData(name, copy as Uint8ClampedArray, width, height, colorSpace);
  }

  #free(ids: readonly number[]): void {
    for (const id of ids) {
      const one = this.#kept.get(id);
      this.#kept.delete(id);
      if (one !== undefined && 'dispose' in one) one.dispose();
    }
  }

  #keep(one: Keepable): number {
    this.#kept.set(++this.#lastKept, one);
    return this.#lastKept;
  }

  /** Converts a result to what is sent, and frees its tensors or keeps them here. */
  #toSent(call: Call, value: unknown, transfer: object[]): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Tensor.is(value)) {
      const { shape } = value;
      if (call.keeps) return { kept: 'tensor', id: this.#keep(value), shape } satisfies Kept;
      try {
        const data = copyOf(call.name, value.data);
        transfer.push(data.buffer);
        return { shape, data } satisfies PlainTensor;
      } finally {
        value.dispose();
      }
    }
    if (value instanceof Plan) {
      const description = value.describe();
      return { kept: 'plan', id: this.#keep(value), ...value, description } satisfies Kept;
    }
    if (ArrayBuffer.isView(value)) {
      transfer.push(value.buffer);
      return value;
    }
    const { data, width, height, colorSpace = 'srgb' } = value as ImageDataLike;
    if (data instanceof Uint8ClampedArray) {
      const image = { data, width, height, colorSpace };
      if (call.keeps) {
        const id = this.#keep(image);
        return { kept: 'image', id, width, height, colorSpace } satisfies Kept;
      }
      transfer.push(data.buffer);
      return image;
    }
    const parts = Object.entries(value);
    const sent: Record<string, unknown> = {};
    try {
      for (const [name, part] of parts) sent[name] = this.#toSent(call, part, transfer);
      return Array.isArray(value) ? Object.values(sent) : sent;
    } catch (error) {
      // If the copy of one tensor fails, the others are freed too.
      for (const [, part] of parts) if (Tensor.is(part)) part.dispose();
      throw error;
    }
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

/** Reads an image that stays here. */
async function readSource(source: unknown, options: unknown): Promise<ImageDataInput> {
  const where = 'image: source';
  const { colorSpace } = argument.options(options, 'image', ['colorSpace']);
  const wanted = readColorSpace(colorSpace, 'image');
  return withDecoded(source, where, (image) => {
    const pixels = readImage(image, where, wanted);
    const { buffer, byteOffset, length } = pixels.data;
    return { ...pixels, data: new Uint8ClampedArray(buffer, byteOffset, length) };
  });
}

/** Copies elements or pixels out of the heap, or of an image that is kept here. */
function copyOf<Elements extends Float32Data | Uint8ClampedArray>(
  where: string,
  data: Elements,
): Elements {
  return allocateOrThrow(data.byteLength, where, () => data.slice() as Elements);
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
