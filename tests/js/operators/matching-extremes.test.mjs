// matchTemplate where float32 sums would lose the answer: large means, saturated areas, flat windows, numbers at the
// ends of the range, NaN and infinities.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, createSharedInstance } from '../helpers.mjs';
import {
  assertAllMethods,
  assertScores,
  bytes,
  copyScores,
  cutOut,
  draw,
  METHODS,
  matchTemplate64,
  NORMED,
  texture,
} from '../matching-oracle.mjs';

const c = await createSharedInstance();

const scoresOf = (...args) => copyScores(c, ...args);

/** Sizes of templates that different algorithms take. */
const SIZES = [[3, 3], [8, 7], [24, 21], [40, 48]]; // biome-ignore format: pairs
const binary = (size) => draw(size, (y, x) => Number((x + y) % 4 !== 0));
const fractions = (size) => draw(size, (y, x) => ((3 * x + y) % 5) / 4);

for (const [th, tw] of SIZES) {
  const size = [th, tw];

  test(`a 16-bit picture with mean 30,000 and deviation 5 is right to 1e-4, ${th}×${tw}`, () => {
    const image = texture(1, 30_000, 5, th + 30, tw + 35);
    for (const Type of [Uint16Array, Float32Array]) {
      const picture = { ...image, data: Type.from(image.data) };
      const masks = Type === Uint16Array ? [undefined, binary(size), fractions(size)] : [undefined];
      for (const template of [cutOut(picture, [11, 17], size), texture(2, 30_000, 5, ...size)]) {
        for (const mask of masks) {
          const options = { mask, methods: NORMED, error: 1e-4 };
          assertAllMethods(c, picture, template, Type.name, options);
        }
      }
    }
  });

  test(`textures beside a saturated half are right to 1e-4, ${th}×${tw}`, () => {
    const [height, width] = [th + 20, tw + 60];
    for (const [mean, deviation] of [
      [30_000, 5],
      [100, 5],
    ]) {
      const left = texture(3, mean, deviation, height, width);
      const image = draw([height, width], (y, x) =>
        x < width / 2 ? left.data[y * width + x] : 65_535,
      );
      for (const template of [cutOut(image, [5, 2], size), texture(4, mean, deviation, ...size)]) {
        for (const mask of [undefined, fractions(size)]) {
          const options = { mask, methods: NORMED, error: 1e-4 };
          assertAllMethods(c, image, template, `mean ${mean}`, options);
        }
      }
    }
  });

  test(`a shaded picture with little noise is right to 1e-5, masked to 1e-4, ${th}×${tw}`, () => {
    const [height, width] = [th + 40, 2 * tw + 50];
    const { next } = createRandom(17);
    const image = draw(
      [height, width],
      (y, x) => {
        const shade = 0.55 + 0.35 * Math.sin((3.6 * x) / height) * Math.cos((4.9 * y) / height);
        const light = y > 0.85 * height ? 0.9 : shade;
        return Math.round(255 * (light + 0.02 * (next() + next() - 1)));
      },
      Uint8Array,
    );
    const template = cutOut(image, [10, 20], size);
    assertAllMethods(c, image, template, 'shaded', { methods: NORMED });
    for (const mask of [binary(size), fractions(size)]) {
      const options = { mask, methods: NORMED, error: 1e-4 };
      assertAllMethods(c, image, template, 'shaded, masked', options);
    }
  });

  test(`flat windows score 0, and 1 by sqdiff-normed if they are zero, ${th}×${tw}`, () => {
    const template = createRandom(5).uniform(...size);
    const shape = [th + 6, tw + 9];
    for (const mask of [undefined, binary(size), fractions(size)]) {
      for (const level of [0, 1, 255, 0.2, 1 / 3, 30_000, 1e-20, 1e20]) {
        const scores = scoresOf(
          draw(shape, () => level),
          template,
          { mask },
        );
        assert.ok(
          scores.data.every((score) => score === 0),
          `level ${level}`,
        );
      }
      const zero = draw(shape, () => 0);
      for (const [method, expected] of [
        ['ccorr-normed', 0],
        ['sqdiff-normed', 1],
      ]) {
        const { data } = scoresOf(zero, template, { method, mask });
        assert.ok(
          data.every((score) => score === expected),
          method,
        );
      }
    }
  });

  test(`flat templates score 0, and 1 by sqdiff-normed if they are zero, ${th}×${tw}`, () => {
    const image = createRandom(6).uniform(th + 6, tw + 9);
    for (const mask of [undefined, binary(size), fractions(size)]) {
      for (const level of [0, 1, 255, 0.2, 1 / 3, 30_000, 1e-20, 1e20]) {
        const { data } = scoresOf(
          image,
          draw(size, () => level),
          { mask },
        );
        assert.ok(
          data.every((score) => score === 0),
          `level ${level}`,
        );
      }
      const zero = draw(size, () => 0);
      for (const [method, expected] of [
        ['ccorr-normed', 0],
        ['sqdiff-normed', 1],
      ]) {
        const { data } = scoresOf(image, zero, { method, mask });
        assert.ok(
          data.every((score) => score === expected),
          method,
        );
      }
    }
  });

  test(`a screenshot's flat areas and its edges are right, as bytes and divided by 255, ${th}×${tw}`, () => {
    const shape = [th + 50, tw + 60];
    // Large areas of three levels, an icon, and single pixels that differ by one level.
    const pixel = (y, x) => {
      if (y >= 20 && y < 20 + th && x >= 30 && x < 30 + tw) return (y * 31 + x * 17) % 251;
      if (y === th + 45 && x % 29 === 3) return 241;
      return y < 12 ? 30 : x < 20 ? 200 : 240;
    };
    for (const [Type, divisor] of [
      [Uint8Array, 1],
      [Float32Array, 255],
      [Float64Array, 255],
    ]) {
      const image = draw(shape, (y, x) => pixel(y, x) / divisor, Type);
      const rounded = { shape, data: Float32Array.from(image.data) };
      const template = cutOut(rounded, [20, 30], size);
      for (const mask of [undefined, binary(size)]) {
        for (const method of NORMED) {
          const expected = matchTemplate64(rounded, template, { method, mask });
          const scores = scoresOf(image, template, { method, mask });
          assertScores(scores, expected, { method, error: 1e-4 }, `${Type.name} / ${divisor}`);
          if (method === 'ccoeff-normed') {
            const wrong = scores.data.findIndex((score, i) => expected.flat[i] && score !== 0);
            assert.equal(wrong, -1, `flat window ${wrong} has ${scores.data[wrong]}`);
          }
        }
      }
    }
  });

  test(`a checkerboard matches itself, shifted by one with a score of -1, ${th}×${tw}`, () => {
    for (const [low, high] of [
      [0, 255],
      [0, 1],
      [-3, 5],
      [65_534, 65_535],
    ]) {
      const board = draw([th + 7, tw + 8], (y, x) => ((x + y) % 2 ? high : low));
      const template = cutOut(board, [0, 0], size);
      assertAllMethods(c, board, template, `${low}, ${high}`, { methods: NORMED });
    }
  });

  test(`single NaN and infinities change exactly the windows that hold them, ${th}×${tw}`, () => {
    const { uniform } = createRandom(8);
    const clean = uniform(th + 30, tw + 31);
    const template = uniform(...size);
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      for (const mask of [undefined, binary(size)]) {
        const image = { ...clean, data: clean.data.slice() };
        const [py, px] = [th + 3, tw + 5];
        image.data[py * (tw + 31) + px] = value;
        for (const method of METHODS) {
          const what = `${value}, ${mask ? 'masked' : 'no mask'}, ${method}`;
          const expected = matchTemplate64(clean, template, { method, mask });
          const scores = scoresOf(image, template, { method, mask });
          const [, width] = scores.shape;
          for (let i = 0; i < scores.data.length; i++) {
            const [y, x] = [py - Math.floor(i / width), px - (i % width)];
            const isInside = y >= 0 && y < th && x >= 0 && x < tw;
            const isRead = isInside && mask?.data[y * tw + x] !== 0;
            if (!isRead) continue;
            const score = scores.data[i];
            const isExpected = Number.isNaN(value) ? Number.isNaN(score) : !Number.isFinite(score);
            assert.ok(isExpected, `${what}: the window of score ${i} holds it, ${score}`);
            scores.data[i] = expected.data[i];
          }
          assertScores(scores, expected, { method }, what);
        }
      }
    }
  });

  test(`a template with NaN gives NaN, except where its mask is 0, ${th}×${tw}`, () => {
    const { uniform } = createRandom(9);
    const [image, template] = [uniform(th + 5, tw + 4), uniform(...size)];
    const broken = { ...template, data: template.data.slice() };
    broken.data[4] = Number.NaN;
    const mask = draw(size, () => 1);
    for (const method of METHODS) {
      const all = scoresOf(image, broken, { method });
      assert.ok(
        all.data.every((score) => Number.isNaN(score)),
        method,
      );
      const masked = { ...mask, data: mask.data.with(4, 0) };
      const expected = matchTemplate64(image, template, { method, mask: masked });
      const scores = scoresOf(image, broken, { method, mask: masked });
      assertScores(scores, expected, { method }, 'masked NaN');
    }
  });
}

test('a template equal to the picture has one score, 1 or 0', () => {
  for (const image of [
    bytes(10, 33, 21),
    bytes(11, 3, 64, 64),
    texture(12, 30_000, 5, 40, 41),
    createRandom(13).uniform(3, 5, 1),
  ]) {
    for (const method of NORMED) {
      const { shape, data } = scoresOf(image, image, { method });
      assert.deepEqual(shape, [1, 1]);
      const perfect = method === 'sqdiff-normed' ? 0 : 1;
      assert.ok(Math.abs(data[0] - perfect) <= 1e-5, `${method} of ${image.shape}: ${data[0]}`);
    }
    const { data } = scoresOf(image, image, { method: 'sqdiff' });
    const energy = image.data.reduce((sum, value) => sum + value * value, 0);
    assert.ok(Math.abs(data[0]) <= (image.data.length + 1) * 2 ** -22 * energy, `${data[0]}`);
  }
});

test('normed scores of very large and very small numbers are right', () => {
  const { uniform } = createRandom(14);
  for (const [h, w, th, tw] of [
    [12, 14, 5, 4],
    [60, 64, 32, 24],
  ]) {
    const [image, template] = [uniform(h, w), uniform(th, tw)];
    const scaled = ({ shape, data }, factor) => ({ shape, data: data.map((one) => factor * one) });
    for (const gain of [1e30, 1e-30]) {
      const [a, b] = [scaled(image, gain), scaled(template, gain)];
      const mask = fractions([th, tw]);
      const options = { methods: NORMED, error: 1e-4 };
      assertAllMethods(c, a, b, `both times ${gain}`, options);
      assertAllMethods(c, a, b, `both times ${gain}, masked`, { ...options, mask });
      const methods = ['ccorr-normed', 'ccoeff-normed'];
      assertAllMethods(c, a, template, `picture times ${gain}`, { ...options, methods });
      assertAllMethods(c, image, b, `template times ${gain}`, { ...options, methods });
    }
  }
});

test('denormal numbers give finite scores in [-1, 1]', () => {
  const { integer } = createRandom(15);
  for (const [h, w, th, tw] of [
    [9, 8, 3, 3],
    [50, 60, 32, 24],
  ]) {
    const image = draw([h, w], () => integer(0, 9) * 2 ** -149);
    const template = cutOut(image, [2, 1], [th, tw]);
    for (const method of NORMED) {
      for (const score of scoresOf(image, template, { method }).data) {
        assert.ok(Math.abs(score) <= 1 + 1e-6, `${method}: ${score}`);
      }
    }
  }
});

test('scores of ccoeff-normed and ccorr-normed stay in [-1, 1] up to rounding', () => {
  const { next, integer, pick } = createRandom(16);
  const kinds = [
    () => 65_535 * Math.round(next()),
    () => 1000 + (next() < 0.02 ? integer(-1, 1) : 0),
    () => pick([0, 0, 0, 1e-3, 1e6]),
    () => 0.1 + 1e-7 * integer(0, 2),
    () => (next() < 0.5 ? 0 : 10 ** integer(-20, 15)),
  ];
  for (const kind of kinds) {
    for (const [th, tw] of SIZES) {
      const image = draw([th + 30, tw + 33], kind);
      for (const template of [cutOut(image, [7, 9], [th, tw]), draw([th, tw], kind)]) {
        for (const mask of [undefined, fractions([th, tw])]) {
          for (const method of ['ccoeff-normed', 'ccorr-normed', 'sqdiff-normed']) {
            const { data } = scoresOf(image, template, { method, mask });
            const isBounded = method !== 'sqdiff-normed' || !mask;
            for (const score of data) {
              const isRight = isBounded ? Math.abs(score) <= 1 + 1e-6 : Number.isFinite(score);
              assert.ok(
                isRight && (method !== 'sqdiff-normed' || score >= 0),
                `${method}: ${score}`,
              );
            }
          }
        }
      }
    }
  }
});
