// The benchmark itself, in Node and in a page alike: it opens the contenders once, and then measures
// one shape after the other.
import { Unsupported } from './contenders/unsupported.mjs';
import { absolute, makeData } from './data.mjs';
import { measure } from './measure.mjs';
import { createPeak } from './peak.mjs';

/** The contender that all others are peers of. */
export const OWN = 'corr2d';
/** The same on one thread, where it has several. */
export const ALONE = 'corr2d-1';
/** float32's unit roundoff. */
const EPSILON = 2 ** -24;

const CONTENDERS = {
  corr2d: () => import('./contenders/corr2d.mjs'),
  tfjs: () => import('./contenders/tfjs.mjs'),
  ort: () => import('./contenders/onnxruntime.mjs'),
  opencv: () => import('./contenders/opencv.mjs'),
  native: () => import('./contenders/native.mjs'),
  algorithms: () => import('./contenders/algorithms.mjs'),
};
/** Those that are measured unless others are named; the others have to be asked for. */
export const contenderNames = ['corr2d', 'tfjs', 'ort', 'opencv'];

/**
 * @typedef {object} SessionOptions
 * @property {'simd' | 'relaxed'} variant Of corr2d.
 * @property {number} threads For those that have them.
 * @property {readonly string[]} contenders
 * @property {string} [assets] In a page: where the peers' packages are.
 * @property {(question: object) => Promise<any>} [ask] Of native.mjs, where `native` is a contender.
 */
/**
 * @typedef {object} Entry What came of one contender on one shape.
 * @property {string} [unsupported] Why it cannot do it.
 * @property {number} [prepare] Milliseconds: a plan or a session made, weights packed.
 * @property {number} [first] Milliseconds of the first call after that.
 * @property {import('./measure.mjs').Timing} [timing]
 * @property {string} [algorithm]
 * @property {boolean} [isAside] It is shown, and no peer: it was told more than the others, is no
 *   WebAssembly, or is corr2d itself.
 */
/**
 * @typedef {object} Result
 * @property {import('./shapes.mjs').Shape} shape
 * @property {Record<string, Entry>} entries
 * @property {number} peak Operations per millisecond between registers, in the same rounds.
 * @property {number | null} error The largest difference to a peer, 1 being what rounding allows;
 *   null without a peer.
 */

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
    /** The first contender's set-up and first call, with nothing measured. */
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
      const { name, isAside } = contender;
      try {
        const { prepared, prepare, first } = await start(contender, shape, data);
        ready.push({ contender, prepared });
        entries[name] = { prepare, first, isAside, algorithm: prepared.algorithm };
      } catch (error) {
        // A peer that fails is left out of the shape; what is measured must not fail.
        if (name === OWN) throw new Error(`${shape.name}: ${error.message}`, { cause: error });
        const isKnown = error instanceof Unsupported;
        entries[name] = { unsupported: isKnown ? error.message : `has failed: ${error.message}` };
      }
    }
    const { error, wrong } = await verify(ready, shape, data);
    for (const name of wrong) entries[name] = { unsupported: 'has failed: another result' };
    const sound = ready.filter(({ contender }) => !wrong.includes(contender.name));
    const runs = Object.fromEntries(sound.map((one) => [one.contender.name, one.prepared.run]));
    const { peak: atPeak, ...timings } = await measure({ ...runs, peak: peak.run }, budget);
    for (const [name, timing] of Object.entries(timings)) entries[name].timing = timing;
    return { shape, entries, peak: peak.flops / atPeak.median, error };
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
 * Holds corr2d's results against those of the peers, and throws where no peer has the same.
 * @returns {Promise<{ error: number | null, wrong: string[] }>} The largest difference to a peer, 1
 *   being what rounding explains, and null where nobody is to be compared with; and the peers that have
 *   results of their own.
 */
async function verify(ready, shape, data) {
  const own = ready.find(({ contender }) => contender.name === OWN);
  const peers = ready.filter((one) => one !== own);
  const wrong = [];
  if (!own || peers.length === 0) return { error: null, wrong };
  const outputs = await own.prepared.outputs();
  let bounds = null;
  let largest = 0;
  let closest = Number.POSITIVE_INFINITY;
  for (const { contender, prepared } of peers) {
    const wanted = await prepared.outputs();
    // Of a peer that is right, and so has the right bounds too.
    const trusted = bounds ?? (await boundsOf(contender, shape, data, wanted));
    const error = Math.max(
      ...outputs.map((output, i) => difference(output, wanted[i], trusted[i])),
    );
    if (error <= 1) {
      bounds = trusted;
      largest = Math.max(largest, error);
    } else {
      wrong.push(contender.name);
      closest = Math.min(closest, error);
    }
  }
  if (bounds) return { error: largest, wrong };
  throw new Error(
    `${shape.name}: ${OWN} and ${wrong.join(', ')} differ ${closest.toPrecision(3)} times ` +
      'more than rounding explains',
  );
}

/**
 * By how much each element of each output may differ: by `factor` times that of `sizes`.
 *
 * Two sums of K products, each rounded in its own order, are at most 2·(K + 1)·ε·Σ|x||w| apart; that
 * sum is what the peer itself computes from |x| and |w|.
 */
async function boundsOf(peer, shape, data, wanted) {
  // Bytes are rounded once more.
  if (shape.kind === 'rgba') {
    return wanted.map((output) => ({ sizes: new Uint8Array(output.length).fill(1), factor: 1 }));
  }
  const prepared = await peer.prepare({ ...shape, relu: false }, absolute(data));
  try {
    await prepared.run();
    const sums = await prepared.outputs();
    const products = productsOf(shape);
    return sums.map((sizes, i) => ({ sizes, factor: 2 * (products[i] + 1) * EPSILON }));
  } finally {
    await prepared.dispose();
  }
}

/** K for each output: how many products are added up in one of its elements. */
function productsOf({ kind, batch, ci, co, groups, kernel, output }) {
  const taps = kernel[0] * kernel[1];
  if (kind !== 'backward') return [(ci / groups) * taps];
  const pixels = batch * output[0] * output[1];
  return [(co / groups) * taps, pixels, pixels];
}

function difference(output, wanted, { sizes, factor }) {
  if (output.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < output.length; i++) {
    const apart = Math.abs(output[i] - wanted[i]);
    if (apart <= factor * sizes[i] * largest) continue;
    if (Number.isNaN(apart)) return Number.NaN;
    largest = apart / (factor * sizes[i]);
  }
  return largest;
}
