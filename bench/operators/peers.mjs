// How each library is asked. A probe is what one library is asked in order to do what corr2d has
// done: code that is run and returns values, or throws where the library refuses.
import { loadOpencv, loadOrt, loadTfjs } from '../contenders/load.mjs';
import { permute } from '../data.mjs';
import { encodeModel } from '../onnx-model.mjs';

/** @typedef {import('./data.mjs').Values} Values */
/** @typedef {{ values: Values[] } | { error: string }} Answer */

/** Marks a probe that pads, crops, transposes or activates in calls of their own. */
export const steps = (probe) => ({ steps: true, probe });

/** Marks a probe of a function that exists and has another result: how it differs. */
export const differs = (how, probe) => ({ how, probe });

/** Marks a probe that leaves the library unusable: each is asked in the end. */
export const breaks = (probe) => ({ ...(probe.probe ? probe : { probe }), breaks: true });

/**
 * Opens those that are JavaScript. Each answers probes of its own kind.
 * @param {import('../contenders/load.mjs').LoadOptions} options
 */
export async function openPeers(options) {
  return {
    tfjs: await openTfjs(options),
    ort: await openOrt(options),
    opencv: await openOpencv(options),
  };
}

/** TensorFlow.js: `(tf, t) => values`, with what follows as `t`. */
async function openTfjs(options) {
  const { tf, version } = await loadTfjs(options);
  const tensor = ({ shape, data }) => tf.tensor(data, shape);
  const ordered = (values, order) => tf.transpose(tensor(values), order);
  const t = {
    tensor,
    /** From corr2d's layouts to those of tfjs. */
    nhwc: (values) => ordered(values, [0, 2, 3, 1]),
    nwc: (values) => ordered(values, [0, 2, 1]),
    hwc: (values) => ordered(values, [1, 2, 0]),
    hwio: (values) => ordered(values, [2, 3, 1, 0]),
    wio: (values) => ordered(values, [2, 1, 0]),
    /** A matrix as an image and as a kernel of one channel. */
    plane: ({ shape, data }) => tf.tensor(data, [1, ...shape, 1]),
    tap: ({ shape, data }) => tf.tensor(data, [...shape, 1, 1]),
    /** And back. */
    flat: (result) => ({ shape: result.shape, data: result.dataSync() }),
    nchw: (result) => t.flat(tf.transpose(result, [0, 3, 1, 2])),
    ncw: (result) => t.flat(tf.transpose(result, [0, 2, 1])),
    chw: (result) => t.flat(tf.transpose(result, [2, 0, 1])),
    oihw: (result) => t.flat(tf.transpose(result, [3, 2, 0, 1])),
    matrix: (result) => t.flat(tf.squeeze(result, [0, 3])),
  };
  return { version, ask: (probe) => answer(() => probe(tf, t)) };
}

/**
 * ONNX Runtime: a model as `encodeModel` takes it, whose output is `y`; or `(ort, open) => values`
 * with what opens a session for such a model.
 */
async function openOrt(options) {
  const { ort, sessionOptions, version } = await loadOrt(options);
  const open = async ({ nodes, inputs, constants = {} }) => {
    const entries = Object.entries(inputs);
    const shapes = entries.map(([name, { shape }]) => [name, shape]);
    const feeds = entries.map(([name, { shape, data }]) => [
      name,
      new ort.Tensor('float32', data, shape),
    ]);
    const model = { nodes, inputs: Object.fromEntries(shapes), constants, outputs: ['y'] };
    const session = await ort.InferenceSession.create(encodeModel(model), sessionOptions);
    return { session, feeds: Object.fromEntries(feeds) };
  };
  const run = async (model) => {
    const { session, feeds } = await open(model);
    const { y } = await session.run(feeds);
    return { shape: y.dims, data: y.data };
  };
  const ask = (probe) =>
    answer(() => (typeof probe === 'function' ? probe(ort, open) : run(probe)));
  return { version, ask };
}

/** OpenCV: `(cv, m) => values`, with what follows as `m`. */
async function openOpencv(options) {
  const { cv, version } = await loadOpencv(options);
  const m = {
    mat: ({ shape, data }) => cv.matFromArray(...shape, cv.CV_32F, data),
    values: (mat) => ({ shape: [mat.rows, mat.cols], data: mat.data32F.slice() }),
    /** 8-bit RGBA. */
    picture: (mat) => ({ shape: [mat.rows, mat.cols, 4], data: Float32Array.from(mat.data) }),
    /** The three colours of 8-bit RGBA, from 0 to 1, one after the other. */
    planes(mat) {
      const [planes, floats] = [new cv.MatVector(), new cv.Mat()];
      mat.convertTo(floats, cv.CV_32F, 1 / 255);
      cv.split(floats, planes);
      const data = [0, 1, 2].flatMap((i) => [...planes.get(i).data32F]);
      return { shape: [3, mat.rows, mat.cols], data: Float32Array.from(data) };
    },
    anchor: new cv.Point(-1, -1),
  };
  return { version, ask: (probe) => answer(() => probe(cv, m)) };
}

/** @returns {Promise<Answer>} */
async function answer(probe) {
  try {
    return { values: [await probe()].flat() };
  } catch (error) {
    // Emscripten throws addresses of C++ exceptions.
    return { error: error instanceof Error ? error.message : `exception ${error}` };
  }
}

/** `values` with its axes in another order. @param {Values} values @param {readonly number[]} order */
export function transpose({ shape, data }, order) {
  return { shape: order.map((axis) => shape[axis]), data: permute(data, shape, order) };
}

/** What corr2d has answered as values: a tensor, a picture, or values already. @returns {Values} */
export function valuesOf(result) {
  if (result.width === undefined)
    return { shape: result.shape, data: Float32Array.from(result.data) };
  const { width, height, data } = result;
  return { shape: [height, width, 4], data: Float32Array.from(data) };
}
