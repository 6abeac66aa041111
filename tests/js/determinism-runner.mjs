// Computes the problems of tests/fixtures/determinism, in Node and in pages.
// tests/cpp/determinism_test.cpp does the same natively.

/**
 * The lines of `problems.txt`: `{ name, settings, hash }`. Settings:
 *
 * - kind: `conv2d`, `transposed` (`convTranspose2d`), `gradients` (`conv2dBackward`: for input and
 *   weight, one after the other), `normal` (`c.normal` of w elements), `activation` (of w elements),
 *   `registration` (`phaseCorrelate` of pictures of h×w, with `upsample`), `array` (`function` of n×ci×h×w,
 *   see `arrays` below)
 * - n, ci, h, w: the input; co, kh, kw, groups: the weight; bias=2: a bias of co elements
 * - stride, dilation, pads, mode, activation, layout: the options of those names
 */
export function readProblems(text) {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const words = line.split(' ');
    const settings = words.filter((word) => word.includes('='));
    const hash = words.length > settings.length + 1 ? words.at(-1) : '';
    return {
      name: words[0],
      settings: Object.fromEntries(settings.map((word) => word.split('='))),
      hash,
    };
  });
}

/** Returns a function that creates tensors of consecutive pseudo-random numbers (mulberry32). */
function elements(seed) {
  let state = seed >>> 0;
  return (shape, factor = 1) => {
    const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
    for (let i = 0; i < data.length; i++) {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      data[i] = factor * (2 * (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) - 1);
    }
    return { shape, data };
  };
}

/** A hash of the bits of all elements in order. */
function hashOf(arrays) {
  let hash = 0x811c9dc5;
  for (const { data } of arrays) {
    for (const word of new Uint32Array(data.buffer, data.byteOffset, data.length)) {
      hash = Math.imul(hash ^ word, 0x01000193);
      hash ^= hash >>> 15;
    }
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

const functionsOf = {
  'leaky-relu': 'leakyRelu',
  'hard-swish': 'hardSwish',
  'hard-sigmoid': 'hardSigmoid',
};

/** Functions of a tensor n×ci×h×w. `make` gives the other operands. */
const arrays = {
  add: (x, make, [, channels]) => x.add(make([channels, 1, 1])),
  exp: (x) => x.exp(),
  sum: (x) => x.sum(3),
  mean: (x) => x.mean(3),
  max: (x) => x.max(1),
  argMin: (x) => x.argMin(1),
  softmax: (x, _, __, c) => c.softmax(x, 1),
  logSoftmax: (x, _, __, c) => c.logSoftmax(x, 3),
  layerNorm: (x, make, [, , , w], c) => c.layerNorm(x, [w], { weight: make([w]), bias: make([w]) }),
  groupNorm: (x, _, __, c) => c.groupNorm(x, 2),
  nearest: (x, _, [, , h, w], c) => c.interpolate(x, { size: [h + 4, w - 5] }),
  bilinear: (x, _, [, , h, w], c) =>
    c.interpolate(x, { size: [2 * h + 1, w + 3], mode: 'bilinear' }),
  antialias: (x, _, [, , h, w], c) =>
    c.interpolate(x, { size: [h - 4, w - 5], mode: 'bicubic', antialias: true }),
  maxPool: (x, _, __, c) => c.maxPool2d(x, 3, { stride: 2 }),
  avgPool: (x, _, __, c) => c.avgPool2d(x, 3, { stride: 2 }),
  conv3d: (x, make, [n, channels, h, w], c) =>
    c.conv3d(x.reshape([n, 1, channels, h, w]), make([4, 1, 3, 3, 3]), { deterministic: true }),
};

/** The tensors that `c` computes for a problem. */
function solve(c, { kind, activation = 'none', layout = 'nchw', mode = 'zeros', ...given }) {
  const number = (name) => Number(given[name] ?? 1);
  const list = (name, fallback) => given[name]?.split(',').map(Number) ?? fallback;
  const [n, ci, h, w] = ['n', 'ci', 'h', 'w'].map(number);
  const [co, kh, kw, groups] = ['co', 'kh', 'kw', 'groups'].map(number);
  const make = elements(1 + w);
  if (kind === 'normal') return [c.normal(1, 3, [w], { seed: 7 })];
  if (kind === 'activation') {
    return [c[functionsOf[activation] ?? activation](make([w], 30))];
  }
  if (kind === 'array') {
    const shape = [n, ci, h, w];
    const x = make(shape);
    return [c.tidy(() => arrays[given.function](c.tensor(x.data, x.shape), make, shape, c))];
  }
  if (kind === 'registration') {
    const [a, b] = [make([h, w]), make([h, w])];
    const upsample = number('upsample');
    const { shift, response } = c.phaseCorrelate(a, b, { upsample });
    return [c.tensor([...shift.map((pixels) => Math.round(upsample * pixels)), response])];
  }
  const input = make(layout === 'nhwc' ? [n, h, w, ci] : [n, ci, h, w]);
  const weight = make(
    kind === 'transposed' ? [ci, co / groups, kh, kw] : [co, ci / groups, kh, kw],
  );
  const options = {
    groups,
    stride: list('stride', [1, 1]),
    dilation: list('dilation', [1, 1]),
    padding: list('pads', [0, 0, 0, 0]),
    deterministic: true,
  };
  if (kind === 'gradients') {
    const sizes = [h, w].map((size, axis) => {
      const [before, after] = options.padding.slice(2 * axis);
      const window = ([kh, kw][axis] - 1) * options.dilation[axis] + 1;
      return Math.floor((size + before + after - window) / options.stride[axis]) + 1;
    });
    const gradients = c.conv2dBackward(make([n, co, ...sizes]), input, weight, options);
    gradients.bias.dispose();
    return [gradients.input, gradients.weight];
  }
  const more = { ...options, layout, activation };
  if (given.bias !== undefined) more.bias = make([co]);
  if (given.add !== undefined) {
    const sums = c.conv2d(input, weight, more);
    more.add = make(sums.shape);
    sums.dispose();
  }
  return kind === 'transposed'
    ? [c.convTranspose2d(input, weight, more)]
    : [c.conv2d(input, weight, { ...more, paddingMode: mode })];
}

/** The hash of each problem's results, by the problem's name. */
export function hashesOf(c, problems) {
  return Object.fromEntries(
    problems.map(({ name, settings }) => {
      const results = solve(c, settings);
      const hash = hashOf(results);
      for (const result of results) result.dispose();
      return [name, hash];
    }),
  );
}

/** The names of the problems whose hash differs from the recorded one. */
export function findDiffering(c, problems) {
  const found = hashesOf(c, problems);
  return problems.filter(({ name, hash }) => found[name] !== hash).map(({ name }) => name);
}
