import {
  type Address,
  type EmbindModule,
  functionNames,
  type ModuleFunctions,
  requestDoubles,
  requestWords,
} from './abi.js';
import { Corr2dError, callerOf } from './errors.js';
import { MemoryPressure } from './memory-pressure.js';
import type { ThreadPool } from './module.js';
import { decodeText } from './platform.js';
import { type Disposable, Scopes } from './scopes.js';

/**
 * @internal The key of an instance's heap. Tests use it to make allocations fail and to count them; the
 * worker and the adapter for TensorFlow.js use it for what is not a method of the instance.
 */
export const heapKey: unique symbol = Symbol.for('corr2d.heap') as never;

/** A block of the heap that one tensor or several views use. */
export interface Storage {
  readonly address: Address;
  readonly bytes: number;
  /** The number of tensors that use the block. It is freed with the last one. */
  tensors: number;
  /** The number that `MemoryPressure.add` has returned for the block. */
  accountedBytes: number;
}

/** Takes over the problems of a function, and the memory that it frees, until they run later. */
export interface Deferral {
  /**
   * Takes over a problem: how its plan is made, the addresses of what the plan packs, and those of the input, the other
   * operands and the output.
   */
  add(
    where: string,
    makePlan: () => Address,
    packed: readonly Address[],
    addresses: readonly [Address, Address, Address, Address],
  ): void;
  /** Runs all problems so far, for a reader of their outputs. */
  flush(): void;
  /** Learns of a new block. */
  allocate(address: Address, bytes: number): void;
  /** Takes over a block that only the deferred problems still use. */
  free(address: Address, bytes: number): void;
}

/** An empty module and memory, which replace those of a disposed instance. */
const DISPOSED = { module: {} as EmbindModule, memory: { buffer: new ArrayBuffer() } };

/** How to free memory, for messages. */
const FREEING =
  '. To free tensors, use c.tidy or dispose(), or await a timer or an animation frame, so that the garbage ' +
  'collector can free the unreachable ones';

/** The number of bytes that 32-bit WebAssembly can address. */
const MAX_BYTES = 2 ** 32 - 1;

/**
 * One instance of the module with its memory: it calls the module's functions, makes views of the
 * memory, and counts the live tensors.
 */
export class Heap {
  /** The module's functions. Each throws if the instance was disposed or has crashed. */
  call: ModuleFunctions;
  /** The module. Tests call the functions that only the variants with threads have. */
  module: EmbindModule;
  /** The `Request` that problems are written into. */
  readonly request: Address;
  #memory: Pick<WebAssembly.Memory, 'buffer'>;
  #floats = new Float32Array();
  #words = new Int32Array();
  #state: 'alive' | 'disposed' | 'crashed' = 'alive';
  #liveTensors = 0;
  #liveBytes = 0;
  /** Frees the storage of tensors that were collected without having been disposed. */
  readonly #collected = new FinalizationRegistry<Storage>((storage) => this.removeTensor(storage));

  /** The memory that tensors and plans hold, as the engine's garbage collector sees it. */
  readonly pressure = new MemoryPressure();
  /** The tensors that `tidy` will dispose of. */
  readonly scopes = new Scopes<Disposable>();
  /** Set while a function is called whose problems run later. */
  deferral: Deferral | undefined;

  /** The number of threads that compute; the calling thread is one of them. */
  readonly threads: number;
  #threadPool: ThreadPool | undefined;

  constructor(module: EmbindModule, memory: WebAssembly.Memory, threads = 1, pool?: ThreadPool) {
    this.module = module;
    this.#memory = memory;
    this.threads = threads;
    this.#threadPool = pool;
    this.call = this.#guarded(module);
    this.request = this.call.makeRequest();
    if (this.request === 0) {
      throw new Corr2dError('OUT_OF_MEMORY', 'load: not enough memory for a request in the heap');
    }
    // The workers must not keep the heap alive.
    const self = new WeakRef(this);
    pool?.attach(this, () => self.deref()?.crash());
  }

  /** The memory as float32. An allocation can grow the memory, which detaches earlier views. */
  get floats(): Float32Array {
    if (this.#floats.buffer !== this.#memory.buffer) {
      this.#floats = new Float32Array(this.#memory.buffer);
    }
    return this.#floats;
  }

  /** The memory as 32-bit words. An allocation can grow the memory, which detaches earlier views. */
  get words(): Int32Array {
    if (this.#words.buffer !== this.#memory.buffer) {
      this.#words = new Int32Array(this.#memory.buffer);
    }
    return this.#words;
  }

  /** Reads an int32 member of the request. */
  requestWord(name: keyof typeof requestWords): number {
    return this.words[this.request / 4 + requestWords[name]] as number;
  }

  /** Reads a float64 member of the request. */
  requestDouble(name: keyof typeof requestDoubles): number {
    return new Float64Array(this.#memory.buffer, this.request)[requestDoubles[name]] as number;
  }

  /** Reads the C string that a member of the request points to. */
  requestText(name: 'refusal'): string {
    const bytes = new Uint8Array(this.#memory.buffer, this.requestWord(name));
    return decodeText(bytes.subarray(0, bytes.indexOf(0)));
  }

  /** A view of `length` float32 values at `address`. */
  floatsAt(address: Address, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  /** A view of `length` bytes at `address`. */
  bytesAt(address: Address, length: number): Uint8ClampedArray {
    return new Uint8ClampedArray(this.#memory.buffer, address, length);
  }

  /** Throws DISPOSED or CRASHED unless the instance can be used. The message names the caller. */
  assertUsable(where = ''): void {
    if (this.#state === 'disposed') {
      throw new Corr2dError('DISPOSED', `${callerOf(where)}this corr2d instance has been disposed`);
    }
    if (this.#state === 'crashed') {
      throw new Corr2dError(
        'CRASHED',
        `${callerOf(where)}this corr2d instance has crashed and can no longer be used; ` +
          'load() creates a new one',
      );
    }
  }

  /** Allocates `bytes` bytes. Throws OUT_OF_MEMORY if the heap cannot grow enough. */
  allocate(bytes: number, where: string): Address {
    const address = bytes <= MAX_BYTES ? this.call.allocate(bytes) : 0;
    if (address === 0) throw this.outOfMemory(`${where}: not enough memory for ${bytes} bytes`);
    this.deferral?.allocate(address, bytes);
    return address;
  }

  /** OUT_OF_MEMORY with a message that also says what holds the memory and how to free it. */
  outOfMemory(message: string): Corr2dError {
    const count = this.#liveTensors;
    const held = count === 1 ? '1 live tensor holds' : `${count} live tensors hold`;
    const total = `${this.#liveBytes} bytes of a heap of ${this.#memory.buffer.byteLength}`;
    const hint = count > 0 ? FREEING : '';
    return new Corr2dError('OUT_OF_MEMORY', `${message}; ${held} ${total}${hint}`);
  }

  /** Calls `use` with the address of `bytes` bytes, which are freed afterwards. */
  withBlock<T>(bytes: number, where: string, use: (address: Address) => T): T {
    const address = this.allocate(bytes, where);
    try {
      return use(address);
    } finally {
      this.free(address, bytes);
    }
  }

  /** Counts `tensor` as a user of `storage`. */
  addTensor(tensor: Disposable, storage: Storage): void {
    if (storage.tensors === 0) {
      this.#liveBytes += storage.bytes;
      storage.accountedBytes = this.pressure.add(tensor, storage.bytes);
    }
    storage.tensors += 1;
    this.#liveTensors += 1;
    this.scopes.add(tensor);
    this.#collected.register(tensor, storage, tensor);
  }

  /** Removes a user of `storage`: `tensor`, or, without that argument, a tensor that was collected. */
  removeTensor(storage: Storage, tensor?: Disposable): void {
    if (tensor !== undefined) {
      this.#collected.unregister(tensor);
      this.scopes.remove(tensor);
    }
    this.#liveTensors -= 1;
    storage.tensors -= 1;
    if (storage.tensors > 0) return;
    this.#liveBytes -= storage.bytes;
    this.pressure.remove(storage.bytes, storage.accountedBytes, tensor);
    this.free(storage.address, storage.bytes);
  }

  /** Frees a plan. After a crash or the disposal, the whole heap is discarded instead. */
  freePlan(plan: Address): void {
    if (this.#state === 'alive') this.call.freePlan(plan);
  }

  /** The memory in use. Throws DISPOSED or CRASHED. */
  memoryUse(): { heapBytes: number; liveTensors: number; liveBytes: number } {
    this.assertUsable('memory:');
    return {
      heapBytes: this.#memory.buffer.byteLength,
      liveTensors: this.#liveTensors,
      liveBytes: this.#liveBytes,
    };
  }

  /** Marks the instance as unusable: after a trap its memory is in an unknown state. */
  crash(): void {
    if (this.#state === 'alive') this.#state = 'crashed';
    this.endWorkers();
  }

  /** Ends the workers. The calling thread computes alone from now on. */
  endWorkers(): void {
    this.#threadPool?.stop();
    // The pool refers to the memory.
    this.#threadPool = undefined;
  }

  /** Drops the module, so that its memory is collected even if the instance is kept. */
  dispose(): void {
    if (this.#state !== 'alive') return;
    this.#state = 'disposed';
    this.endWorkers();
    this.module = DISPOSED.module;
    this.call = this.#guarded(DISPOSED.module);
    this.#memory = DISPOSED.memory;
    this.#floats = new Float32Array();
    this.#words = new Int32Array();
  }

  /** Frees a block. After a crash or the disposal, the whole heap is discarded instead. */
  free(address: Address, bytes: number): void {
    if (this.deferral !== undefined) this.deferral.free(address, bytes);
    else if (this.#state === 'alive') this.call.release(address, bytes);
  }

  #guarded(module: ModuleFunctions): ModuleFunctions {
    const guard =
      <Arguments extends unknown[], Result>(run: (...values: Arguments) => Result) =>
      (...values: Arguments): Result => {
        this.assertUsable();
        try {
          return run(...values);
        } catch (cause) {
          // The module is built without exceptions, so everything it throws is a trap.
          this.crash();
          throw new Corr2dError('CRASHED', `the WebAssembly module has trapped: ${cause}`, {
            cause,
          });
        }
      };
    return Object.fromEntries(
      functionNames.map((name) => [name, guard(module[name] as (...values: never[]) => unknown)]),
    ) as unknown as ModuleFunctions;
  }
}
