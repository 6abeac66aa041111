import {
  type Address,
  type Crew,
  type EmbindModule,
  functionNames,
  type ModuleFunctions,
  requestDoubles,
  requestWords,
} from './abi.js';
import { Corr2dError, caller } from './errors.js';

/** A block of the heap, shown by one tensor or by several. */
export interface Storage {
  readonly address: Address;
  readonly bytes: number;
  /** How many tensors show it; with the last one it is freed. */
  tensors: number;
}

/** What stands for the module and its memory once the instance has been disposed of. */
const gone = { module: {} as EmbindModule, memory: { buffer: new ArrayBuffer() } };

/** All that 32-bit WebAssembly can address. */
const maxBytes = 2 ** 32 - 1;

/**
 * One instance of the module with its memory: calls into it, views of it, and the account of what
 * is alive in it.
 */
export class Heap {
  /** The module's functions; each refuses to run once the instance was disposed or has crashed. */
  call: ModuleFunctions;
  /** The module itself. Tests call the functions that only the variants with threads export. */
  module: EmbindModule;
  /** The Request that problems are written into. */
  readonly request: Address;
  #memory: Pick<WebAssembly.Memory, 'buffer'>;
  #floats = new Float32Array();
  #words = new Int32Array();
  #state: 'alive' | 'disposed' | 'crashed' = 'alive';
  #liveTensors = 0;
  #liveBytes = 0;
  /** The safety net: frees storage whose tensors were dropped without being disposed. */
  readonly #dropped = new FinalizationRegistry<Storage>((storage) => this.leave(storage));

  /** That compute, the calling one included. */
  readonly threads: number;
  #crew: Crew | undefined;

  constructor(module: EmbindModule, memory: WebAssembly.Memory, threads = 1, crew?: Crew) {
    this.module = module;
    this.#memory = memory;
    this.threads = threads;
    this.#crew = crew;
    this.call = this.#guarded(module);
    this.request = this.call.makeRequest();
    if (this.request === 0) {
      throw new Corr2dError('OUT_OF_MEMORY', 'load: the heap has no room for a single request');
    }
    // The workers must not keep the heap alive.
    const self = new WeakRef(this);
    crew?.serve(this, () => self.deref()?.crash());
  }

  /** The heap as float32, made afresh when it has grown: not to be kept across allocations. */
  get floats(): Float32Array {
    if (this.#floats.buffer !== this.#memory.buffer) {
      this.#floats = new Float32Array(this.#memory.buffer);
    }
    return this.#floats;
  }

  /** The heap as 32-bit words, likewise. */
  get words(): Int32Array {
    if (this.#words.buffer !== this.#memory.buffer) {
      this.#words = new Int32Array(this.#memory.buffer);
    }
    return this.#words;
  }

  /** An int32 member of the Request. */
  requestWord(name: keyof typeof requestWords): number {
    return this.words[this.request / 4 + requestWords[name]] as number;
  }

  /** A float64 member of the Request. */
  requestDouble(name: keyof typeof requestDoubles): number {
    return new Float64Array(this.#memory.buffer, this.request)[requestDoubles[name]] as number;
  }

  /** The text that a pointer of the Request points to. */
  requestText(name: 'refusal'): string {
    const bytes = new Uint8Array(this.#memory.buffer, this.requestWord(name));
    // Of a copy: with threads the bytes are shared, which decoders refuse.
    return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
  }

  /** A view of `length` float32 at `address`. */
  floatsAt(address: Address, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  /** A view of `length` bytes at `address`. */
  bytesAt(address: Address, length: number): Uint8ClampedArray {
    return new Uint8ClampedArray(this.#memory.buffer, address, length);
  }

  /** Throws DISPOSED or CRASHED, which name the caller in `where`, unless the instance can be used. */
  assertUsable(where = ''): void {
    if (this.#state === 'disposed') {
      throw new Corr2dError('DISPOSED', `${caller(where)}this corr2d instance has been disposed`);
    }
    if (this.#state === 'crashed') {
      throw new Corr2dError(
        'CRASHED',
        `${caller(where)}this corr2d instance has crashed and can do nothing any more; ` +
          'load() gives a new one',
      );
    }
  }

  /** A block of `bytes` bytes, or OUT_OF_MEMORY, which names `where` as the one that asked. */
  allocate(bytes: number, where: string): Address {
    const address = bytes <= maxBytes ? this.call.allocate(bytes) : 0;
    if (address === 0) {
      throw new Corr2dError(
        'OUT_OF_MEMORY',
        `${where}: no room for ${bytes} bytes in a heap of ${this.#memory.buffer.byteLength} bytes`,
      );
    }
    return address;
  }

  /** Lends a block for the time of `use`. */
  lend<T>(bytes: number, where: string, use: (address: Address) => T): T {
    const address = this.allocate(bytes, where);
    try {
      return use(address);
    } finally {
      this.#free(address, bytes);
    }
  }

  /** Takes `tensor` into the account as one that shows `storage`. */
  join(tensor: WeakKey, storage: Storage): void {
    if (storage.tensors === 0) this.#liveBytes += storage.bytes;
    storage.tensors += 1;
    this.#liveTensors += 1;
    this.#dropped.register(tensor, storage, tensor);
  }

  /** One tensor that showed `storage` has gone: `tensor`, or one that was dropped. */
  leave(storage: Storage, tensor?: WeakKey): void {
    if (tensor !== undefined) this.#dropped.unregister(tensor);
    this.#liveTensors -= 1;
    storage.tensors -= 1;
    if (storage.tensors > 0) return;
    this.#liveBytes -= storage.bytes;
    this.#free(storage.address, storage.bytes);
  }

  /** Frees a plan; where nothing runs any more, it goes with the whole heap. */
  freePlan(plan: Address): void {
    if (this.#state === 'alive') this.call.freePlan(plan);
  }

  account(): { heapBytes: number; liveTensors: number; liveBytes: number } {
    this.assertUsable('memory:');
    return {
      heapBytes: this.#memory.buffer.byteLength,
      liveTensors: this.#liveTensors,
      liveBytes: this.#liveBytes,
    };
  }

  /** After a trap nothing in the memory can be relied on. */
  crash(): void {
    if (this.#state === 'alive') this.#state = 'crashed';
    this.endWorkers();
  }

  /** From now on the calling thread computes alone. */
  endWorkers(): void {
    this.#crew?.stop();
    // It has the memory in hand.
    this.#crew = undefined;
  }

  /** Lets go of the module, so that its memory goes even where the instance is kept. */
  dispose(): void {
    if (this.#state !== 'alive') return;
    this.#state = 'disposed';
    this.endWorkers();
    this.module = gone.module;
    this.call = this.#guarded(gone.module);
    this.#memory = gone.memory;
    this.#floats = new Float32Array();
    this.#words = new Int32Array();
  }

  /** Where nothing runs any more, memory goes with the whole heap. */
  #free(address: Address, bytes: number): void {
    if (this.#state === 'alive') this.call.release(address, bytes);
  }

  #guarded(module: ModuleFunctions): ModuleFunctions {
    const guard =
      <Arguments extends unknown[], Result>(run: (...values: Arguments) => Result) =>
      (...values: Arguments): Result => {
        this.assertUsable();
        try {
          return run(...values);
        } catch (cause) {
          // The module is built without exceptions: whatever comes out of it is a trap.
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
