// Functions that make tensors: tensor, zeros, ones, full, arange, normal and stack.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertTensor, createRandom, loadVariant, memoryInUse, sizeOf } from '../helpers.mjs';

let c;
before(async () => {
  c = await loadVariant();
});
after(() => c.dispose());

const fround = (values) => Array.from(values, Math.fround);

test('tensor accepts nested arrays of any depth', () => {
  assertTensor(c.tensor(3.5), [], [3.5]);
  assertTensor(c.tensor([1, 2, 3]), [3], [1, 2, 3]);
  assertTensor(
    c.tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    [2, 3],
    [1, 2, 3, 4, 5, 6],
  );
  assertTensor(
    c.tensor([
      [[1], [2]],
      [[3], [4]],
      [[5], [6]],
    ]),
    [3, 2, 1],
    [1, 2, 3, 4, 5, 6],
  );
  let deep = 7;
  for (let i = 0; i < 64; i++) deep = [deep];
  assertTensor(c.tensor(deep), new Array(64).fill(1), [7]);
});

test('tensor rounds values to float32 and keeps NaN, infinities and -0', () => {
  const values = [0.1, 1 / 3, 16777217, 1e39, -1e39, 1e-46, -0, NaN, Infinity, -Infinity, 1e-45];
  assertTensor(c.tensor(values), [11], fround(values));
  assertTensor(c.tensor(Float64Array.from(values)), [11], fround(values));
});

test('tensor accepts typed arrays, flat and as rows, with and without a shape', () => {
  const values = [1, 0, 3, 4, 127, 6];
  for (const Type of [
    Float32Array,
    Float64Array,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
  ]) {
    const typed = Type.from(values);
    assertTensor(c.tensor(typed), [6], values, Type.name);
    assertTensor(c.tensor(typed, [2, 3]), [2, 3], values, Type.name);
    assertTensor(c.tensor([typed, values]), [2, 6], [...values, ...values], Type.name);
    assertTensor(c.tensor(typed.subarray(2, 5)), [3], [3, 4, 127], Type.name);
    assertTensor(c.tensor({ data: typed, shape: [3, 2] }), [3, 2], values, Type.name);
  }
  const shared = new Float32Array(new SharedArrayBuffer(8)).fill(2);
  assertTensor(c.tensor(shared), [2], [2, 2]);
});

test('tensor accepts a shape, { data, shape } and tensors, which it copies', () => {
  const { uniform } = createRandom(1);
  const { data } = uniform(24);
  for (const shape of [[24], [2, 12], [2, 3, 4], [1, 24, 1], [4, 3, 2, 1]]) {
    assertTensor(c.tensor(data, shape), shape, data);
    assertTensor(c.tensor(Array.from(data), shape), shape, data);
    assertTensor(c.tensor({ data: Array.from(data), shape }), shape, data);
    const t = c.tensor({ data, shape });
    for (const copy of [c.tensor(t), c.tensor(t, shape), c.tensor(t, undefined), t.clone()]) {
      assertTensor(copy, shape, data);
      copy.data.fill(9);
      assertTensor(t, shape, data);
    }
    assertTensor(c.tensor(t, [6, 4]), [6, 4], data);
  }
  assertTensor(c.tensor([5], []), [], [5]);
  assertTensor(c.tensor(5, [1, 1]), [1, 1], [5]);
});

test('tensor copies the data and the shape of the caller', () => {
  const data = Float32Array.of(1, 2);
  const shape = [2];
  const t = c.tensor({ data, shape });
  data[0] = 9;
  shape[0] = 9;
  assertTensor(t, [2], [1, 2]);
});

test('the shape of a tensor is frozen', () => {
  const t = c.zeros([2, 3]);
  assert.throws(() => t.shape.push(1), TypeError);
  assert.throws(() => {
    t.shape[0] = 6;
  }, TypeError);
  assertTensor(t, [2, 3], [0, 0, 0, 0, 0, 0]);
});

test('properties of tensors and instances cannot be replaced', () => {
  const t = c.arange(6).reshape([2, 3]);
  for (const [owner, name, value] of [
    [t, 'shape', [1000]],
    [t, 'size', 1000],
    [t, 'own', 1],
    [c, 'features', {}],
    [c, 'version', '9'],
    [c, 'corr2d', () => t],
  ]) {
    const before = owner[name];
    assert.throws(() => {
      owner[name] = value;
    }, TypeError);
    assert.throws(() => Object.defineProperty(owner, name, { value }), TypeError);
    assert.equal(owner[name], before, name);
  }
  assert.ok(Object.isFrozen(t) && Object.isFrozen(t.at(0)) && Object.isFrozen(c));
  // Their internal state can still change.
  assert.equal(t.data, t.data);
  t.dispose();
  assert.throws(() => t.data, { code: 'DISPOSED' });
});

test('zeros, ones, full and arange fill tensors', () => {
  // Reused memory contains other values.
  c.full([1000], NaN).dispose();
  assertTensor(c.zeros([2, 3]), [2, 3], [0, 0, 0, 0, 0, 0]);
  assertTensor(c.ones([3]), [3], [1, 1, 1]);
  assertTensor(c.full([2, 1], 0.1), [2, 1], fround([0.1, 0.1]));
  assertTensor(c.full([2], NaN), [2], [NaN, NaN]);
  assertTensor(c.full([1], -Infinity), [1], [-Infinity]);
  assertTensor(c.zeros([]), [], [0]);
  assertTensor(c.arange(5), [5], [0, 1, 2, 3, 4]);
  assertTensor(c.arange(1), [1], [0]);
  const long = c.arange(100_000);
  assert.ok(long.data.every((value, i) => value === i));
  assert.ok([...c.zeros([33, 31]).data].every((value) => Object.is(value, 0)));
});

test('tensors may have no elements', () => {
  for (const shape of [[0], [0, 3], [3, 0], [2, 0, 5], [0, 2 ** 30]]) {
    for (const t of [c.zeros(shape), c.ones(shape), c.normal(0, 1, shape), c.tensor([], shape)]) {
      assertTensor(t, shape, []);
      assert.equal(t.size, 0);
      assertTensor(t.clone(), shape, []);
      assertTensor(t.abs(), shape, []);
      assertTensor(t.add(1), shape, []);
      assertTensor(t.mul(t), shape, []);
      assertTensor(t.sum(), [], [0]);
      assert.match(String(t), /^tensor\(\[\]/);
    }
  }
  assertTensor(c.arange(0), [0], []);
  assertTensor(c.tensor([]), [0], []);
  assertTensor(c.tensor([[], []]), [2, 0], []);
  assertTensor(c.tensor([[[]]]), [1, 1, 0], []);
  assertTensor(c.tensor(new Float32Array()), [0], []);
  assert.deepEqual(c.zeros([2, 0]).toArray(), [[], []]);
  assertTensor(c.zeros([3, 0]).at(1), [0], []);
  assertTensor(c.zeros([0, 4]).reshape([2, 0]), [2, 0], []);
  assertTensor(c.zeros([0, 4]).reshape([-1, 3]), [0, 3], []);
  assertTensor(c.zeros([0, 4]).add(c.ones([1, 4])), [0, 4], []);
  assertTensor(c.stack([c.zeros([0]), c.zeros([0])]), [2, 0], []);
  assertTensor(c.stack([c.zeros([0, 3]), c.zeros([0, 3])], 1), [0, 2, 3], []);
  assertTensor(c.stack([c.zeros([2, 0])], 2), [2, 0, 1], []);
});

test('normal gives the same bits for a seed everywhere', () => {
  const pinned = [0.492950648, -0.694005668, -1.28107738, -0.901557207, -0.601877987];
  assertTensor(c.normal(0, 1, [5], { seed: 42 }), [5], fround(pinned));
  assertTensor(c.normal(0, 1, [5, 1], { seed: 42 }), [5, 1], fround(pinned));
  // A longer tensor begins with the same values.
  assert.deepEqual([...c.normal(0, 1, [300], { seed: 42 }).data.subarray(0, 5)], fround(pinned));
  const shifted = c.normal(10, 4, [5], { seed: 42 });
  // 2⁻²³, because both the pinned numbers and the result are rounded.
  shifted.data.forEach((value, i) => {
    assert.ok(Math.abs(value - (10 + 4 * pinned[i])) <= 2 ** -23 * (10 + 4), `${value}`);
  });
  assertTensor(c.normal(-3, 0, [2], { seed: 1 }), [2], [-3, -3]);
});

test('normal uses all 53 bits of a seed, and a new seed for each call without one', () => {
  const texts = new Set();
  const seeds = [0, 1, 42, 2 ** 31, 2 ** 32, 2 ** 32 + 42, 2 ** 52, 2 ** 53 - 1];
  for (const seed of seeds) texts.add(String(c.normal(0, 1, [6], { seed })));
  assert.equal(texts.size, seeds.length);
  for (let i = 0; i < 20; i++) texts.add(String(c.normal(0, 1, [6])));
  for (const options of [{}, { seed: undefined }, undefined]) {
    texts.add(String(c.normal(0, 1, [6], options)));
  }
  assert.equal(texts.size, seeds.length + 23);
});

test('normal has the mean, variance and quantiles of the distribution', () => {
  const n = 100_000;
  const { data } = c.normal(2, 3, [n], { seed: 7 });
  const mean = data.reduce((sum, value) => sum + value, 0) / n;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  // Tolerances of five standard errors.
  assert.ok(Math.abs(mean - 2) < (5 * 3) / Math.sqrt(n), `${mean}`);
  assert.ok(Math.abs(variance / 9 - 1) < 5 * Math.sqrt(2 / n), `${variance}`);
  for (const [deviations, share] of [
    [1, 0.682689],
    [2, 0.9545],
    [3, 0.9973],
  ]) {
    const found = data.filter((value) => Math.abs(value - 2) < 3 * deviations).length / n;
    assert.ok(Math.abs(found - share) < 5 * Math.sqrt((share * (1 - share)) / n), `${found}`);
  }
});

test('stack joins tensors and tensor-like values along every axis', () => {
  const { uniform } = createRandom(2);
  for (const shape of [[], [1], [5], [2, 3], [3, 1, 2], [2, 2, 2, 2]]) {
    const parts = [uniform(...shape), uniform(...shape), uniform(...shape)];
    for (let axis = -shape.length - 1; axis <= shape.length; axis++) {
      const at = axis < 0 ? axis + shape.length + 1 : axis;
      const piece = sizeOf(shape.slice(at));
      const expected = [];
      for (let done = 0; done < sizeOf(shape); done += piece) {
        for (const { data } of parts) expected.push(...data.subarray(done, done + piece));
      }
      const result = [...shape.slice(0, at), 3, ...shape.slice(at)];
      const forms = [parts[0], c.tensor(parts[1]), c.tensor(parts[2]).toArray()];
      assertTensor(c.stack(forms, axis), result, expected, `${shape} at ${axis}`);
      if (axis === 0) assertTensor(c.stack(forms), result, expected);
    }
  }
  assertTensor(c.stack([1, 2, 3]), [3], [1, 2, 3]);
  const t = c.tensor([1, 2]);
  const both = c.stack([t, t]);
  assertTensor(both, [2, 2], [1, 2, 1, 2]);
  t.data.fill(9);
  assertTensor(both, [2, 2], [1, 2, 1, 2], 'it is a copy');
});

test('stack joins 200,000 numbers', () => {
  const n = 200_000;
  const before = memoryInUse(c);
  const t = c.stack(Array.from({ length: n }, (_, i) => i));
  assert.deepEqual(t.shape, [n]);
  assert.ok(t.data.every((value, i) => value === i));
  t.dispose();
  assert.deepEqual(memoryInUse(c), before);
});
