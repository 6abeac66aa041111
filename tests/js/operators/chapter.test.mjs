// The functions of section 7.4: its examples against PyTorch (tests/fixtures/chapter), and random problems
// against float64.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  assertSameBits,
  assertTensor,
  assertWithinBound,
  correlateFloat64,
  createRandom,
  loadVariant,
  memoryInUse,
  toNestedArrays,
} from '../helpers.mjs';

const fixture = new URL('../../fixtures/chapter/torch-1.13.json', import.meta.url);
const { examples } = JSON.parse(readFileSync(fixture, 'utf8'));

/** For each function of the chapter, the corr2d function. */
const FUNCTIONS = {
  corr2d: 'corr2d',
  corr2d_multi_in: 'corr2dMultiIn',
  corr2d_multi_in_out: 'corr2dMultiInOut',
  corr2d_multi_in_out_1x1: 'corr2dMultiInOut1x1',
};

let c;
before(async () => {
  c = await loadVariant();
});
after(() => c.dispose());

/** Every form in which a tensor can be passed. */
const forms = {
  'a tensor': ({ data, shape }) => c.tensor(data, shape),
  'a view': ({ data, shape }) => c.tensor([...data, ...data], [2, ...shape]).at(1),
  'nested arrays': toNestedArrays,
  '{ data, shape }': ({ data, shape }) => ({ data, shape }),
  '{ data: Float32Array, shape }': ({ data, shape }) => ({ data: Float32Array.from(data), shape }),
};

function assertExample(Y, { Y: expected, name }, how) {
  assertTensor(Y, expected.shape, expected.data, `${name}, ${how}`);
  assert.equal(String(Y), expected.text, `${name}, ${how}`);
}

test('the fixture contains the examples of the chapter', () => {
  const counts = {};
  for (const { function: name } of examples) counts[name] = (counts[name] ?? 0) + 1;
  assert.deepEqual(counts, {
    corr2d: 1,
    corr2d_multi_in: 2,
    stack: 1,
    corr2d_multi_in_out: 2,
    corr2d_multi_in_out_1x1: 12,
  });
});

for (const example of examples.filter((one) => one.function in FUNCTIONS)) {
  const run = (X, K) => c[FUNCTIONS[example.function]](X, K);
  const { X, K } = example;

  test(`${example.name}: values and text equal PyTorch's for every form of input`, () => {
    for (const [formX, makeX] of Object.entries(forms)) {
      for (const [formK, makeK] of Object.entries(forms)) {
        assertExample(run(makeX(X), makeK(K)), example, `X as ${formX}, K as ${formK}`);
      }
    }
    for (const given of [X, K]) assert.equal(String(c.tensor(given)), given.text);
  });

  test(`${example.name}: leading axes of length 1 are dropped`, () => {
    const longer = ({ data, shape }, axes) => ({
      data,
      shape: [...new Array(axes).fill(1), ...shape],
    });
    for (const [moreX, moreK] of [
      [1, 0],
      [0, 1],
      [1, 1],
      [3, 2],
    ]) {
      for (const form of [forms['a tensor'], toNestedArrays]) {
        const Y = run(form(longer(X, moreX)), form(longer(K, moreK)));
        assertExample(Y, example, `${moreX} more axes for X, ${moreK} for K`);
      }
    }
  });

  if (example.function === 'corr2d_multi_in_out_1x1') {
    test(`${example.name}: corr2dMultiInOut gives the same result`, () => {
      assertExample(c.corr2dMultiInOut(X, K), example, 'by corr2dMultiInOut');
    });
  }
}

test('Fig. 7.4.1 gives 56, 72, 104, 120', () => {
  const X = c.stack([c.arange(9), c.arange(9).add(1)]).reshape([1, 2, 3, 3]);
  const K = c.stack([c.arange(4), c.arange(4).add(1)]).reshape([1, 2, 2, 2]);
  const text = 'tensor([[ 56.,  72.],\n        [104., 120.]])';
  assert.equal(String(c.corr2dMultiIn(X, K)), text);
  assert.equal(String(c.corr2dMultiIn(X.at(0), K.at(0))), text);
});

test('7.4.1: corr2dMultiIn is the sum of the correlations of single channels', () => {
  const { uniform } = createRandom(741);
  const X = c.tensor(uniform(3, 9, 10));
  const K = c.tensor(uniform(3, 2, 4));
  let sum = c.zeros([8, 7]);
  for (const i of [0, 1, 2]) sum = sum.add(c.corr2d(X.at(i), K.at(i)));
  const expected = correlateFloat64(X, { data: K.data, shape: [1, 3, 2, 4] });
  assertWithinBound(sum.reshape([1, 8, 7]), expected, 'one by one');
  assertWithinBound(c.corr2dMultiIn(X, K).reshape([1, 8, 7]), expected, 'corr2dMultiIn');
});

test('7.4.2: the stack of K, K+1 and K+2 gives three output channels', () => {
  const { K, Y, sizeText } = examples.find((one) => one.function === 'stack');
  const kernel = c.tensor(K);
  const stacked = c.stack([kernel, kernel.add(1), kernel.add(2)], 0);
  assertTensor(stacked, Y.shape, Y.data);
  assert.deepEqual(stacked.shape, [3, 2, 2, 2]);
  assert.equal(String(stacked), Y.text);
  assert.equal(`torch.Size([${stacked.shape.join(', ')}])`, sizeText);

  const { X, Y: channels } = examples.find((one) => one.name === '7.4.2');
  const output = c.corr2dMultiInOut(X, stacked);
  assert.equal(String(output), channels.text);
  // The first channel equals the example with one output channel.
  const first = examples.find((one) => one.name === '7.4.1').Y;
  assertTensor(output.at(0), first.shape, first.data);
});

test('7.4.3: corr2dMultiInOut1x1 gives the bits of corr2dMultiInOut, within the error bound', () => {
  const before = memoryInUse(c);
  const seen = { ci: new Set(), co: new Set(), pixels: new Set() };
  for (let seed = 0; seed < 1000; seed++) {
    const { integer, uniform } = createRandom(seed);
    const [ci, co, h, w] = [integer(1, 40), integer(1, 13), integer(1, 13), integer(1, 21)];
    seen.ci.add(ci);
    seen.co.add(co);
    seen.pixels.add(h * w);
    const X = uniform(ci, h, w);
    const K = uniform(co, ci, 1, 1);
    const layer = c.corr2dMultiInOut1x1(X, K);
    const general = c.corr2dMultiInOut(X, K);
    const what = `seed ${seed}: ${ci}×${h}×${w}, ${co} outputs`;
    assertSameBits(layer, general, what);
    const expected = correlateFloat64(X, K);
    assertWithinBound(layer, expected, `1×1, ${what}`);
    assertWithinBound(general, expected, `general, ${what}`);
    layer.dispose();
    general.dispose();
  }
  assert.equal(seen.ci.size, 40);
  assert.equal(seen.co.size, 13);
  assert.ok(seen.pixels.size > 100);
  assert.deepEqual(memoryInUse(c), before);
});

test('7.4.3: both give the same bits for many channels, many pixels and sizes next to powers of two', () => {
  const { uniform } = createRandom(7431);
  for (const [ci, co, h, w] of [
    [257, 3, 5, 7],
    [1000, 17, 2, 3],
    [3, 64, 31, 33],
    [5, 9, 1, 2049],
    [2, 2, 1025, 1],
    [64, 65, 16, 15],
    [1, 1, 1, 1],
  ]) {
    const X = uniform(ci, h, w);
    const K = uniform(co, ci, 1, 1);
    const what = `${ci}×${h}×${w}, ${co} outputs`;
    const [layer, general] = [c.corr2dMultiInOut1x1(X, K), c.corr2dMultiInOut(X, K)];
    assertSameBits(layer, general, what);
    assertWithinBound(layer, correlateFloat64(X, K), what);
  }
});

/** Expects the result within its bound, and disposes of it. */
function assertCorrelates(X, K, what) {
  const Y = c.corr2dMultiInOut(X, K);
  assertWithinBound(
    Y,
    correlateFloat64(X, K),
    `${what}: ${X.shape.join('×')} with ${K.shape.join('×')}`,
  );
  Y.dispose();
}

test('corr2dMultiInOut is correct for input widths 1 to 40 with 1 to 9 output channels', () => {
  for (let w = 1; w <= 40; w++) {
    for (let co = 1; co <= 9; co++) {
      const { integer, uniform } = createRandom(100 * w + co);
      const [ci, kh, kw] = [integer(1, 5), integer(1, 5), integer(1, Math.min(5, w))];
      const h = kh + integer(0, 6);
      assertCorrelates(uniform(ci, h, w), uniform(co, ci, kh, kw), 'width');
    }
  }
});

test('corr2dMultiInOut is correct for kernels to 5×5, 1 to 5 input channels and output widths 1 to 18', () => {
  for (let kh = 1; kh <= 5; kh++) {
    for (let kw = 1; kw <= 5; kw++) {
      for (let ci = 1; ci <= 5; ci++) {
        for (let width = 1; width <= 18; width++) {
          const { integer, uniform } = createRandom(((kh * 10 + kw) * 10 + ci) * 100 + width);
          const X = uniform(ci, kh + integer(0, 3), kw + width - 1);
          assertCorrelates(X, uniform(integer(1, 9), ci, kh, kw), 'kernel');
        }
      }
    }
  }
});

test('corr2dMultiInOut is exact for whole numbers and correct for large kernels and images', () => {
  const { exact, uniform } = createRandom(11);
  for (const [X, K] of [
    [exact(1, 11, 11), exact(1, 1, 11, 11)],
    [exact(3, 30, 45), exact(2, 3, 11, 11)],
    [exact(2, 9, 700), exact(3, 2, 3, 9)],
    [exact(1, 700, 3), exact(5, 1, 33, 2)],
  ]) {
    const Y = c.corr2dMultiInOut(X, K);
    const expected = correlateFloat64(X, K);
    assertTensor(
      Y,
      expected.shape,
      expected.data.map((value) => value + 0),
    );
  }
  assertCorrelates(uniform(3, 40, 50), uniform(2, 3, 11, 11), '11×11');
  assertCorrelates(uniform(1, 64, 64), uniform(1, 1, 64, 64), 'as large as the image');
  assertCorrelates(uniform(3, 200, 300), uniform(8, 3, 5, 3), 'large');
  assertCorrelates(uniform(70, 12, 13), uniform(10, 70, 3, 3), 'many channels');
});

test('corr2d and corr2dMultiIn are correct for random problems', () => {
  for (let seed = 0; seed < 300; seed++) {
    const { integer, uniform } = createRandom(seed);
    const [ci, kh, kw] = [integer(1, 6), integer(1, 6), integer(1, 6)];
    const X = uniform(ci, kh + integer(0, 12), kw + integer(0, 30));
    const K = uniform(ci, kh, kw);
    const what = `seed ${seed}`;
    const one = ({ shape, ...rest }) => ({ ...rest, shape: shape.slice(1) });
    const expected = correlateFloat64(X, { data: K.data, shape: [1, ...K.shape] });
    assertWithinBound(c.corr2dMultiIn(X, K), one(expected), what);
    if (ci === 1) assertWithinBound(c.corr2d(one(X), one(K)), one(expected), what);
  }
});

test('NaN and infinity reach only the windows that contain them', () => {
  const { exact } = createRandom(5);
  for (const [value, isIt] of [
    [NaN, Number.isNaN],
    [Infinity, (result) => !Number.isFinite(result)],
  ]) {
    for (const [y, x] of [
      [0, 0],
      [4, 6],
      [8, 12],
      [0, 12],
      [8, 0],
      [5, 11],
    ]) {
      const X = exact(2, 9, 13);
      const K = exact(3, 2, 3, 2);
      const expected = correlateFloat64(X, K);
      X.data[9 * 13 + y * 13 + x] = value;
      const Y = c.corr2dMultiInOut(X, K);
      Y.data.forEach((result, i) => {
        const [row, column] = [Math.floor(i / 12) % 7, i % 12];
        const reads = row <= y && y < row + 3 && column <= x && x < column + 2;
        const right = reads ? isIt(result) : result === expected.data[i];
        if (!right) assert.fail(`${value} at ${y}, ${x}: element ${i} is ${result}`);
      });
    }
  }
});

test('results do not depend on the previous contents of memory', () => {
  const { uniform } = createRandom(6);
  const [X, K] = [uniform(3, 19, 22), uniform(5, 3, 3, 4)];
  const [layerX, layerK] = [uniform(7, 5, 9), uniform(6, 7, 1, 1)];
  const fillMemoryWithNaN = () => {
    const filled = [1e6, 1e5, 1e4, 1e3, 1e2, 10].map((n) => c.full([n], NaN));
    for (const one of filled) one.dispose();
  };
  fillMemoryWithNaN();
  assertWithinBound(c.corr2dMultiInOut(X, K), correlateFloat64(X, K), 'general');
  fillMemoryWithNaN();
  assertWithinBound(c.corr2dMultiInOut1x1(layerX, layerK), correlateFloat64(layerX, layerK), '1×1');
});

test('inputs may be views of any alignment and are not changed', () => {
  const { uniform } = createRandom(8);
  const X = c.tensor(uniform(5, 3, 5, 7));
  const K = c.tensor(uniform(4, 3, 3, 3, 3));
  const [copyX, copyK] = [X.data.slice(), K.data.slice()];
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 4; j++) {
      const expected = correlateFloat64(X.at(i), K.at(j));
      assertWithinBound(c.corr2dMultiInOut(X.at(i), K.at(j)), expected, `slices ${i} and ${j}`);
    }
  }
  const Y = c.corr2dMultiInOut(X.at(0), K.at(0));
  const copyY = Y.data.slice();
  assert.deepEqual(X.data, copyX);
  assert.deepEqual(K.data, copyK);
  X.data.fill(0);
  assert.deepEqual(Y.data, copyY);
});

test('a tensor may be both input and kernel', () => {
  const { uniform } = createRandom(9);
  const X = c.tensor(uniform(1, 1, 6, 6));
  const expected = correlateFloat64({ data: X.data, shape: [1, 6, 6] }, X);
  assertWithinBound(c.corr2dMultiInOut(X, X), expected, 'X with X');
});
