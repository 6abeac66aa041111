// What the tests of the package share.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Corr2dError, load } from 'corr2d';

/** The repository, where `corr2d` is the package itself. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The variant under test. */
export const variant = process.env.CORR2D_TEST_VARIANT ?? 'simd';

/** What `load` is asked for to give it: its instructions, and as many threads. */
export const simd = variant.startsWith('relaxed') ? 'relaxed' : 'simd';
export const threads = variant.endsWith('threads') ? 3 : 1;

/** A new instance of the variant under test. */
export const loadTested = (options) => load({ simd, threads, ...options });

/** The instance that the tests of one file share: at their end nothing may be left of what they made. */
export async function sharedInstance() {
  const c = await loadTested();
  const heldBefore = held(c);
  after(() => {
    assert.deepEqual(held(c), heldBefore);
    c.dispose();
  });
  return c;
}

/** The module's own functions: `failAllocationAfter`, `allocatedBytes` and so on. */
export const moduleOf = (c) => c[Symbol.for('corr2d.heap')].call;

/** All that must be the same after an error, and after whatever has been disposed of. */
export const account = (c) => ({
  ...c.memory(),
  allocatedBytes: moduleOf(c).allocatedBytes(),
});

/** `account` without the size of the heap, which grows and never shrinks. */
export function held(c) {
  const { heapBytes: _, ...rest } = account(c);
  return rest;
}

/**
 * `fn` throws a Corr2dError with this code and message (a string: the whole of it; a RegExp: a part),
 * and `c` holds what it held before. Returns the error.
 */
export function expectError(c, code, message, fn) {
  const before = account(c);
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
  assert.deepEqual(account(c), before, `after: ${error.message}`);
  return error;
}

/** The same for a promise, which no instance belongs to. */
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
 * Runs `code`, an ES module, in a Node of its own, which has so many bytes of address space if `room`
 * says so (on Linux). It must end by itself.
 */
export async function runNode(code, flags = [], timeout = 60_000, room = undefined) {
  const steady = process.execArgv.filter((flag) => flag.endsWith('concurrent-recompilation'));
  const node = [process.execPath, ...steady, ...flags, '--input-type=module', '-e', code];
  const [program, ...args] = room ? ['prlimit', `--as=${room}`, ...node] : node;
  const child = spawn(program, args, {
    cwd: root,
    timeout,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Other flags of this process, such as the one for relaxed SIMD, are not the child's.
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

/** Runs `code` in a Node of its own and returns what it prints as JSON. */
export async function jsonFromNode(code, flags, timeout, room) {
  const { status, signal, stdout, stderr } = await runNode(code, flags, timeout, room);
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' }, stdout);
  return JSON.parse(stdout);
}

/** Numbers that are the same in every run: uniform in [0, 1), 32 bits each (mulberry32). */
export function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (low, high) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    /** A whole number from `low` to `high`. */
    whole,
    pick: (values) => values[whole(0, values.length - 1)],
    /** `{ data, shape }` of float32 in [-1, 1). */
    uniform: (...shape) => fill(shape, () => 2 * next() - 1),
    /** `{ data, shape }` of whole numbers so small that float32 adds up their products exactly. */
    exact: (...shape) => fill(shape, () => whole(-9, 9)),
  };
}

export const sizeOf = (shape) => shape.reduce((product, length) => product * length, 1);

function fill(shape, next) {
  return { data: Float32Array.from({ length: sizeOf(shape) }, next), shape };
}

/** Nested arrays of what lies in one row; a number where there is no axis. */
export function nest({ data, shape }) {
  let next = 0;
  const build = (axis) =>
    axis === shape.length
      ? data[next++]
      : Array.from({ length: shape[axis] }, () => build(axis + 1));
  return build(0);
}

/**
 * X: ci×h×w, K: co×ci×kh×kw, each `{ data, shape }` → `{ shape, data, magnitude, terms }` in float64:
 * `data` is the sum of `terms` products for each output element, `magnitude` that of their absolute
 * values. The chapter's equation 7.4.2, term by term.
 */
export function correlate(X, K) {
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
 * Every element of `actual`, a tensor, is within the bound that any order of float32 summation keeps,
 * fused or not: (K + 1)·2⁻²⁴·Σ|x||w| for K terms.
 */
export function assertWithinBound(actual, expected, what) {
  assert.deepEqual(actual.shape, expected.shape, what);
  const { data } = actual;
  assert.equal(data.length, expected.data.length, what);
  for (let i = 0; i < data.length; i++) {
    const bound = (expected.terms + 1) * 2 ** -24 * expected.magnitude[i];
    // Not > bound: NaN is never within.
    if (!(Math.abs(data[i] - expected.data[i]) <= bound)) {
      assert.fail(`${what}: element ${i} is ${data[i]}, not ${expected.data[i]} ± ${bound}`);
    }
  }
}

/** The same bits. */
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

/** Shape and values, in one comparison. -0 and 0 differ. */
export function assertTensor(actual, shape, values, what) {
  assert.deepEqual(
    { shape: actual.shape, data: Array.from(actual.data) },
    { shape, data: Array.from(values) },
    what,
  );
}

/** The instance still computes: Fig. 7.4.1. What it takes for that it gives back. */
export function assertComputes(c) {
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
