// The benchmark, in Node and in pages: opens the contenders once, then measures one shape at a time.
import { Unsupported } from './contenders/unsupported.mjs';
import { createCopy } from './copy.mjs';
import { absolute, makeData } from './data.mjs';
import { measure } from './measure.mjs';
import { OPERATORS } from './operator-shapes.mjs';
import { createPeak } from './peak.mjs';

/** The contender that is compared with the others, its peers. */
export const OWN = 'corr2d';
/** corr2d on one thread, if it also runs on several. */
export const SINGLE_THREADED = 'corr2d-1';
/** Other ways to compute the same with corr2d, each shown with its time relative to corr2d's. */
export const ALTERNATIVES = ['apart', 'nchw'];
/** Unit roundoff of float32. */
const EPSILON = 2 ** -24;

const CONTENDERS = {
  corr2d: () => import('./contenders/corr2d.mjs'),
  tfjs: () => import('./contenders/tfjs.mjs'),
  ort: () => import('./contenders/onnxruntime.mjs'),
  litert: () => import('./contenders/litert.mjs'),
  opencv: () => import('./contenders/opencv.mjs'),
  vips: () => import('./contenders/vips.mjs'),
  native: () => import('./contenders/native.mjs'),
  algorithms: () => import('./contenders/algorithms.mjs'),
  baseline: () => import('./contenders/baseline.mjs'),
};
/** The default contenders. */
export const contenderNames = ['corr2d', 'tfjs', 'ort', 'litert', 'opencv', 'vips'];

/**
 * @typedef {object} SessionOptions
 * @property {'simd' | 'relaxed'} variant The variant of corr2d.
 * @property {number} threads The number of threads, for contenders that support them.
 * @property {readonly string[]} contenders
 * @property {string} [assets] In a page, the URL path of the peers' packages.
 * @property {(request: object) => Promise<any>} [sendRequest] From native.mjs, for the contender `native`.
 */
/**
 * @typedef {object} Entry The result of one contender for one shape.
 * @property {string} [unsupported] The reason why it does not run the shape.
 * @property {number} [prepare] Milliseconds to create a plan or session, with packed weights.
 * @property {number} [first] Milliseconds of the first call after that.
 * @property {import('./measure.mjs').Timing} [timing]
 * @property {string} [algorithm]
 * @property {boolean} [isUnranked] It is shown but not a peer: it knows more than the others, is not
 *   WebAssembly, or is corr2d itself.
 */
/**
 * @typedef {object} Result
 * @property {import('./shapes.mjs').Shape | import('./operator-shapes.mjs').OperatorShape} shape
 * @property {Record<string, Entry>} entries
 * @property {number} peak Operations per millisecond of the register peak, in the same rounds.
 * @property {import('./measure.mjs').Timing} [copy] A copy of as many bytes as an operator reads and writes.
 * @property {number | null} error The largest difference from a peer as a multiple of the bound, or
 *   null without a peer.
 */

/** Whether the speed of a shape is limited by the bytes that it reads and writes. @param {Result['shape']} shape */
export const isBoundByMemory = ({ kind, macs }) => kind === 'operator' && macs === 0;

/** @param {SessionOptions} options */
export async function openSession(options) {
  const begin = performance.now();
  const contenders = [];
  for (const name of options.contenders) {
    const { create } = await CONTENDERS[name]();
    contenders.push(...[await create(options)].flat());
  }
  const load = performance.now() - begin;
  const peak = createPeak(options.variant);
  return {
    load,
    contenders: contenders.map(({ name, version, threads }) => ({ name, version, threads })),
    /** @param {import('./shapes.mjs').Shape} shape @returns {Promise<Result>} */
    run: (shape, budget) => runShape(contenders, peak, shape, budget),
    /** The times of the first contender's set-up and first call. */
    firstCall: async (shape) => {
      const { prepare, first, prepared } = await start(contenders[0], shape, makeData(shape));
      await prepared.dispose();
      return { load, prepare, first };
    },
  };
}

async function runShape(contenders, peak, shape, budget) {
  const data = makeData(shape);
  const entries = {};
  const ready = [];
  try {
    for (const contender of contenders) {
      const { name, isUnranked } = contender;
      try {
        const { prepared, prepare, first } = await start(contender, shape, data);
        ready.push({ contender, prepared });
        entries[name] = { prepare, first, isUnranked, algorithm: prepared.algorithm };
      } catch (error) {
        // A peer that fails is skipped for this shape; a failure of corr2d ends the run.
        const isUnsupported = error instanceof Unsupported;
        if (name === OWN && !isUnsupported) {
          throw new Error(`${shape.name}: ${error.message}`, { cause: error });
        }
        entries[name] = { unsupported: isUnsupported ? error.message : `failed: ${error.message}` };
      }
    }
    const { error, wrong } = await verify(ready, shape, data);
    for (const name of wrong) entries[name] = { unsupported: 'failed: wrong result' };
    const verified = ready.filter(({ contender }) => !wrong.includes(contender.name));
    const runs = Object.fromEntries(verified.map((one) => [one.contender.name, one.prepared.run]));
    if (isBoundByMemory(shape)) runs.copy = createCopy(shape.bytes).run;
    const { peak: atPeak, copy, ...timings } = await measure({ ...runs, peak: peak.run }, budget);
    for (const [name, timing] of Object.entries(timings)) entries[name].timing = timing;
    return { shape, entries, peak: peak.flops / atPeak.median, copy, error };
  } finally {
    for (const { prepared } of ready) await prepared.dispose();
  }
}

async function start(contender, shape, data) {
  const begin = performance.now();
  const prepared = await contender.prepare(shape, data);
  const middle = performance.now();
  await prepared.run();
  return { prepared, prepare: middle - begin, first: performance.now() - middle };
}

/**
 * Compares corr2d's results with those of the peers, and throws if they differ from all of them. Without corr2d's
 * results the first peer's are compared.
 * @returns {Promise<{ error: number | null, wrong: string[] }>} The largest difference from a peer as a
 *   multiple of the bound, or null without a peer; and the peers with wrong results.
 */
async function verify(ready, shape, data) {
  const reference = ready.find(({ contender }) => contender.name === OWN) ?? ready[0];
  const peers = ready.filter((one) => one !== reference);
  const wrong = [];
  if (peers.length === 0) return { error: null, wrong };
  const outputs = await reference.prepared.outputs();
  let bounds = null;
  let largest = 0;
  let closest = Number.POSITIVE_INFINITY;
  for (const { contender, prepared } of peers) {
    const wanted = await prepared.outputs();
    // Bounds from a peer with correct results are reused, because they are correct too.
    const allowed = prepared.maxDifference ?? maxDifference(shape, outputs);
    const candidate =
      allowed === undefined
        ? (bounds ?? (await computeBounds(contender, shape, data)))
        : absoluteBounds(wanted, allowed);
    const error = Math.max(
      ...outputs.map((output, i) => difference(output, wanted[i], candidate[i])),
    );
    if (error <= 1) {
      bounds = candidate;
      largest = Math.max(largest, error);
    } else {
      wrong.push(contender.name);
      closest = Math.min(closest, error);
    }
  }
  if (bounds) return { error: largest, wrong };
  throw new Error(
    `${shape.name}: the results of ${reference.contender.name} and ${wrong.join(', ')} differ by ` +
      `${closest.toPrecision(3)} times the rounding bound; expected at most 1`,
  );
}

/**
 * By how much results may differ that are not plain sums. A contender with larger errors states its own
 * `maxDifference`. 8-bit results are rounded to integers. Scores are from −1 to 1; those of OpenCV are off by up to
 * 0.002 for 32×32 in 1080p, because it does not subtract the picture's mean before its float32 transforms.
 */
const ABSOLUTE_BOUNDS = { rgba: 1, match: 5e-3, phase: 0.5 };

/** The largest difference between results, or undefined for plain sums. */
function maxDifference({ kind, op }, [output]) {
  if (kind !== 'operator') return ABSOLUTE_BOUNDS[kind];
  return OPERATORS[op].tolerance * output.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
}

const absoluteBounds = (wanted, factor) =>
  wanted.map((output) => ({ sizes: new Uint8Array(output.length).fill(1), factor }));

/**
 * The bound for each element of each output: `factor` times the element of `sizes`.
 *
 * Two sums of K products, rounded in different orders, differ by at most 2·(K + 1)·ε·Σ|x||w|. The peer
 * itself computes that sum from |x| and |w|.
 */
async function computeBounds(peer, shape, data) {
  const prepared = await peer.prepare({ ...shape, relu: false }, absolute(data));
  try {
    await prepared.run();
    const sums = await prepared.outputs();
    const products = countProducts(shape);
    return sums.map((sizes, i) => ({ sizes, factor: 2 * (products[i] + 1) * EPSILON }));
  } finally {
    await prepared.dispose();
  }
}

/** K for each output: the number of products in one of its elements. */
function countProducts({ kind, batch, ci, co, groups, kernel, output }) {
  const kernelSize = kernel[0] * kernel[1];
  // A residual is one more term of the sum.
  if (kind !== 'backward') return [(ci / groups) * kernelSize + Number(kind === 'residual')];
  const pixels = batch * output[0] * output[1];
  return [(co / groups) * kernelSize, pixels, pixels];
}

function difference(output, wanted, { sizes, factor }) {
  if (output.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < output.length; i++) {
    const distance = Math.abs(output[i] - wanted[i]);
    if (distance === 0) continue;
    if (distance <= factor * sizes[i] * largest) continue;
    if (Number.isNaN(distance)) return Number.NaN;
    largest = distance / (factor * sizes[i]);
  }
  return largest;
}
