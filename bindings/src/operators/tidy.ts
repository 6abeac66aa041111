import { invalid, tagOf, unexpected } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { operand } from '../tensor/operands.js';
import { Tensor } from '../tensor/tensor.js';

/** Methods that free the memory of many tensors at once. */
export interface TidyMethods {
  /**
   * Calls `fn` and disposes of the tensors that were created meanwhile, except those that it returns. Calls can
   * be nested: what an inner one returns belongs to the outer one. The memory of plans is never freed.
   *
   * @example
   * ```js
   * const y = c.tidy(() => {
   *   const x = c.arange(4).reshape([1, 2, 2]);
   *   return c.relu(c.conv2d(x, [[[[1]]]]));
   * });
   * console.log(c.memory().liveTensors); // 1
   * y.dispose();
   * ```
   *
   * @param fn a synchronous function without parameters
   * @returns the result of `fn`. Tensors in it are kept: it may be a tensor, or arrays and plain objects
   * that hold tensors at any depth.
   * @throws `INVALID_ARGUMENT` if `fn` returns a promise or a generator. After that and any error of `fn`, which
   * is passed on, all tensors that were created have been disposed of.
   */
  tidy<Result>(fn: () => Result): Result;

  /**
   * Exempts a tensor from the call of `tidy` that would dispose of it. Outside of `tidy` it has no effect.
   *
   * @example
   * ```js
   * let sum;
   * c.tidy(() => {
   *   sum = c.keep(c.ones([3]).sum());
   * });
   * console.log(sum.item()); // 3
   * ```
   *
   * @param tensor a tensor, which lives until it is disposed of or collected
   * @returns `tensor`
   * @throws `INVALID_ARGUMENT` if `tensor` is not a tensor of this instance
   */
  keep(tensor: Tensor): Tensor;
}

/** Throws INVALID_ARGUMENT if code of `fn` still has to run. */
function assertFinished(result: unknown): void {
  const isObject = typeof result === 'object' || typeof result === 'function';
  if (isObject && typeof (result as PromiseLike<unknown> | null)?.then === 'function') {
    // The rest of an async function finds disposed tensors. The error below already says why.
    if (result instanceof Promise) result.catch(() => {});
    throw invalid(
      'tidy: fn returned a promise; expected a synchronous function: await outside of tidy, or dispose of ' +
        'the tensors with dispose()',
    );
  }
  const tag = tagOf(result);
  if (tag === 'Generator' || tag === 'AsyncGenerator') {
    throw invalid(`tidy: fn returned a ${tag}, which has not run; expected a synchronous function`);
  }
}

/** The tensors in arrays and plain objects, at any depth. */
function tensorsIn(value: unknown): Tensor[] {
  const tensors: Tensor[] = [];
  const seen = new Set<unknown>();
  for (const stack = [value]; stack.length > 0; ) {
    const one = stack.pop();
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    seen.add(one);
    if (Tensor.is(one)) tensors.push(one);
    else if (Array.isArray(one) || isPlainObject(one)) {
      for (const member of Object.values(one)) stack.push(member);
    }
  }
  return tensors;
}

/** Whether an object is a literal, of any realm, or has no prototype. */
function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * @internal Runs `fn` and disposes of every tensor that it creates, except for those in its result.
 */
export function tidy<Result>(heap: Heap, fn: () => Result): Result {
  const created = heap.scopes.open();
  let kept: Tensor[] = [];
  try {
    const result = fn();
    kept = tensorsIn(result).filter((tensor) => created.delete(tensor));
    return result;
  } finally {
    heap.scopes.close();
    for (const tensor of kept) heap.scopes.add(tensor);
    for (const tensor of created) tensor.dispose();
  }
}

/** @internal The implementations of `TidyMethods`. */
export const tidyMethods: Implementation<TidyMethods> = {
  tidy(heap, fn) {
    heap.assertUsable('tidy:');
    if (typeof fn !== 'function') throw unexpected('tidy: fn', fn, 'a function');
    return tidy(heap, () => {
      const result = fn();
      assertFinished(result);
      return result;
    });
  },
  keep(heap, tensor) {
    if (!Tensor.is(tensor)) throw unexpected('keep: tensor', tensor, 'a tensor');
    operand(heap, tensor, 'keep: tensor');
    heap.scopes.remove(tensor);
    return tensor;
  },
};
