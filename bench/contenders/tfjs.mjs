// TensorFlow.js with its WebAssembly backend, which computes convolutions with XNNPACK.
//
// The tensors live in the backend's heap. The backend keeps the packed weights of a convolution as long as
// the weight's tensor lives. The kernels are called without the checks of `tf.conv2d`, which take 5 µs
// per call; `plan.run` does the remaining work too.
import { permute } from '../data.mjs';
import { prepareFastest } from './layouts.mjs';
import { loadTfjs } from './load.mjs';
import { prepareOperator } from './tfjs-operators.mjs';
import { Unsupported } from './unsupported.mjs';

export async function create(options) {
  const { tf, backend, version } = await loadTfjs(options);
  // In Node tfjs does not support threads.
  const isThreaded = tf.env().getBool('WASM_HAS_MULTITHREAD_SUPPORT');
  return {
    name: 'tfjs',
    version,
    threads: isThreaded ? backend.getThreadsCount() : 1,
    prepare: (shape, data) => prepare(tf, shape, data),
  };
}

function prepare(tf, shape, data) {
  if (shape.kind === 'operator') {
    return prepareFastest(shape, data, (view) => prepareOperator(tf, view));
  }
  if (shape.kind === 'rgba') throw new Unsupported('has no filter for 8-bit images');
  if (['match', 'phase'].includes(shape.kind)) throw new Unsupported('has no template matching');
  if (shape.kind === 'backward')
    throw new Unsupported('has no gradient for weights in its wasm backend');
  if (shape.kind === 'transposed') return transposed(tf, shape, data);
  if (!['zeros', 'reflect'].includes(shape.paddingMode)) {
    throw new Unsupported(`has no padding mode ${shape.paddingMode}`);
  }
  return convolution(tf, shape, data);
}

/** The largest table of input addresses, one per output and kernel element, that XNNPACK may allocate. */
const MAX_TABLE_BYTES = 2 ** 30;

function convolution(tf, shape, data) {
  const { groups, ci, co, stride, dilation, kernel, pads, output } = shape;
  const isDepthwise = groups > 1 && groups === ci;
  if (groups > 1 && !isDepthwise) throw new Unsupported('has no grouped convolution');
  const table = 4 * shape.batch * output[0] * output[1] * kernel[0] * kernel[1];
  if (table > MAX_TABLE_BYTES) {
    throw new Unsupported(`needs ${(table / 1e9).toFixed(1)} GB for a table of addresses`);
  }
  const op = isDepthwise ? 'DepthwiseConv2dNative' : 'Conv2D';
  const fusedOp = isDepthwise ? 'FusedDepthwiseConv2D' : 'FusedConv2D';
  const isFused = shape.bias || shape.relu;
  // A residual comes before the activation, which then is an operator of its own.
  const hasRelu = shape.relu && shape.kind !== 'residual';
  // Weights are kh×kw×Ci×Co, or kh×kw×Ci×multiplier.
  const order = isDepthwise ? [2, 3, 0, 1] : [2, 3, 1, 0];
  const ownShape = isDepthwise ? [ci, co / ci, ...kernel] : [co, ci, ...kernel];
  const weights = permute(data.weight, ownShape, order);
  const sizes = order.map((axis) => ownShape[axis]);
  const isMirrored = shape.paddingMode === 'reflect';
  const explicit = [[0, 0], pads.slice(0, 2), pads.slice(2), [0, 0]];
  const attributes = {
    strides: stride,
    dilations: dilation,
    pad: isMirrored ? 'valid' : explicit,
    dataFormat: 'NHWC',
    ...(isFused && { activation: hasRelu ? 'relu' : 'linear' }),
  };
  const x = imageTensor(tf, shape, data.input);
  const bias = shape.bias ? tf.tensor1d(data.bias) : undefined;
  const residual = data.residual && outputTensor(tf, shape, data.residual);
  let filter = tf.tensor4d(weights, sizes);

  const run = () => {
    const image = isMirrored ? tf.mirrorPad(x, explicit, 'reflect') : x;
    const y = tf.engine().runKernel(isFused ? fusedOp : op, { x: image, filter, bias }, attributes);
    if (isMirrored) image.dispose();
    return residual ? addResidual(y) : y;
  };
  const addResidual = (y) => {
    const sum = tf.engine().runKernel('Add', { a: y, b: residual });
    y.dispose();
    if (!shape.relu) return sum;
    const z = tf.engine().runKernel('Relu', { x: sum });
    sum.dispose();
    return z;
  };
  const runOneshot = () => {
    // With a new tensor the packed weights of the last call cannot be reused.
    filter.dispose();
    filter = tf.tensor4d(weights, sizes);
    return run();
  };
  return {
    run: () => (shape.kind === 'oneshot' ? runOneshot() : run()).dispose(),
    outputs: () => [takeImage(run())],
    dispose: () => disposeAll(x, filter, bias, residual),
  };
}

function transposed(tf, shape, data) {
  const { batch, ci, co, groups, kernel, stride, dilation, pads, output } = shape;
  if (groups > 1) throw new Unsupported('has no grouped convolution');
  if (Math.max(...dilation) > 1) throw new Unsupported('has no dilated transposed convolution');
  const filter = tf.tensor4d(permute(data.weight, [ci, co, ...kernel], [2, 3, 1, 0]), [
    ...kernel,
    co,
    ci,
  ]);
  const dy = imageTensor(tf, shape, data.input);
  const attributes = {
    strides: stride,
    pad: [[0, 0], pads.slice(0, 2), pads.slice(2), [0, 0]],
    dataFormat: 'NHWC',
    inputShape: [batch, ...output, co],
  };
  const run = () => tf.engine().runKernel('Conv2DBackpropInput', { dy, filter }, attributes);
  return {
    run: () => run().dispose(),
    outputs: () => [takeImage(run())],
    dispose: () => disposeAll(dy, filter),
  };
}

function imageTensor(tf, { batch, ci, input }, data) {
  const numbers = permute(data, [batch, ci, ...input], [0, 2, 3, 1]);
  return tf.tensor4d(numbers, [batch, ...input, ci]);
}

const outputTensor = (tf, { batch, co, output }, data) =>
  imageTensor(tf, { batch, ci: co, input: output }, data);

/** The image as N×C×H×W; disposes of its tensor. */
function takeImage(tensor) {
  const data = permute(tensor.dataSync(), tensor.shape, [0, 3, 1, 2]);
  tensor.dispose();
  return data;
}

function disposeAll(...all) {
  for (const one of all) one?.dispose();
}
