// Runs the cases of tests/fixtures/operators, which its generate.py describes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** The cases of a fixture, in its order. */
export function readCases(file) {
  const url = new URL(`../fixtures/operators/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')).cases;
}

const isShaped = (value) => typeof value === 'object' && value !== null && 'shape' in value;

/** The distance from a float32 to the next one away from 0. */
function ulpOf(value) {
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return 2 ** (Math.max(exponent, -126) - 23);
}

/** Shape and values are those expected, within `ulps`; where there are none, they equal. */
function assertEquals(actual, expected, ulps, what) {
  assert.deepEqual(actual.shape, expected.shape, what);
  const { data } = actual;
  assert.equal(data.length, expected.data.length, what);
  for (let i = 0; i < data.length; i++) {
    const value = Math.fround(expected.data[i]);
    // Not >: NaN is never within. 0 and -0 are equal.
    const isWithin =
      ulps === undefined ? data[i] === value : Math.abs(data[i] - value) <= ulps * ulpOf(value);
    if (!isWithin) {
      const about = ulps === undefined ? '' : ` ± ${ulps} ulp`;
      assert.fail(`${what}: element ${i} is ${data[i]}, not ${value}${about}`);
    }
  }
}

/** `result` is what the case expects: a tensor, or an object of tensors. */
export function assertResult(result, { name, expected, ulps }, how) {
  const what = `${name}, ${how}`;
  if (isShaped(expected)) {
    assertEquals(result, expected, ulps, what);
    return;
  }
  assert.deepEqual(Object.keys(result).sort(), Object.keys(expected).sort(), what);
  for (const [key, one] of Object.entries(expected)) {
    assertEquals(result[key], one, ulps, `${what}: ${key}`);
  }
}

/** Disposes of a result: a tensor, or an object of tensors. */
export function disposeOf(result) {
  for (const one of isShaped(result) ? [result] : Object.values(result)) one.dispose();
}

/** Calls the function of a case and returns what it returns. */
export function call(c, { function: name, args, options }) {
  return c[name](...args, ...(options === undefined ? [] : [options]));
}

/** `{ data, shape }` anywhere in arguments and options becomes a tensor; `run` sees the case so. */
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

/** The case in every way that it can be computed in. Nothing is left behind. */
export function runCase(c, one) {
  const check = (result, how) => {
    assertResult(result, one, how);
    disposeOf(result);
  };
  check(call(c, one), 'of { data, shape }');
  withTensors(c, one, (held) => check(call(c, held), 'of tensors'));
  if (['conv2d', 'conv1d', 'convTranspose2d'].includes(one.function)) {
    const out = c.full(one.expected.shape, Number.NaN);
    const result = call(c, { ...one, options: { ...one.options, out } });
    assert.equal(result, out, `${one.name}: out is returned`);
    check(result, 'into out');
  }
  if (one.function === 'conv2d') runPlan(c, one, check);
}

/** Twice, with another input between, so that nothing may be kept from one run to the next. */
function runPlan(c, one, check) {
  const [input, weight] = one.args;
  const plan = c.planConv2d({ inputShape: input.shape, weight, ...one.options });
  try {
    assert.deepEqual([...plan.outputShape], one.expected.shape, `${one.name}: plan.outputShape`);
    check(plan.run(input), 'by a plan');
    plan.run({ shape: input.shape, data: input.data.map((value) => 3 - value) }).dispose();
    const out = c.full(one.expected.shape, Number.NaN);
    assert.equal(plan.run(input, out), out, `${one.name}: out is returned`);
    check(out, 'by a plan again, into out');
  } finally {
    plan.dispose();
  }
}

/** Runs them all; says of each that fails why. */
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
