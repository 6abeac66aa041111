// Tensors: making them, looking at them, arithmetic and the matrix product.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { format, inspect } from 'node:util';
import { Corr2dError, Tensor } from 'corr2d';
import {
  assertTensor,
  assertWithinBound,
  generator,
  held,
  loadTested,
  moduleOf,
  sizeOf,
} from './helpers.mjs';

let c;
before(async () => {
  c = await loadTested();
});
after(() => c.dispose());

const fround = (values) => Array.from(values, Math.fround);

// ---------------------------------------------------------------------------------------------
// Making

test('tensor(): nested arrays of any depth', () => {
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

test('tensor(): values are rounded to float32; NaN, infinities and -0 are kept', () => {
  const values = [0.1, 1 / 3, 16777217, 1e39, -1e39, 1e-46, -0, NaN, Infinity, -Infinity, 1e-45];
  assertTensor(c.tensor(values), [11], fround(values));
  assertTensor(c.tensor(Float64Array.from(values)), [11], fround(values));
});

test('tensor(): typed arrays, flat and as rows, with and without shape', () => {
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

test('tensor(): with a shape; from { data, shape }; from a tensor, as a copy', () => {
  const { uniform } = generator(1);
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

test('tensor() copies: the array is the caller’s', () => {
  const data = Float32Array.of(1, 2);
  const shape = [2];
  const t = c.tensor({ data, shape });
  data[0] = 9;
  shape[0] = 9;
  assertTensor(t, [2], [1, 2]);
});

test('the shape of a tensor cannot be changed', () => {
  const t = c.zeros([2, 3]);
  assert.throws(() => t.shape.push(1), TypeError);
  assert.throws(() => {
    t.shape[0] = 6;
  }, TypeError);
  assertTensor(t, [2, 3], [0, 0, 0, 0, 0, 0]);
});

test('nothing of a tensor or of an instance can be replaced', () => {
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
  // What is its own business goes on.
  assert.equal(t.data, t.data);
  t.dispose();
  assert.throws(() => t.data, { code: 'DISPOSED' });
});

test('zeros, ones, full, arange', () => {
  // On ground that was something else.
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

test('tensors without elements', () => {
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

test('normal: the same seed gives these bits everywhere', () => {
  const pinned = [0.492950648, -0.694005668, -1.28107738, -0.901557207, -0.601877987];
  assertTensor(c.normal(0, 1, [5], { seed: 42 }), [5], fround(pinned));
  assertTensor(c.normal(0, 1, [5, 1], { seed: 42 }), [5, 1], fround(pinned));
  // A longer one begins in the same way.
  assert.deepEqual([...c.normal(0, 1, [300], { seed: 42 }).data.subarray(0, 5)], fround(pinned));
  const shifted = c.normal(10, 4, [5], { seed: 42 });
  // 2⁻²³: the pinned numbers are rounded, and so is the result.
  shifted.data.forEach((value, i) => {
    assert.ok(Math.abs(value - (10 + 4 * pinned[i])) <= 2 ** -23 * (10 + 4), `${value}`);
  });
  assertTensor(c.normal(-3, 0, [2], { seed: 1 }), [2], [-3, -3]);
});

test('normal: all 53 bits of a seed count; without one every call draws anew', () => {
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

test('normal: mean, deviation and shares are those of the distribution', () => {
  const n = 100_000;
  const { data } = c.normal(2, 3, [n], { seed: 7 });
  const mean = data.reduce((sum, value) => sum + value, 0) / n;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  // Five standard errors each.
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

test('stack: along every axis, of tensors and of anything that is like one', () => {
  const { uniform } = generator(2);
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

test('stack: hundreds of thousands of tensors', () => {
  const n = 200_000;
  const before = held(c);
  const t = c.stack(Array.from({ length: n }, (_, i) => i));
  assert.deepEqual(t.shape, [n]);
  assert.ok(t.data.every((value, i) => value === i));
  t.dispose();
  assert.deepEqual(held(c), before);
});

// ---------------------------------------------------------------------------------------------
// Looking

test('shape, size, toArray, item, Number()', () => {
  const t = c.arange(24).reshape([2, 3, 4]);
  assert.deepEqual([t.shape, t.size], [[2, 3, 4], 24]);
  assert.deepEqual(t.toArray(), [
    [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ],
    [
      [12, 13, 14, 15],
      [16, 17, 18, 19],
      [20, 21, 22, 23],
    ],
  ]);
  assert.ok(Object.isFrozen(t.shape));
  const copy = t.toArray();
  copy[0][0][0] = 99;
  assert.equal(t.data[0], 0);
  for (const one of [c.tensor(2.5), c.tensor([2.5]), c.tensor([[[2.5]]])]) {
    assert.equal(one.item(), 2.5);
    assert.equal(Number(one), 2.5);
    assert.ok(one > 2 && one < 3);
    assert.equal(Math.max(one, 1), 2.5);
  }
  assert.equal(c.tensor(4).toArray(), 4);
  assert.equal(`${c.tensor(4)}`, 'tensor(4.)');
  assert.equal(`${c.tensor([4])} and`, 'tensor([4.]) and');
  assert.equal(String(c.tensor(4)), 'tensor(4.)');
  assert.ok(t instanceof Tensor);
});

test('console.log prints a tensor as it is, disposed ones and those of lost instances too', async () => {
  const t = c.tensor([
    [1, 2],
    [3, 4],
  ]);
  const text = 'tensor([[1., 2.],\n        [3., 4.]])';
  assert.equal(inspect(t), text);
  assert.equal(format('%s and %o', t, c.tensor(5)), `${text} and tensor(5.)`);
  assert.equal(inspect([c.ones([2])]), '[ tensor([1., 1.]) ]');
  assert.equal(inspect({ t }), `{\n  t: ${text.replace('\n', '\n  ')}\n}`);
  const gone = c.ones([2]);
  gone.dispose();
  assert.equal(inspect(gone), 'tensor (disposed)');
  const lost = await loadTested();
  const orphan = lost.ones([2]);
  lost.dispose();
  assert.equal(inspect(orphan), 'tensor (disposed)');
  const broken = await loadTested();
  const stuck = broken.ones([2]);
  assert.throws(() => moduleOf(broken).readImage(0xffff0000, 1000, 4, 1, 0xffff8000));
  assert.equal(inspect(stuck), 'tensor (crashed)');
});

test('classes keep their names', () => {
  const t = c.ones([1]);
  assert.equal(Object.prototype.toString.call(t), '[object Tensor]');
  assert.equal(t.constructor.name, 'Tensor');
  assert.equal(c.constructor.name, 'Corr2d');
  assert.equal(Corr2dError.name, 'Corr2dError');
  assert.match(inspect(c), /^Corr2d \{/);
});

test('a tensor cannot be posted; { data, shape } can, and is taken for one', () => {
  const t = c.arange(6).reshape([2, 3]);
  const sent = structuredClone({ data: t.data.slice(), shape: t.shape });
  assertTensor(c.tensor(sent), [2, 3], [0, 1, 2, 3, 4, 5]);
});

test('data: the same view each time, of the tensor itself', () => {
  const t = c.arange(6).reshape([2, 3]);
  const { data } = t;
  assert.ok(data instanceof Float32Array);
  assert.equal(data.length, 6);
  assert.equal(t.data, data);
  data[4] = 40;
  assert.deepEqual(t.toArray(), [
    [0, 1, 2],
    [3, 40, 5],
  ]);
  assert.equal(t.at(1).at(1).item(), 40);
  t.at(1).data.fill(7);
  assert.deepEqual([...data], [0, 1, 2, 7, 7, 7]);
});

test('reshape: views of one storage', () => {
  const t = c.arange(24);
  const before = held(c);
  const views = [];
  for (const [asked, got] of [
    [[24], [24]],
    [
      [4, 6],
      [4, 6],
    ],
    [[-1], [24]],
    [
      [2, -1],
      [2, 12],
    ],
    [
      [-1, 3, 2],
      [4, 3, 2],
    ],
    [
      [2, 3, 4, -1],
      [2, 3, 4, 1],
    ],
    [
      [1, 24, 1],
      [1, 24, 1],
    ],
  ]) {
    const view = t.reshape(asked);
    assertTensor(view, got, t.data);
    views.push(view);
  }
  assert.equal(held(c).allocatedBytes, before.allocatedBytes);
  assert.equal(held(c).liveBytes, before.liveBytes);
  assert.equal(held(c).liveTensors, before.liveTensors + views.length);
  views[1].data[5] = -5;
  for (const view of views) assert.equal(view.data[5], -5);
  assertTensor(c.tensor([6]).reshape([]), [], [6]);
  assertTensor(c.tensor(6).reshape([1, -1]), [1, 1], [6]);
  assertTensor(t.reshape([4, 6]).at(2).reshape([3, 2]), [3, 2], [12, 13, 14, 15, 16, 17]);
});

test('at: slices of axis 0, from either end', () => {
  const t = c.arange(24).reshape([4, 3, 2]);
  for (let i = 0; i < 4; i++) {
    const expected = Array.from({ length: 6 }, (_, j) => 6 * i + j);
    assertTensor(t.at(i), [3, 2], expected);
    assertTensor(t.at(i - 4), [3, 2], expected);
  }
  assertTensor(t.at(-1).at(-1), [2], [22, 23]);
  assertTensor(t.at(-1).at(-1).at(0), [], [22]);
});

test('clone has memory of its own, also of a view', () => {
  const t = c.arange(6).reshape([2, 3]);
  const copy = t.at(1).clone();
  t.data.fill(0);
  assertTensor(copy, [3], [3, 4, 5]);
});

test('dispose and Symbol.dispose; twice is no error', () => {
  const before = held(c);
  const t = c.ones([5]);
  const view = t.reshape([5, 1]);
  assert.deepEqual(held(c), {
    liveTensors: before.liveTensors + 2,
    liveBytes: before.liveBytes + 20,
    allocatedBytes: before.allocatedBytes + 20,
  });
  assert.equal(t.dispose(), undefined);
  t.dispose();
  assertTensor(view, [5, 1], [1, 1, 1, 1, 1]);
  view.dispose();
  view.dispose();
  assert.deepEqual(held(c), before);
  assert.deepEqual(t.shape, [5]);

  if (Symbol.dispose === undefined) {
    assert.ok(!('undefined' in t));
  } else {
    assert.equal(typeof Tensor.prototype[Symbol.dispose], 'function');
    const other = c.ones([5]);
    other[Symbol.dispose]();
    assert.throws(() => other.item(), { code: 'DISPOSED' });
    other[Symbol.dispose]();
    assert.deepEqual(held(c), before);
  }
});

test('a tensor does not show the whole heap where it is written as JSON', () => {
  const text = JSON.stringify(c.ones([2]));
  assert.ok(text.length < 1000, `${text.length} letters: ${text.slice(0, 200)}`);
});

// ---------------------------------------------------------------------------------------------
// Arithmetic

const OPERATIONS = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
};

/** Broadcasting, one element at a time. */
function broadcast(a, b, combine) {
  const rank = Math.max(a.shape.length, b.shape.length);
  const padded = ({ shape }) => [...new Array(rank - shape.length).fill(1), ...shape];
  const [sizesA, sizesB] = [padded(a), padded(b)];
  const shape = sizesA.map((size, axis) => (size === 1 ? sizesB[axis] : size));
  const data = [];
  const read = ({ data: values }, sizes, index) => {
    let offset = 0;
    for (let axis = 0; axis < rank; axis++) {
      offset = offset * sizes[axis] + (sizes[axis] === 1 ? 0 : index[axis]);
    }
    return values[offset];
  };
  for (let i = 0; i < sizeOf(shape); i++) {
    const index = [];
    for (let axis = rank - 1, rest = i; axis >= 0; axis--) {
      index[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    data.push(Math.fround(combine(read(a, sizesA, index), read(b, sizesB, index))));
  }
  return { shape, data };
}

test('add, sub, mul broadcast as PyTorch does', () => {
  const { uniform } = generator(3);
  for (const [shapeA, shapeB] of [
    [[], []],
    [[4], []],
    [[], [4]],
    [[4], [1]],
    [[1], [4]],
    [[3, 4], [4]],
    [[4], [3, 4]],
    [[3, 1], [4]],
    [
      [3, 1],
      [1, 4],
    ],
    [
      [2, 3, 4],
      [3, 1],
    ],
    [
      [2, 3, 4],
      [2, 1, 1],
    ],
    [
      [2, 1, 4],
      [3, 1],
    ],
    [
      [1, 1, 1],
      [2, 3, 4],
    ],
    [
      [5, 1, 2, 1],
      [3, 1, 4],
    ],
    [[1, 1], [1]],
    [
      [0, 3],
      [1, 3],
    ],
    [[0], [1]],
    [
      [2, 1],
      [2, 0],
    ],
    [[2, 3, 0], [1]],
    [
      [2, 1, 3, 1, 2],
      [4, 1, 2, 1],
    ],
  ]) {
    const [a, b] = [uniform(...shapeA), uniform(...shapeB)];
    for (const [name, combine] of Object.entries(OPERATIONS)) {
      const expected = broadcast(a, b, combine);
      const what = `${name} of ${shapeA} and ${shapeB}`;
      const t = c.tensor(a);
      assertTensor(t[name](c.tensor(b)), expected.shape, expected.data, what);
      assertTensor(t[name](b), expected.shape, expected.data, what);
      assertTensor(t[name](c.tensor(b).toArray()), expected.shape, expected.data, what);
      assertTensor(t, shapeA, a.data, what);
    }
  }
});

test('add, sub, mul with numbers, as float32 computes', () => {
  const values = fround([0.1, -2.5, 1e30, 3, -0]);
  const t = c.tensor(values);
  for (const number of [0.1, 2, -1, 0, 1e39, NaN, Infinity, 1e-40]) {
    for (const [name, combine] of Object.entries(OPERATIONS)) {
      const expected = values.map((value) => Math.fround(combine(value, Math.fround(number))));
      assertTensor(t[name](number), [5], expected, `${name} ${number}`);
    }
  }
});

test('a tensor with itself and with its own views', () => {
  const t = c.arange(6).reshape([2, 3]);
  assertTensor(t.mul(t), [2, 3], [0, 1, 4, 9, 16, 25]);
  assertTensor(t.sub(t), [2, 3], [0, 0, 0, 0, 0, 0]);
  assertTensor(t.add(t.at(1)), [2, 3], [3, 5, 7, 6, 8, 10]);
});

test('abs and sum', () => {
  const t = c.tensor([
    [-1.5, 2],
    [-0, -Infinity],
  ]);
  assertTensor(t.abs(), [2, 2], [1.5, 2, 0, Infinity]);
  assertTensor(c.tensor([NaN]).abs(), [1], [NaN]);
  assertTensor(c.tensor(-3).abs(), [], [3]);
  assertTensor(
    c
      .tensor([
        [1, 2],
        [3, 4],
      ])
      .sum(),
    [],
    [10],
  );
  assertTensor(c.zeros([0]).sum(), [], [0]);
  assertTensor(c.tensor([Infinity, -Infinity]).sum(), [], [NaN]);
  // In float32 the sum would stand still at 2²⁴.
  const n = 2 ** 24 + 2 ** 12;
  const many = c.ones([n]);
  assertTensor(many.sum(), [], [n]);
  many.dispose();
});

// ---------------------------------------------------------------------------------------------
// matmul

/** The product in float64, with what its bound needs; the operands broadcast. */
function product(a, b) {
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const [m, k] = left.slice(-2);
  const n = right.at(-1);
  const batches = (shape) => ({
    shape: shape.slice(0, -2),
    data: Array.from({ length: sizeOf(shape.slice(0, -2)) }, (_, i) => i),
  });
  // Which matrix meets which.
  const lefts = broadcast(batches(left), batches(right), (i) => i);
  const rights = broadcast(batches(left), batches(right), (_, j) => j);
  const data = [];
  const magnitude = [];
  lefts.data.forEach((one, index) => {
    const other = rights.data[index];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        let sumOfAbsolutes = 0;
        for (let l = 0; l < k; l++) {
          const term = a.data[(one * m + i) * k + l] * b.data[(other * k + l) * n + j];
          sum += term;
          sumOfAbsolutes += Math.abs(term);
        }
        data.push(sum);
        magnitude.push(sumOfAbsolutes);
      }
    }
  });
  const shape = [
    ...lefts.shape,
    ...(a.shape.length === 1 ? [] : [m]),
    ...(b.shape.length === 1 ? [] : [n]),
  ];
  return { shape, data, magnitude, terms: k };
}

function assertMultiplies(a, b) {
  const what = `${a.shape.join('×')} by ${b.shape.join('×')}`;
  const result = c.matmul(c.tensor(a), b);
  assertWithinBound(result, product(a, b), what);
  result.dispose();
}

test('matmul: vectors, matrices and batches', () => {
  const { uniform } = generator(4);
  for (const [shapeA, shapeB] of [
    [[1], [1]],
    [[7], [7]],
    [[3], [3, 5]],
    [[4, 3], [3]],
    [
      [1, 1],
      [1, 1],
    ],
    [
      [2, 3],
      [3, 4],
    ],
    [
      [17, 33],
      [33, 9],
    ],
    [
      [64, 64],
      [64, 64],
    ],
    [
      [5, 100],
      [100, 1],
    ],
    [
      [1, 300],
      [300, 7],
    ],
    [
      [2, 3, 4],
      [4, 5],
    ],
    [
      [3, 4],
      [2, 4, 5],
    ],
    [
      [2, 3, 4],
      [2, 4, 5],
    ],
    [
      [2, 3, 4],
      [1, 4, 5],
    ],
    [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
    [
      [3, 1, 2, 2],
      [1, 4, 2, 3],
    ],
    [[3], [2, 3, 4]],
    [[2, 4, 3], [3]],
    [
      [5, 1, 2, 3, 4],
      [6, 1, 4, 2],
    ],
    [[1, 1, 2], [2]],
  ]) {
    assertMultiplies(uniform(...shapeA), uniform(...shapeB));
  }
});

test('matmul: random sizes', () => {
  for (let seed = 0; seed < 300; seed++) {
    const { whole, uniform } = generator(seed);
    const [m, k, n] = [whole(1, 24), whole(1, 40), whole(1, 40)];
    assertMultiplies(uniform(m, k), uniform(k, n));
  }
});

test('matmul: axes of length 0', () => {
  for (const [shapeA, shapeB, shape] of [
    [[0], [0], []],
    [
      [2, 0],
      [0, 3],
      [2, 3],
    ],
    [
      [0, 2],
      [2, 3],
      [0, 3],
    ],
    [
      [2, 2],
      [2, 0],
      [2, 0],
    ],
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    [
      [0, 2, 3],
      [3, 4],
      [0, 2, 4],
    ],
    [
      [0, 2, 3],
      [1, 3, 4],
      [0, 2, 4],
    ],
    [[2, 0], [0], [2]],
    [
      [4, 2, 0],
      [0, 3],
      [4, 2, 3],
    ],
  ]) {
    // Where nothing is added up, the sum is 0.
    c.full([100], NaN).dispose();
    const zeros = new Array(sizeOf(shape)).fill(0);
    assertTensor(c.matmul(c.ones(shapeA), c.ones(shapeB)), shape, zeros, `${shapeA} by ${shapeB}`);
  }
});

test('matmul: views and nested arrays are operands like any other', () => {
  const t = c.arange(24).reshape([2, 3, 4]);
  const expected = product(t.at(1), { data: t.at(0).data, shape: [4, 3] });
  assertWithinBound(c.matmul(t.at(1), t.at(0).reshape([4, 3])), expected, 'views');
  assertTensor(
    c.matmul(
      [
        [1, 2],
        [3, 4],
      ],
      [5, 6],
    ),
    [2],
    [17, 39],
  );
  assertTensor(c.matmul([1, 2], { data: [5, 6], shape: [2] }), [], [17]);
});
