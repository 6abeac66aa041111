// Shared by the tests of the package: instances of the variant under test, expectations of errors, child
// processes, random numbers, and comparisons of tensors.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Corr2dError, load } from 'corr2d';

/** The repository. Code that runs here imports the package under test as 'corr2d'. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The variant under test. */
export const variant = process.env.CORR2D_TEST_VARIANT ?? 'simd';

/** The options of `load` that select the variant under test. */
export const simd = variant.startsWith('relaxed') ? 'relaxed' : 'simd';
export const threads = variant.endsWith('threads') ? 3 : 1;

/** Loads a new instance of the variant under test. */
export const loadVariant = (options) => load({ simd, threads, ...options });

/** An instance that the tests of a file share. After the tests, asserts that they leaked no memory. */
export async function createSharedInstance() {
  const c = await loadVariant();
  const initial = memoryInUse(c);
  after(() => {
    assert.deepEqual(memoryInUse(c), initial);
    c.dispose();
  });
  return c;
}

/** The functions of an instance's WebAssembly module: `failAllocationAfter`, `allocatedBytes` and others. */
export const moduleFunctions = (c) => c[Symbol.for('corr2d.heap')].call;

/** The memory that an instance uses, which an error must not change. */
export const memoryState = (c) => ({
  ...c.memory(),
  allocatedBytes: moduleFunctions(c).allocatedBytes(),
});

/** `memoryState` without the size of the heap, which grows and never shrinks. */
export function memoryInUse(c) {
  const { heapBytes: _, ...rest } = memoryState(c);
  return rest;
}

/**
 * Expects `fn` to throw a Corr2dError with this code and message (a string is the whole message, a RegExp
 * matches a part) and to leave the memory of `c` unchanged. Returns the error.
 */
export function expectError(c, code, message, fn) {
  const before = memoryState(c);
  let error;
  let returned;
  try {
    returned = fn();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error !== undefined, `no error, but ${String(returned)}; expected ${code} ${message}`);
  if (!(error instanceof Corr2dError)) {
    throw new Error(`not a Corr2dError (expected ${code} ${message}): ${error?.stack ?? error}`);
  }
  assert.equal(error.code, code, error.message);
  assert.equal(error.name, 'Corr2dError');
  if (message instanceof RegExp) assert.match(error.message, message);
  else assert.equal(error.message, message);
  assert.deepEqual(memoryState(c), before, `after: ${error.message}`);
  return error;
}

/**
 * Lets each allocation of a call fail in turn, until the call succeeds. Expects OUT_OF_MEMORY and no leak. Returns the
 * number of failures.
 */
export function failEachAllocation(c, call) {
  const before = memoryInUse(c);
  for (let failures = 0, succeeds = false; ; failures++) {
    assert.ok(failures < 100, 'the call never succeeds');
    moduleFunctions(c).failAllocationAfter(failures);
    try {
      call();
      succeeds = true;
    } catch (error) {
      if (!(error instanceof Corr2dError)) throw error;
      assert.equal(error.code, 'OUT_OF_MEMORY', error.message);
    } finally {
      moduleFunctions(c).failAllocationAfter(-1);
    }
    assert.deepEqual(memoryInUse(c), before, `allocation ${failures}`);
    if (succeeds) return failures;
  }
}

/** Expects a promise to be rejected with a Corr2dError, as `expectError` does. Returns the error. */
export async function expectRejection(code, message, promise) {
  const [settled] = await Promise.allSettled([promise]);
  assert.equal(settled.status, 'rejected', `no error; expected ${code} ${message}`);
  const error = settled.reason;
  if (!(error instanceof Corr2dError)) {
    throw new Error(`not a Corr2dError (expected ${code} ${message}): ${error?.stack ?? error}`);
  }
  assert.equal(error.code, code, error.message);
  if (message instanceof RegExp) assert.match(error.message, message);
  else assert.equal(error.message, message);
  return error;
}

/**
 * Runs `code`, an ES module, in its own Node process, with `addressSpaceBytes` of address space if given
 * (on Linux). The process is killed after `timeoutMs`.
 */
export async function runNode(code, flags = [], timeoutMs = 60_000, addressSpaceBytes = undefined) {
  // The flag that keeps Node from waiting for its compilers (tools/lib/node-tests.mjs).
  const inherited = process.execArgv.filter((flag) => flag.endsWith('concurrent-recompilation'));
  const node = [process.execPath, ...inherited, ...flags, '--input-type=module', '-e', code];
  const limit = addressSpaceBytes ? ['prlimit', `--as=${addressSpaceBytes}`] : [];
  const [program, ...args] = [...limit, ...node];
  const child = spawn(program, args, {
    cwd: root,
    timeout: timeoutMs,
    stdio: ['ignore', 'pipe', 'pipe'],
    // The child must not inherit other flags of this process, such as the one for relaxed SIMD.
    env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text) => {
      texts[name] += text;
    });
  }
  const [status, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...how) => resolve(how));
  });
  return { status, signal, ...texts };
}

/** Runs `code` in its own Node process, expects success, and parses its output as JSON. */
export async function runNodeJson(...args) {
  const { status, signal, stdout, stderr } = await runNode(...args);
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' }, stdout);
  return JSON.parse(stdout);
}

/** A pseudo-random generator (mulberry32) that gives the same numbers for the same seed. */
export function createRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (low, high) => low + Math.floor(next() * (high - low + 1));
  return {
    /** Uniform in [0, 1), with 32 bits. */
    next,
    /** A whole number from `low` to `high`. */
    integer,
    pick: (values) => values[integer(0, values.length - 1)],
    /** `{ data, shape }` of float32 values in [-1, 1). */
    uniform: (...shape) => fill(shape, () => 2 * next() - 1),
    /** `{ data, shape }` of whole numbers small enough for exact sums of products in float32. */
    exact: (...shape) => fill(shape, () => integer(-9, 9)),
  };
}

export const sizeOf = (shape) => shape.reduce((product, length) => product * length, 1);

function fill(shape, next) {
  return { data: Float32Array.from({ length: sizeOf(shape) }, next), shape };
}

/** The elements as nested arrays, or as a number if there is no axis. */
export function toNestedArrays({ data, shape }) {
  let next = 0;
  const build = (axis) =>
    axis === shape.length
      ? data[next++]
      : Array.from({ length: shape[axis] }, () => build(axis + 1));
  return build(0);
}

/**
 * The oracle: equation 7.4.2 of the chapter in float64, term by term. X: ci×h×w, K: co×ci×kh×kw, each
 * `{ data, shape }`. Each element of `data` is a sum of `terms` products, and that of `magnitude` is the
 * sum of their absolute values.
 */
export function correlateFloat64(X, K) {
  const [ci, h, w] = X.shape;
  const [co, kci, kh, kw] = K.shape;
  assert.equal(kci, ci);
  const shape = [co, h - kh + 1, w - kw + 1];
  const data = new Float64Array(sizeOf(shape));
  const magnitude = new Float64Array(data.length);
  let next = 0;
  for (let o = 0; o < co; o++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++, next++) {
        let sum = 0;
        let sumOfAbsolutes = 0;
        for (let i = 0; i < ci; i++) {
          for (let a = 0; a < kh; a++) {
            const row = (i * h + y + a) * w + x;
            const kernelRow = ((o * ci + i) * kh + a) * kw;
            for (let b = 0; b < kw; b++) {
              const product = X.data[row + b] * K.data[kernelRow + b];
              sum += product;
              sumOfAbsolutes += Math.abs(product);
            }
          }
        }
        data[next] = sum;
        magnitude[next] = sumOfAbsolutes;
      }
    }
  }
  return { shape, data, magnitude, terms: ci * kh * kw };
}

/**
 * Expects every element of the tensor `actual` within (K + 1)·2⁻²⁴·Σ|x||w| for K terms: the bound of
 * float32 summation in any order, fused or not.
 */
export function assertWithinBound(actual, expected, what) {
  assert.deepEqual(actual.shape, expected.shape, what);
  const { data } = actual;
  assert.equal(data.length, expected.data.length, what);
  for (let i = 0; i < data.length; i++) {
    const bound = (expected.terms + 1) * 2 ** -24 * expected.magnitude[i];
    // Negated, so that NaN fails.
    if (!(Math.abs(data[i] - expected.data[i]) <= bound)) {
      assert.fail(`${what}: element ${i} is ${data[i]}, not ${expected.data[i]} ± ${bound}`);
    }
  }
}

/** Expects the same shape and the same bits. */
export function assertSameBits(actual, expected, what) {
  assert.deepEqual(actual.shape, expected.shape, what);
  const [a, b] = [actual, expected].map(
    ({ data }) => new Uint32Array(data.buffer, data.byteOffset, data.length),
  );
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) {
      assert.fail(`${what}: element ${i} is ${actual.data[i]}, not ${expected.data[i]}`);
    }
  }
}

/** Expects this shape and these values; -0 and 0 differ. */
export function assertTensor(actual, shape, values, what) {
  assert.deepEqual(
    { shape: actual.shape, data: Array.from(actual.data) },
    { shape, data: Array.from(values) },
    what,
  );
}

/** Expects the instance to compute Fig. 7.4.1 of the chapter. Leaves no memory allocated. */
export function assertStillComputes(c) {
  const X = c.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 3, 3]);
  const K = [
    [
      [0, 1],
      [2, 3],
    ],
    [
      [1, 2],
      [3, 4],
    ],
  ];
  const Y = c.corr2dMultiIn(X, K);
  assertTensor(Y, [2, 2], [56, 72, 104, 120]);
  Y.dispose();
  X.dispose();
}
