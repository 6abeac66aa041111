// Runs properties, and transforms and compares tensors.

import { test } from 'node:test';
import fc from 'fast-check';
import { assertTensor, sizeOf } from '../helpers.mjs';

// Every run tests the same problems, unless these variables select others.
const seed = Number(process.env.CORR2D_TEST_SEED ?? 74);
const runsAsked = process.env.CORR2D_TEST_RUNS;

const settings = (runs) => ({
  seed,
  numRuns: Number(runsAsked ?? runs),
  includeErrorInReport: true,
});

/**
 * A test that calls `holds` with `runs` arbitrary values. Tensors that it passes to `keep` are disposed of
 * afterwards.
 */
export function forAll(name, arbitrary, holds, runs = 150) {
  const property = fc.property(arbitrary, (value) => {
    const made = [];
    const keep = (tensor) => {
      made.push(tensor);
      return tensor;
    };
    try {
      holds(value, keep);
    } finally {
      for (const tensor of made) tensor.dispose();
    }
  });
  test(name, () => {
    fc.assert(property, settings(runs));
  });
}

/** The same for an asynchronous `holds`, which gets no `keep`. */
export function forAllAsync(name, arbitrary, holds, runs = 150) {
  test(name, () => fc.assert(fc.asyncProperty(arbitrary, holds), settings(runs)));
}

export const mapped = ({ data, shape }, change) => ({ shape, data: Array.from(data, change) });
export const plus = (a, b, factor = 1) => mapped(a, (value, i) => value + factor * b.data[i]);
export const dot = (a, b) => a.data.reduce((sum, value, i) => sum + value * b.data[i], 0);

/** Expects equal shapes and values; 0 equals -0. */
export function assertSame(actual, expected, what) {
  assertTensor(
    mapped(actual, (value) => value + 0),
    [...expected.shape],
    Array.from(expected.data, (value) => value + 0),
    what,
  );
}

/** The channels from `begin` to `end` of axis `axis`. */
export function slice({ data, shape }, axis, begin, end) {
  const inner = sizeOf(shape.slice(axis + 1));
  const step = shape[axis] * inner;
  const rows = [];
  for (let at = 0; at < data.length; at += step) {
    rows.push(...data.slice(at + begin * inner, at + end * inner));
  }
  return { shape: shape.with(axis, end - begin), data: rows };
}

/** Tensors joined along axis 1, all of one batch size. */
export function joined(parts) {
  const [{ shape }] = parts;
  const data = [];
  for (let n = 0; n < shape[0]; n++) {
    for (const part of parts) data.push(...slice(part, 0, n, n + 1).data);
  }
  const channels = parts.reduce((sum, part) => sum + part.shape[1], 0);
  return { shape: shape.with(1, channels), data };
}

/** Permutes the axes, named by the letters of `from`, into the order of `to`. */
export function permuted({ shape, data }, from, to) {
  const steps = Array.from(from, (_, axis) => sizeOf(shape.slice(axis + 1)));
  const order = Array.from(to, (letter) => from.indexOf(letter));
  const sizes = order.map((axis) => shape[axis]);
  const result = [];
  const walk = (axis, at) => {
    if (axis === order.length) result.push(data[at]);
    else for (let i = 0; i < sizes[axis]; i++) walk(axis + 1, at + i * steps[order[axis]]);
  };
  walk(0, 0);
  return { shape: sizes, data: result };
}
