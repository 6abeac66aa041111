// Arbitrary convolution problems. They consist of sizes and a source of values, never of the values
// themselves, so that a counterexample shrinks to one readable line.

import fc from 'fast-check';
import { createRandom, sizeOf } from '../helpers.mjs';

export const integer = (min, max) => fc.integer({ min, max });
export const both = (min, max) => fc.tuple(integer(min, max), integer(min, max));

export const PADDING_MODES = ['zeros', 'reflect', 'replicate', 'circular'];

/** The source of tensor values: a seed, or a simple pattern if that is enough to fail. */
export const values = () =>
  fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.constantFrom('ones', 'counting'), weight: 1 },
    { arbitrary: fc.nat(), weight: 15 },
  );

/** Functions that create tensors of these values: `exact(...shape)` for exact sums, `uniform(...shape)`. */
export function draw(from) {
  if (typeof from === 'number') return createRandom(from);
  const next = { ones: () => 1, counting: (_, i) => 1 + (i % 9) }[from];
  const fill = (...shape) => ({ shape, data: Float32Array.from({ length: sizeOf(shape) }, next) });
  return { exact: fill, uniform: fill };
}

/**
 * Valid convolutions: shapes and the options of conv2d. Rows and columns have separate sizes, strides,
 * dilations and padding. `pads`: 'four' values, 'pairs', or 'none'.
 */
export function problems({ pads = 'four', modes = ['zeros'], groups = [1, 1, 2, 3] } = {}) {
  const padding = {
    four: fc.tuple(both(0, 2), both(0, 2)).map((axes) => axes.flat()),
    pairs: both(0, 2).map(([h, w]) => [h, h, w, w]),
    none: fc.constant([0, 0, 0, 0]),
  }[pads];
  return fc
    .record({
      n: integer(1, 2),
      inputs: integer(1, 3),
      outputs: integer(1, 3),
      groups: fc.constantFrom(...groups),
      kernel: both(1, 4),
      more: fc.tuple(integer(0, 6), integer(0, 9)),
      stride: both(1, 3),
      dilation: fc.tuple(integer(1, 2), integer(1, 3)),
      padding,
      paddingMode: fc.constantFrom(...modes),
      values: values(),
    })
    .map(({ n, inputs, outputs, kernel, more, ...given }) => {
      const size = [0, 1].map((axis) => {
        const [begin, end] = given.padding.slice(2 * axis);
        const window = (kernel[axis] - 1) * given.dilation[axis] + 1;
        const reach = { reflect: 1, circular: 0 }[given.paddingMode];
        const least = reach === undefined ? 1 : Math.max(begin, end) + reach;
        return Math.max(1, window - begin - end, least) + more[axis];
      });
      const { values: from, ...options } = given;
      return {
        input: [n, given.groups * inputs, ...size],
        weight: [given.groups * outputs, inputs, ...kernel],
        options,
        values: from,
      };
    });
}

/** The tensors of a problem, its options and sizes, and functions that create more of its values. */
export function createProblem({ input, weight, options, values: from }, kind = 'exact') {
  const numbers = draw(from);
  const [n, ci, h, w] = input;
  const [co, , kh, kw] = weight;
  const windows = [kh, kw].map((k, axis) => (k - 1) * options.dilation[axis] + 1);
  return {
    x: numbers[kind](...input),
    w: numbers[kind](...weight),
    options,
    sizes: { n, ci, co, h, w, kh, kw, windows, groups: options.groups },
    ...numbers,
  };
}
