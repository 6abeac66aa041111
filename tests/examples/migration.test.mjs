// Tests that both expressions of each pair in docs/migration.md give the same result.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { load } from '../../dist/index.js';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';
import { root } from '../package/helpers.mjs';

const page = readFileSync(join(root, 'docs/migration.md'), 'utf8');

/** The pairs of expressions in a section of the page: [other library, corr2d]. */
function readPairs(title) {
  const section = page.split(`## ${title}\n`)[1].split('\n## ')[0];
  const pairs = [...section.matchAll(/^\| `(.+?)` \| `(.+?)` \|$/gm)].map(([, ...pair]) => pair);
  assert.equal(pairs.length, section.split('\n| `').length - 1, `${title}: every row is a pair`);
  assert.ok(pairs.length > 5);
  return pairs;
}

/** A tensor of small whole numbers, whose sums are exact in float32. */
function numbers(...shape) {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => ((i * 7) % 11) - 5) };
}

/** Evaluates an expression with these variables. */
const evaluate = (expression, names) =>
  new Function(...Object.keys(names), `return ${expression};`)(...Object.values(names));

let c;
before(async () => {
  c = await load();
  await ensureNodePackages({ root: join(root, 'bench') });
});

const tensorsOf = (values, make) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, make(value)]));

/** The variables of corr2d's expressions. */
const corr2dVariables = (values) => ({
  c,
  ...tensorsOf(values, (value) => c.tensor(value.data, value.shape)),
});

/** Expects the same shape, ignoring leading axes of length 1, and the same numbers up to rounding. */
function assertSame(ours, theirs) {
  const trimmed = (shape) => [...shape].join('×').replace(/^(1×)+/, '');
  assert.equal(trimmed(ours.shape), trimmed(theirs.shape));
  assert.equal(ours.data.length, theirs.data.length);
  theirs.data.forEach((value, i) => {
    // Functions such as sigmoid are approximations in both libraries.
    const tolerance = 2e-6 * Math.max(1, Math.abs(value));
    assert.ok(
      Math.abs(ours.data[i] - value) <= tolerance,
      `element ${i} is ${ours.data[i]}; expected ${value}`,
    );
  });
}

describe('TensorFlow.js', () => {
  const values = {
    x: numbers(1, 6, 5, 3),
    w: numbers(2, 3, 3, 4),
    d: numbers(2, 3, 3, 2),
    u: numbers(2, 3, 4, 3),
    b: numbers(4),
    p: numbers(2, 3),
    q: numbers(3, 4),
  };
  let tf;
  before(async () => {
    const { loadTfjs } = await import('../../bench/contenders/load.mjs');
    ({ tf } = await loadTfjs({ threads: 1 }));
  });
  for (const [theirs, ours] of readPairs('TensorFlow.js')) {
    test(`${theirs} equals ${ours}`, () => {
      const tensors = tensorsOf(values, ({ data, shape }) => tf.tensor(data, shape));
      const result = evaluate(theirs, { tf, ...tensors });
      const expected = { shape: result.shape, data: result.dataSync() };
      assertSame(evaluate(ours, corr2dVariables(values)), expected);
    });
  }
});

describe('ONNX Runtime Web', () => {
  const values = {
    x: numbers(1, 4, 6, 5),
    w: numbers(4, 4, 2, 3),
    v: numbers(4, 2, 2, 3),
    b: numbers(4),
    p: numbers(2, 3),
    q: numbers(3, 4),
  };
  let peer;
  before(async () => {
    const { openPeer } = await import('./onnx-peer.mjs');
    peer = await openPeer();
  });
  for (const [theirs, ours] of readPairs('ONNX Runtime Web')) {
    test(`${theirs} equals ${ours}`, async () => {
      const [, op, names, attributes] = /^(\w+)\((.*?)\)(?: (\{.*\}))?$/.exec(theirs);
      const inputs = names.split(', ');
      const expected = await peer(
        op,
        inputs,
        values,
        attributes ? evaluate(`(${attributes})`, {}) : {},
      );
      assertSame(evaluate(ours, corr2dVariables(values)), expected);
    });
  }
});

describe('OpenCV.js', () => {
  const values = {
    src: numbers(6, 5),
    k: { shape: [3, 3], data: [0, -1, 0, -1, 5, -1, 0, -1, 0] },
  };
  const bytes = Uint8ClampedArray.from({ length: 6 * 5 * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (i * 37) % 256,
  );
  let cv;
  before(async () => {
    const { loadOpencv } = await import('../../bench/contenders/load.mjs');
    ({ cv } = await loadOpencv({ threads: 1 }));
  });
  for (const [theirs, ours] of readPairs('OpenCV.js')) {
    test(`${theirs} equals ${ours}`, () => {
      const rgba = cv.matFromArray(6, 5, cv.CV_8UC4, bytes);
      const mats = tensorsOf(values, ({ data, shape }) =>
        cv.matFromArray(...shape, cv.CV_32F, data),
      );
      const dst = new cv.Mat();
      evaluate(theirs, { cv, ...mats, rgba, dst, at: new cv.Point(-1, -1) });
      const isPicture = dst.type() === cv.CV_8UC4;
      const picture = { data: bytes, width: 5, height: 6 };
      const result = evaluate(ours, { ...corr2dVariables(values), rgba: picture });
      if (isPicture) {
        const colours = ({ data }) => Array.from(data).filter((_, i) => i % 4 < 3);
        assert.deepEqual(colours(result), colours(dst));
        assert.ok(
          result.data.every((byte, i) => i % 4 < 3 || byte === 255),
          'alpha is kept',
        );
      } else {
        assertSame(result, { shape: [dst.rows, dst.cols], data: dst.data32F });
      }
    });
  }
});

describe('SciPy and NumPy', () => {
  const fixture = join(root, 'tests/fixtures/migration/scipy-1.10.json');
  const recorded = JSON.parse(readFileSync(fixture, 'utf8'));
  for (const [theirs, ours] of readPairs('SciPy and NumPy')) {
    test(`${theirs} equals ${ours}`, () => {
      assert.ok(recorded[theirs], 'no recorded result; run tests/fixtures/migration/generate.py');
      const [a, b, s, t] = [numbers(6, 5), numbers(3, 3), numbers(8), numbers(3)];
      const names = corr2dVariables({ a, b, s, t });
      const aT = Array.from({ length: 5 }, (_, i) => names.a.toArray().map((row) => row[i]));
      const tR = [...t.data].reverse();
      assertSame(evaluate(ours, { ...names, aT, tR }), recorded[theirs]);
    });
  }
});
