// Random arguments from a fixed list: each call gives a result or a Corr2dError, and leaks no memory.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Corr2dError } from 'corr2d';
import { declaredMethods } from '../declarations.mjs';
import { assertStillComputes, createRandom, loadVariant, memoryInUse } from '../helpers.mjs';

test('60,000 random calls each give a result or a Corr2dError and leak no memory', async () => {
  const c = await loadVariant();
  const other = await loadVariant();
  const foreign = other.ones([1]);
  const t = c.arange(6).reshape([1, 2, 3]);
  const disposed = c.ones([1]);
  disposed.dispose();
  const cyclic = [];
  cyclic.push(cyclic);
  const before = memoryInUse(c);
  const pool = [
    undefined,
    null,
    true,
    false,
    0,
    1,
    2,
    3,
    -1,
    -0,
    0.5,
    NaN,
    Infinity,
    -Infinity,
    1e20,
    2 ** 31,
    2 ** 53,
    '',
    '1',
    'relu',
    5n,
    Symbol('s'),
    () => 1,
    class {},
    {},
    [],
    [[]],
    [[[]]],
    [1],
    [1, 2],
    [[1]],
    [
      [1, 2],
      [3, 4],
    ],
    [[1, 2], [3]],
    [[[1]]],
    [[[[1]]]],
    [
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
    [null],
    ['1'],
    [1n],
    Object.assign(new Array(2), { 1: 1 }),
    [-1],
    [1, -1],
    [2, 3],
    [0],
    [0, 0],
    [1.5],
    [1e20],
    [2 ** 20, 2 ** 20],
    cyclic,
    new Float32Array(0),
    new Float32Array(4),
    new Uint8ClampedArray(16),
    new BigInt64Array(2),
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    new Date(0),
    /x/,
    new Map(),
    new Error('e'),
    { data: [1], shape: [1] },
    { data: [1], shape: [1, 1] },
    { data: [1], shape: [1, 1, 1, 1] },
    { data: new Float32Array(4), shape: [2, 2] },
    { data: [1, 2], shape: [3] },
    { data: 1, shape: 1 },
    { data: new Float32Array(8), shape: [2, 1, 2, 2] },
    { data: [], shape: [0, 3] },
    { data: new Uint8ClampedArray(16), width: 2, height: 2 },
    { data: new Uint8ClampedArray(16), width: 4, height: 2 },
    { data: [], width: 0, height: 0 },
    { seed: 1 },
    { seed: -1 },
    { channels: 4 },
    { channels: 2 },
    { min: 0, max: 2 },
    { min: 2 },
    { scale: 1e300 },
    { x: undefined },
    t,
    disposed,
    foreign,
    [t],
    [t, t],
    [foreign],
    [disposed],
    c,
    other,
    Object.create(null),
    new Proxy([1], {}),
    new Proxy({}, {}),
    Object.freeze([1]),
    globalThis,
  ];
  const methods = [
    ...['tensor', 'zeros', 'ones', 'full', 'arange', 'normal', 'stack', 'matmul', 'corr2d'],
    ...['corr2dMultiIn', 'corr2dMultiInOut', 'corr2dMultiInOut1x1', 'fromImageData', 'toImageData'],
  ].map((name) => [c, name, declaredMethods('Corr2d').get(name).length]);
  for (const name of ['reshape', 'at', 'add', 'sub', 'mul', 'abs', 'sum', 'clone', 'item']) {
    methods.push([t, name, declaredMethods('Tensor').get(name).length]);
  }
  const { pick, integer } = createRandom(12);
  const outcomes = {};
  for (let i = 0; i < 60_000; i++) {
    const [owner, name, most] = pick(methods);
    const given = Array.from({ length: integer(0, most) }, () => pick(pool));
    let outcome = 'result';
    try {
      const result = owner[name](...given);
      result?.dispose?.();
    } catch (error) {
      if (!(error instanceof Corr2dError)) {
        throw new Error(`call ${i}, ${name}: ${error?.stack ?? error}`);
      }
      assert.ok(error.message.length < 400, error.message);
      outcome = error.code;
    }
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (i % 100 === 0) assert.deepEqual(memoryInUse(c), before, `call ${i}, ${name}`);
  }
  assert.deepEqual(memoryInUse(c), before);
  assert.equal(t.toString(), 'tensor([[[0., 1., 2.],\n         [3., 4., 5.]]])');
  assertStillComputes(c);
  c.dispose();
  other.dispose();
  // The list must contain calls with every outcome.
  assert.deepEqual(Object.keys(outcomes).sort(), [
    'DISPOSED',
    'INVALID_ARGUMENT',
    'OUT_OF_MEMORY',
    'SHAPE_MISMATCH',
    'result',
  ]);
  for (const count of Object.values(outcomes)) assert.ok(count > 20, JSON.stringify(outcomes));
});
