// Runs the probes of each JavaScript library. A probe is the library's equivalent of a call of corr2d:
// code that returns values, or throws if the library does not support it.
import { loadOpencv, loadOrt, loadTfjs } from '../contenders/load.mjs';
import { permute } from '../data.mjs';
import { encodeModel } from '../onnx-model.mjs';

/** @typedef {import('./data.mjs').Values} Values */
/** @typedef {{ values: Values[] } | { error: string }} ProbeResult */

/** Marks a probe that needs separate calls for padding, cropping, transposing or activation. */
export const inSteps = (probe) => ({ steps: true, probe });

/** Marks a probe whose result differs from corr2d's, and says how it differs. */
export const differs = (difference, probe) => ({ difference, probe });

/** Marks a probe that leaves the library unusable. These run last. */
export const breaks = (probe) => ({ ...(probe.probe ? probe : { probe }), breaks: true });

/** The padding of a N×H×W×C image in the format of tfjs. */
export const tfjsPads = (top, bottom, left, right) => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/**
 * Loads the JavaScript libraries. The functions below describe the probes that each `run` takes.
 * @param {import('../contenders/load.mjs').LoadOptions} options
 */
export async function openPeers(options) {
  return {
    tfjs: await openTfjs(options),
    ort: await openOrt(options),
    opencv: await openOpencv(options),
  };
}

/** TensorFlow.js: probes are `(tf, t) => values`, where `t` has the helpers below. */
async function openTfjs(options) {
  const { tf, version } = await loadTfjs(options);
  const tensor = ({ shape, data }) => tf.tensor(data, shape);
  const ordered = (values, order) => tf.transpose(tensor(values), order);
  const t = {
    tensor,
    /** Tensors in tfjs' layouts, from values in corr2d's. */
    nhwc: (values) => ordered(values, [0, 2, 3, 1]),
    nwc: (values) => ordered(values, [0, 2, 1]),
    ndhwc: (values) => ordered(values, [0, 2, 3, 4, 1]),
    hwc: (values) => ordered(values, [1, 2, 0]),
    hwio: (values) => ordered(values, [2, 3, 1, 0]),
    wio: (values) => ordered(values, [2, 1, 0]),
    dhwio: (values) => ordered(values, [2, 3, 4, 1, 0]),
    /** A matrix as an image, or as a kernel, with one channel. */
    plane: ({ shape, data }) => tf.tensor(data, [1, ...shape, 1]),
    kernel: ({ shape, data }) => tf.tensor(data, [...shape, 1, 1]),
    /** Values in corr2d's layouts, from tensors in tfjs'. */
    flat: (result) => ({ shape: result.shape, data: result.dataSync() }),
    nchw: (result) => t.flat(tf.transpose(result, [0, 3, 1, 2])),
    ncw: (result) => t.flat(tf.transpose(result, [0, 2, 1])),
    ncdhw: (result) => t.flat(tf.transpose(result, [0, 4, 1, 2, 3])),
    chw: (result) => t.flat(tf.transpose(result, [2, 0, 1])),
    oihw: (result) => t.flat(tf.transpose(result, [3, 2, 0, 1])),
    matrix: (result) => t.flat(tf.squeeze(result, [0, 3])),
  };
  return { version, run: (probe) => capture(() => probe(tf, t)) };
}

/**
 * ONNX Runtime: probes are models with an output `y`, as `encodeModel` takes them, or
 * `(ort, open) => values`, where `open` creates a session for such a model.
 */
async function openOrt(options) {
  const { ort, sessionOptions, version } = await loadOrt(options);
  const open = async ({ nodes, inputs, constants = {}, outputs = ['y'], types }) => {
    const entries = Object.entries(inputs);
    const shapes = entries.map(([name, { shape }]) => [name, shape]);
    const feeds = entries.map(([name, { shape, data }]) => [
      name,
      new ort.Tensor('float32', data, shape),
    ]);
    const model = { nodes, inputs: Object.fromEntries(shapes), constants, outputs, types };
    const session = await ort.InferenceSession.create(encodeModel(model), sessionOptions);
    return { session, feeds: Object.fromEntries(feeds) };
  };
  const runModel = async (model) => {
    const { session, feeds } = await open(model);
    const { y } = await session.run(feeds);
    // Indices are 64-bit integers.
    return { shape: y.dims, data: y.type === 'int64' ? Array.from(y.data, Number) : y.data };
  };
  const run = (probe) =>
    capture(() => (typeof probe === 'function' ? probe(ort, open) : runModel(probe)));
  return { version, run };
}

/** OpenCV: probes are `(cv, m) => values`, where `m` has the helpers below. */
async function openOpencv(options) {
  const { cv, version } = await loadOpencv(options);
  const m = {
    mat: ({ shape, data }) => cv.matFromArray(...shape, cv.CV_32F, data),
    values: (mat) => ({ shape: [mat.rows, mat.cols], data: mat.data32F.slice() }),
    /** The values of an 8-bit RGBA Mat. */
    rgba: (mat) => ({ shape: [mat.rows, mat.cols, 4], data: Float32Array.from(mat.data) }),
    /** The red, green and blue planes of an 8-bit RGBA Mat, with values in [0, 1]. */
    rgb(mat) {
      const [planes, floats] = [new cv.MatVector(), new cv.Mat()];
      mat.convertTo(floats, cv.CV_32F, 1 / 255);
      cv.split(floats, planes);
      const data = [0, 1, 2].flatMap((i) => [...planes.get(i).data32F]);
      return { shape: [3, mat.rows, mat.cols], data: Float32Array.from(data) };
    },
    anchor: new cv.Point(-1, -1),
  };
  return { version, run: (probe) => capture(() => probe(cv, m)) };
}

/** The values of a probe, or its error. @returns {Promise<ProbeResult>} */
async function capture(probe) {
  try {
    return { values: [await probe()].flat() };
  } catch (error) {
    // Emscripten throws C++ exceptions as their addresses.
    return { error: error instanceof Error ? error.message : `exception ${error}` };
  }
}

/** `values` with its axes in another order. @param {Values} values @param {readonly number[]} order */
export function transpose({ shape, data }, order) {
  return { shape: order.map((axis) => shape[axis]), data: permute(data, shape, order) };
}

/** Converts a result of corr2d (a tensor, ImageData or values) to values. @returns {Values} */
export function toValues(result) {
  if (result.width === undefined)
    return { shape: result.shape, data: Float32Array.from(result.data) };
  const { width, height, data } = result;
  return { shape: [height, width, 4], data: Float32Array.from(data) };
}
