// findTemplate: which places it returns, in which order, and their positions between pixels.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, createSharedInstance, memoryInUse } from '../helpers.mjs';
import {
  bytes,
  copyScores,
  cutOut,
  draw,
  METHODS,
  selectBest,
  texture,
  toPixels,
} from '../matching-oracle.mjs';

const c = await createSharedInstance();

const scoresOf = (...args) => copyScores(c, ...args);

/** Expects what the scores of matchTemplate give by the definition. */
function assertSelected(image, template, { threshold, maxResults, minDistance, ...options }, what) {
  const { method = 'ccoeff-normed' } = options;
  const sides = template.shape?.slice(-2) ?? [template.height, template.width];
  const expected = selectBest(scoresOf(image, template, options), {
    method,
    threshold: threshold ?? 0.8,
    maxResults: maxResults ?? 1,
    minDistance: minDistance ?? Math.min(...sides) / 2,
  });
  const given = { ...options };
  if (threshold !== undefined) given.threshold = threshold;
  if (maxResults !== undefined) given.maxResults = maxResults;
  if (minDistance !== undefined) given.minDistance = minDistance;
  assert.deepEqual(c.findTemplate(image, template, given), expected, what);
  return expected;
}

/** Writes a patch over a picture, with its corner at row y and column x. */
function paste({ shape: [, width], data }, { shape: [th, tw], data: patch }, [y, x]) {
  for (let a = 0; a < th; a++) {
    data.set(patch.subarray(a * tw, (a + 1) * tw), (y + a) * width + x);
  }
}

test('a patch is found at its column x and row y, with score 1', () => {
  for (const [channels, size, [y, x]] of [
    [1, [8, 8], [3, 29]],
    [3, [12, 5], [40, 0]],
    [1, [32, 33], [17, 31]],
  ]) {
    const image = bytes(1, ...(channels === 1 ? [] : [channels]), 64, 64);
    const [found, ...others] = c.findTemplate(image, cutOut(image, [y, x], size));
    assert.deepEqual([others, found.x, found.y], [[], x, y]);
    assert.deepEqual(Object.keys(found).sort(), ['score', 'x', 'y']);
    assert.ok(Math.abs(found.score - 1) <= 1e-6, `${found.score}`);
  }
});

test('equal patches are all found, the first row and column first', () => {
  const image = draw([60, 70], () => 0);
  const patch = bytes(2, 7, 9);
  const places = [[2, 50], [2, 3], [30, 20], [52, 61], [30, 40]]; // biome-ignore format: pairs
  for (const place of places) paste(image, patch, place);
  for (const threshold of [0.99, 0.8]) {
    const found = assertSelected(image, patch, { threshold, maxResults: 10 }, 'copies');
    const byRow = places.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
    const sorted = found.map(({ x, y }) => [y, x]).toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
    assert.deepEqual(sorted, byRow);
  }
});

test('places of exactly equal score are in row-major order', () => {
  const image = draw([9, 11], () => 0);
  const template = draw([2, 3], (y, x) => Number(y === 0 && x === 0));
  const places = [[7, 2], [1, 8], [4, 4], [1, 1]]; // biome-ignore format: pairs
  for (const [y, x] of places) image.data[y * 11 + x] = 5;
  const options = { method: 'ccorr', threshold: 4.9, maxResults: 9, minDistance: 1 };
  const expected = [[1, 1], [1, 8], [4, 4], [7, 2]]; // biome-ignore format: pairs
  const found = c.findTemplate(image, template, options);
  assert.deepEqual(
    found.map(({ x, y }) => [y, x]),
    expected,
  );
  for (const { score } of found) assert.equal(score, found[0].score);
  assert.deepEqual(c.findTemplate(image, template, { ...options, maxResults: 2 }).length, 2);
});

test('every option selects as its definition says, for each method', () => {
  const { uniform } = createRandom(3);
  const [image, template] = [uniform(37, 41), uniform(6, 9)];
  const mask = draw([6, 9], (y, x) => ((x + y) % 4) / 2);
  for (const method of METHODS) {
    const sorted = scoresOf(image, template, { method }).data.toSorted();
    const isDistance = method.startsWith('sqdiff');
    for (const rank of [0, 1, 30, 400, sorted.length - 1]) {
      const threshold = isDistance ? sorted[rank] : sorted[sorted.length - 1 - rank];
      for (const maxResults of [1, 2, 7, 1000, 2 ** 31 - 1]) {
        for (const minDistance of [undefined, 0, 0.5, 1, 1.5, 2, 5, 100]) {
          if (minDistance < 2 && rank > 30 && maxResults > 7) continue;
          const options = { method, threshold, maxResults, minDistance };
          assertSelected(image, template, options, JSON.stringify(options));
          assertSelected(image, template, { ...options, mask }, 'with a mask');
        }
      }
    }
  }
});

test('results are at least minDistance apart in rows or columns', () => {
  const image = draw([40, 40], () => 0);
  image.data[20 * 40 + 10] = 3;
  image.data[20 * 40 + 14] = 2;
  image.data[24 * 40 + 14] = 1;
  const template = [[1]];
  const at = (minDistance) =>
    c
      .findTemplate(image, template, { method: 'ccorr', threshold: 1, maxResults: 5, minDistance })
      .map(({ score }) => score);
  assert.deepEqual(at(4), [3, 2, 1]);
  assert.deepEqual(at(4.5), [3]);
  assert.deepEqual(at(5), [3]);
  assert.deepEqual(at(0), [3, 2, 1]);
});

test('scores at the threshold are results, those beyond it are not', () => {
  const image = draw([5, 6], (y, x) => 6 * y + x);
  const find = (method, threshold) =>
    c
      .findTemplate(image, [[1]], { method, threshold, maxResults: 100, minDistance: 0 })
      .map(({ score }) => score);
  assert.deepEqual(find('ccorr', 27), [29, 28, 27]);
  assert.deepEqual(find('ccorr', 27.5), [29, 28]);
  assert.deepEqual(find('sqdiff', 4), [0, 1, 1, 4]);
  assert.deepEqual(find('sqdiff', 3.5), [0, 1, 1]);
  assert.deepEqual(find('ccorr', -1).length, 30);
});

test('where nothing reaches the threshold the result is empty', () => {
  const { uniform } = createRandom(4);
  const [image, template] = [uniform(20, 21), uniform(5, 5)];
  assert.deepEqual(c.findTemplate(image, template, { threshold: 1.5 }), []);
  assert.deepEqual(c.findTemplate(image, template, { method: 'sqdiff', threshold: -1 }), []);
  assert.deepEqual(
    c.findTemplate(
      draw([20, 21], () => 3),
      template,
    ),
    [],
  );
  const broken = draw([20, 21], () => Number.NaN);
  for (const method of METHODS) {
    for (const threshold of [-1e30, 1e30]) {
      const options = { method, threshold, maxResults: 9, minDistance: 0, subpixel: true };
      assert.deepEqual(c.findTemplate(broken, template, options), []);
    }
  }
});

test('windows with NaN are never returned, and do not hide others', () => {
  const image = texture(5, 100, 20, 40, 50);
  const template = cutOut(image, [25, 30], [9, 8]);
  image.data[12 * 50 + 12] = Number.NaN;
  for (const method of METHODS) {
    const isDistance = method.startsWith('sqdiff');
    const threshold = isDistance ? 1e30 : -1e30;
    for (const minDistance of [0, 4]) {
      const options = { method, threshold, maxResults: 5000, minDistance };
      for (const { score, x, y } of assertSelected(image, template, options, method)) {
        assert.ok(Number.isFinite(score), `${method}: ${score} at ${x}, ${y}`);
      }
    }
    const [best] = c.findTemplate(image, template, { method, threshold });
    if (method.endsWith('normed')) assert.deepEqual([best.x, best.y], [30, 25], method);
  }
});

/** A picture of a smooth bump with its centre at (x, y), and a template with it at the centre of an odd size. */
const bump = (shape, [cy, cx], width = 3) =>
  draw(shape, (y, x) => Math.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * width ** 2)));

test('subpixel positions of a smooth bump are within a tenth of a pixel', () => {
  const template = bump([15, 15], [7, 7]);
  for (const method of METHODS) {
    const threshold = method.startsWith('sqdiff') ? 1e9 : -1e9;
    for (const dy of [-0.5, -0.25, 0, 0.1, 0.4]) {
      for (const dx of [-0.4, 0, 0.3, 0.5]) {
        const image = bump([50, 60], [23 + dy, 31 + dx]);
        const [found] = c.findTemplate(image, template, { method, threshold, subpixel: true });
        const error = Math.max(Math.abs(found.x - 24 - dx), Math.abs(found.y - 16 - dy));
        assert.ok(error <= 0.1, `${method}: ${found.x}, ${found.y}, not ${24 + dx}, ${16 + dy}`);
      }
    }
  }
});

test('a subpixel position is the vertex of the parabola through three scores, in each direction', () => {
  const [image, template] = [bytes(6, 30, 33), bytes(7, 7, 6)];
  for (const method of METHODS) {
    const scores = scoresOf(image, template, { method });
    const [height, width] = scores.shape;
    const threshold = method.startsWith('sqdiff') ? 1e9 : -1e9;
    const options = { method, threshold, maxResults: 200, minDistance: 2 };
    const whole = c.findTemplate(image, template, options);
    const fine = c.findTemplate(image, template, { ...options, subpixel: true });
    assert.equal(fine.length, whole.length);
    const isBest = (at, step) => {
      const [l, m, r] = [at - step, at, at + step].map((i) => scores.data[i]);
      return method.startsWith('sqdiff') ? m <= l && m <= r : m >= l && m >= r;
    };
    const vertex = (at, step) => {
      const [l, m, r] = [at - step, at, at + step].map((i) => scores.data[i]);
      return (l - r) / (2 * (l - 2 * m + r));
    };
    let tested = 0;
    for (const [i, { x, y }] of whole.entries()) {
      const at = y * width + x;
      for (const [name, position, length, step] of [
        ['x', x, width, 1],
        ['y', y, height, width],
      ]) {
        if (position === 0 || position === length - 1) {
          assert.equal(fine[i][name], position, 'no offset at an edge');
        } else if (isBest(at, step) && Number.isFinite(vertex(at, step))) {
          const expected = position + vertex(at, step);
          const error = Math.abs(fine[i][name] - expected);
          assert.ok(error <= 1e-4, `${method}: ${fine[i][name]}, not ${expected}`);
          tested += 1;
        }
        assert.ok(Math.abs(fine[i][name] - position) <= 0.5, `${method}: over half a pixel`);
      }
    }
    assert.ok(tested > 10);
  }
});

test('a subpixel position beside NaN or in a flat area is finite', () => {
  const image = draw([12, 14], () => 0);
  image.data[5 * 14 + 6] = 1;
  image.data[5 * 14 + 8] = Number.NaN;
  for (const template of [[[1]], [[1, 0]], [[0], [1]]]) {
    const options = { method: 'ccorr', threshold: 0, maxResults: 999, subpixel: true };
    const found = c.findTemplate(image, template, { ...options, minDistance: 0 });
    assert.ok(found.length > 100);
    for (const { x, y } of found) assert.ok(Number.isFinite(x) && Number.isFinite(y), `${x}, ${y}`);
  }
});

test('ImageData is searched by its colours, and the alpha of the template is its mask', () => {
  const planes = bytes(7, 3, 40, 44);
  const cut = cutOut(planes, [21, 13], [10, 11]);
  const image = toPixels(planes);
  const alpha = (i) => (i % 3 === 0 ? 0 : 255);
  const spoiled = { ...cut, data: cut.data.map((v, i) => ((i % 110) % 3 === 0 ? 255 - v : v)) };
  const [found] = c.findTemplate(image, toPixels(spoiled, alpha));
  assert.deepEqual([found.x, found.y], [13, 21]);
  assert.ok(Math.abs(found.score - 1) <= 1e-5);
  const [opaque] = c.findTemplate(image, toPixels(cut));
  assert.deepEqual([opaque.x, opaque.y], [13, 21]);
});

test('a template as large as the picture is found at 0, 0', () => {
  const image = bytes(8, 11, 13);
  for (const subpixel of [false, true]) {
    const [{ x, y, score }] = c.findTemplate(image, image, { subpixel });
    assert.deepEqual([x, y], [0, 0]);
    assert.ok(Math.abs(score - 1) <= 1e-6);
  }
});

test('many results leave no memory allocated', () => {
  const { uniform } = createRandom(9);
  const [image, template] = [uniform(90, 95), uniform(3, 3)];
  const before = memoryInUse(c);
  for (const maxResults of [1, 100, 100_000]) {
    const options = { threshold: -1, maxResults, minDistance: 0 };
    assert.equal(c.findTemplate(image, template, options).length, Math.min(maxResults, 88 * 93));
    assert.deepEqual(memoryInUse(c), before);
  }
});
