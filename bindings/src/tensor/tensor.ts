import * as argument from '../runtime/arguments.js';
import {
  assertInternal,
  Corr2dError,
  invalid,
  mismatch,
  setTensorTest,
  showShape,
} from '../runtime/errors.js';
import { Heap, type Storage } from '../runtime/heap.js';
import { bindOnAccess, bindToSelf, methodsOf } from '../runtime/methods.js';
import { allocateOrThrow, supportUsing } from '../runtime/platform.js';
import type { TensorMethods } from './methods.js';
import {
  checkedSize,
  type Elements,
  type NestedArray,
  type NestedNumbers,
  sizeOf,
} from './nested.js';
import { formatTensor } from './print.js';
import { copyElements, type Float32Data, type NumberArray } from './views.js';

/** The largest number of array items, rows included, that `toArray` creates. Engines have limits. */
const MAX_ARRAY_ITEMS = 2 ** 26;

declare global {
  // Not every `lib` declares it. Where one does, the two declarations merge.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/**
 * A tensor, or anything that functions accept in its place: nested arrays of numbers, or an object
 * with data and a shape.
 */
export type TensorLike =
  | Tensor
  | NestedArray
  | {
      /** The elements in row-major order: the last axis varies fastest. */
      readonly data: NumberArray | readonly number[];
      /** The size of each axis. */
      readonly shape: readonly number[];
    };

/** The members of a tensor in JSON. Every function accepts such an object in place of a tensor. */
export interface TensorJson {
  /** The size of each axis. */
  readonly shape: readonly number[];
  /** The elements in row-major order. */
  readonly data: number[];
}

/** @internal The implementations of `TensorMethods`, which take the tensor before the method's own parameters. */
export type TensorImplementation = {
  readonly [Name in keyof TensorMethods<Tensor, TensorLike>]: (
    tensor: Tensor,
    ...args: Parameters<TensorMethods<Tensor, TensorLike>[Name]>
  ) => Tensor;
};

/** @internal Installs the methods that compute. `load()` calls this before any tensor exists. */
export function installTensorMethods(table: TensorImplementation): void {
  bindToSelf(Tensor.prototype, table);
  setTensorTest(Tensor.is);
}

/** The tensor of each view that `data` has returned. It lives as long as its view is reachable. */
const tensorOfView = new WeakMap<Float32Array, Tensor>();

/** @internal The method that Node's `console.log` calls. */
const inspectKey: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

// The methods that compute.
export interface Tensor extends TensorMethods<Tensor, TensorLike> {}

/**
 * A tensor of float32 elements in the WebAssembly heap: row-major, contiguous, with any number of
 * axes up to 64.
 *
 * Its memory is freed by `dispose()`, by `using`, at the end of `c.tidy`, or by the garbage collector after the
 * last reference is gone. The collector runs only between tasks of the event loop: a loop that never yields must
 * use one of the others. Every use after `dispose()` throws `DISPOSED`.
 *
 * A tensor belongs to one instance, so `postMessage` and `structuredClone` cannot copy it. Send
 * `{ data: t.data.slice(), shape: t.shape }` instead, which every function accepts in place of a
 * tensor.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: `installTensorMethods` defines the methods.
export class Tensor {
  /** The size of each axis, outermost first; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The number of elements. */
  readonly size: number;
  readonly #heap: Heap;
  readonly #storage: Storage;
  /** The offset of the first element from the start of the storage, in bytes. */
  readonly #offset: number;
  #view: Float32Data | undefined;
  #disposed = false;

  /** Use an instance's functions to create tensors: `c.tensor`, `c.zeros` and others. */
  private constructor(heap: Heap, shape: readonly number[], storage: Storage, offset = 0) {
    assertInternal(heap instanceof Heap, 'Tensor', 'c.tensor(values, shape)');
    this.#heap = heap;
    this.shape = Object.freeze(shape.slice());
    this.size = sizeOf(shape);
    this.#storage = storage;
    this.#offset = offset;
    heap.addTensor(this, storage);
    // If the caller could change shape or size, the tensor could access memory outside its storage.
    Object.freeze(this);
  }

  /** @internal Whether `value` is a tensor, and not an object that inherits from one. */
  static is(value: unknown): value is Tensor {
    return typeof value === 'object' && value !== null && #heap in value;
  }

  /** @internal Creates a tensor whose elements are not yet set. */
  static uninitialised(heap: Heap, shape: readonly number[], where: string): Tensor {
    const bytes = checkedSize(shape, `${where}: a tensor`) * 4;
    return new Tensor(heap, shape, {
      address: heap.allocate(bytes, where),
      bytes,
      tensors: 0,
      accountedBytes: 0,
    });
  }

  /** @internal Creates a tensor with a copy of `elements`. */
  static from(heap: Heap, elements: Elements, where: string): Tensor {
    return withResult(heap, where, elements.shape, (result) => {
      if (elements.write) elements.write(result.address);
      else copyElements(result.elements(), elements.data, where);
    });
  }

  /** @internal The heap of the tensor: a getter, so that JSON and consoles do not show it. */
  get heap(): Heap {
    if (!Tensor.is(this)) {
      throw invalid('this is a proxy of a tensor or inherits from one; expected a tensor');
    }
    return this.#heap;
  }

  /** @internal The address of the first element. */
  get address(): number {
    this.assertUsable();
    return this.#storage.address + this.#offset;
  }

  /** @internal Throws DISPOSED unless the tensor can be used. The message calls the tensor `what`. */
  assertUsable(what = 'the tensor'): void {
    this.heap.assertUsable(what);
    if (this.#disposed) {
      throw new Corr2dError(
        'DISPOSED',
        `${what} (shape ${showShape(this.shape)}) has been disposed`,
      );
    }
  }

  /**
   * @internal A view for immediate use: it does not keep the tensor alive. Unlike `data`, it does not run problems that
   * are deferred.
   */
  elements(): Float32Array {
    return this.heap.floatsAt(this.address, this.size);
  }

  /**
   * The elements in row-major order: a view that can be read and written. It keeps the tensor alive;
   * views that are made from it, such as `data.subarray()`, do not. When the heap grows, the view is
   * detached (its length becomes 0), and `data` returns a new one.
   *
   * With threads, it is a view of a `SharedArrayBuffer`, whatever its type says. WebGL, Web Audio and other
   * interfaces of browsers reject such views. Pass them a copy: `data.slice()`.
   */
  get data(): Float32Data {
    this.assertUsable('data: the tensor');
    this.heap.deferral?.flush();
    const address = this.address;
    if (this.#view === undefined || this.#view.buffer !== this.heap.floats.buffer) {
      // The type holds without threads. A tensor's type does not tell with how many threads it was made.
      this.#view = this.heap.floatsAt(address, this.size) as Float32Data;
      tensorOfView.set(this.#view, this);
    }
    return this.#view;
  }

  /**
   * A copy of the elements as nested arrays; a plain number for a tensor without axes.
   *
   * @example
   * ```js
   * console.log(JSON.stringify(c.arange(6).reshape([2, 3]).toArray())); // [[0,1,2],[3,4,5]]
   * ```
   *
   * @typeParam Result the type of the result, which TypeScript cannot derive, because a tensor's type does not
   * contain its number of axes: `toArray<number[][]>()` for two axes. It is not checked.
   * @returns new arrays, one for each row of each axis, or a number
   * @throws `OUT_OF_MEMORY` if the engine cannot create so many arrays
   */
  toArray<Result extends NestedNumbers = NestedNumbers>(): Result {
    this.assertUsable('toArray: the tensor');
    const data = this.elements();
    let next = 0;
    const build = (axis: number): NestedNumbers =>
      axis === this.shape.length
        ? (data[next++] as number)
        : Array.from({ length: this.shape[axis] as number }, () => build(axis + 1));
    let rows = 1;
    let all = 0;
    for (const length of this.shape) all += rows *= length;
    return allocateOrThrow(8 * all, 'toArray', () => {
      if (all > MAX_ARRAY_ITEMS) throw new RangeError();
      return build(0) as Result;
    });
  }

  /**
   * The only element, as a number.
   *
   * @example
   * ```js
   * console.log(c.tensor([[5]]).item()); // 5
   * ```
   *
   * @returns the element
   * @throws `SHAPE_MISMATCH` if the tensor does not have exactly one element
   */
  item(): number {
    this.assertUsable('item: the tensor');
    if (this.size !== 1) {
      throw mismatch(
        `item: the tensor of shape ${showShape(this.shape)} has ${this.size} elements; expected 1`,
      );
    }
    return this.elements()[0] as number;
  }

  /**
   * The text that PyTorch prints for the tensor.
   *
   * @example
   * ```js
   * console.log(c.tensor([1, 2.5]).toString()); // tensor([1.0000, 2.5000])
   * ```
   *
   * @returns the text, without the middle of each axis if there are more than 1,000 elements
   */
  toString(): string {
    this.assertUsable('toString: the tensor');
    return formatTensor(this.elements(), this.shape);
  }

  /** The name of the class, for `Object.prototype.toString`. */
  get [Symbol.toStringTag](): string {
    return 'Tensor';
  }

  /** @internal */
  [inspectKey](): string {
    try {
      return this.toString();
    } catch (error) {
      // Printing a disposed tensor must not throw.
      if (!(error instanceof Corr2dError)) throw error;
      return `tensor (${error.code.toLowerCase()})`;
    }
  }

  /**
   * Conversion to a string, as in `${t}`, calls `toString()`; any other, as in `t + 1` or `t < 1`, calls
   * `item()`, which accepts only a tensor of one element.
   */
  [Symbol.toPrimitive](hint: string): number | string {
    return hint === 'string' ? this.toString() : this.item();
  }

  /**
   * The shape and a copy of the elements, for `JSON.stringify`, which writes NaN and infinities as null.
   *
   * @example
   * ```js
   * console.log(JSON.stringify(c.ones([2]))); // {"shape":[2],"data":[1,1]}
   * ```
   *
   * @returns an object that every function accepts in place of a tensor
   */
  toJSON(): TensorJson {
    this.assertUsable('toJSON: the tensor');
    const data = allocateOrThrow(8 * this.size, 'toJSON', () => Array.from(this.elements()));
    return { shape: this.shape, data };
  }

  /**
   * A view of the same elements with another shape.
   *
   * @example
   * ```js
   * console.log(c.arange(6).reshape([2, -1]).shape.join('×')); // 2×3
   * ```
   *
   * @param shape the new shape, with the same number of elements. One size may be -1, which stands for
   * the size that gives this number.
   * @returns a tensor with the same memory
   * @throws `SHAPE_MISMATCH` if the number of elements differs
   */
  reshape(shape: readonly number[]): Tensor {
    this.assertUsable('reshape: the tensor');
    const wanted = this.#resolveShape(shape);
    if (sizeOf(wanted) !== this.size) {
      throw mismatch(
        `reshape: shape ${showShape(wanted)} has ${sizeOf(wanted)} elements; ` +
          `expected ${this.size}, like ${showShape(this.shape)}`,
      );
    }
    return new Tensor(this.heap, wanted, this.#storage, this.#offset);
  }

  /**
   * A view of slice `index` of axis 0.
   *
   * @example
   * ```js
   * const x = c.tensor([[1, 2], [3, 4]]);
   * console.log(x.at(0).data.join(), x.at(-1).data.join()); // 1,2 3,4
   * ```
   *
   * @param index the number of the slice; a negative one counts from the end
   * @returns a tensor with the same memory and one axis less
   * @throws `INVALID_ARGUMENT` if the index is out of range, `SHAPE_MISMATCH` for a tensor without axes
   */
  at(index: number): Tensor {
    this.assertUsable('at: the tensor');
    const [length, ...shape] = this.shape;
    if (length === undefined) {
      throw mismatch('at: the tensor is a single number (0-d); expected at least one axis');
    }
    if (length === 0) throw invalid('at: axis 0 has length 0; expected at least 1');
    const wanted = argument.integer(index, 'at: index', -length, length - 1);
    const slice = wanted < 0 ? wanted + length : wanted;
    const offset = this.#offset + slice * sizeOf(shape) * 4;
    return new Tensor(this.heap, shape, this.#storage, offset);
  }

  /**
   * A copy with memory of its own.
   *
   * @example
   * ```js
   * const x = c.zeros([2]);
   * const copy = x.clone();
   * x.data.fill(1);
   * console.log(copy.data.join()); // 0,0
   * ```
   *
   * @returns a new tensor of the same shape and elements
   */
  clone(): Tensor {
    this.assertUsable('clone: the tensor');
    return withResult(this.heap, 'clone', this.shape, (copy) =>
      copy.elements().set(this.elements()),
    );
  }

  /**
   * Frees the memory as soon as no view of it (`reshape`, `at`) is in use. A second call does nothing.
   *
   * @example
   * ```js
   * const x = c.ones([1000]);
   * x.dispose();
   * console.log(c.memory().liveBytes); // 0
   * ```
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#view = undefined;
    this.heap.removeTensor(this.#storage, this);
  }

  /** Calls `dispose()` at the end of a `using` declaration's block. */
  declare [Symbol.dispose]: () => void;

  /** Checks a shape, and replaces its -1, if it has one, by the size that is left. */
  #resolveShape(value: readonly number[]): number[] {
    const sizes = argument.shape(value, 'reshape: shape', true);
    const unknown = sizes.indexOf(-1);
    if (unknown < 0) return sizes;
    const second = sizes.indexOf(-1, unknown + 1);
    if (second >= 0) {
      throw invalid(
        `reshape: shape[${unknown}] and shape[${second}] are -1; expected at most one -1`,
      );
    }
    const known = sizeOf(sizes.filter((_, axis) => axis !== unknown));
    if (known === 0 || this.size % known !== 0) {
      throw mismatch(
        `reshape: shape ${showShape(sizes)} has no size for its -1; ` +
          `expected ${this.size} elements, like ${showShape(this.shape)}`,
      );
    }
    return sizes.map((size, axis) => (axis === unknown ? this.size / known : size));
  }
}

supportUsing(Tensor);
const { assertUsable, elements, ...publicMethods } = methodsOf(Tensor.prototype);
bindOnAccess(Tensor.prototype, publicMethods);

/**
 * @internal Calls `fill` with a new tensor and returns the tensor. If `fill` throws, the tensor is
 * freed.
 */
export function withResult(
  heap: Heap,
  where: string,
  shape: readonly number[],
  fill: (result: Tensor) => void,
): Tensor {
  const result = Tensor.uninitialised(heap, shape, where);
  try {
    fill(result);
    return result;
  } catch (error) {
    result.dispose();
    throw error;
  }
}
