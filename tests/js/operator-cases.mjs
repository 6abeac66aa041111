// Runs the cases of tests/fixtures/operators, whose format its generate.py describes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** The cases of a fixture, in order. */
export function readCases(file, folder = 'operators') {
  const url = new URL(`../fixtures/${folder}/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')).cases;
}

const isShaped = (value) => typeof value === 'object' && value !== null && 'shape' in value;

/** The distance from a float32 to the next float32 away from 0. */
function ulpOf(value) {
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return 2 ** (Math.max(exponent, -126) - 23);
}

/** Expects this shape and these values: within `ulps` of at least `scale` if given, else equal. 0 equals -0. */
function assertEquals(actual, expected, { ulps, scale = 0 }, what) {
  assert.deepEqual(actual.shape, expected.shape, what);
  const { data } = actual;
  assert.equal(data.length, expected.data.length, what);
  for (let i = 0; i < data.length; i++) {
    const value = Math.fround(expected.data[i]);
    // NaN is never within a tolerance.
    const isWithin =
      ulps === undefined
        ? data[i] === value
        : Math.abs(data[i] - value) <= ulps * ulpOf(Math.max(Math.abs(value), scale));
    if (!isWithin) {
      const about = ulps === undefined ? '' : ` ± ${ulps} ulp`;
      assert.fail(`${what}: element ${i} is ${data[i]}, not ${value}${about}`);
    }
  }
}

/** Expects the result of a case: a tensor, or an object of tensors. */
export function assertResult(result, { name, expected, ...tolerance }, how) {
  const what = `${name}, ${how}`;
  if (isShaped(expected)) {
    assertEquals(result, expected, tolerance, what);
    return;
  }
  assert.deepEqual(Object.keys(result).sort(), Object.keys(expected).sort(), what);
  for (const [key, one] of Object.entries(expected)) {
    assertEquals(result[key], one, tolerance, `${what}: ${key}`);
  }
}

/** Disposes of a result: a tensor, or an object of tensors. */
export function disposeOf(result) {
  for (const one of isShaped(result) ? [result] : Object.values(result)) one.dispose();
}

/** Calls the function of a case. */
export function call(c, { function: name, args, options }) {
  return c[name](...args, ...(options === undefined ? [] : [options]));
}

/** Calls `run` with the case after replacing each `{ data, shape }` by a tensor. */
export function withTensors(c, one, run) {
  const made = [];
  const make = (value) => {
    if (!isShaped(value)) return value;
    made.push(c.tensor(value.data, value.shape));
    return made.at(-1);
  };
  try {
    const options = Object.entries(one.options ?? {}).map(([name, value]) => [name, make(value)]);
    return run({
      ...one,
      args: one.args.map(make),
      ...(one.options && { options: Object.fromEntries(options) }),
    });
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/** Computes a case in every possible way. Leaves no memory allocated. */
export function runCase(c, one) {
  const check = (result, how) => {
    assertResult(result, one, how);
    disposeOf(result);
  };
  check(call(c, one), 'of { data, shape }');
  withTensors(c, one, (ofTensors) => check(call(c, ofTensors), 'of tensors'));
  if (/^conv(Transpose)?\dd$/.test(one.function)) {
    const out = c.full(one.expected.shape, Number.NaN);
    const result = call(c, { ...one, options: { ...one.options, out } });
    assert.equal(result, out, `${one.name}: out is not returned`);
    check(result, 'into out');
  }
  if (one.function === 'conv2d') runPlan(c, one, check);
}

/** Runs a plan twice, with another input in between, to detect state that carries over. */
function runPlan(c, one, check) {
  const [input, weight] = one.args;
  const { add, ...options } = { ...one.options };
  const plan = c.planConv2d({ inputShape: input.shape, weight, ...options, add: add && true });
  try {
    assert.deepEqual([...plan.outputShape], one.expected.shape, `${one.name}: plan.outputShape`);
    check(plan.run(input, { add }), 'by a plan');
    const other = { shape: input.shape, data: input.data.map((value) => 3 - value) };
    plan.run(other, { add }).dispose();
    const out = c.full(one.expected.shape, Number.NaN);
    assert.equal(
      plan.run(input, add ? { out, add } : out),
      out,
      `${one.name}: out is not returned`,
    );
    check(out, 'by a plan again, into out');
  } finally {
    plan.dispose();
  }
}

/** Runs all cases and reports every failure. */
export function runCases(c, cases) {
  const failures = [];
  for (const one of cases) {
    try {
      runCase(c, one);
    } catch (error) {
      failures.push(
        error instanceof assert.AssertionError ? error.message : `${one.name}: ${error.stack}`,
      );
    }
  }
  assert.ok(
    failures.length === 0,
    `${failures.length} of ${cases.length}:\n${failures.join('\n')}`,
  );
}
