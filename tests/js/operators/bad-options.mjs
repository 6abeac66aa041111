// Values that an option must reject, and functions that try them.

import { createSharedInstance, expectError, sizeOf } from '../helpers.mjs';

export const c = await createSharedInstance();

/** A tensor of ones as plain data. */
export const ones = (...shape) => ({ shape, data: new Array(sizeOf(shape)).fill(1) });
/** An input N×C×H×W and a weight Co×C×kh×kw. */
export const image = ones(1, 4, 6, 7);
export const weight = ones(6, 4, 3, 2);

/** Values other than whole numbers from 1 to 2³¹ − 1. */
export const NOT_POSITIVE = [0, -1, 1.5, Number.NaN, Infinity, '2', null, true, {}, 2 ** 31, 2n];
export const NOT_PAIRS = [
  [],
  [1],
  [1, 2, 3],
  [1, 0],
  [0, 1],
  [1, 1.5],
  [Number.NaN, 1],
  [1, '1'],
  [[1, 1]],
];
export const NOT_PADS = [-1, 0.5, Number.NaN, Infinity, null, true, {}, 2 ** 31];
export const NOT_FOUR = [
  [],
  [1],
  [1, 2, 3],
  [1, 1, 1, 1, 1],
  [1, -1],
  [0, 0, 0, -1],
  [0, 0, 0.5, 0],
];
export const NOT_PADDINGS = ['SAME', 'full', 'Same-upper', 'same_upper', '', 'toString', '1'];
export const NOT_ACTIVATIONS = [
  ...[
    'swish',
    'Relu',
    'leaky-Relu',
    'LeakyRelu',
    'leaky_relu',
    '',
    'constructor',
    null,
    3,
    true,
    ['relu'],
  ],
  ...[{}, { type: 'x' }, { type: 'relu', alhpa: 1 }, { alpha: 1 }],
  ...['1', Number.NaN, Infinity, null, {}].map((alpha) => ({ type: 'leaky-relu', alpha })),
];
export const NOT_FLAGS = [0, 1, 'true', null, {}];
export const NOT_OPTIONS = [null, 3, 'same', [], [{}], true];
export const NOT_TENSORS = [null, undefined, 'x', {}, [[1, 2], [3]], { shape: [2], data: 'ab' }];
export const UNKNOWN = [
  'strides',
  'pad',
  'Bias',
  'dilations',
  'group',
  'relu',
  'constructor',
  'alpha',
];

/** Expects each of `values` to be rejected as the option `name`, in a message that names both. */
export function expectRejected(where, run, name, values, code = 'INVALID_ARGUMENT') {
  for (const value of values) {
    expectError(c, code, new RegExp(`^${where}: ${name}`), () => run({ [name]: value }));
  }
}

/** Expects unknown options, and options that are not an object, to be rejected. */
export function expectUnknownRejected(where, run, more = []) {
  for (const name of [...UNKNOWN, ...more]) {
    const message = new RegExp(`^${where}: .*${name}`);
    expectError(c, 'INVALID_ARGUMENT', message, () => run({ [name]: 1 }));
  }
  for (const options of NOT_OPTIONS) {
    expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: options`), () => run(options));
  }
}
