// Operators in the layouts of libraries that have the channels last. Each is measured in the layout in which it is faster.
import { permute } from '../data.mjs';
import { OPERATORS } from '../operator-shapes.mjs';

/**
 * @typedef {object} View An operator with its operands in one layout.
 * @property {string} op
 * @property {number[][]} shapes
 * @property {Float32Array[]} arrays
 * @property {Record<string, number[]>} options With axes of this layout.
 * @property {Record<string, Float32Array>} parameters
 * @property {number[]} output
 * @property {(numbers: Float32Array) => Float32Array} toOutput Converts the result to the layout of the shape file.
 */

/** The time for which a layout is tried. */
const TRIAL_MS = 30;

/**
 * Prepares an operator in each layout that its row in `OPERATORS` allows, and returns the fastest.
 * @template {{ run: () => unknown, dispose: () => unknown }} Prepared
 * @param {import('../operator-shapes.mjs').OperatorShape} shape
 * @param {import('../data.mjs').Data} data
 * @param {(view: View) => Promise<Prepared>} prepare
 * @returns {Promise<Prepared>}
 */
export async function prepareFastest(shape, data, prepare) {
  const candidates = [];
  for (const view of viewsOf(shape, data)) {
    const prepared = await prepare(view);
    candidates.push({ prepared, time: Number.POSITIVE_INFINITY });
  }
  if (candidates.length > 1) {
    for (let round = 0; round < 2; round++) {
      for (const one of candidates) one.time = Math.min(one.time, await bestTime(one.prepared.run));
    }
    candidates.sort((a, b) => a.time - b.time);
  }
  const [best, ...rest] = candidates;
  for (const { prepared } of rest) await prepared.dispose();
  return best.prepared;
}

async function bestTime(run) {
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + TRIAL_MS;
  while (performance.now() < end) {
    const begin = performance.now();
    await run();
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}

/** @returns {View[]} */
export function viewsOf(shape, data) {
  const { op, operands, options } = shape;
  const rank = operands[0].length;
  const { layouts = 'given' } = OPERATORS[op];
  // Only images have channels, and a softmax over the last axis has none either.
  const isImage = rank >= 4 && options.axis?.[0] !== rank - 1;
  // An element-wise operator needs channels only for an operand that has one element for each.
  const hasChannels = op !== 'add' || operands[1].at(-3) > 1;
  if (layouts === 'given' || !isImage || !hasChannels) return [givenView(shape, data)];
  const last = channelsLastView(shape, op === 'pixelshuffle' ? groupedByPlace(shape, data) : data);
  return layouts === 'either' ? [givenView(shape, data), last] : [last];
}

/** TensorFlow orders the input channels of depthToSpace by place in the block, PyTorch by output channel. */
function groupedByPlace(
  {
    operands: [[n, c, h, w]],
    options: {
      factor: [r],
    },
  },
  data,
) {
  const grouped = permute(data.operands[0], [n, c / r / r, r * r, h * w], [0, 2, 1, 3]);
  return { ...data, operands: [grouped] };
}

function givenView({ op, operands, options, output }, { operands: arrays, parameters }) {
  return { op, shapes: operands, arrays, options, parameters, output, toOutput: (data) => data };
}

/** N×C×H×W as N×H×W×C, or N×C×D×H×W as N×D×H×W×C. */
function channelsLastView({ op, operands, options, output }, { operands: arrays, parameters }) {
  const rank = operands[0].length;
  const order = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
  const inverse = order.map((_, axis) => order.indexOf(axis));
  const move = (shape) => order.map((axis) => shape[axis]);
  const withoutLeadingOnes = (shape) => shape.slice(shape.findIndex((size) => size > 1));
  // Operands of a lower rank are broadcast.
  const padded = operands.map((shape) => [...Array(rank - shape.length).fill(1), ...shape]);
  const moved = move(output);
  const isWhole = output.length === rank;
  return {
    op,
    shapes: padded.map((shape, i) =>
      operands[i].length === rank ? move(shape) : withoutLeadingOnes(move(shape)),
    ),
    arrays: arrays.map((data, i) => permute(data, padded[i], order)),
    options: options.axis
      ? { ...options, axis: options.axis.map((axis) => inverse[axis]) }
      : options,
    parameters,
    output: isWhole ? moved : output,
    toOutput: (data) => (isWhole ? permute(data, moved, inverse) : data),
  };
}
