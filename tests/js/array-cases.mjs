// Runs the cases of tests/fixtures/arrays, whose format its generate.py describes.

import assert from 'node:assert/strict';
import { memoryInUse } from './helpers.mjs';

const isTensor = (value) => value?.data !== undefined;

/** Replaces the texts of NaN and infinities by numbers, and each tensor by `make(tensor)`. */
function decode(value, make) {
  if (isTensor(value))
    return make({ shape: value.shape, data: value.data.map((one) => Math.fround(one)) });
  if (Array.isArray(value)) return value.map((one) => decode(one, make));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, decode(one, make)]));
}

function assertNear(actual, expected, within, what) {
  assert.deepEqual([...actual.shape], expected.shape, what);
  expected.data.forEach((wanted, i) => {
    const value = actual.data[i];
    if (Object.is(value, wanted) || value === wanted) return;
    assert.ok(Number.isFinite(wanted), `${what}: element ${i} is ${value}, not ${wanted}`);
    const allowed = (within ?? 0) * Math.max(1, Math.abs(wanted));
    assert.ok(
      Math.abs(value - wanted) <= allowed,
      `${what}: element ${i} is ${value}, not ${wanted}`,
    );
  });
}

/** Computes a case with its tensors in the heap, or as data where the function accepts that. */
function compute(c, one, make) {
  const args = [...decode(one.args, make), ...(one.options ? [decode(one.options, make)] : [])];
  if (!one.function.startsWith('.')) return c[one.function](...args);
  const [tensor, ...others] = args;
  return tensor[one.function.slice(1)](...others);
}

/** The cases of each function. */
export function byFunction(cases) {
  const functions = new Map();
  for (const one of cases) {
    functions.set(one.function, [...(functions.get(one.function) ?? []), one]);
  }
  return functions;
}

/** Computes each case with tensors of the heap and with data, and expects its results. */
export function runArrayCases(c, cases) {
  const before = memoryInUse(c);
  cases.forEach((one, i) => {
    for (const inHeap of [true, false]) {
      if (!inHeap && one.function.startsWith('.')) continue;
      c.tidy(() => {
        const make = ({ data, shape }) => (inHeap ? c.tensor(data, shape) : { data, shape });
        const results = [compute(c, one, make)].flat();
        const expected = [decode(one.expected, (tensor) => tensor)].flat();
        assert.equal(results.length, expected.length);
        results.forEach((result, k) => {
          assertNear(result, expected[k], one.within, `case ${one.name ?? i}, result ${k}`);
        });
      });
    }
  });
  assert.deepEqual(memoryInUse(c), before);
}
