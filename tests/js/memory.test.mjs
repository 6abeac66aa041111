// Memory: running out of it, giving it back, and what the garbage collector may take.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Corr2dError } from 'corr2d';
import {
  assertComputes,
  assertTensor,
  assertWithinBound,
  correlate,
  expectError,
  generator,
  held,
  loadTested,
  moduleOf,
  threads,
} from './helpers.mjs';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** A test with an instance of its own: nothing that another one dropped is collected meanwhile. */
function testWith(name, run) {
  test(name, async () => {
    const c = await loadTested();
    try {
      await run(c);
    } finally {
      c.dispose();
    }
  });
}

/** Collects garbage until `isDone`. */
async function collectUntil(isDone, what) {
  for (let round = 0; round < 100; round++) {
    await turn(); // What a WeakRef has shown stays until then.
    gc();
    await turn();
    if (isDone()) return;
  }
  assert.fail(`never: ${what()}`);
}

/** Collects garbage, a few times over. */
async function collect() {
  for (let round = 0; round < 6; round++) {
    gc();
    await turn();
  }
}

// ---------------------------------------------------------------------------------------------
// Running out

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
const image = { data: new Uint8ClampedArray(4 * 15).fill(51), width: 5, height: 3 };
const ones = (...shape) => ({
  data: new Float32Array(shape.reduce((a, b) => a * b)).fill(1),
  shape,
});

/** Calls, and the least number of allocations that each cannot do without. `t` is 2×3, `v` its 3×2. */
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
  /^(tensor|zeros|ones|full|arange|normal|stack|matmul|corr2d\w*|(from|to)ImageData|add|sub|mul|abs|sum|clone): .*no room/;

for (const [name, [least, call]] of Object.entries(CALLS)) {
  testWith(`${name}: whichever allocation fails, OUT_OF_MEMORY, and nothing is lost`, (c) => {
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
    const before = held(c);
    let failures = 0;
    for (let failing = true; failing; failures += failing) {
      assert.ok(failures < 100, 'it never succeeds');
      moduleOf(c).failAllocationAfter(failures);
      try {
        const text = run();
        failing = false;
        moduleOf(c).failAllocationAfter(-1);
        assert.equal(text, expected);
      } catch (error) {
        if (!(error instanceof Corr2dError)) throw error;
        assert.equal(error.code, 'OUT_OF_MEMORY');
        assert.match(error.message, noRoom);
      }
      assert.deepEqual(held(c), before, `allocation ${failures}`);
      assert.equal(run(), expected, `after allocation ${failures} has failed`);
      assertComputes(c);
    }
    assert.ok(failures >= least, `only ${failures} allocations`);
    assertTensor(t, [2, 3], [1, -2, 3, -4, 5, 6]);
  });
}

testWith('load() itself: no room for the first request', async () => {
  // The heap of an instance that is being made cannot be reached; that of a second one can.
  const c = await loadTested();
  const heap = c[Symbol.for('corr2d.heap')];
  const Heap = heap.constructor;
  heap.call.failAllocationAfter(0);
  assert.throws(() => new Heap(heap.constants, { buffer: new ArrayBuffer(0) }), {
    name: 'Corr2dError',
    code: 'OUT_OF_MEMORY',
    message: 'load: the heap has no room for a single request',
  });
  assertComputes(c);
  c.dispose();
});

testWith('more than there can be: OUT_OF_MEMORY at once', (c) => {
  const tooLarge = (where, shown) =>
    `${where}: a tensor of shape ${shown} is larger than 1073741824 elements`;
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
  // In 64 bits 64 channels of 2^58 + 1 rows are 64.
  const tall = { shape: [1, 2 ** 28 + 1, 1], data: new Float32Array(2 ** 28 + 1) };
  expectError(
    c,
    'OUT_OF_MEMORY',
    'convTranspose2d: no room to compute it: input is 1×268435457×1 and weight is 1×64×1×1',
    () => c.convTranspose2d(tall, ones(1, 64, 1, 1), { stride: [2 ** 30, 1] }),
  );
  // 4 GiB is all that 32 bits address, and some of it is in use.
  expectError(
    c,
    'OUT_OF_MEMORY',
    /^zeros: no room for 4294967296 bytes in a heap of \d+ bytes$/,
    () => c.zeros([2 ** 30]),
  );
  assertComputes(c);
});

testWith('a heap that can grow no more: OUT_OF_MEMORY, and what is there goes on', (c) => {
  const t = c.arange(5);
  // Memory that nobody touches costs nothing.
  const hold = moduleOf(c).allocate(3 * 2 ** 30);
  assert.ok(hold > 0);
  expectError(
    c,
    'OUT_OF_MEMORY',
    /^zeros: no room for 1610612736 bytes in a heap of 3\d+ bytes$/,
    () => c.zeros([3 * 2 ** 27]),
  );
  assertTensor(t, [5], [0, 1, 2, 3, 4]);
  assertComputes(c);
  moduleOf(c).release(hold, 3 * 2 ** 30);
});

testWith('tensors beyond 2 GiB are tensors like any other', (c) => {
  const size = 2 ** 31 + 2 ** 20;
  const hold = moduleOf(c).allocate(size);
  assert.ok(hold > 0);
  const { uniform: random } = generator(2);
  const [input, weight] = [random(3, 12, 17), random(5, 3, 3, 3)];
  const t = c.tensor(input);
  assert.ok(t.data.byteOffset > 2 ** 31, `${t.data.byteOffset}`);
  assertTensor(t, input.shape, input.data);
  assertWithinBound(c.corr2dMultiInOut(t, weight), correlate(input, weight), 'beyond 2 GiB');
  const layer = random(4, 3, 1, 1);
  assertWithinBound(c.corr2dMultiInOut1x1(t, layer), correlate(input, layer), 'beyond 2 GiB');
  assertTensor(t.at(2).at(11), [17], input.data.subarray(-17));
  assertTensor(c.normal(0, 1, [1], { seed: 42 }), [1], [Math.fround(0.492950648)]);
  const picture = c.fromImageData(image, { scale: 1 });
  assertTensor(picture, [3, 3, 5], new Array(45).fill(51));
  assert.equal(c.toImageData(picture, { max: 255 }).data[0], 51);
  t.dispose();
  moduleOf(c).release(hold, size);
});

testWith('a JavaScript engine that has no room for the copy of nested arrays', (c) => {
  const { Float32Array: real } = globalThis;
  globalThis.Float32Array = class extends real {
    constructor(...given) {
      if (given[0] === 12) throw new RangeError('Array buffer allocation failed');
      super(...given);
    }
  };
  try {
    const rows = new Array(3).fill([1, 2, 3, 4]);
    expectError(c, 'OUT_OF_MEMORY', 'corr2d: X: no room for 48 bytes outside the heap', () =>
      c.corr2d(rows, [[1]]),
    );
  } finally {
    globalThis.Float32Array = real;
  }
  assertComputes(c);
});

testWith('a JavaScript engine that has no room for the copy of what lies in the heap', (c) => {
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
      ['toImageData: no room for 24 bytes outside the heap', () => c.toImageData(t)],
      ['filter2d: no room for 60 bytes outside the heap', () => c.filter2d(image, [[1]])],
      [
        'add: the argument: no room for 8 bytes outside the heap',
        () => t.add(t.data.subarray(0, 2)),
      ],
    ]) {
      expectError(c, 'OUT_OF_MEMORY', message, call);
    }
  } finally {
    prototype.slice = slice;
    globalThis.Float32Array = Floats;
  }
  assertComputes(c);
  t.dispose();
});

testWith('a function of the engine that throws while a result is filled: nothing is left', (c) => {
  const t = c.tensor([-1, 2]);
  const before = held(c);
  const own = new Error('my own');
  const thrower = () => {
    throw own;
  };
  const { prototype } = Object.getPrototypeOf(Float32Array);
  for (const [owner, name, call] of [
    [Math, 'abs', () => t.abs()],
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
    assert.deepEqual(held(c), before, `${call}`);
  }
  assertTensor(t.abs(), [2], [1, 2]);
});

// ---------------------------------------------------------------------------------------------
// Giving back

/** What `use` makes of a tensor that is disposed of after it. */
function lent(tensor, use) {
  try {
    return use(tensor);
  } finally {
    tensor.dispose();
  }
}

// `npm run trust` asks for more.
const calls = Number(process.env.CORR2D_TEST_CALLS ?? 20_000);

testWith(`${calls} calls of varying shape, errors among them, leave nothing behind`, (c) => {
  const { whole, pick, uniform: random } = generator(3);
  const kept = c.normal(0, 1, [3, 8, 9], { seed: 1 });
  const before = held(c);
  let errors = 0;
  let heapBytes = 0;
  for (let i = 0; i < calls; i++) {
    const [ci, kh, kw] = [whole(1, 4), whole(1, 4), whole(1, 4)];
    const input = random(ci, whole(1, 12), whole(1, 16));
    const call = pick([
      () => c.corr2dMultiInOut(input, random(whole(1, 6), ci, kh, kw)),
      () => c.corr2dMultiInOut(kept, random(whole(1, 6), ci, kh, kw)),
      () => c.corr2dMultiIn(input, random(ci, kh, kw)),
      () => lent(kept.at(1), (slice) => c.corr2d(slice, random(kh, kw))),
      () => c.corr2dMultiInOut1x1(input, random(whole(1, 6), ci, 1, 1)),
      () => c.matmul(random(kh, kw), random(whole(1, 4), ci)),
      () => lent(c.tensor(input), (t) => t.add(random(whole(1, 2), 1))),
      () => kept.reshape([-1, kh]),
      () => c.stack([input, random(ci, 1, 1), input]),
      () => c.zeros([kh, kw - 2]),
      () => c.normal(0, 1, [whole(0, 3000)]),
      () => c.fromImageData(image, { channels: kw }),
      () => c.toImageData(input),
      () => c.conv2d(input, random(whole(1, 6), ci, kh, kw), { padding: whole(0, 2), stride: kw }),
      () => c.convTranspose2d(input, random(ci, whole(1, 6), kh, kw), { stride: kh }),
      () => c.maxPool2d(input, [kh, kw], { padding: whole(0, 2) }),
      () =>
        lent(c.planConv2d({ inputShape: input.shape, weight: random(2, ci, kh, kw) }), (plan) =>
          plan.run(input),
        ),
      () => c.tensor([[1, 2], kw > 2 ? [3] : [3, 4]]),
      () => lent(kept.at(ci), (slice) => slice.sum()),
    ]);
    let result;
    try {
      result = call();
    } catch (error) {
      if (!(error instanceof Corr2dError)) throw error;
      errors++;
    }
    result?.dispose?.();
    if (i % 1000 === 999) assert.deepEqual(held(c), before, `call ${i}`);
    if (i === 4000) heapBytes = c.memory().heapBytes;
  }
  assert.equal(c.memory().heapBytes, heapBytes);
  assert.ok(errors > calls / 5 && errors < (4 * calls) / 5, `${errors} errors`);
  assert.deepEqual(held(c), before);
});

testWith('tensors that are dropped are freed by the garbage collector', async (c) => {
  const before = held(c);
  (() => {
    for (let i = 0; i < 100; i++) {
      const t = c.ones([10, 100]);
      t.at(3).reshape([10, 10]).add(t.at(1).data[0]);
      c.corr2d(t, t.at(0).reshape([1, 100]));
    }
  })();
  assert.ok(held(c).liveTensors >= before.liveTensors + 600);
  await collectUntil(
    () => held(c).liveTensors === before.liveTensors,
    () => JSON.stringify(held(c)),
  );
  assert.deepEqual(held(c), before);
});

testWith('what is disposed of and then dropped is freed once', async (c) => {
  const before = held(c);
  (() => {
    for (let i = 0; i < 100; i++) {
      const t = c.ones([100]);
      const view = t.reshape([10, 10]);
      t.dispose();
      if (i % 2 === 0) view.dispose();
    }
  })();
  await collectUntil(
    () => held(c).liveTensors <= before.liveTensors,
    () => JSON.stringify(held(c)),
  );
  await collect();
  assert.deepEqual(held(c), before);
});

testWith('a view of the elements keeps them: nobody else gets their memory', async (c) => {
  const before = held(c);
  const kept = {};
  (() => {
    kept.views = Array.from({ length: 40 }, (_, i) => c.full([50], i).data);
    kept.slices = Array.from({ length: 40 }, (_, i) => c.full([2, 25], 100 + i).at(1).data);
  })();
  const others = [];
  for (let round = 0; round < 10; round++) {
    await collect();
    for (let i = 0; i < 20; i++) others.push(c.full([50], NaN));
  }
  // In a function of its own, whose variables hold no view after it.
  (() => {
    for (const [i, view] of kept.views.entries()) {
      assert.deepEqual([...view], new Array(50).fill(i));
    }
    for (const [i, view] of kept.slices.entries()) {
      assert.deepEqual([...view], new Array(25).fill(100 + i));
    }
  })();
  assert.equal(held(c).liveTensors, before.liveTensors + 80 + others.length);
  for (const one of others) one.dispose();
  kept.views = undefined;
  kept.slices = undefined;
  await collectUntil(
    () => held(c).liveTensors === before.liveTensors,
    () => JSON.stringify(held(c)),
  );
  assert.deepEqual(held(c), before);
});

testWith('a view of a tensor keeps its storage, when all else of it is dropped', async (c) => {
  const before = held(c);
  const kept = {};
  (() => {
    kept.view = c.arange(600).reshape([2, 3, 100]).at(1).reshape([300]);
  })();
  await collectUntil(
    () => held(c).liveTensors === before.liveTensors + 1,
    () => JSON.stringify(held(c)),
  );
  for (let i = 0; i < 10; i++) c.full([600], NaN).dispose();
  assertTensor(
    kept.view,
    [300],
    Array.from({ length: 300 }, (_, i) => 300 + i),
  );
  assert.equal(held(c).liveBytes, before.liveBytes + 2400);
  kept.view.dispose();
  assert.deepEqual(held(c), before);
});

testWith('base and views: disposed of in every order, freed with the last', (c) => {
  const before = held(c);
  const permutations = (items) =>
    items.length < 2
      ? [items]
      : items.flatMap((one, i) =>
          permutations(items.toSpliced(i, 1)).map((rest) => [one, ...rest]),
        );
  const orders = permutations([0, 1, 2, 3]);
  assert.equal(orders.length, 24);
  for (const order of orders) {
    const base = c.arange(12);
    const middle = base.reshape([3, 4]);
    const tensors = [base, middle, middle.at(1), middle.at(-1)];
    const first = [0, 0, 4, 8];
    order.forEach((i, done) => {
      tensors[i].dispose();
      tensors[i].dispose();
      const left = order.slice(done + 1);
      // What is shared counts once, for as long as anybody shows it.
      const bytes = left.length > 0 ? 48 : 0;
      assert.deepEqual(held(c), {
        liveTensors: before.liveTensors + left.length,
        liveBytes: before.liveBytes + bytes,
        allocatedBytes: before.allocatedBytes + bytes,
      });
      c.full([12], NaN).dispose();
      for (const j of left) {
        assert.ok(
          tensors[j].data.every((value, at) => value === first[j] + at),
          `${order}: ${j}`,
        );
      }
    });
  }
});

test('tensor, view, plan and instance: disposed of in every order, and twice', async () => {
  const permutations = (items) =>
    items.length < 2
      ? [items]
      : items.flatMap((one, i) =>
          permutations(items.toSpliced(i, 1)).map((rest) => [one, ...rest]),
        );
  for (const order of permutations(['tensor', 'view', 'plan', 'instance'])) {
    const c = await loadTested();
    const tensor = c.ones([1, 3, 3]);
    const plan = c.planConv2d({ inputShape: [1, 3, 3], weight: [[[[2]]]] });
    const things = { tensor, view: tensor.reshape([9]), plan, instance: c };
    for (const [i, name] of order.entries()) {
      things[name].dispose();
      things[name].dispose();
      const gone = order.slice(0, i + 1);
      if (gone.includes('instance')) {
        assert.throws(() => c.zeros([1]), { code: 'DISPOSED' });
        assert.throws(() => plan.run(tensor), { code: 'DISPOSED' });
        assert.throws(() => things.view.data, { code: 'DISPOSED' });
        continue;
      }
      assertComputes(c);
      if (!gone.includes('view')) assertTensor(things.view, [9], new Array(9).fill(1));
      if (gone.includes('plan') || gone.includes('tensor')) {
        assert.throws(() => plan.run(tensor), { code: 'DISPOSED' });
      } else {
        const result = plan.run(tensor);
        assertTensor(result, [1, 3, 3], new Array(9).fill(2));
        result.dispose();
      }
    }
  }
});

testWith('sizes beyond 32 bits, however they come about: an error, and nothing is lost', (c) => {
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
    const before = held(c);
    let result;
    try {
      result = call();
    } catch (error) {
      assert.ok(error instanceof Corr2dError, `${call}: ${error.stack}`);
      assert.match(error.code, /^(OUT_OF_MEMORY|SHAPE_MISMATCH|INVALID_ARGUMENT)$/, `${call}`);
    }
    assert.equal(result, undefined, `${call}`);
    assert.deepEqual(held(c), before, `${call}`);
    assertComputes(c);
  }
});

testWith('an instance that is dropped goes, with its memory and tensors', async () => {
  const kept = {};
  await (async () => {
    const c = await loadTested();
    const t = c.zeros([1000]);
    t.reshape([10, 100]);
    kept.instance = new WeakRef(c);
    kept.tensor = new WeakRef(t);
    kept.buffer = new WeakRef(t.data.buffer);
  })();
  await collectUntil(
    () => Object.values(kept).every((ref) => ref.deref() === undefined),
    () => Object.keys(kept).filter((name) => kept[name].deref() !== undefined),
  );
});

testWith('an instance that is disposed of lets go of its memory', async () => {
  const kept = {};
  await (async () => {
    kept.c = await loadTested();
    kept.buffer = new WeakRef(kept.c.zeros([1000]).data.buffer);
    kept.c.dispose();
  })();
  await collectUntil(
    () => kept.buffer.deref() === undefined,
    () => 'the buffer is still there',
  );
  assert.throws(() => kept.c.memory(), { code: 'DISPOSED' });
});

// ---------------------------------------------------------------------------------------------
// Growing

testWith('when the heap grows, tensors keep their contents, and data is made afresh', (c) => {
  const t = c.arange(1000);
  const half = t.reshape([2, 500]).at(1);
  const [view, halfView] = [t.data, half.data];
  const { heapBytes } = c.memory();
  const n = 10 * 2 ** 20;
  const large = c.full([n], 3); // 40 MiB
  assert.ok(c.memory().heapBytes > heapBytes + 4 * n - 2 ** 20);
  // Shared memory stays where it is, and a view of it as it was.
  assert.equal(view.length, threads > 1 ? 1000 : 0);
  assert.equal(halfView.length, threads > 1 ? 500 : 0);
  assert.notEqual(t.data, view);
  assert.equal(t.data, t.data);
  assert.ok(t.data.every((value, i) => value === i));
  assertTensor(
    half,
    [500],
    Array.from({ length: 500 }, (_, i) => 500 + i),
  );
  t.data[999] = -1;
  assert.equal(half.data[499], -1);
  const larger = c.ones([2 * n]);
  assert.equal(large.data[n - 1], 3);
  assert.equal(large.sum().item(), 3 * n);
  assert.equal(t.data[998], 998);
  const { heapBytes: grown } = c.memory();
  large.dispose();
  larger.dispose();
  // What was given back is used again.
  for (let i = 0; i < 5; i++) c.zeros([2 * n]).dispose();
  assert.equal(c.memory().heapBytes, grown);
  assertComputes(c);
});

/** So many elements that making another tensor of them must grow the heap. */
function fillHeap(c) {
  const n = 2 ** 20;
  const t = c.arange(n);
  while (true) {
    // Blocks, until one more would not fit.
    const { heapBytes } = c.memory();
    const block = moduleOf(c).allocate(2 ** 19);
    if (c.memory().heapBytes > heapBytes) return t;
    assert.ok(block > 0);
  }
}

for (const [name, call, shape] of [
  ['tensor(t)', (c, t) => c.tensor(t), [2 ** 20]],
  ['tensor(t, shape)', (c, t) => c.tensor(t, [2, 2 ** 19]), [2, 2 ** 19]],
  ['tensor(t.data)', (c, t) => c.tensor(t.data), [2 ** 20]],
  ['tensor(t.data, shape)', (c, t) => c.tensor(t.data, [2 ** 19, 2]), [2 ** 19, 2]],
  ['tensor({ data: t.data })', (c, t) => c.tensor({ data: t.data, shape: [2 ** 20] }), [2 ** 20]],
  ['tensor([t.data])', (c, t) => c.tensor([t.data]), [1, 2 ** 20]],
  ['clone', (_, t) => t.clone(), [2 ** 20]],
  ['abs', (_, t) => t.abs(), [2 ** 20]],
  ['mul(1)', (_, t) => t.mul(1), [2 ** 20]],
  ['add(view)', (c, t) => c.zeros([1]).add(t.data), [2 ** 20]],
  ['stack', (c, t) => c.stack([t]), [1, 2 ** 20]],
  ['stack of views', (c, t) => c.stack([t.data, t.data]).at(1), [2 ** 20]],
  ['corr2d', (c, t) => c.corr2d(t.reshape([1, 2 ** 20]), [[1]]), [1, 2 ** 20]],
  [
    'corr2d of a view',
    (c, t) => c.corr2d({ data: t.data, shape: [1, 2 ** 20] }, [[1]]),
    [1, 2 ** 20],
  ],
  [
    'matmul of views',
    (c, t) => c.matmul([[1]], { data: t.data, shape: [1, 2 ** 20] }),
    [1, 2 ** 20],
  ],
]) {
  testWith(`${name}: its own result makes the heap grow`, (c) => {
    const t = fillHeap(c);
    let grown = 0;
    // Each call grows the heap at one of its allocations, sooner or later at every one of them.
    for (let i = 0; i < 12; i++) {
      const { heapBytes } = c.memory();
      const result = call(c, t);
      grown += c.memory().heapBytes > heapBytes;
      assert.deepEqual(result.shape, shape);
      const { data } = result;
      for (let j = 0; j < data.length; j++) {
        if (data[j] !== j) assert.fail(`element ${j} is ${data[j]}`);
      }
      moduleOf(c).allocate(2 ** 18 * (i + 1));
    }
    assert.ok(grown > 2, `${grown}`);
  });
}
