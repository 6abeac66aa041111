// Calls that run out of memory throw OUT_OF_MEMORY and leave the instance usable.

import assert from 'node:assert/strict';
import { Corr2dError } from 'corr2d';
import {
  assertStillComputes,
  assertTensor,
  assertWithinBound,
  correlateFloat64,
  createRandom,
  expectError,
  loadVariant,
  memoryInUse,
  moduleFunctions,
} from '../helpers.mjs';
import { image, testMemory } from './support.mjs';

const X = [
  [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ],
];
const K = [
  [
    [
      [1, 0],
      [0, 1],
    ],
  ],
  [
    [
      [0, 1],
      [1, 0],
    ],
  ],
];
const ones = (...shape) => ({
  data: new Float32Array(shape.reduce((a, b) => a * b)).fill(1),
  shape,
});

/** By name: [the least number of allocations, a call]. `t` is a 2×3 tensor, `v` a 3×2 view of it. */
const CALLS = {
  'tensor of nested arrays': [
    1,
    (c) =>
      c.tensor([
        [1, 2],
        [3, 4],
      ]),
  ],
  'tensor of a typed array': [1, (c) => c.tensor(new Float32Array(9), [3, 3])],
  'tensor of a tensor': [1, (c, t) => c.tensor(t)],
  'tensor of a tensor, with a shape': [1, (c, t) => c.tensor(t, [6])],
  zeros: [1, (c) => c.zeros([3, 4])],
  ones: [1, (c) => c.ones([0, 4])],
  full: [1, (c) => c.full([3], 4)],
  arange: [1, (c) => c.arange(7)],
  normal: [1, (c) => c.normal(0, 1, [9], { seed: 3 })],
  'stack of tensors': [1, (c, t) => c.stack([t, t], 1)],
  'stack of nested arrays': [
    4,
    (c) =>
      c.stack([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
  ],
  'matmul of vectors': [4, (c) => c.matmul([1, 2], [3, 4])],
  'matmul of batches': [4, (c) => c.matmul(ones(3, 4, 5), ones(2, 1, 5, 6))],
  'matmul of tensors': [2, (c, t, v) => c.matmul(t, v)],
  'matmul of nothing': [3, (c) => c.matmul(ones(2, 0), ones(0, 2))],
  corr2d: [4, (c) => c.corr2d(X[0], K[0][0])],
  corr2dMultiIn: [4, (c) => c.corr2dMultiIn(X, K[0])],
  corr2dMultiInOut: [4, (c) => c.corr2dMultiInOut(X, K)],
  'corr2dMultiInOut, 1×1': [4, (c) => c.corr2dMultiInOut(X, [[[[2]]], [[[3]]]])],
  'corr2dMultiInOut of { data, shape }': [
    4,
    (c) => c.corr2dMultiInOut(ones(1, 4, 4), ones(2, 1, 2, 2)),
  ],
  'corr2d of tensors': [2, (c, t) => c.corr2d(t, t)],
  corr2dMultiInOut1x1: [4, (c) => c.corr2dMultiInOut1x1(X, [[[[2]]], [[[3]]]])],
  fromImageData: [2, (c) => c.fromImageData(image)],
  'fromImageData, grey': [2, (c) => c.fromImageData(image, { channels: 1 })],
  'toImageData of a tensor': [1, (c, t) => c.toImageData(t)],
  'toImageData of nested arrays': [2, (c) => c.toImageData(X)],
  'add a number': [2, (_, t) => t.add(1)],
  'sub a tensor': [1, (_, t) => t.sub(t)],
  'mul nested arrays': [2, (_, t) => t.mul([1, 2, 3])],
  'mul { data, shape }': [2, (_, t) => t.mul({ data: [1, 2], shape: [2, 1] })],
  abs: [1, (_, t) => t.abs()],
  sum: [1, (_, t) => t.sum()],
  clone: [1, (_, t) => t.clone()],
};

const noRoom =
  /^(tensor|zeros|ones|full|arange|normal|stack|matmul|corr2d\w*|(from|to)ImageData|add|sub|mul|abs|sum|clone): .*not enough memory/;

for (const [name, [least, call]] of Object.entries(CALLS)) {
  testMemory(
    `${name} throws OUT_OF_MEMORY whichever allocation fails, and leaks no memory`,
    (c) => {
      const t = c.tensor([
        [1, -2, 3],
        [-4, 5, 6],
      ]);
      const v = t.reshape([3, 2]);
      const run = () => {
        const result = call(c, t, v);
        const text = result.dispose ? String(result) : JSON.stringify(result);
        result.dispose?.();
        return text;
      };
      const expected = run();
      const before = memoryInUse(c);
      let failures = 0;
      for (let failing = true; failing; failures += failing) {
        assert.ok(failures < 100, 'the call never succeeds');
        moduleFunctions(c).failAllocationAfter(failures);
        try {
          const text = run();
          failing = false;
          moduleFunctions(c).failAllocationAfter(-1);
          assert.equal(text, expected);
        } catch (error) {
          if (!(error instanceof Corr2dError)) throw error;
          assert.equal(error.code, 'OUT_OF_MEMORY');
          assert.match(error.message, noRoom);
        }
        assert.deepEqual(memoryInUse(c), before, `allocation ${failures}`);
        assert.equal(run(), expected, `after allocation ${failures} has failed`);
        assertStillComputes(c);
      }
      assert.ok(failures >= least, `only ${failures} allocations`);
      assertTensor(t, [2, 3], [1, -2, 3, -4, 5, 6]);
    },
  );
}

testMemory('load throws OUT_OF_MEMORY without memory for its first request', async () => {
  // The heap of an instance cannot be reached during load, so its constructor is called again.
  const c = await loadVariant();
  const heap = c[Symbol.for('corr2d.heap')];
  const Heap = heap.constructor;
  heap.call.failAllocationAfter(0);
  assert.throws(() => new Heap(heap.module, { buffer: new ArrayBuffer(0) }), {
    name: 'Corr2dError',
    code: 'OUT_OF_MEMORY',
    message: 'load: not enough memory for a request in the heap',
  });
  assertStillComputes(c);
  c.dispose();
});

testMemory('sizes beyond 32-bit memory throw OUT_OF_MEMORY', (c) => {
  const tooLarge = (where, shown) =>
    `${where}: a tensor of shape ${shown} is too large; expected at most 1073741824 elements`;
  for (const [shape, shown] of [
    [[2 ** 30 + 1], '[1073741825]'],
    [[2 ** 16, 2 ** 16], '65536×65536'],
    [[2 ** 53 - 1], '[9007199254740991]'],
    [new Array(40).fill(2 ** 53 - 1), new Array(40).fill('9007199254740991').join('×')],
    [[2 ** 16, 2 ** 16, 0], '65536×65536×0'],
    [[0, 2 ** 40], '0×1099511627776'],
  ]) {
    expectError(c, 'OUT_OF_MEMORY', tooLarge('zeros', shown), () => c.zeros(shape));
    expectError(c, 'OUT_OF_MEMORY', tooLarge('ones', shown), () => c.ones(shape));
    expectError(c, 'OUT_OF_MEMORY', tooLarge('full', shown), () => c.full(shape, 1));
    expectError(c, 'OUT_OF_MEMORY', tooLarge('normal', shown), () => c.normal(0, 1, shape));
  }
  expectError(c, 'OUT_OF_MEMORY', tooLarge('arange', '[9007199254740991]'), () =>
    c.arange(2 ** 53 - 1),
  );
  const row = c.zeros([1, 2 ** 16]);
  const column = c.zeros([2 ** 16, 1]);
  expectError(c, 'OUT_OF_MEMORY', tooLarge('add', '65536×65536'), () => row.add(column));
  expectError(c, 'OUT_OF_MEMORY', tooLarge('matmul', '65536×65536'), () => c.matmul(column, row));
  const [image1, kernels] = [c.zeros([1, 1, 2 ** 16]), c.zeros([2 ** 16, 1, 1, 1])];
  for (const name of ['corr2dMultiInOut', 'corr2dMultiInOut1x1']) {
    expectError(
      c,
      'OUT_OF_MEMORY',
      new RegExp(`^${name}: .*X is 1×1×65536.*K is 65536×1×1×1`),
      () => c[name](image1, kernels),
    );
  }
  // The output has 64 channels of 2⁵⁸ + 1 rows: 64 elements if the product wraps at 64 bits.
  const tall = { shape: [1, 2 ** 28 + 1, 1], data: new Float32Array(2 ** 28 + 1) };
  expectError(
    c,
    'OUT_OF_MEMORY',
    /^convTranspose2d: not enough memory: input is 1×268435457×1 and weight is 1×64×1×1; \d+ live tensors hold /,
    () => c.convTranspose2d(tall, ones(1, 64, 1, 1), { stride: [2 ** 30, 1] }),
  );
  // 32 bits address 4 GiB, some of which is in use.
  expectError(
    c,
    'OUT_OF_MEMORY',
    /^zeros: not enough memory for 4294967296 bytes; 4 live tensors hold \d+ bytes of a heap of \d+\. To free /,
    () => c.zeros([2 ** 30]),
  );
  assertStillComputes(c);
});

testMemory('OUT_OF_MEMORY says how much the live tensors hold and how to free them', (c) => {
  const hint =
    '. To free tensors, use c.tidy or dispose(), or await a timer or an animation frame, so that the garbage ' +
    'collector can free the unreachable ones';
  const fail = (beginning, call) => {
    const { heapBytes, liveTensors, liveBytes } = c.memory();
    const held = `${liveTensors} live tensors hold ${liveBytes} bytes of a heap of ${heapBytes}`;
    const message = `${beginning}; ${held}${liveTensors > 0 ? hint : ''}`;
    moduleFunctions(c).failAllocationAfter(0);
    expectError(c, 'OUT_OF_MEMORY', message, call);
    moduleFunctions(c).failAllocationAfter(-1);
  };
  fail('zeros: not enough memory for 4 bytes', () => c.zeros([1]));
  const t = c.ones([1, 3, 3]);
  t.reshape([9]);
  fail('relu: not enough memory for 36 bytes', () => c.relu(t));
  // The same for statuses of C++.
  const weight = c.ones([1, 1, 2, 2]);
  const out = c.zeros([1, 2, 2]);
  fail('conv2d: not enough memory: input is 1×3×3 and weight is 1×1×2×2', () =>
    c.conv2d(t, weight, { out }),
  );
  fail('planConv2d: not enough memory: input is 1×3×3 and weight is 1×1×2×2', () =>
    c.planConv2d({ inputShape: [1, 3, 3], weight }),
  );
});

testMemory('a full heap throws OUT_OF_MEMORY and keeps its tensors', (c) => {
  const t = c.arange(5);
  // Untouched memory needs no physical pages.
  const hold = moduleFunctions(c).allocate(3 * 2 ** 30);
  assert.ok(hold > 0);
  expectError(
    c,
    'OUT_OF_MEMORY',
    /^zeros: not enough memory for 1610612736 bytes; 1 live tensor holds 20 bytes of a heap of 3\d+\. To free /,
    () => c.zeros([3 * 2 ** 27]),
  );
  assertTensor(t, [5], [0, 1, 2, 3, 4]);
  assertStillComputes(c);
  moduleFunctions(c).release(hold, 3 * 2 ** 30);
});

testMemory('tensors work beyond 2 GiB', (c) => {
  const size = 2 ** 31 + 2 ** 20;
  const hold = moduleFunctions(c).allocate(size);
  assert.ok(hold > 0);
  const { uniform: random } = createRandom(2);
  const [input, weight] = [random(3, 12, 17), random(5, 3, 3, 3)];
  const t = c.tensor(input);
  assert.ok(t.data.byteOffset > 2 ** 31, `${t.data.byteOffset}`);
  assertTensor(t, input.shape, input.data);
  assertWithinBound(c.corr2dMultiInOut(t, weight), correlateFloat64(input, weight), 'beyond 2 GiB');
  const layer = random(4, 3, 1, 1);
  assertWithinBound(
    c.corr2dMultiInOut1x1(t, layer),
    correlateFloat64(input, layer),
    'beyond 2 GiB',
  );
  assertTensor(t.at(2).at(11), [17], input.data.subarray(-17));
  assertTensor(c.normal(0, 1, [1], { seed: 42 }), [1], [Math.fround(0.492950648)]);
  const picture = c.fromImageData(image, { scale: 1 });
  assertTensor(picture, [3, 3, 5], new Array(45).fill(51));
  assert.equal(c.toImageData(picture, { max: 255 }).data[0], 51);
  t.dispose();
  moduleFunctions(c).release(hold, size);
});

testMemory('copying nested arrays throws OUT_OF_MEMORY if the engine has no memory', (c) => {
  const { Float32Array: real } = globalThis;
  globalThis.Float32Array = class extends real {
    constructor(...given) {
      if (given[0] === 12) throw new RangeError('Array buffer allocation failed');
      super(...given);
    }
  };
  try {
    const rows = new Array(3).fill([1, 2, 3, 4]);
    expectError(
      c,
      'OUT_OF_MEMORY',
      'corr2d: X: not enough memory for 48 bytes outside the heap',
      () => c.corr2d(rows, [[1]]),
    );
  } finally {
    globalThis.Float32Array = real;
  }
  assertStillComputes(c);
});

testMemory('copying from the heap throws OUT_OF_MEMORY if the engine has no memory', (c) => {
  const t = c.tensor([
    [1, -2, 3],
    [-4, 5, 6],
  ]);
  const { Float32Array: Floats } = globalThis;
  const { prototype } = Object.getPrototypeOf(Floats);
  const { slice } = prototype;
  prototype.slice = () => {
    throw new RangeError('Array buffer allocation failed');
  };
  globalThis.Float32Array = class extends Floats {
    constructor(...given) {
      if (ArrayBuffer.isView(given[0])) prototype.slice();
      super(...given);
    }
  };
  try {
    for (const [message, call] of [
      ['toImageData: not enough memory for 24 bytes outside the heap', () => c.toImageData(t)],
      ['filter2d: not enough memory for 60 bytes outside the heap', () => c.filter2d(image, [[1]])],
      [
        'add: other: not enough memory for 8 bytes outside the heap',
        () => t.add(t.data.subarray(0, 2)),
      ],
    ]) {
      expectError(c, 'OUT_OF_MEMORY', message, call);
    }
  } finally {
    prototype.slice = slice;
    globalThis.Float32Array = Floats;
  }
  assertStillComputes(c);
  t.dispose();
});

testMemory('an engine error while a result is filled leaks no memory', (c) => {
  const t = c.tensor([-1, 2]);
  const before = memoryInUse(c);
  const own = new Error('my own');
  const thrower = () => {
    throw own;
  };
  const { prototype } = Object.getPrototypeOf(Float32Array);
  for (const [owner, name, call] of [
    [prototype, 'set', () => t.clone()],
    [prototype, 'fill', () => c.full([2], 1)],
  ]) {
    const real = owner[name];
    owner[name] = thrower;
    try {
      assert.throws(call, own);
    } finally {
      owner[name] = real;
    }
    assert.deepEqual(memoryInUse(c), before, `${call}`);
  }
  assertTensor(t.abs(), [2], [1, 2]);
});

testMemory('options that lead to sizes beyond 32 bits throw and leak no memory', (c) => {
  const t = c.ones([1, 4, 4]);
  const most = 2 ** 31 - 1;
  const one = [[[[1]]]];
  for (const call of [
    () => c.conv2d(t, one, { padding: most }),
    () => c.conv2d(t, one, { padding: [2 ** 30, 2 ** 30] }),
    () => c.conv2d(t, one, { padding: [2 ** 29, 0, 0, 0] }),
    () => c.conv2d(t, one, { padding: [0, 2 ** 16, 0, 2 ** 16] }),
    () => c.conv2d(t, one, { padding: [0, 2 ** 15, 0, 2 ** 15] }),
    () => c.convTranspose2d(t, one, { stride: most }),
    () => c.convTranspose2d(t, one, { stride: [2 ** 15, 2 ** 15] }),
    () => c.convTranspose2d(t, one, { stride: most, outputPadding: most - 1 }),
    () => c.convTranspose2d(t, [[[[1, 1]]]], { dilation: most }),
    () => c.pad(t, [most, most, most, most]),
    () => c.pad(t, [2 ** 28, 2 ** 28, 2 ** 28, 2 ** 28]),
    () => c.pad(t, [0, 2 ** 16, 0, 2 ** 15]),
    () => c.unfold(t, 1, { padding: 2 ** 15 }),
    () => c.fold({ data: [1], shape: [1, 1] }, [2 ** 16, 2 ** 16], [2 ** 16, 2 ** 16]),
    () => c.avgPool2d(t, most),
    () => c.correlate2d({ data: [], shape: [2 ** 16, 2 ** 16] }, [[1]]),
    () => c.zeros([2 ** 15, 2 ** 15]).reshape([2 ** 30]),
  ]) {
    const before = memoryInUse(c);
    let result;
    try {
      result = call();
    } catch (error) {
      assert.ok(error instanceof Corr2dError, `${call}: ${error.stack}`);
      assert.match(error.code, /^(OUT_OF_MEMORY|SHAPE_MISMATCH|INVALID_ARGUMENT)$/, `${call}`);
    }
    assert.equal(result, undefined, `${call}`);
    assert.deepEqual(memoryInUse(c), before, `${call}`);
    assertStillComputes(c);
  }
});
