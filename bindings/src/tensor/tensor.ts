import { binary } from '../operators/elementwise.js';
import { withRoom } from '../runtime/allocate.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, showShape } from '../runtime/errors.js';
import type { Heap, Storage } from '../runtime/heap.js';
import { checkedSize, type Elements, type NestedArray, sizeOf } from './nested.js';
import { withResult } from './operands.js';
import { formatTensor } from './print.js';
import { copyElements, type NumberArray } from './views.js';

/** More elements, rows among them, no engine is sure to hold in arrays. */
const mostInArrays = 2 ** 26;

declare global {
  // Not every `lib` knows it; declarations of the same kind merge where one does.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/** What functions take for a tensor: one, nested arrays of numbers, or data with its shape. */
export type TensorLike =
  | Tensor
  | NestedArray
  | {
      /** The elements in one row, the last axis running fastest. */
      readonly data: NumberArray | readonly number[];
      /** How long each axis is. */
      readonly shape: readonly number[];
    };

/** A view keeps its tensor, and so the memory it reads, alive for as long as it is reachable. */
const shownBy = new WeakMap<Float32Array, Tensor>();

/** @internal Node's `console.log` calls this method for what it prints. */
const inspectKey: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/**
 * Numbers of float32 in the WebAssembly heap: row-major and contiguous, of any number of axes.
 *
 * Its memory is freed by `dispose()`, by `using`, or, some time after the last reference is gone,
 * by the garbage collector. Every use after `dispose()` throws `DISPOSED`.
 *
 * Its elements are in the memory of one instance, so that it cannot be sent by `postMessage` nor
 * cloned by `structuredClone`. Send `{ data: t.data.slice(), shape: t.shape }`: every function takes
 * that for a tensor.
 */
export class Tensor {
  /** Sizes of the axes, outermost first; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The number of elements. */
  readonly size: number;
  readonly #heap: Heap;
  readonly #storage: Storage;
  readonly #offset: number; // bytes into the storage
  #view: Float32Array | undefined;
  #disposed = false;

  /** Instances make tensors: `c.tensor`, `c.zeros` and so on. */
  private constructor(heap: Heap, shape: readonly number[], storage: Storage, offset = 0) {
    this.#heap = heap;
    this.shape = Object.freeze(shape.slice());
    this.size = sizeOf(shape);
    this.#storage = storage;
    this.#offset = offset;
    heap.join(this, storage);
    // With another shape or size it would read memory that is not its own.
    Object.freeze(this);
  }

  /** @internal Whether it is a tensor indeed, and no object that passes for one. */
  static is(value: unknown): value is Tensor {
    return typeof value === 'object' && value !== null && #heap in value;
  }

  /** @internal A tensor with elements yet to be written. */
  static uninitialised(heap: Heap, shape: readonly number[], where: string): Tensor {
    const bytes = checkedSize(shape, `${where}: a tensor`) * 4;
    return new Tensor(heap, shape, { address: heap.allocate(bytes, where), bytes, tensors: 0 });
  }

  /** @internal A tensor with a copy of `elements`. */
  static from(heap: Heap, elements: Elements, where: string): Tensor {
    return withResult(heap, where, elements.shape, (result) =>
      copyElements(result.elements(), elements.data, where),
    );
  }

  /** @internal The heap that it lives in: no property of its own, which JSON and consoles would show. */
  get heap(): Heap {
    if (!Tensor.is(this)) {
      throw new Corr2dError(
        'INVALID_ARGUMENT',
        'this is no tensor, but a proxy of one or an object that inherits from one',
      );
    }
    return this.#heap;
  }

  /** @internal Where the first element lies. */
  get address(): number {
    this.assertUsable();
    return this.#storage.address + this.#offset;
  }

  /** @internal Throws DISPOSED, which names the tensor as `what`, unless it can be used. */
  assertUsable(what = 'the tensor'): void {
    this.heap.assertUsable(what);
    if (this.#disposed) {
      throw new Corr2dError(
        'DISPOSED',
        `${what} (shape ${showShape(this.shape)}) has been disposed`,
      );
    }
  }

  /** @internal A view for the moment, which does not keep the tensor alive. */
  elements(): Float32Array {
    return this.heap.floatsAt(this.address, this.size);
  }

  /**
   * The elements themselves, to read and to write, in row-major order: a view, made afresh when the
   * heap has grown (an older one then has length 0). The tensor stays alive as long as the view is
   * reachable; views made from the view, such as `data.subarray()`, do not count. With threads it is
   * a view of a `SharedArrayBuffer`, which WebGL and other interfaces of pages refuse: they want a
   * copy, `data.slice()`.
   */
  get data(): Float32Array {
    this.assertUsable('data: the tensor');
    const address = this.address;
    if (this.#view === undefined || this.#view.buffer !== this.heap.floats.buffer) {
      this.#view = this.heap.floatsAt(address, this.size);
      shownBy.set(this.#view, this);
    }
    return this.#view;
  }

  /** A copy of the elements as nested arrays; a plain number for a tensor without axes. */
  toArray(): NestedArray {
    this.assertUsable('toArray: the tensor');
    const data = this.elements();
    let next = 0;
    const build = (axis: number): NestedArray =>
      axis === this.shape.length
        ? (data[next++] as number)
        : Array.from({ length: this.shape[axis] as number }, () => build(axis + 1));
    let rows = 1;
    let all = 0;
    for (const length of this.shape) all += rows *= length;
    return withRoom(8 * all, 'toArray', () => {
      if (all > mostInArrays) throw new RangeError();
      return build(0);
    });
  }

  /** The only element, as a number. SHAPE_MISMATCH where there are more, or none. */
  item(): number {
    this.assertUsable('item: the tensor');
    if (this.size !== 1) {
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `item: the tensor of shape ${showShape(this.shape)} has ${this.size} elements, must have 1`,
      );
    }
    return this.elements()[0] as number;
  }

  /** The text that PyTorch prints for it. */
  toString(): string {
    this.assertUsable('toString: the tensor');
    return formatTensor(this.elements(), this.shape);
  }

  get [Symbol.toStringTag](): string {
    return 'Tensor';
  }

  /** @internal */
  [inspectKey](): string {
    try {
      return this.toString();
    } catch (error) {
      // Whoever prints it wants to see what it is, not to be thrown out of their program.
      if (!(error instanceof Corr2dError)) throw error;
      return `tensor (${error.code.toLowerCase()})`;
    }
  }

  /** `Number(t)`, and comparing with a number, take `item()`; all else takes `toString()`. */
  [Symbol.toPrimitive](hint: string): number | string {
    return hint === 'number' ? this.item() : this.toString();
  }

  /**
   * A view of the same elements with another shape of the same size. One size may be -1: it is
   * found from the others.
   */
  reshape(shape: readonly number[]): Tensor {
    this.assertUsable('reshape: the tensor');
    const wanted = this.#resolved(shape);
    if (sizeOf(wanted) !== this.size) {
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `reshape: shape ${showShape(this.shape)} has ${this.size} elements, ` +
          `${showShape(wanted)} has ${sizeOf(wanted)}`,
      );
    }
    return new Tensor(this.heap, wanted, this.#storage, this.#offset);
  }

  /** A view of slice `index` of axis 0; a negative index counts from the end. */
  at(index: number): Tensor {
    this.assertUsable('at: the tensor');
    const [length, ...shape] = this.shape;
    if (length === undefined) {
      throw new Corr2dError('SHAPE_MISMATCH', 'at: a tensor without axes has no slices');
    }
    if (length === 0) {
      throw new Corr2dError('INVALID_ARGUMENT', 'at: axis 0 has no slices, its length is 0');
    }
    const wanted = argument.integer(index, 'at: index', -length, length - 1);
    const slice = wanted < 0 ? wanted + length : wanted;
    const offset = this.#offset + slice * sizeOf(shape) * 4;
    return new Tensor(this.heap, shape, this.#storage, offset);
  }

  /** The sum with a number or a tensor, broadcast as in PyTorch. */
  add(other: number | TensorLike): Tensor {
    return binary('add', this, other, (a, b) => a + b);
  }

  /** The difference from a number or a tensor, broadcast as in PyTorch. */
  sub(other: number | TensorLike): Tensor {
    return binary('sub', this, other, (a, b) => a - b);
  }

  /** The product with a number or a tensor, element by element, broadcast as in PyTorch. */
  mul(other: number | TensorLike): Tensor {
    return binary('mul', this, other, (a, b) => a * b);
  }

  /** The absolute values. */
  abs(): Tensor {
    return this.#mapped('abs', Math.abs);
  }

  /** The sum of all elements, added up in float64: a tensor without axes. */
  sum(): Tensor {
    this.assertUsable('sum: the tensor');
    let sum = 0;
    for (const value of this.elements()) sum += value;
    return Tensor.from(this.heap, { shape: [], data: [sum] }, 'sum');
  }

  /** A copy with memory of its own. */
  clone(): Tensor {
    this.assertUsable('clone: the tensor');
    return withResult(this.heap, 'clone', this.shape, (copy) =>
      copy.elements().set(this.elements()),
    );
  }

  /** Frees the memory, unless a view of it (`reshape`, `at`) is left. Doing so twice is no error. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#view = undefined;
    this.heap.leave(this.#storage, this);
  }

  /** `dispose()`, for `using`. */
  declare [Symbol.dispose]: () => void;

  #mapped(where: string, map: (value: number) => number): Tensor {
    this.assertUsable(`${where}: the tensor`);
    return withResult(this.heap, where, this.shape, (result) => {
      const from = this.elements();
      const to = result.elements();
      for (let i = 0; i < to.length; i++) to[i] = map(from[i] as number);
    });
  }

  /** `value` with its -1, if there is one, replaced by the size that is left for it. */
  #resolved(value: readonly number[]): number[] {
    const sizes = argument.shape(value, 'reshape: shape', true);
    const free = sizes.indexOf(-1);
    if (free < 0) return sizes;
    const second = sizes.indexOf(-1, free + 1);
    if (second >= 0) {
      throw new Corr2dError(
        'INVALID_ARGUMENT',
        `reshape: shape[${free}] and shape[${second}] are -1, only one size may be -1`,
      );
    }
    const known = sizeOf(sizes.filter((_, axis) => axis !== free));
    if (known === 0 || this.size % known !== 0) {
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `reshape: shape ${showShape(this.shape)} has ${this.size} elements, ` +
          `no size in place of the -1 makes ${showShape(sizes)} have as many`,
      );
    }
    return sizes.map((size, axis) => (axis === free ? this.size / known : size));
  }
}

// Engines without it have no `using` that could look for it.
if (Symbol.dispose !== undefined) {
  Object.defineProperty(Tensor.prototype, Symbol.dispose, { value: Tensor.prototype.dispose });
}
