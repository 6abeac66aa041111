// Parses files of shapes. README.md in this folder describes the format.
import { isOperatorLine, parseOperator } from './operator-shapes.mjs';

/**
 * @typedef {object} Shape
 * @property {string} name
 * @property {string} className
 * @property {'plan' | 'oneshot' | 'transposed' | 'backward' | 'rgba' | 'signal' | 'match' | 'phase' |
 *   'residual'} kind
 * @property {boolean} isMain
 * @property {number} batch
 * @property {number} ci
 * @property {number} co
 * @property {number} groups
 * @property {[h: number, w: number]} input
 * @property {[h: number, w: number]} kernel
 * @property {[h: number, w: number]} stride
 * @property {[h: number, w: number]} dilation
 * @property {[top: number, bottom: number, left: number, right: number]} pads
 * @property {[h: number, w: number]} outputPadding
 * @property {[h: number, w: number]} output
 * @property {'nchw' | 'nhwc'} layout
 * @property {'zeros' | 'reflect' | 'replicate' | 'circular'} paddingMode
 * @property {boolean} bias
 * @property {boolean} relu
 * @property {boolean} gaussian
 * @property {boolean} masked
 * @property {number} macs Multiply-adds of the definition, padding included.
 */

const KINDS = ['oneshot', 'transposed', 'backward', 'rgba', 'signal', 'match', 'phase', 'residual'];
const PADDING_MODES = ['reflect', 'replicate', 'circular'];
const FLAGS = ['bias', 'relu', 'gaussian', 'masked'];

/** Parses the text of a file. @returns {(Shape | import('./operator-shapes.mjs').OperatorShape)[]} */
export function parseShapes(text, className) {
  return text.split('\n').flatMap((line, i) => {
    const [words] = line.split('#');
    if (words.trim() === '') return [];
    try {
      return [parseShape(words, className)];
    } catch (error) {
      throw new Error(`${className}, line ${i + 1}: ${error.message}`);
    }
  });
}

/** @returns {Shape | import('./operator-shapes.mjs').OperatorShape} */
export function parseShape(line, className) {
  const [, label, rest] = /^(?:([^:]*):)?(.*)$/.exec(line.trim());
  const shape = isOperatorLine(rest)
    ? parseOperator(rest, className)
    : parseConvolution(rest, className);
  return { ...shape, name: [label?.trim(), shape.name].filter(Boolean).join(': ') };
}

/** @returns {Shape} */
function parseConvolution(line, className) {
  const shape = {
    className,
    kind: 'plan',
    isMain: false,
    batch: 1,
    groups: 1,
    stride: [1, 1],
    dilation: [1, 1],
    pads: [0, 0, 0, 0],
    outputPadding: [0, 0],
    layout: 'nchw',
    paddingMode: 'zeros',
    bias: false,
    relu: false,
    gaussian: false,
    masked: false,
  };
  for (const word of line.trim().split(/\s+/)) readWord(shape, word);
  if (shape.kind === 'rgba') Object.assign(shape, { ci: 4, co: 4, groups: 4 });
  // Phase correlation compares two pictures of the same size.
  if (shape.kind === 'phase') Object.assign(shape, { ci: 1, co: 1, kernel: shape.input });
  for (const [name, expected] of [
    ['input', 'height × width, such as 56x56'],
    ['ci', 'channels, such as 64->256'],
    ['kernel', 'a kernel, such as k3'],
  ]) {
    if (shape[name] === undefined) throw new Error(`missing ${expected}`);
  }
  if (shape.ci % shape.groups !== 0 || shape.co % shape.groups !== 0) {
    throw new Error(
      `groups is ${shape.groups}; expected a divisor of the channels ${shape.ci}->${shape.co}`,
    );
  }
  shape.output = outputSize(shape);
  if (Math.min(...shape.output) < 1) {
    throw new Error(
      `the output is ${shape.output.join('×')}; expected at least 1×1: use more padding or a smaller kernel`,
    );
  }
  shape.macs = countMacs(shape);
  shape.name = describe(shape);
  return shape;
}

function readWord(shape, word) {
  const [, letters, numbers] = /^([a-z]+)(\d.*)$/.exec(word) ?? [];
  const channels = /^(\d+)->(\d+)$/.exec(word);
  if (channels) [shape.ci, shape.co] = channels.slice(1).map((text) => parseNumber(text, word));
  else if (/^\d+x\d+$/.test(word)) shape.input = parsePair(word, word, 1);
  else if (letters === 'k') shape.kernel = parsePair(numbers, word, 1);
  else if (letters === 's') shape.stride = parsePair(numbers, word, 1);
  else if (letters === 'd') shape.dilation = parsePair(numbers, word, 1);
  else if (letters === 'p') shape.pads = parsePads(numbers, word);
  else if (letters === 'op') shape.outputPadding = parsePair(numbers, word, 0);
  else if (letters === 'g') shape.groups = parseNumber(numbers, word);
  else if (letters === 'b') shape.batch = parseNumber(numbers, word);
  else if (word === 'nhwc') shape.layout = word;
  else if (word === 'main') shape.isMain = true;
  else if (KINDS.includes(word)) shape.kind = word;
  else if (PADDING_MODES.includes(word)) shape.paddingMode = word;
  else if (FLAGS.includes(word)) shape[word] = true;
  else throw new Error(`unknown word "${word}"; expected one of those in bench/README.md`);
}

function parseNumber(text, word, minimum = 1) {
  if (!/^\d+$/.test(text) || Number(text) < minimum) {
    throw new Error(`"${word}" has an invalid number; expected integers of at least ${minimum}`);
  }
  return Number(text);
}

/** Parses `3` as [3, 3] and `1x7` as [1, 7]. */
function parsePair(text, word, minimum) {
  const numbers = text.split('x').map((number) => parseNumber(number, word, minimum));
  if (numbers.length > 2)
    throw new Error(`"${word}" has ${numbers.length} numbers; expected 1 or 2`);
  return [numbers[0], numbers.at(-1)];
}

function parsePads(text, word) {
  if (!text.includes(',')) {
    const [h, w] = parsePair(text, word, 0);
    return [h, h, w, w];
  }
  const pads = text.split(',').map((number) => parseNumber(number, word, 0));
  if (pads.length !== 4) throw new Error(`"${word}" has ${pads.length} numbers; expected 4`);
  return pads;
}

function outputSize({ kind, input, kernel, stride, dilation, pads, outputPadding }) {
  return [0, 1].map((axis) => {
    const window = dilation[axis] * (kernel[axis] - 1) + 1;
    const padding = pads[2 * axis] + pads[2 * axis + 1];
    return kind === 'transposed'
      ? (input[axis] - 1) * stride[axis] + window - padding + outputPadding[axis]
      : Math.floor((input[axis] + padding - window) / stride[axis]) + 1;
  });
}

function countMacs({ kind, batch, ci, co, groups, input, kernel, output }) {
  // A transposed convolution multiplies each input element by each kernel element.
  const [h, w] = kind === 'transposed' ? input : output;
  const forward = batch * h * w * kernel[0] * kernel[1] * co * (ci / groups);
  return kind === 'backward' ? 2 * forward : forward;
}

/** For example `3×3 s2 224² 3→32`. */
function describe(shape) {
  const size = ([h, w]) => (h === w ? `${h}²` : `${h}×${w}`);
  const both = ([h, w]) => (h === w ? `${h}` : `${h}×${w}`);
  const isOne = ([h, w]) => h === 1 && w === 1;
  const isDepthwise = shape.groups > 1 && shape.groups === shape.ci;
  if (shape.kind === 'phase') return `${size(shape.input)} phase`;
  return [
    shape.kernel.join('×'),
    !isOne(shape.stride) && `s${both(shape.stride)}`,
    !isOne(shape.dilation) && `d${both(shape.dilation)}`,
    size(shape.input),
    shape.kind === 'rgba' ? 'RGBA' : `${shape.ci}→${shape.co}`,
    shape.kind !== 'rgba' && (isDepthwise ? 'dw' : shape.groups > 1 && `g${shape.groups}`),
    shape.batch > 1 && `batch ${shape.batch}`,
    shape.layout !== 'nchw' && shape.layout,
    shape.paddingMode !== 'zeros' && shape.paddingMode,
    ...FLAGS.map((flag) => shape[flag] && flag),
    shape.kind !== 'plan' && shape.kind !== 'rgba' && shape.kind,
  ]
    .filter(Boolean)
    .join(' ');
}
