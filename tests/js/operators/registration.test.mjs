// phaseCorrelate against scikit-image (tests/fixtures/registration), its errors, and the client.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createClient } from 'corr2d/worker';
import {
  createRandom,
  createSharedInstance,
  expectError,
  expectRejection,
  memoryInUse,
  simd,
  threads,
} from '../helpers.mjs';
import { extendStartLimit } from '../long-start-limit.mjs';

extendStartLimit();

const file = new URL('../../fixtures/registration/skimage-0.19.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8'));

const c = await createSharedInstance();
const { uniform } = createRandom(17);

let client;
before(async () => {
  client = await createClient({ simd, threads });
});
after(() => client.dispose());

/** Moves a picture down and to the right, cyclically. */
function moved({ shape, data }, dy, dx) {
  const [height, width] = shape;
  const wrapped = (place, size) => ((place % size) + size) % size;
  const at = (y, x) => wrapped(y, height) * width + wrapped(x, width);
  return {
    shape,
    data: data.map((_, i) => data[at(Math.floor(i / width) - dy, (i % width) - dx)]),
  };
}

for (const { name, shape, a, b, expected } of cases) {
  test(`phaseCorrelate, ${name} (${shape.join('×')}): the shifts of scikit-image`, () => {
    for (const { upsample, window, shift, response } of expected) {
      const result = c.phaseCorrelate({ shape, data: a }, { shape, data: b }, { upsample, window });
      assert.deepEqual(result.shift, shift, `upsample ${upsample}, window ${window}`);
      assert.ok(Math.abs(result.response - response) <= 2e-6, `${result.response}, ${response}`);
    }
  });
}

test('the fixture has shifts of every kind', () => {
  const all = cases.flatMap(({ expected }) => expected);
  assert.ok(all.length >= 80);
  assert.ok(all.some(({ shift: [dy] }) => !Number.isInteger(dy)));
  assert.ok(all.some(({ response }) => response > 0.999999));
  assert.ok(all.some(({ response }) => response > 0 && response < 0.5));
});

test('phaseCorrelate undoes cyclic shifts of sizes with and without large prime factors', () => {
  for (const shape of [
    [64, 128],
    [127, 61],
    [48, 100],
  ]) {
    const a = uniform(...shape);
    const [dy, dx] = [Math.floor(shape[0] / 3), -Math.floor(shape[1] / 5)];
    const b = moved(a, dy, dx);
    const { shift, response } = c.phaseCorrelate(a, b);
    assert.deepEqual(shift, [-dy, -dx]);
    assert.ok(response > 0.999999 && response <= 1);
    assert.deepEqual(c.phaseCorrelate(b, a).shift, [dy, dx]);
    assert.deepEqual(moved(b, ...shift).data, a.data);
  }
});

test('phaseCorrelate does not depend on brightness and contrast', () => {
  const a = uniform(40, 50);
  const { shape, data } = moved(a, 7, 11);
  for (const [gain, offset] of [
    [1, 0],
    [200, 30],
    [1e-20, 0],
    [1e30, 0],
    [0.5, 4096],
  ]) {
    const b = { shape, data: data.map((value) => gain * value + offset) };
    const { shift, response } = c.phaseCorrelate(a, b, { upsample: 10 });
    assert.deepEqual(shift, [-7, -11], `${gain}, ${offset}`);
    assert.ok(response > 0.99, `${response}`);
  }
});

test('the response is low for pictures that have nothing in common', () => {
  const { response } = c.phaseCorrelate(uniform(64, 64), uniform(64, 64));
  assert.ok(response > 0 && response < 0.15, `${response}`);
});

test('the shift and the response of constant pictures are 0', () => {
  const a = uniform(9, 12);
  const zero = { shift: [0, 0], response: 0 };
  for (const options of [{}, { upsample: 10 }, { window: 'hann' }]) {
    for (const value of [0, 0.3, -7]) {
      const constant = { shape: a.shape, data: new Array(a.data.length).fill(value) };
      assert.deepEqual(c.phaseCorrelate(a, constant, options), zero);
      assert.deepEqual(c.phaseCorrelate(constant, a, options), zero);
      assert.deepEqual(c.phaseCorrelate(constant, constant, options), zero);
    }
  }
  assert.deepEqual(c.phaseCorrelate([[5]], [[5]]), zero);
});

test('leading axes of length 1 are dropped, and tensors are accepted', () => {
  const a = uniform(6, 8);
  const b = moved(a, 1, 2);
  const [x, y] = [c.tensor(a.data, [1, 6, 8]), c.tensor(b.data, [1, 1, 6, 8])];
  assert.deepEqual(c.phaseCorrelate(x, y).shift, [-1, -2]);
  x.dispose();
  y.dispose();
});

test('phaseCorrelate rejects other shapes', () => {
  const check = (message, ...args) => {
    expectError(c, 'SHAPE_MISMATCH', message, () => c.phaseCorrelate(...args));
  };
  const a = uniform(3, 4);
  check('phaseCorrelate: b is 4×3; expected 3×4, the shape of a', a, uniform(4, 3));
  check('phaseCorrelate: b is 3×5; expected 3×4, the shape of a', a, uniform(3, 5));
  check('phaseCorrelate: a is [4]; expected h×w', [1, 2, 3, 4], a);
  check('phaseCorrelate: b is 2×3×4; expected h×w', a, uniform(2, 3, 4));
  check(
    'phaseCorrelate: a is 0×4 and b is 0×4; expected no axis of length 0',
    { shape: [0, 4], data: [] },
    { shape: [0, 4], data: [] },
  );
});

test('phaseCorrelate rejects wrong options', () => {
  const a = uniform(3, 4);
  for (const upsample of [0, -1, 1.5, 1001, NaN, '2', null]) {
    expectError(
      c,
      'INVALID_ARGUMENT',
      /^phaseCorrelate: upsample is .*; expected a whole number from 1 to 1000$/,
      () => c.phaseCorrelate(a, a, { upsample }),
    );
  }
  for (const window of ['hamming', null, true]) {
    expectError(
      c,
      'INVALID_ARGUMENT',
      /^phaseCorrelate: window is .*; expected one of 'none', 'hann'$/,
      () => c.phaseCorrelate(a, a, { window }),
    );
  }
});

test('phaseCorrelate rejects pictures with NaN or infinite elements', () => {
  const a = uniform(5, 6);
  for (const value of [NaN, Infinity, -Infinity, 1e300]) {
    const bad = { shape: a.shape, data: [...a.data.slice(0, -1), value] };
    const zeros = { shape: a.shape, data: new Array(30).fill(0) };
    for (const pair of [
      [a, bad],
      [bad, a],
      [bad, bad],
      [zeros, bad],
    ]) {
      expectError(
        c,
        'INVALID_ARGUMENT',
        'phaseCorrelate: a or b has NaN or infinite elements; expected finite numbers',
        () => c.phaseCorrelate(...pair, { upsample: 2 }),
      );
    }
  }
});

test('a client gives the results of an instance, a few tasks at a time if it is observed', async () => {
  const a = uniform(150, 130);
  const b = moved(a, -20, 33);
  const options = { upsample: 20, window: 'hann' };
  const expected = c.phaseCorrelate(a, b, options);
  const before = await client.memory();
  assert.deepEqual(await client.phaseCorrelate(a, b, options), expected);
  const seen = [];
  const onProgress = (done, tasks) => seen.push([done, tasks]);
  const { signal } = new AbortController();
  assert.deepEqual(await client.phaseCorrelate(a, b, { ...options, onProgress, signal }), expected);
  assert.ok(seen.length > 0);
  const [done, tasks] = seen.at(-1);
  assert.equal(done, tasks);
  // 30 of them are for fractions of a pixel.
  assert.equal(tasks, 1 + 75 + 17 + 75 + 30 + 1);
  const { liveTensors, liveBytes } = await client.memory();
  assert.deepEqual([liveTensors, liveBytes], [before.liveTensors, before.liveBytes]);
});

test('an aborted call of a client rejects with the reason of the signal', async () => {
  const a = uniform(200, 190);
  const controller = new AbortController();
  const reason = new Error('enough');
  const result = client.phaseCorrelate(a, a, {
    upsample: 1000,
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await assert.rejects(result, reason);
  assert.deepEqual((await client.phaseCorrelate(a, moved(a, 1, 2))).shift, [-1, -2]);
});

test('a client passes errors on, observed or not', async () => {
  const a = uniform(3, 4);
  for (const onProgress of [undefined, () => {}]) {
    await expectRejection(
      'SHAPE_MISMATCH',
      'phaseCorrelate: b is 4×3; expected 3×4, the shape of a',
      client.phaseCorrelate(a, uniform(4, 3), { onProgress }),
    );
    await expectRejection(
      'INVALID_ARGUMENT',
      'phaseCorrelate: a or b has NaN or infinite elements; expected finite numbers',
      client.phaseCorrelate(a, { shape: [3, 4], data: new Array(12).fill(NaN) }, { onProgress }),
    );
  }
});

test('phaseCorrelate leaks nothing', () => {
  const initial = memoryInUse(c);
  const a = uniform(30, 31);
  for (let i = 0; i < 20; i++) c.phaseCorrelate(a, moved(a, i, 2 * i), { upsample: 1 + i });
  assert.deepEqual(memoryInUse(c), initial);
});
