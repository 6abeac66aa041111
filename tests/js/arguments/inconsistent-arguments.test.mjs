// Arguments whose properties contradict their contents: typed arrays, arrays and pictures with a false
// length, proxies, and objects that pretend to be tensors. corr2d accesses no memory other than theirs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { Corr2dError, Tensor } from 'corr2d';
import {
  assertStillComputes,
  assertTensor,
  createSharedInstance,
  expectError,
  memoryState,
  moduleFunctions,
} from '../helpers.mjs';

const c = await createSharedInstance();

/** Replaces properties of a typed array by getters. */
function withGetters(array, getters) {
  for (const [name, get] of Object.entries(getters)) Object.defineProperty(array, name, { get });
  return array;
}

/** Expects the result of a call to contain nothing that was in the heap before. */
function assertNoTraces(call) {
  c.full([64], 1234).dispose();
  const result = call();
  const { data } = result;
  assert.ok(!Array.from(data).includes(1234));
  result.dispose?.();
}

for (const length of [64, 0, 0.5, -1, Number.NaN]) {
  test(`a typed array is read by its real length, not by a getter that returns ${length}`, () => {
    const array = withGetters(Float32Array.of(7), { length: () => length });
    assertNoTraces(() => c.tensor(array));
    const t = c.tensor(array);
    assertTensor(t, [1], [7]);
    const result = c.conv2d([[[2, 3]]], { data: array, shape: [1, 1, 1, 1] });
    assertTensor(result, [1, 1, 2], [14, 21]);
    t.dispose();
    result.dispose();
    expectError(c, 'SHAPE_MISMATCH', /data: 1 elements|has 1 elements/, () =>
      c.tensor({ data: array, shape: [64] }),
    );
    expectError(c, 'INVALID_ARGUMENT', /length/, () => c.tensor([array, [1, 2]]));
  });
}

test('getters of a typed array are not called', () => {
  const callConv2d = () => c.conv2d(c.ones([1, 9, 9]), c.ones([1, 1, 3, 3])).dispose();
  let calls = 0;
  const counted = (value) => () => {
    calls++;
    callConv2d();
    return value;
  };
  const array = Float32Array.of(2);
  const weight = withGetters(array, {
    length: counted(1),
    buffer: counted(array.buffer),
    set: counted(() => {}),
    slice: counted(() => []),
    [Symbol.iterator]: counted(undefined),
  });
  const result = c.conv2d([[[1, 2, 3]]], { data: weight, shape: [1, 1, 1, 1] });
  assertTensor(result, [1, 1, 3], [2, 4, 6]);
  assert.equal(calls, 0, 'a getter was called');
  result.dispose();
});

test('a view of the heap is copied without its own slice method', () => {
  const t = c.tensor([1, 2, 3, 4]);
  const view = withGetters(t.data.subarray(1, 3), { slice: () => () => [9, 'text', {}] });
  const result = c.relu(view);
  assertTensor(result, [2], [2, 3]);
  result.dispose();
  t.dispose();
});

test('a picture is checked by its real number of bytes, as input and as `out`', () => {
  const picture = (size, getters) => ({
    data: withGetters(new Uint8ClampedArray(size).fill(9), getters),
    width: 8,
    height: 8,
  });
  const message = /: imageData has 0 bytes; expected 256 for 8×8 pixels of RGBA$/;
  const more = picture(0, { length: () => 256 });
  expectError(c, 'SHAPE_MISMATCH', message, () => c.filter2d(more, [[1]]));
  expectError(c, 'SHAPE_MISMATCH', message, () => c.fromImageData(more));
  const out = picture(4, { length: () => 256 });
  expectError(c, 'SHAPE_MISMATCH', /: out has 4 bytes/, () =>
    c.filter2d(picture(256, {}), [[1]], { out }),
  );
  let received;
  const out256 = picture(256, {
    set: () => (bytes) => {
      received = bytes;
    },
  });
  c.filter2d(picture(256, {}), [[1]], { out: out256 });
  assert.equal(received, undefined, 'a view of the heap was passed to a method of the caller');
  assert.equal(out256.data[255], 9);
});

test('shared memory that grows while another argument is read is rejected', () => {
  const buffer = new SharedArrayBuffer(4, { maxByteLength: 64 });
  const row = new Float32Array(buffer);
  const kernel = {
    get data() {
      buffer.grow(64);
      return [1];
    },
    shape: [1, 1],
  };
  expectError(c, 'INVALID_ARGUMENT', /changed during the call$/, () =>
    c.corr2d({ data: row, shape: [1, 1] }, kernel),
  );
});

const lengths = [1.5, -1, Number.NaN, '2', 2n, Symbol('2'), null, undefined, { valueOf: () => 2 }];
for (const length of lengths) {
  test(`a proxy whose length is ${String(length)} (${typeof length}) is rejected`, () => {
    const proxy = new Proxy([3, 3], { get: (to, name) => (name === 'length' ? length : to[name]) });
    for (const call of [
      () => c.tensor(proxy),
      () => c.tensor([proxy, proxy]),
      () => c.zeros(proxy),
      () => c.stack(proxy),
      () => c.conv2d([[[1]]], [[[[1]]]], { padding: proxy }),
    ]) {
      const before = memoryState(c);
      assert.throws(call, (error) => error instanceof Corr2dError);
      assert.deepEqual(memoryState(c), before);
    }
  });
}

test('a proxy whose length changes between reads does not write outside its tensor', () => {
  const hole = c.full([1], 0);
  const victim = c.full([256], 7);
  hole.dispose();
  for (let at = 0; at < 12; at++) {
    let reads = 0;
    const proxy = new Proxy(new Array(64).fill(3), {
      get: (to, name) => (name === 'length' ? (reads++ === at ? 1 : 64) : to[name]),
    });
    try {
      c.tensor(proxy).dispose();
    } catch (error) {
      assert.equal(error.code, 'INVALID_ARGUMENT');
    }
  }
  assert.ok(victim.data.every((value) => value === 7));
  victim.dispose();
});

test('arrays are read without calling their iterators', () => {
  const shape = Object.assign([2, 3], {
    *[Symbol.iterator]() {
      for (let i = 0; i < 100; i++) yield 1;
    },
  });
  const t = c.zeros(shape);
  assert.deepEqual(t.shape, [2, 3]);
  const none = Object.assign([t, t], { *[Symbol.iterator]() {} });
  const stacked = c.stack(none);
  assert.deepEqual(stacked.shape, [2, 2, 3]);
  const pads = Object.assign([1, 1, 1, 1], {
    *[Symbol.iterator]() {
      yield 9;
    },
  });
  const padded = c.conv2d([[[1]]], [[[[1]]]], { padding: pads });
  assert.deepEqual(padded.shape, [1, 3, 3]);
  for (const one of [t, stacked, padded]) one.dispose();
});

test('objects that pretend to be tensors are rejected with INVALID_ARGUMENT', () => {
  const small = c.tensor([1, 2, 3, 4]);
  const victim = c.full([64], 77);
  const imitate = (shape) =>
    new Proxy(Object.create(Tensor.prototype), {
      get(_, name) {
        if (name === 'shape') return shape;
        if (name === 'size') return shape.reduce((a, b) => a * b, 1);
        const value = Reflect.get(small, name, small);
        return typeof value === 'function' ? value.bind(small) : value;
      },
    });
  const image = c.full([1, 1, 32], 5);
  const one = c.ones([1, 1, 1, 1]);
  const plan = c.planConv2d({ inputShape: [1, 1, 32], weight: one });
  const fakes = [
    imitate([1, 1, 32]),
    new Proxy(small, {}),
    Object.create(small),
    Object.create(Tensor.prototype),
    Tensor.prototype,
  ];
  for (const fake of fakes) {
    for (const call of [
      () => c.relu(fake),
      () => c.tensor(fake),
      () => c.tensor([fake]),
      () => c.zeros(fake),
      () => c.conv2d(fake, one),
      () => c.conv2d(image, fake),
      () => c.conv2d(image, one, { bias: fake }),
      () => c.conv2d(image, one, { out: fake }),
      () => c.stack([fake]),
      () => small.add(fake),
      () => c.toImageData(fake),
      () => plan.run(fake),
      () => plan.run(image, fake),
    ]) {
      expectError(c, 'INVALID_ARGUMENT', /object of type Tensor|inherits from one/, call);
    }
  }
  assert.ok(victim.data.every((value) => value === 77));
  for (const made of [small, victim, image, one, plan]) made.dispose();
});

test('typed arrays of numbers are accepted from another realm; other views are rejected', () => {
  const foreign = (code) => runInNewContext(code);
  const t = c.tensor(foreign('new Float32Array([1, 2])'));
  assertTensor(t, [2], [1, 2]);
  t.dispose();
  for (const code of ['new BigInt64Array(2)', 'new DataView(new ArrayBuffer(8))']) {
    expectError(c, 'INVALID_ARGUMENT', /^tensor: values is an object of type/, () =>
      c.tensor(foreign(code)),
    );
  }
  const picture = { data: foreign('new Uint8ClampedArray(16).fill(255)'), width: 2, height: 2 };
  const planes = c.fromImageData(picture);
  assertTensor(planes, [3, 2, 2], new Array(12).fill(1));
  planes.dispose();
});

test('toArray throws OUT_OF_MEMORY for arrays that no engine could hold', () => {
  for (const shape of [[2 ** 26 + 1], [2 ** 30, 0], [2 ** 25, 2]]) {
    const t = c.zeros(shape);
    expectError(
      c,
      'OUT_OF_MEMORY',
      /^toArray: not enough memory for \d+ bytes outside the heap$/,
      () => t.toArray(),
    );
    t.dispose();
  }
  const empty = c.zeros([2, 0]);
  const t = empty.reshape([2 ** 40, 0]);
  expectError(c, 'OUT_OF_MEMORY', /^toArray/, () => t.toArray());
  t.dispose();
  empty.dispose();
});

test('fromImage rejects a source that the engine cannot draw', () => {
  const source = { [Symbol.toStringTag]: 'ImageBitmap', width: 2, height: 2 };
  expectError(c, 'INVALID_ARGUMENT', /^fromImage: source cannot be read/, () =>
    c.fromImage(source),
  );
});

test('the instance still computes and uses little memory', () => {
  assertStillComputes(c);
  assert.ok(moduleFunctions(c).allocatedBytes() < 2 ** 16);
});
