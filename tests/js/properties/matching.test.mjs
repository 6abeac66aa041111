// matchTemplate on pictures of any size and kind, with any mask: normed scores are within 1e-4 of the definition.

import fc from 'fast-check';
import { createRandom, createSharedInstance } from '../helpers.mjs';
import { assertAllMethods, cutOut, draw, NORMED } from '../matching-oracle.mjs';
import { integer } from './arbitraries.mjs';
import { forAll } from './support.mjs';

const c = await createSharedInstance();

/** Numbers of a picture by row, column and channel, for each kind of picture. */
const PICTURES = {
  uniform:
    ({ next }) =>
    () =>
      2 * next() - 1,
  bytes: (random) => () => random.integer(0, 255),
  'bright, with little contrast':
    ({ next }) =>
    () =>
      30_000 + 5 * (next() + next() - 1),
  steps: (random) => (y, x) => (x < 9 ? 0 : 1000) + (y < 7 ? 0 : 500) + random.integer(0, 1),
  'mostly zero': (random) => () => (random.next() < 0.02 ? random.integer(1, 255) : 0),
  'channels of different scales':
    ({ next }) =>
    (_y, _x, i) =>
      [1e4, 1, 1e-3][i] * (next() + [10, 0, 3][i]),
  ramp:
    ({ next }) =>
    (y, x) =>
      10 * x + 3 * y + next(),
  'saturated in part': (random) => (y, x) => (y > 12 && x > 8 ? 65_535 : random.integer(90, 110)),
};

/** Weights, or undefined for no mask. None is much smaller than others: its square would vanish beside theirs. */
const MASKS = {
  none: undefined,
  'zeros and ones': (random) => () => random.integer(0, 1),
  fractions: (random) => () => random.integer(0, 8) / 8,
  'negative ones too': (random) => () => random.integer(-3, 8) / 8,
  'not all channels': (random) => (_y, _x, i) => (i === 0 ? 0 : random.integer(1, 8) / 8),
};

/** Sizes that are mostly small, because the oracle takes time. */
const side = fc.oneof(integer(1, 5), integer(1, 14), integer(1, 40));
const problems = fc.record({
  seed: integer(1, 2 ** 31 - 1),
  channels: fc.constantFrom(1, 1, 2, 3),
  template: fc.tuple(side, side),
  margin: fc.tuple(
    fc.oneof(integer(0, 3), integer(0, 40)),
    fc.oneof(integer(0, 3), integer(0, 60)),
  ),
  kind: fc.constantFrom(...Object.keys(PICTURES)),
  maskKind: fc.constantFrom(...Object.keys(MASKS)),
  isCut: fc.boolean(),
});

forAll(
  'normed scores are those of the definition',
  problems,
  ({ seed, channels, template: size, margin, kind, maskKind, isCut }) => {
    const random = createRandom(seed);
    const leading = channels === 1 ? [] : [channels];
    const [height, width] = size.map((length, axis) => length + margin[axis]);
    const image = draw([...leading, height, width], PICTURES[kind](random));
    const place = margin.map((length) => random.integer(0, length));
    const template = isCut
      ? cutOut(image, place, size)
      : draw([...leading, ...size], () => random.integer(0, 255));
    const weight = MASKS[maskKind]?.(random);
    const maskShape = maskKind === 'not all channels' ? [...leading, ...size] : size;
    const mask = weight && draw(maskShape, weight);
    // A mask of ones is none, and one whose sum is 0 is refused; those near 0 magnify the errors of means.
    const isOnes = mask?.data.every((one) => one === 1);
    const isNearZero = mask && mask.data.reduce((sum, one) => sum + one, 0) < 1;
    if (isOnes || isNearZero) return;
    assertAllMethods(c, image, template, kind, { mask, methods: NORMED, error: 1e-4 });
  },
  200,
);
