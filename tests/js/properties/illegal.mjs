// Values that options must not have.

import fc from 'fast-check';
import { integer, PADDING_MODES } from './arbitraries.mjs';
import { ACTIVATIONS, LAYOUTS, PADDINGS, WEIGHT_LAYOUTS } from './legal.mjs';

/** Whatever JavaScript has, but undefined, which stands for an absent option. */
const anything = fc
  .oneof(
    fc.integer(),
    fc.double(),
    fc.string(),
    fc.array(fc.oneof(integer(-2, 3), fc.double()), { maxLength: 5 }),
    fc.constantFrom(-1, 0.5, Number.NaN, Infinity, 2 ** 31, null, true, '1', Symbol('s'), () => 1),
    fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    }),
  )
  .filter((value) => value !== undefined);

const isWhole = (value, low) => Number.isInteger(value) && value >= low && value < 2 ** 31;
const isList = (value, length, low) =>
  Array.isArray(value) &&
  value.length === length &&
  Array.from(value).every((one) => isWhole(one, low));
const isPair = (value, low) => isWhole(value, low) || isList(value, 2, low);
const isPads = (value) => isPair(value, 0) || isList(value, 4, 0);
const isNumber = (value) => typeof value === 'number';
const isFlag = (value) => typeof value === 'boolean';

const refused = (arbitrary, code = 'INVALID_ARGUMENT') =>
  arbitrary.map((value) => ({ value, code }));
const but = (isLegal) => refused(anything.filter((value) => !isLegal(value)));
const butOneOf = (...names) => but((value) => names.includes(value));

const window = {
  stride: but((value) => isPair(value, 1)),
  dilation: but((value) => isPair(value, 1)),
  padding: but((value) => isPads(value) || PADDINGS.includes(value)),
};
const along = {
  stride: but((value) => isWhole(value, 1)),
  dilation: but((value) => isWhole(value, 1)),
  padding: but((value) => isWhole(value, 0) || isList(value, 2, 0) || PADDINGS.includes(value)),
};

const bias = fc.oneof(
  refused(fc.constantFrom(null, 'x', true, {}, [[1, 2], [3]], ['1'], { shape: [2], data: 'ab' })),
  refused(fc.constantFrom(1, [], [[1]], new Array(1000).fill(0)), 'SHAPE_MISMATCH'),
);
const groups = fc.oneof(
  but((value) => isWhole(value, 1)),
  // More than there are channels.
  refused(integer(1000, 2 ** 31 - 1)),
);
const activation = fc.oneof(
  but((value) => ACTIVATIONS.includes(value?.type ?? value)),
  refused(
    fc.constantFrom(
      { type: 'relu', alpha: 1 },
      { type: 'leaky-relu', alpha: Number.NaN },
      { type: 'leaky-relu', alpha: '1' },
      { type: 'relu', slope: 1 },
      { alpha: 1 },
    ),
  ),
);
const out = but(() => false);

const common = { bias, groups, activation, deterministic: but(isFlag), out };
const algorithm = butOneOf(
  ...['auto', 'direct', 'gemm', 'winograd', 'depthwise', 'separable', 'fft'],
);
const paddingMode = butOneOf(...PADDING_MODES);
const layouts = { layout: butOneOf(...LAYOUTS), weightLayout: butOneOf(...WEIGHT_LAYOUTS) };
const { out: _, ...planned } = { ...common, ...window, ...layouts, paddingMode, algorithm };
const unsupported = (...values) => refused(fc.constantFrom(...values), 'UNSUPPORTED');
const correlations = {
  mode: butOneOf('full', 'same', 'valid'),
  boundary: butOneOf('fill', 'wrap', 'symm'),
  fillValue: but(isNumber),
};

/** Name of a function → name of each of its options → what it must not be: `{ value, code }`. */
export const illegalOptions = {
  conv2d: { ...planned, out },
  planConv2d: {
    ...planned,
    inputShape: but(
      (value) => Array.isArray(value) && Array.from(value).every((size) => isWhole(size, 0)),
    ),
    weight: bias.filter(({ code }) => code === 'INVALID_ARGUMENT'),
  },
  conv1d: { ...common, ...along, paddingMode, algorithm },
  convTranspose2d: {
    ...common,
    ...window,
    padding: but(isPads),
    outputPadding: fc.oneof(
      but((value) => isPair(value, 0)),
      refused(integer(10, 2 ** 31 - 1)),
    ),
    layout: layouts.layout,
    weightLayout: butOneOf('iohw', 'hwoi', 'ohwi'),
  },
  conv2dBackward: {
    ...window,
    bias,
    groups,
    paddingMode,
    algorithm,
    deterministic: common.deterministic,
    out: unsupported(null, 1, []),
    layout: unsupported('nhwc'),
    weightLayout: unsupported('hwio', 'ohwi', 'ihwo'),
    activation: unsupported('relu', { type: 'gelu' }),
  },
  unfold: window,
  fold: window,
  maxPool2d: { ...window, ceilMode: but(isFlag) },
  avgPool2d: {
    stride: window.stride,
    padding: window.padding,
    ceilMode: but(isFlag),
    countIncludePad: but(isFlag),
  },
  correlate2d: correlations,
  convolve2d: correlations,
  filter2d: {
    bias: but(isNumber),
    border: butOneOf('replicate', 'reflect', 'zeros'),
    out,
  },
};
