// Values that options reject.

import fc from 'fast-check';
import { integer, PADDING_MODES } from './arbitraries.mjs';
import {
  ACTIVATIONS,
  GRADIENTS,
  LAYOUTS,
  MATCH_METHODS,
  PADDINGS,
  WEIGHT_LAYOUTS,
} from './valid-calls.mjs';

/** Any JavaScript value but undefined, which means that an option is absent. */
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
const isTriple = (value, low) => isWhole(value, low) || isList(value, 3, low);
const isPadding = (value) => isPair(value, 0) || isList(value, 4, 0);
const isNumber = (value) => typeof value === 'number';
const isFlag = (value) => typeof value === 'boolean';

/** Values that are rejected with `code`. */
const rejected = (arbitrary, code = 'INVALID_ARGUMENT') =>
  arbitrary.map((value) => ({ value, code }));
/** Values that are not valid. */
const invalid = (isValid) => rejected(anything.filter((value) => !isValid(value)));
const noneOf = (...names) => invalid((value) => names.includes(value));

const window = {
  stride: invalid((value) => isPair(value, 1)),
  dilation: invalid((value) => isPair(value, 1)),
  padding: invalid((value) => isPadding(value) || PADDINGS.includes(value)),
};
const isSingle = (value, low) => isWhole(value, low) || isList(value, 1, low);
const along = {
  stride: invalid((value) => isWhole(value, 1)),
  dilation: invalid((value) => isWhole(value, 1)),
  padding: invalid((value) => isWhole(value, 0) || isList(value, 2, 0) || PADDINGS.includes(value)),
};

const isPadding3d = (value) => isTriple(value, 0) || isList(value, 6, 0);
const window3d = {
  stride: invalid((value) => isTriple(value, 1)),
  dilation: invalid((value) => isTriple(value, 1)),
  padding: invalid((value) => isPadding3d(value) || PADDINGS.includes(value)),
};
const CROPS = PADDINGS.filter((name) => name !== 'same');

const bias = fc.oneof(
  rejected(fc.constantFrom(null, 'x', true, {}, [[1, 2], [3]], ['1'], { shape: [2], data: 'ab' })),
  rejected(fc.constantFrom(1, [], [[1]], new Array(1000).fill(0)), 'SHAPE_MISMATCH'),
);
const groups = fc.oneof(
  invalid((value) => isWhole(value, 1)),
  // More groups than channels.
  rejected(integer(1000, 2 ** 31 - 1)),
);
const activation = fc.oneof(
  invalid((value) => ACTIVATIONS.includes(value?.type ?? value)),
  rejected(
    fc.constantFrom(
      { type: 'relu', alpha: 1 },
      { type: 'leaky-relu', alpha: Number.NaN },
      { type: 'leaky-relu', alpha: '1' },
      { type: 'relu', slope: 1 },
      { alpha: 1 },
    ),
  ),
);
const out = invalid(() => false);

const add = bias;
const common = { bias, groups, activation, deterministic: invalid(isFlag), out };
const algorithm = noneOf(
  ...['auto', 'direct', 'gemm', 'winograd', 'depthwise', 'separable', 'fft'],
);
const paddingMode = noneOf(...PADDING_MODES);
const layouts = { layout: noneOf(...LAYOUTS), weightLayout: noneOf(...WEIGHT_LAYOUTS) };
const { out: _, ...planned } = { ...common, ...window, ...layouts, paddingMode, algorithm };
const { out: __, ...planned1d } = { ...common, ...along, paddingMode, algorithm };
const unsupported = (...values) => rejected(fc.constantFrom(...values), 'UNSUPPORTED');
const correlations1d = {
  mode: noneOf('full', 'same', 'valid'),
  algorithm,
  deterministic: common.deterministic,
};
const correlations = {
  ...correlations1d,
  boundary: noneOf('fill', 'wrap', 'symm'),
  fillValue: invalid(isNumber),
};

const inputShape = invalid(
  (value) => Array.isArray(value) && Array.from(value).every((size) => isWhole(size, 0)),
);
const weight = bias.filter(({ code }) => code === 'INVALID_ARGUMENT');
const isFiniteNumber = (value) => isNumber(value) && Number.isFinite(value);
const normalisation = {
  weight: bias,
  bias,
  eps: invalid((value) => isFiniteNumber(value) && value >= 0),
};
const matching = { method: noneOf(...MATCH_METHODS), mask: weight };
const pool = { ...window, ceilMode: invalid(isFlag), layout: layouts.layout };
const pool1d = {
  stride: invalid((value) => isSingle(value, 1)),
  dilation: invalid((value) => isSingle(value, 1)),
  padding: along.padding,
  ceilMode: pool.ceilMode,
};
const counts = { countIncludePad: invalid(isFlag) };

/** The options that set the size of a transposed convolution's output. */
const outputs = (isValid) => ({
  outputSize: invalid((value) => isValid(value, 1)),
  outputPadding: fc.oneof(
    invalid((value) => isValid(value, 0)),
    rejected(integer(10, 2 ** 31 - 1)),
  ),
});

/** By function and option: the values that are rejected, each with its error: `{ value, code }`. */
export const invalidOptions = {
  conv2d: { ...planned, add, out },
  planConv2d: {
    ...planned,
    add: invalid(isFlag),
    inputShape,
    weight,
  },
  conv1d: { ...common, ...along, add, paddingMode, algorithm },
  planConv1d: { ...planned1d, add: invalid(isFlag), inputShape, weight },
  conv3d: { ...common, ...window3d, add, paddingMode, algorithm, layout: layouts.layout },
  convTranspose1d: {
    ...common,
    stride: invalid((value) => isSingle(value, 1)),
    dilation: invalid((value) => isSingle(value, 1)),
    padding: invalid((value) => isWhole(value, 0) || isList(value, 2, 0) || CROPS.includes(value)),
    ...outputs(isSingle),
  },
  convTranspose2d: {
    ...common,
    ...window,
    padding: invalid((value) => isPadding(value) || CROPS.includes(value)),
    ...outputs(isPair),
    layout: layouts.layout,
    weightLayout: noneOf('iohw', 'hwoi', 'ohwi'),
  },
  convTranspose3d: {
    ...common,
    ...window3d,
    padding: invalid((value) => isPadding3d(value) || CROPS.includes(value)),
    ...outputs(isTriple),
    layout: layouts.layout,
  },
  conv2dBackward: {
    ...window,
    bias,
    groups,
    paddingMode,
    algorithm,
    deterministic: common.deterministic,
    ...layouts,
    gradients: invalid(
      (value) => Array.isArray(value) && value.every((name) => GRADIENTS.includes(name)),
    ),
    activation: unsupported('relu', { type: 'gelu' }),
  },
  unfold: window,
  fold: window,
  batchNorm: normalisation,
  instanceNorm: normalisation,
  layerNorm: normalisation,
  groupNorm: normalisation,
  interpolate: {
    size: invalid((value) => isPair(value, 1)),
    scale: invalid((value) => (Array.isArray(value) ? value : [value]).every(isFiniteNumber)),
    mode: noneOf('nearest', 'bilinear', 'bicubic'),
    alignCorners: invalid(isFlag),
    antialias: invalid(isFlag),
    layout: layouts.layout,
  },
  maxPool1d: pool1d,
  avgPool1d: { ...pool1d, ...counts },
  maxPool2d: pool,
  avgPool2d: { ...pool, ...counts },
  maxPool3d: { ...pool, ...window3d },
  avgPool3d: { ...pool, ...window3d, ...counts },
  globalMaxPool: { layout: layouts.layout },
  globalAvgPool: { layout: layouts.layout },
  maxPool2dBackward: pool,
  avgPool2dBackward: { ...pool, ...counts },
  correlate2d: correlations,
  convolve2d: correlations,
  correlate1d: correlations1d,
  convolve1d: correlations1d,
  phaseCorrelate: {
    upsample: invalid((value) => isWhole(value, 1) && value <= 1000),
    window: noneOf('none', 'hann'),
  },
  filter2d: {
    bias: invalid((value) => isNumber(value) && Number.isFinite(Math.fround(value))),
    border: noneOf('replicate', 'reflect', 'zeros', 'wrap', 'symmetric'),
    preserveAlpha: invalid(isFlag),
    colorSpace: noneOf('srgb', 'display-p3', 'srgb-linear', 'display-p3-linear'),
    out,
  },
  matchTemplate: matching,
  findTemplate: {
    ...matching,
    threshold: invalid(isFiniteNumber),
    maxResults: invalid((value) => Number.isSafeInteger(value) && value >= 1),
    minDistance: invalid((value) => isFiniteNumber(value) && value >= 0),
    subpixel: invalid(isFlag),
  },
  planMatchTemplate: { ...matching, imageShape: inputShape, template: weight },
};
