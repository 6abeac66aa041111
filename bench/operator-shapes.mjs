// Parses the lines of shape files that name an operator, such as `sum 1x64x56x56 axis=2,3`. README.md in this folder
// describes the format.

/**
 * @typedef {object} OperatorShape
 * @property {'operator'} kind
 * @property {string} name
 * @property {string} className
 * @property {boolean} isMain
 * @property {string} op One of `OPERATORS`.
 * @property {number[][]} operands Their shapes, N×C×H×W unless the operator says otherwise; [] is a number.
 * @property {Record<string, number[]>} options By the names of `OPERATORS`; axes are not negative.
 * @property {number[]} output
 * @property {'nchw' | 'nhwc'} layout Of corr2d; the shapes are N×C×H×W in any case.
 * @property {number} macs Multiply-adds of the definition, or 0 for an operator that memory limits.
 * @property {number} bytes Those that must be read and written.
 */
/**
 * @typedef {object} Operator
 * @property {number} [operands] Their number. Default 1.
 * @property {Record<string, number[] | undefined>} [options] The defaults, or undefined if a line must have the option.
 * @property {boolean} [hasLayout] Whether the word `nhwc` is allowed.
 * @property {readonly string[]} [parameters] Vectors with one element for each channel (of the last axis: `layernorm`).
 * @property {(shapes: number[][], options: Record<string, number[]>) => number[]} output
 * @property {(shapes: number[][], output: number[]) => number} [macs]
 * @property {number} [reads] The number of elements that one element of the output needs, if not all elements are read.
 * @property {number} tolerance The largest difference between results, relative to the largest element.
 * @property {'given' | 'channels-last' | 'either'} [layouts] In which layouts libraries for N×H×W×C compute it.
 */

const EXACT = 0;
const ROUNDED = 1e-5;
/** Source coordinates of up to 1920 are float32 numbers. */
const INTERPOLATED = 1e-3;

const sizeOf = (/** @type {readonly number[]} */ shape) => shape.reduce((all, one) => all * one, 1);
const same = ([shape]) => shape;

function broadcast(shapes) {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const padded = shapes.map((shape) => [...Array(rank - shape.length).fill(1), ...shape]);
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = padded.map((shape) => shape[axis]).filter((size) => size !== 1);
    if (new Set(sizes).size > 1) throw new Error(`shapes ${format(shapes)} do not broadcast`);
    return sizes[0] ?? 1;
  });
}

const reduce = ([shape], { axis }) => shape.filter((_, i) => !axis.includes(i));

function concatenate(shapes, { axis: [axis] }) {
  const total = shapes.reduce((sum, shape) => sum + shape[axis], 0);
  return shapes[0].map((size, i) => (i === axis ? total : size));
}

const resize = ([[n, c]], { to }) => [n, c, ...to];

const pool = ([[n, c, h, w]], { kernel: [kernel], stride: [stride], padding: [padding] }) => {
  const size = (length) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
  return [n, c, size(h), size(w)];
};

const elementwise = { output: same, tolerance: ROUNDED };
const reduction = { options: { axis: undefined }, output: reduce, layouts: 'either' };
const normalisation = {
  output: same,
  tolerance: ROUNDED,
  parameters: ['weight', 'bias'],
  layouts: 'channels-last',
};
const interpolation = {
  options: { to: undefined },
  output: resize,
  tolerance: INTERPOLATED,
  layouts: 'channels-last',
};
const pooling = {
  options: { kernel: undefined, stride: undefined, padding: [0] },
  hasLayout: true,
  output: pool,
  layouts: 'channels-last',
};

/** @type {Record<string, Operator>} */
export const OPERATORS = {
  add: { operands: 2, output: broadcast, tolerance: EXACT, layouts: 'either' },
  relu: { ...elementwise, tolerance: EXACT },
  sigmoid: elementwise,
  exp: elementwise,
  sum: { ...reduction, tolerance: ROUNDED },
  mean: { ...reduction, tolerance: ROUNDED },
  max: { ...reduction, tolerance: EXACT },
  argmax: { ...reduction, tolerance: EXACT },
  concat: {
    operands: 2,
    options: { axis: undefined },
    output: concatenate,
    tolerance: EXACT,
    layouts: 'either',
  },
  permute: {
    options: { order: undefined },
    output: ([shape], { order }) => order.map((axis) => shape[axis]),
    tolerance: EXACT,
  },
  softmax: {
    options: { axis: undefined },
    output: same,
    tolerance: ROUNDED,
    layouts: 'channels-last',
  },
  batchnorm: { ...normalisation, parameters: ['mean', 'variance', 'weight', 'bias'] },
  instancenorm: normalisation,
  groupnorm: { ...normalisation, options: { groups: undefined } },
  layernorm: { ...normalisation, layouts: 'given' },
  nearest: { ...interpolation, tolerance: EXACT, reads: 1 },
  bilinear: { ...interpolation, reads: 4 },
  bicubic: { ...interpolation, reads: 16 },
  pixelshuffle: {
    options: { factor: undefined },
    output: ([[n, c, h, w]], { factor: [r] }) => [n, c / r / r, h * r, w * r],
    tolerance: EXACT,
    layouts: 'channels-last',
  },
  maxpool: { ...pooling, tolerance: EXACT },
  avgpool: { ...pooling, tolerance: ROUNDED },
  globalavgpool: {
    output: ([[n, c]]) => [n, c, 1, 1],
    tolerance: ROUNDED,
    layouts: 'channels-last',
  },
  conv3d: {
    operands: 2,
    options: { padding: [0] },
    output: ([[n, , ...sizes], [co, , ...kernel]], { padding: [p] }) => [
      n,
      co,
      ...sizes.map((size, i) => size + 2 * p - kernel[i] + 1),
    ],
    macs: ([, [, ...rest]], output) => sizeOf(output) * sizeOf(rest),
    tolerance: ROUNDED,
    layouts: 'channels-last',
  },
};

/** @param {string} line Without its label. */
export const isOperatorLine = (line) => line.trim().split(/\s+/)[0] in OPERATORS;

/**
 * @param {string} line For example `maxpool 1x64x112x112 kernel=2 stride=2 nhwc`.
 * @param {string} className
 * @returns {OperatorShape}
 */
export function parseOperator(line, className) {
  const [op, ...words] = line.trim().split(/\s+/);
  const operator = OPERATORS[op];
  const { operands: count = 1, options: defaults = {}, hasLayout = false } = operator;
  const operands = words.filter((word) => /^(\d|scalar$)/.test(word)).map(parseShape);
  if (operands.length !== count) {
    throw new Error(`${op} has ${operands.length} operands; expected ${count}`);
  }
  /** @type {Record<string, any>} */
  const options = { ...defaults };
  let layout = /** @type {'nchw' | 'nhwc'} */ ('nchw');
  for (const word of words.filter((one) => !/^(\d|scalar$)/.test(one))) {
    const [, name = '', numbers = ''] = /^(\w+)=(-?\d+(?:[x,]-?\d+)*)$/.exec(word) ?? [];
    if (word === 'nhwc' && hasLayout) layout = word;
    else if (name in defaults) options[name] = numbers.split(/[x,]/).map(Number);
    else throw new Error(`${op} has no option "${word}"; expected one of those in bench/README.md`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) throw new Error(`${op} has no ${name}; expected ${name}=…`);
  }
  if (options.axis) {
    const rank = operands[0].length;
    options.axis = options.axis.map((axis) => (axis < 0 ? axis + rank : axis));
  }
  const output = operator.output(operands, options);
  if (output.some((size) => !(Number.isInteger(size) && size > 0))) {
    throw new Error(`the output is ${output.join('×')}; expected integers of at least 1`);
  }
  const parameters = (operator.parameters ?? []).length * parameterCount(op, operands);
  const inputs = operands.reduce((sum, shape) => sum + sizeOf(shape), parameters);
  const written = sizeOf(output);
  const read = Math.min(inputs, (operator.reads ?? Number.POSITIVE_INFINITY) * written);
  return {
    kind: 'operator',
    name: [
      op,
      format(operands),
      ...words.filter((word) => /^[a-z]/.test(word) && word !== 'scalar'),
    ]
      .join(' ')
      .trim(),
    className,
    isMain: false,
    op,
    operands,
    options,
    output,
    layout,
    macs: operator.macs?.(operands, output) ?? 0,
    bytes: 4 * (read + written),
  };
}

/** The number of elements of each parameter of a normalisation. @param {string} op @param {number[][]} operands */
export const parameterCount = (op, [shape]) =>
  /** @type {number} */ (op === 'layernorm' ? shape.at(-1) : shape[1]);

/** `scalar` is a number, 1x64x56x56 a tensor. @param {string} word */
function parseShape(word) {
  if (word === 'scalar') return [];
  if (!/^\d+(x\d+)*$/.test(word)) {
    throw new Error(`"${word}" is no shape; expected sizes such as 1x64x56x56`);
  }
  return word.split('x').map(Number);
}

/** @param {number[][]} shapes */
function format(shapes) {
  return shapes.map((shape) => shape.join('×') || 'number').join(' and ');
}
