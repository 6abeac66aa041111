// Public methods: they refuse surplus arguments, and work without their object after destructuring.

import { Corr2dError, invalid, tagOf } from './errors.js';
import type { Heap } from './heap.js';
import { beginTraceBelow } from './platform.js';

type Method = (...args: never[]) => unknown;

/**
 * The functions that implement the methods of an instance: each takes the heap before the method's own
 * parameters. Optional parameters are declared with `?` and not with a default value, because the number
 * of parameters limits the number of arguments.
 */
export type Implementation<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (
    ...args: infer Parameters extends unknown[]
  ) => infer Result
    ? (heap: Heap, ...args: Parameters) => Result
    : never;
};

/** The methods of a class, by name. */
export function methodsOf(prototype: object): Record<string, Method> {
  const all = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  return Object.fromEntries(
    all
      .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
      .map(([name, { value }]) => [name, value]),
  );
}

/** Defines bound methods on an object itself, for classes whose calls must not create objects. */
export function bindMethods(self: object, methods: Readonly<Record<string, Method>>): void {
  for (const [name, method] of Object.entries(methods)) {
    Object.defineProperty(self, name, { value: guarded(name, method, method.bind(self as never)) });
  }
}

/**
 * Defines getters of bound methods on `prototype`, for classes with many objects, each of which uses few
 * methods. Each access creates a function.
 */
export function bindOnAccess(prototype: object, methods: Readonly<Record<string, Method>>): void {
  for (const [name, method] of Object.entries(methods)) {
    defineGetter(prototype, name, (self) => guarded(name, method, method.bind(self as never)));
  }
}

/** Like `bindOnAccess`, for implementations that take the object before the method's own parameters. */
export function bindToSelf(
  prototype: object,
  implementations: Readonly<Record<string, Method>>,
): void {
  for (const [name, implementation] of Object.entries(implementations)) {
    defineGetter(prototype, name, (self) =>
      guarded(name, implementation, (...args) => implementation(self as never, ...args), 1),
    );
  }
}

/**
 * Defines getters of the implementations of methods on `prototype`, each bound to `heapOf(this)`. An object
 * has the same function at each access.
 */
export function bindToHeap<Self extends object>(
  prototype: Self,
  implementations: Readonly<Record<string, Method>>,
  heapOf: (self: Self) => Heap,
): void {
  for (const [name, implementation] of Object.entries(implementations)) {
    const known = new WeakMap<object, Method>();
    defineGetter(prototype, name, (self: Self) => {
      const bound: Method = (...args) => implementation(heapOf(self) as never, ...args);
      const method = known.get(self) ?? guarded(name, implementation, bound, 1);
      known.set(self, method);
      return method;
    });
  }
}

function defineGetter<Self>(prototype: object, name: string, get: (self: Self) => Method): void {
  Object.defineProperty(prototype, name, {
    configurable: true,
    get() {
      return get(this as Self);
    },
  });
}

/** The errors whose trace begins with the caller of a method. */
const passed = new WeakSet<Corr2dError>();

/**
 * Returns a function that calls `bound`, which is `method` with its first `count` parameters bound. Surplus
 * arguments are INVALID_ARGUMENT. If `method` is declared `async`, the function rejects instead of throwing.
 */
function guarded(name: string, method: Method, bound: Method, count = 0): Method {
  // JSON.stringify calls toJSON with a key.
  const limit = name === 'toJSON' ? Number.POSITIVE_INFINITY : method.length - count;
  if (tagOf(method) === 'AsyncFunction') {
    return async (...args) => bound(...refuseSurplus(name, args, limit));
  }
  const run: Method = (...args) => {
    try {
      return bound(...refuseSurplus(name, args, limit));
    } catch (error) {
      // An error that has passed the method of an inner call, in `tidy` for example, keeps its trace.
      if (error instanceof Corr2dError && !passed.has(error)) {
        passed.add(error);
        beginTraceBelow(error, run);
      }
      throw error;
    }
  };
  return run;
}

/** Returns `args`. Throws INVALID_ARGUMENT if there are more than `limit`. */
export function refuseSurplus<Arguments extends readonly unknown[]>(
  where: string,
  args: Arguments,
  limit: number,
): Arguments {
  if (args.length > limit) {
    const expected = limit === 0 ? 'none' : `at most ${limit}`;
    throw invalid(`${where}: the number of arguments is ${args.length}; expected ${expected}`);
  }
  return args;
}
