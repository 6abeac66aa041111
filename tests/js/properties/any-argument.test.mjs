// Any JavaScript value as any argument of any function gives a result or a Corr2dError. Other exceptions
// come only from getters and proxies of the caller; there is no trap, and no memory is left allocated.
// The functions are read from the type declarations.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Corr2dError, Tensor } from 'corr2d';
import fc from 'fast-check';
import { declaredMethods } from '../declarations.mjs';
import { assertStillComputes, loadVariant, memoryInUse } from '../helpers.mjs';
import { forAll, forAllAsync } from './support.mjs';

const c = await loadVariant();
const other = await loadVariant();
after(() => {
  c.dispose();
  other.dispose();
});

/** The names of the methods that return their result at once. */
const methodsOf = (className) =>
  [...declaredMethods(className).keys()].filter(
    (name) => !['dispose', 'runAsync', 'warmup'].includes(name),
  );

const callersError = new Error('thrown by the caller');
const throwCallersError = () => {
  throw callersError;
};

/** Tensors that all calls share. Calls may write to them, as `out`. */
const tensors = [[], [1], [0, 3], [2, 3], [3, 3], [1, 3, 4], [2, 3, 3, 3], [1, 2, 5, 5]].map(
  (shape) => c.ones(shape),
);
const disposed = c.ones([2, 2]);
disposed.dispose();
const foreign = other.ones([3, 3]);

// Sizes are small or impossibly large; those in between would only take time.
const size = fc.oneof(
  fc.integer({ min: -2, max: 6 }),
  fc.constantFrom(2 ** 30 + 1, 2 ** 31, 2 ** 32, 2 ** 53, Infinity, NaN, -0, 0.5, 1e300, 5e-324),
);
const shape = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 });
const names = fc.constantFrom(
  ...['full', 'same', 'valid', 'same-upper', 'reflect', 'circular', 'zeros', 'replicate', 'nhwc'],
  ...[
    'relu',
    'gelu',
    'leaky-relu',
    'gemm',
    'direct',
    'winograd',
    'depthwise',
    'auto',
    'hwio',
    'wrap',
  ],
);

const specialValue = fc.constantFrom(
  { make: () => tensors[3] },
  { make: () => disposed },
  { make: () => foreign },
  { make: () => other },
  { make: () => c },
  { make: () => throwCallersError },
  {
    make: () =>
      new Proxy([], {
        get: throwCallersError,
        has: throwCallersError,
        ownKeys: throwCallersError,
        getPrototypeOf: throwCallersError,
      }),
  },
  { make: () => new Proxy({}, { get: throwCallersError, getPrototypeOf: throwCallersError }) },
  {
    make: () => {
      const { proxy, revoke } = Proxy.revocable([1, 2], {});
      revoke();
      return proxy;
    },
  },
  {
    make: () => ({
      get data() {
        return throwCallersError();
      },
      shape: [1],
    }),
  },
  {
    make: () => ({
      data: [1],
      get shape() {
        return throwCallersError();
      },
    }),
  },
  {
    make: () => ({
      valueOf: throwCallersError,
      toString: throwCallersError,
      [Symbol.toPrimitive]: throwCallersError,
    }),
  },
  {
    make: () => ({
      get [Symbol.toStringTag]() {
        return throwCallersError();
      },
    }),
  },
  { make: () => [[1, 2], [3]] },
  { make: () => Array(3) },
  {
    make: () => {
      const circle = [];
      circle.push(circle);
      return circle;
    },
  },
  { make: () => new Float32Array(new SharedArrayBuffer(36)) },
  { make: () => new BigInt64Array(4) },
  { make: () => new DataView(new ArrayBuffer(8)) },
  {
    make: () => {
      const detached = new Float32Array(4);
      structuredClone(detached, { transfer: [detached.buffer] });
      return detached;
    },
  },
  { make: () => tensors[4].data },
);

/** A tensor that is never an argument, so that no call may write to it. */
const sentinel = c.full([300], 7);

/** Calls the instance, as a getter may during another call. */
function callWithinCall() {
  c.conv2d(tensors[6], tensors[6], { padding: 3 }).dispose();
}

/** A value that a property such as `length` returns. */
const falseLength = fc.oneof(
  fc.integer({ min: -1, max: 300 }),
  fc.constantFrom(0.5, NaN, 2n, 2 ** 31, '3', null, undefined, Symbol('3')),
);
/** Typed arrays, arrays and tensors whose properties contradict their contents. */
const inconsistentSpec = fc.oneof(
  fc.record({
    Type: fc.constantFrom(Float32Array, Float64Array, Uint8ClampedArray),
    count: fc.integer({ min: 0, max: 36 }),
    length: falseLength,
    from: fc.constantFrom('own', 'heap', 'shared'),
  }),
  fc.record({ list: fc.array(fc.constantFrom(0, 1, 2, 3), { maxLength: 6 }), length: falseLength }),
  fc.record({ of: fc.nat({ max: 7 }), how: fc.constantFrom('proxy', 'inheriting', 'empty') }),
);

function createInconsistent({ Type, count, length, from, list, of, how }) {
  const get = () => {
    callWithinCall();
    return length;
  };
  if (list) {
    return new Proxy(list, { get: (to, name) => (name === 'length' ? get() : to[name]) });
  }
  if (how === 'proxy') return new Proxy(tensors[of], {});
  if (how === 'inheriting') return Object.create(tensors[of]);
  if (how === 'empty') return Object.assign(Object.create(Tensor.prototype), { shape: [9] });
  const { buffer } = sentinel.data;
  const array =
    from === 'own'
      ? new Type(count)
      : new Type(from === 'heap' ? buffer : new SharedArrayBuffer(8 * count), 0, count);
  for (const name of [
    'length',
    'byteLength',
    'buffer',
    'set',
    'slice',
    'subarray',
    'constructor',
  ]) {
    Object.defineProperty(array, name, { get });
  }
  return Object.defineProperty(array, Symbol.iterator, { get });
}
const inconsistent = inconsistentSpec.map((spec) => ({ make: () => createInconsistent(spec) }));

const data = fc.record({
  data: fc.oneof(
    inconsistent,
    fc.array(fc.double(), { maxLength: 20 }),
    fc.float32Array({ maxLength: 20 }),
    fc.float64Array({ maxLength: 20 }),
    fc.uint8Array({ maxLength: 64 }),
  ),
  shape: fc.oneof(shape, fc.array(size, { maxLength: 4 })),
});
const picture = fc.record({
  data: fc.oneof(
    inconsistent,
    fc.uint8ClampedArray({ maxLength: 64 }),
    fc.constant(new Uint8ClampedArray(36)),
  ),
  width: fc.oneof(fc.constant(3), size),
  height: fc.oneof(fc.constant(3), size),
});
const simple = fc.oneof(
  size,
  names,
  shape,
  fc.double(),
  fc.string(),
  fc.bigInt(),
  fc.boolean(),
  fc.array(size, { maxLength: 5 }),
  fc.constantFrom(undefined, null, Symbol('s'), Symbol.iterator),
);
const nested = fc.oneof(
  fc.array(fc.array(fc.double(), { maxLength: 4 }), { maxLength: 4 }),
  fc.constantFrom(
    [
      [1, 2],
      [3, 4],
    ],
    [[[[1]]]],
    [
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    ],
  ),
);
const tensor = fc.constantFrom(...tensors.keys()).map((i) => ({ make: () => tensors[i] }));
const options = fc.record(
  Object.fromEntries(
    [
      ...['stride', 'dilation', 'padding', 'groups', 'bias', 'activation', 'layout', 'out', 'mode'],
      ...['algorithm', 'deterministic', 'paddingMode', 'weightLayout', 'outputPadding', 'seed'],
      ...['inputShape', 'weight', 'boundary', 'fillValue', 'ceilMode', 'countIncludePad', 'min'],
      ...['max', 'channels', 'scale', 'border', 'preserveAlpha'],
      ...['colorSpace', 'unknown'],
    ].map((name) => [
      name,
      fc.oneof({ weight: 3, arbitrary: simple }, data, nested, tensor, specialValue, inconsistent),
    ]),
  ),
  { requiredKeys: [] },
);
/** One argument, plausible in most cases. */
const argument = fc.oneof(
  { weight: 4, arbitrary: tensor },
  { weight: 3, arbitrary: nested },
  { weight: 3, arbitrary: simple },
  { weight: 2, arbitrary: data },
  { weight: 2, arbitrary: options },
  { weight: 1, arbitrary: picture },
  { weight: 2, arbitrary: specialValue },
  { weight: 2, arbitrary: inconsistent },
  {
    weight: 1,
    arbitrary: fc.anything({
      values: [fc.integer({ min: -9, max: 9 }), fc.double(), fc.string(), fc.boolean()],
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
    }),
  },
);

/** Creates the values that an argument describes. Counterexamples show the description. */
function create(value) {
  if (typeof value?.make === 'function') return value.make();
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  const holds = Object.values(value).some((one) => typeof one?.make === 'function');
  if (!holds) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, create(one)]));
}

/** Disposes of a result. */
function release(result) {
  if (tensors.includes(result)) return; // The call returned its `out`.
  if (typeof result?.dispose === 'function') result.dispose();
  else if (result !== null && typeof result === 'object' && !ArrayBuffer.isView(result)) {
    for (const one of Object.values(result)) {
      if (typeof one?.dispose === 'function' && one !== c && one !== other) release(one);
    }
  }
}

/** Expects an error that the caller or this package has thrown. */
function assertExpected(error) {
  const isCallers = error === callersError || /a proxy that has been revoked/.test(error.message);
  if (isCallers) return;
  if (!(error instanceof Corr2dError)) throw error;
  assert.notEqual(error.code, 'CRASHED', error.message);
  assert.ok(error.message.length < 2000, `${error.message.length} characters`);
}

/** Frees what a call has returned, and expects that it has changed nothing else. */
function assertUnchanged(result, before) {
  release(result);
  assert.deepEqual(memoryInUse(c), before);
  assert.ok(sentinel.data.every((value) => value === 7));
}

/** Calls a function and expects a result or an error as described above. */
function attempt(call, args) {
  const before = memoryInUse(c);
  const given = args.map(create);
  let result;
  try {
    result = call(given);
  } catch (error) {
    assertExpected(error);
  }
  assertUnchanged(result, before);
}

/** Arguments of a method; rarely one too many. */
const argumentsOf = (className, name) => {
  const maxLength = declaredMethods(className).get(name).length;
  return fc.oneof(
    { weight: 9, arbitrary: fc.array(argument, { maxLength }) },
    fc.array(argument, { minLength: maxLength + 1, maxLength: maxLength + 1 }),
  );
};

for (const name of methodsOf('Corr2d')) {
  if (name === 'memory' || name === 'fromImageAsync') continue;
  forAll(`c.${name} accepts or rejects any values`, argumentsOf('Corr2d', name), (args) => {
    attempt((given) => c[name](...given), args);
  });
}

forAllAsync(
  'c.fromImageAsync accepts or rejects any values',
  argumentsOf('Corr2d', 'fromImageAsync'),
  async (args) => {
    const before = memoryInUse(c);
    const given = args.map(create);
    assertUnchanged(await c.fromImageAsync(...given).catch(assertExpected), before);
  },
);

for (const name of methodsOf('Tensor')) {
  forAll(
    `t.${name} accepts or rejects any values`,
    fc.tuple(tensor, argumentsOf('Tensor', name)),
    ([{ make }, args]) => {
      attempt((given) => make()[name](...given), args);
    },
  );
}

const plan = c.planConv2d({
  inputShape: [1, 3, 3],
  weight: [
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ],
});
for (const name of methodsOf('Plan')) {
  forAll(`plan.${name} accepts or rejects any values`, argumentsOf('Plan', name), (args) => {
    attempt((given) => plan[name](...given), args);
  });
}

test('the instance still computes, and every class was tested', () => {
  assertStillComputes(c);
  assert.ok(methodsOf('Corr2d').includes('conv2d'));
  assert.ok(methodsOf('Tensor').includes('reshape'));
  assert.ok(methodsOf('Plan').includes('run'));
});
