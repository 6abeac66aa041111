// Valid calls of each function with arbitrary options, and their expected results.

import fc from 'fast-check';
import { sizeOf } from '../helpers.mjs';
import { both, createProblem, integer, PADDING_MODES, problems } from './arbitraries.mjs';
import { conv2d64 } from './float64.mjs';
import { mapped, permuted } from './support.mjs';

export const PADDINGS = ['valid', 'same', 'same-upper', 'same-lower'];
export const ACTIVATIONS = [
  ...['none', 'relu', 'relu6', 'leaky-relu', 'sigmoid', 'tanh', 'silu', 'hard-swish', 'gelu'],
  ...['elu', 'selu', 'hard-sigmoid', 'softplus', 'mish'],
  ...['leakyRelu', 'hardSwish', 'hardSigmoid'],
];
export const LAYOUTS = ['nchw', 'nhwc'];
export const GRADIENTS = ['input', 'weight', 'bias'];
export const MATCH_METHODS = [
  ...['sqdiff', 'sqdiff-normed', 'ccorr', 'ccorr-normed', 'ccoeff', 'ccoeff-normed'],
];
export const WEIGHT_LAYOUTS = ['oihw', 'hwio', 'ohwi', 'ihwo'];

/** A tensor that counterexamples show as its shape. */
const shown = (tensor) => ({
  ...tensor,
  [fc.toStringMethod]: () => `tensor of [${tensor.shape}]`,
});
const ones = (...shape) => shown({ shape, data: new Array(sizeOf(shape)).fill(1) });

/** Some of these options; the others are absent or undefined. */
const some = (arbitraries) => {
  const each = Object.entries(arbitraries).map(([name, one]) => [
    name,
    fc.option(one, { nil: undefined, freq: 9 }),
  ]);
  return fc.record(Object.fromEntries(each), { requiredKeys: [] });
};

/** Two or four numbers as an option: in full, or in the shortest form that means the same. */
function writeOption(values, short) {
  if (!short) return values;
  const [a, b, d, e] = values;
  if (values.length === 4) return a === b && d === e ? writeOption([a, d], short) : values;
  return a === b ? a : values;
}

/** Problems, with numeric and named padding. */
const convolutions = fc.oneof(
  problems({ modes: PADDING_MODES }),
  fc
    .record({
      problem: problems({ pads: 'none' }),
      padding: fc.constantFrom(...PADDINGS),
      // The other modes limit the padding.
      paddingMode: fc.constantFrom('zeros', 'replicate'),
    })
    .map(({ problem, padding, paddingMode }) => {
      const stride = padding === 'same' ? [1, 1] : problem.options.stride;
      return { ...problem, options: { ...problem.options, stride, padding, paddingMode } };
    }),
);

/** [top, bottom, left, right] of any padding. */
function resolvePadding({ input, weight, options: { padding, stride, dilation } }) {
  if (padding === 'valid') return [0, 0, 0, 0];
  if (typeof padding !== 'string') return padding;
  return [0, 1].flatMap((axis) => {
    const outputs = Math.ceil(input[2 + axis] / stride[axis]);
    const reached = (outputs - 1) * stride[axis] + (weight[2 + axis] - 1) * dilation[axis] + 1;
    const total = Math.max(reached - input[2 + axis], 0);
    const less = Math.floor(total / 2);
    return padding === 'same-lower' ? [total - less, less] : [less, total - less];
  });
}

/** Activations without rounding, for which the expected result is exact. */
const exact = {
  none: (value) => value,
  relu: (value) => Math.max(value, 0),
  relu6: (value) => Math.min(Math.max(value, 0), 6),
};

const conv2d = fc
  .record({
    problem: convolutions,
    short: fc.boolean(),
    batched: fc.boolean(),
    hasBias: fc.boolean(),
    hasAdd: fc.boolean(),
    more: some({
      activation: fc.oneof(
        fc.constantFrom(...ACTIVATIONS),
        fc.constantFrom(...ACTIVATIONS).map((type) => ({ type })),
        fc.constant({ type: 'leaky-relu', alpha: 0.25 }),
      ),
      layout: fc.constantFrom(...LAYOUTS),
      weightLayout: fc.constantFrom(...WEIGHT_LAYOUTS),
      algorithm: fc.constantFrom('auto', 'direct', 'gemm'),
      deterministic: fc.boolean(),
    }),
  })
  .map(({ problem, short, batched, hasBias, hasAdd, more }) => {
    const { x, w, options, sizes, ...numbers } = createProblem(
      batched ? problem : { ...problem, input: problem.input.with(0, 1) },
    );
    const { layout = 'nchw', weightLayout = 'oihw', activation = 'none' } = more;
    const given = { ...options, ...more };
    for (const name of ['stride', 'dilation', 'padding']) {
      if (typeof given[name] !== 'string') given[name] = writeOption(given[name], short);
    }
    if (hasBias) given.bias = shown(numbers.exact(sizes.co));
    const image = (tensor) => {
      const { shape, data } = permuted(tensor, 'nchw', layout);
      return shown({ shape: batched ? shape : shape.slice(1), data });
    };
    const apply = exact[activation.type ?? activation];
    const y = conv2d64(x, w, given.bias?.data, { ...options, padding: resolvePadding(problem) });
    if (hasAdd) {
      const added = numbers.exact(...y.shape);
      given.add = image(added);
      for (const [i, value] of added.data.entries()) y.data[i] += value;
    }
    return {
      args: [image(x), shown(permuted(w, 'oihw', weightLayout))],
      options: given,
      expected: image(mapped(y, apply ?? exact.none)),
      isExact: apply !== undefined,
    };
  });

/** The plan of a call: what is added is an option of its runs. */
const planOf = ({ args: [input, weight], options: { add, ...options }, ...rest }) => ({
  args: [],
  options: { inputShape: input.shape, weight, ...options, ...(add && { add: true }) },
  input,
  runOptions: add && { add },
  ...rest,
});

const planConv2d = conv2d.map(planOf);

/** Calls of a function for the problems `given`: pairs in any form, and some of the options `more`. */
const callsOf = (given, more, make) =>
  fc
    .record({ problem: given, short: fc.boolean(), more: some(more) })
    .map(({ problem, short, more: others }) => {
      const { input, weight, options } = problem;
      const { stride, dilation, groups, paddingMode, padding } = options;
      const y = conv2d64(ones(...input), ones(...weight), undefined, options).shape;
      const pairs = {
        stride: writeOption(stride, short),
        dilation: writeOption(dilation, short),
        padding: writeOption(padding, short),
      };
      return make({ input, weight, options, pairs, groups, paddingMode, others, y });
    });

const conv1d = callsOf(
  problems({ modes: PADDING_MODES }),
  {
    activation: fc.constantFrom(...ACTIVATIONS),
    algorithm: fc.constantFrom('auto', 'direct', 'gemm'),
    deterministic: fc.boolean(),
    hasAdd: fc.boolean(),
  },
  ({ input, weight, options, groups, paddingMode, others: { hasAdd, ...others }, y }) => ({
    args: [ones(input[0], input[1], input[3]), ones(weight[0], weight[1], weight[3])],
    options: {
      ...others,
      ...(hasAdd && { add: ones(y[0], y[1], y[3]) }),
      groups,
      paddingMode,
      stride: options.stride[1],
      dilation: options.dilation[1],
      padding: options.padding.slice(2),
      bias: ones(weight[0]),
    },
    expected: { shape: [y[0], y[1], y[3]] },
  }),
);

const planConv1d = conv1d.map(planOf);

const transposedMore = {
  activation: fc.constantFrom(...ACTIVATIONS),
  deterministic: fc.boolean(),
  size: fc.constantFrom('outputSize', 'same-upper', 'same-lower'),
};

/** The outputPadding for which a transposed convolution has the shape of a problem's input, along one axis. */
const outputPaddingOf = ({ input, weight, options }, axis) => {
  const [begin, end] = options.padding.slice(2 * axis);
  const window = (weight[2 + axis] - 1) * options.dilation[axis] + 1;
  return (input[2 + axis] + begin + end - window) % options.stride[axis];
};

/** The adjoint of a conv2d: from the shape of its output to that of its input. */
const convTranspose2d = callsOf(
  problems(),
  {
    ...transposedMore,
    layout: fc.constantFrom(...LAYOUTS),
    weightLayout: fc.constantFrom('iohw', 'hwoi', 'ohwi'),
  },
  ({ input, weight, options, pairs, groups, others: { size, ...others }, y }) => {
    const { layout = 'nchw', weightLayout = 'iohw' } = others;
    const outputPadding = [0, 1].map((axis) => outputPaddingOf({ input, weight, options }, axis));
    const isSame = size?.startsWith('same');
    const sizes = isSame ? options.stride.map((s, axis) => s * y[2 + axis]) : input.slice(2);
    const sizing =
      size === undefined ? { outputPadding } : isSame ? { padding: size } : { outputSize: sizes };
    return {
      args: [
        shown(permuted(ones(...y), 'nchw', layout)),
        shown(permuted(ones(...weight), 'iohw', weightLayout)),
      ],
      options: { ...others, ...pairs, groups, bias: ones(input[1]), ...sizing },
      expected: permuted(ones(input[0], input[1], ...sizes), 'nchw', layout),
    };
  },
);

/** Adds a depth that equals the height: to the shape of an image or a weight, to pairs and to pads. */
const volumeOf = ([n, c, h, w]) => [n, c, h, h, w];
const tripled = (values) =>
  Array.isArray(values) ? [...values.slice(0, values.length / 2), ...values] : values;
const VOLUME_LAYOUTS = { nchw: 'ncdhw', nhwc: 'ndhwc' };
const volume = (shape, layout = 'nchw') =>
  shown(permuted(ones(...shape), 'ncdhw', VOLUME_LAYOUTS[layout]));

const conv3d = callsOf(
  problems({ modes: PADDING_MODES }),
  {
    activation: fc.constantFrom(...ACTIVATIONS),
    algorithm: fc.constantFrom('auto', 'direct', 'gemm'),
    layout: fc.constantFrom(...LAYOUTS),
    deterministic: fc.boolean(),
    hasAdd: fc.boolean(),
  },
  ({ input, weight, pairs, groups, paddingMode, others: { hasAdd, ...others }, y }) => ({
    args: [volume(volumeOf(input), others.layout), ones(...volumeOf(weight))],
    options: {
      ...others,
      ...(hasAdd && { add: volume(volumeOf(y), others.layout) }),
      stride: tripled(pairs.stride),
      dilation: tripled(pairs.dilation),
      padding: tripled(pairs.padding),
      groups,
      paddingMode,
      bias: ones(weight[0]),
    },
    expected: volume(volumeOf(y), others.layout),
  }),
);

const convTranspose3d = callsOf(
  problems(),
  { ...transposedMore, layout: fc.constantFrom(...LAYOUTS) },
  ({ pairs, groups, others: { size, ...others }, y, ...problem }) => {
    const { input, weight, options } = problem;
    const isSame = size?.startsWith('same');
    const sizes = isSame ? options.stride.map((s, axis) => s * y[2 + axis]) : input.slice(2);
    const sizing =
      size === undefined
        ? { outputPadding: tripled([0, 1].map((axis) => outputPaddingOf(problem, axis))) }
        : isSame
          ? { padding: size }
          : { outputSize: tripled(sizes) };
    return {
      args: [volume(volumeOf(y), others.layout), ones(...volumeOf(weight))],
      options: {
        ...others,
        stride: tripled(pairs.stride),
        dilation: tripled(pairs.dilation),
        padding: tripled(pairs.padding),
        groups,
        bias: ones(input[1]),
        ...sizing,
      },
      expected: volume([input[0], input[1], sizes[0], ...sizes], others.layout),
    };
  },
);

const convTranspose1d = callsOf(
  problems(),
  transposedMore,
  ({ groups, others: { size, ...others }, y, ...problem }) => {
    const { input, weight, options } = problem;
    const isSame = size?.startsWith('same');
    const length = isSame ? options.stride[1] * y[3] : input[3];
    const sizing =
      size === undefined
        ? { outputPadding: outputPaddingOf(problem, 1) }
        : isSame
          ? { padding: size }
          : { outputSize: length };
    return {
      args: [ones(y[0], y[1], y[3]), ones(weight[0], weight[1], weight[3])],
      options: {
        ...others,
        stride: options.stride[1],
        dilation: options.dilation[1],
        padding: options.padding.slice(2),
        groups,
        bias: ones(input[1]),
        ...sizing,
      },
      expected: { shape: [input[0], input[1], length] },
    };
  },
);

const conv2dBackward = callsOf(
  problems({ modes: PADDING_MODES }),
  {
    algorithm: fc.constantFrom('auto', 'direct', 'gemm'),
    deterministic: fc.boolean(),
    layout: fc.constantFrom(...LAYOUTS),
    weightLayout: fc.constantFrom(...WEIGHT_LAYOUTS),
    gradients: fc.subarray(GRADIENTS),
  },
  ({ input, weight, pairs, groups, paddingMode, others, y }) => {
    const { layout = 'nchw', weightLayout = 'oihw', gradients = GRADIENTS } = others;
    const [dy, x] = [y, input].map((shape) => shown(permuted(ones(...shape), 'nchw', layout)));
    const w = shown(permuted(ones(...weight), 'oihw', weightLayout));
    const shapes = { input: x.shape, weight: w.shape, bias: [weight[0]] };
    return {
      args: [dy, x, w],
      options: { ...others, ...pairs, groups, paddingMode },
      expected: Object.fromEntries(gradients.map((name) => [name, shapes[name]])),
    };
  },
);

const windows = problems({ pads: 'pairs' });

const unfold = callsOf(windows, {}, ({ input, weight, pairs, y }) => ({
  args: [ones(...input), weight.slice(2)],
  options: pairs,
  expected: { shape: [input[0], input[1] * weight[2] * weight[3], y[2] * y[3]] },
}));

const fold = callsOf(windows, {}, ({ input, weight, pairs, y }) => ({
  args: [
    ones(input[0], input[1] * weight[2] * weight[3], y[2] * y[3]),
    input.slice(2),
    weight.slice(2),
  ],
  options: pairs,
  expected: { shape: input },
}));

/** Calls of a pool. With ceilMode, no output window starts in the padding at the end. */
const pools = (more) =>
  fc
    .record({
      kernel: both(1, 4),
      sizes: fc.tuple(integer(0, 6), integer(0, 9)),
      pads: fc.oneof(both(0, 4), fc.constantFrom('same', 'same-upper', 'same-lower')),
      short: fc.boolean(),
      more: some({
        stride: both(1, 3),
        dilation: both(1, 2),
        ceilMode: fc.boolean(),
        layout: fc.constantFrom('nchw', 'nhwc'),
        ...more,
      }),
    })
    .map(({ kernel, sizes, pads, short, more: others }) => {
      const input = [2, 3, ...sizes.map((more, axis) => 2 * kernel[axis] + more)];
      const { stride = kernel, dilation = [1, 1], ceilMode } = others;
      const isName = typeof pads === 'string';
      const padding = isName
        ? pads
        : pads.map((pad, axis) => Math.min(pad, (kernel[axis] - 1) * dilation[axis]));
      const outputs = input.map((size, axis) => {
        if (axis < 2) return size;
        const [k, s, d] = [kernel, stride, dilation].map((pair) => pair[axis - 2]);
        if (isName) return Math.ceil(size / s);
        const pad = padding[axis - 2];
        const range = size + 2 * pad - (k - 1) * d - 1;
        if (!ceilMode) return Math.floor(range / s) + 1;
        const windows = Math.ceil(range / s) + 1;
        return (windows - 1) * s >= size + pad ? windows - 1 : windows;
      });
      const options = { ...others, padding: isName ? pads : writeOption(padding, short) };
      if (others.stride !== undefined) options.stride = writeOption(stride, short);
      const inLayout = ([n, ch, h, w]) =>
        others.layout === 'nhwc' ? [n, h, w, ch] : [n, ch, h, w];
      return {
        args: [ones(...inLayout(input)), writeOption(kernel, short)],
        options,
        expected: { shape: inLayout(outputs) },
      };
    });
const maxPools = pools({});
const averagePools = pools({ countIncludePad: fc.boolean() });
/** Calls of a pool of volumes, whose depth equals the height. */
const volumePools = (calls) =>
  calls.map(({ args: [input, kernel], options, expected }) => {
    const at = options.layout === 'nhwc' ? 1 : 2;
    const deep = ({ shape }) => shape.toSpliced(at, 0, shape[at]);
    const { stride, dilation, padding } = options;
    return {
      args: [ones(...deep(input)), tripled(kernel)],
      options: {
        ...options,
        stride: tripled(stride),
        dilation: tripled(dilation),
        padding: tripled(padding),
      },
      expected: { shape: deep(expected) },
    };
  });
/** Calls of a pool along one axis: the columns of images. */
const rowPools = (calls) =>
  calls.map(({ args: [input, kernel], options: { layout, ...options }, expected }) => {
    const row = ({ shape }) => (layout === 'nhwc' ? [2, 3, shape[2]] : [2, 3, shape[3]]);
    const last = (values) => (Array.isArray(values) ? values.at(-1) : values);
    const { stride, dilation, padding } = options;
    return {
      args: [ones(...row(input)), last(kernel)],
      options: {
        ...options,
        stride: last(stride),
        dilation: last(dilation),
        padding: last(padding),
      },
      expected: { shape: row(expected) },
    };
  });
const globalPools = fc
  .record({
    shape: fc.array(integer(1, 6), { minLength: 2, maxLength: 5 }),
    options: some({ layout: fc.constantFrom(...LAYOUTS) }),
  })
  .map(({ shape, options }) => {
    const hasBatch = shape.length > 3;
    const channels = options.layout === 'nhwc' ? shape.length - 1 : Number(hasBatch);
    const isKept = (axis) => axis === channels || (hasBatch && axis === 0);
    return {
      args: [ones(...shape)],
      options,
      expected: { shape: shape.map((size, axis) => (isKept(axis) ? size : 1)) },
    };
  });
/** Calls of a pool's gradient; `describe` gives the input as the gradient takes it. */
const poolGradients = (calls, describe) =>
  calls.map(({ args: [input, kernel], options, expected }) => ({
    args: [ones(...expected.shape), describe(input), kernel],
    options,
    expected: { shape: input.shape },
  }));

const interpolations = fc
  .record({
    sizes: fc.tuple(integer(0, 2), integer(1, 4), integer(1, 9), integer(1, 9)),
    target: fc.oneof(
      fc.record({ size: fc.oneof(integer(1, 20), both(1, 20)) }),
      fc.record({ scale: fc.oneof(fc.constantFrom(1, 1.5, 3), fc.constant([2, 1.25])) }),
    ),
    options: some({
      mode: fc.constantFrom('nearest', 'bilinear', 'bicubic'),
      alignCorners: fc.boolean(),
      antialias: fc.boolean(),
      layout: fc.constantFrom(...LAYOUTS),
    }),
  })
  .map(({ sizes: [n, ch, ...before], target, options }) => {
    const { mode = 'nearest', layout = 'nchw' } = options;
    const given = mode === 'nearest' ? { alignCorners: false, antialias: undefined } : {};
    const pairOf = (value) => (Array.isArray(value) ? value : [value, value]);
    const after =
      target.size === undefined
        ? pairOf(target.scale).map((scale, axis) => Math.floor(before[axis] * scale))
        : pairOf(target.size);
    return {
      args: [shown(permuted(ones(n, ch, ...before), 'nchw', layout))],
      options: { ...options, ...given, ...target },
      expected: { shape: permuted(ones(n, ch, ...after), 'nchw', layout).shape },
    };
  });

const correlations = fc
  .record({
    a: both(1, 6),
    b: both(1, 6),
    axes: fc.constantFrom([], [1], [1, 1]),
    reversed: fc.boolean(),
    options: some({
      mode: fc.constantFrom('full', 'same', 'valid'),
      boundary: fc.constantFrom('fill', 'wrap', 'symm'),
      fillValue: fc.double(),
      algorithm: fc.constantFrom('auto', 'direct', 'gemm', 'depthwise'),
      deterministic: fc.boolean(),
    }),
  })
  .map(({ a, b, axes, reversed, options }) => {
    const { mode = 'full' } = options;
    // In mode 'valid', either may be the larger one.
    const swaps = reversed && mode === 'valid';
    const larger = mode === 'valid' ? a.map((size, axis) => size + b[axis] - 1) : a;
    const shape = mode === 'full' ? a.map((size, axis) => size + b[axis] - 1) : a;
    const args = [ones(...axes, ...larger), ones(...b)];
    return { args: swaps ? args.toReversed() : args, options, expected: { shape } };
  });

const correlations1d = correlations.map(({ args, options, expected: { shape } }) => ({
  args: args.map((one) => ones(one.shape.at(-1))),
  options: Object.fromEntries(
    Object.entries(options).filter(([name]) => name !== 'boundary' && name !== 'fillValue'),
  ),
  expected: { shape: shape.slice(-1) },
}));

const picture = (height, width) => ({
  data: new Uint8ClampedArray(4 * height * width),
  width,
  height,
  [fc.toStringMethod]: () => `picture of ${height}×${width}`,
});

const filter2d = fc
  .record({
    size: fc.tuple(integer(1, 9), integer(1, 9)),
    kernel: both(1, 6),
    options: some({
      bias: fc.double({ min: -3e38, max: 3e38, noNaN: true }),
      border: fc.constantFrom('replicate', 'reflect', 'zeros', 'wrap', 'symmetric'),
      preserveAlpha: fc.boolean(),
      colorSpace: fc.constant('srgb'),
    }),
    hasOut: fc.boolean(),
  })
  .map(({ size: [height, width], kernel, options, hasOut }) => ({
    args: [picture(height, width), ones(...kernel)],
    options: hasOut ? { ...options, out: picture(height, width) } : options,
    expected: { shape: [height, width] },
  }));

/** Calls of matchTemplate; `more` are the other options of a function. */
const matches = (more) =>
  fc
    .record({
      template: both(1, 5),
      margin: fc.tuple(integer(0, 6), integer(0, 9)),
      channels: fc.constantFrom([], [1], [3]),
      mask: fc.constantFrom(undefined, 'plane', 'full'),
      options: some({ method: fc.constantFrom(...MATCH_METHODS), ...more }),
    })
    .map(({ template, margin, channels, mask, options }) => {
      const weights = { plane: ones(...template), full: ones(...channels, ...template) };
      return {
        args: [
          ones(...channels, ...template.map((size, axis) => size + margin[axis])),
          ones(...channels, ...template),
        ],
        options: mask === undefined ? options : { ...options, mask: weights[mask] },
        expected: { shape: margin.map((size) => size + 1) },
      };
    });
const matchTemplate = matches({});
const findTemplate = matches({
  threshold: fc.double({ min: -1e30, max: 1e30, noNaN: true }),
  maxResults: integer(1, 9),
  minDistance: fc.double({ min: 0, max: 9, noNaN: true }),
  subpixel: fc.boolean(),
});
const planMatchTemplate = matchTemplate.map(({ args: [input, template], options, ...rest }) => ({
  args: [],
  options: { ...options, imageShape: input.shape, template },
  input,
  ...rest,
}));
const phaseCorrelate = fc
  .record({
    size: both(1, 12),
    options: some({ upsample: integer(1, 20), window: fc.constantFrom('none', 'hann') }),
  })
  .map(({ size, options }) => ({
    args: [ones(...size), ones(1, ...size)],
    options,
    expected: { shift: [0, 0], response: 0 },
  }));

/** Calls of a normalisation: `describe(shape)` gives its arguments after x, and the shape of weight and bias. */
const normalisations = (describe) =>
  fc
    .record({
      shape: fc.tuple(integer(0, 3), integer(1, 4), integer(2, 20), integer(1, 5)),
      options: some({
        weight: fc.constant('weight'),
        bias: fc.constant('bias'),
        eps: fc.constantFrom(0.5, 1e-5, 1e-3),
      }),
    })
    .map(({ shape, options }) => {
      const { others, affine } = describe(shape);
      const given = Object.entries(options).map(([name, value]) => [
        name,
        typeof value === 'string' ? ones(...affine) : value,
      ]);
      return {
        args: [ones(...shape), ...others],
        options: Object.fromEntries(given),
        expected: { shape },
      };
    });

/** The valid calls of each function: `{ args, options, expected }`. */
export const validCalls = {
  conv2d,
  planConv2d,
  conv1d,
  planConv1d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  conv2dBackward,
  unfold,
  fold,
  batchNorm: normalisations(([, channels]) => ({
    others: [ones(channels), ones(channels)],
    affine: [channels],
  })),
  instanceNorm: normalisations(([, channels]) => ({ others: [], affine: [channels] })),
  layerNorm: normalisations((shape) => ({ others: [shape.slice(2)], affine: shape.slice(2) })),
  groupNorm: normalisations(([, channels]) => ({ others: [channels], affine: [channels] })),
  interpolate: interpolations,
  maxPool1d: rowPools(maxPools),
  avgPool1d: rowPools(averagePools),
  maxPool2d: maxPools,
  avgPool2d: averagePools,
  maxPool3d: volumePools(maxPools),
  avgPool3d: volumePools(averagePools),
  globalMaxPool: globalPools,
  globalAvgPool: globalPools,
  maxPool2dBackward: poolGradients(maxPools, (input) => input),
  avgPool2dBackward: poolGradients(averagePools, ({ shape }) => shape),
  correlate2d: correlations,
  convolve2d: correlations,
  correlate1d: correlations1d,
  convolve1d: correlations1d,
  phaseCorrelate,
  filter2d,
  matchTemplate,
  findTemplate,
  planMatchTemplate,
};
