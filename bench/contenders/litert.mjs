// LiteRT.js (formerly TensorFlow Lite), which computes with XNNPACK, in pages.
//
// Each shape is a model of one operator, or a few, that `tflite-model.mjs` writes. Inputs are tensors in LiteRT's heap,
// and weights are constants that it packs when it compiles the model. The compiled model is called directly, without the
// checks and promises of `model.run`, which take longer than a small operator.
import { permute } from '../data.mjs';
import { ACTIVATION, encodeTflite, PADDING } from '../tflite-model.mjs';
import { prepareFastest } from './layouts.mjs';
import { operatorGraph } from './litert-operators.mjs';
import { loadLiteRt } from './load.mjs';
import { Unsupported } from './unsupported.mjs';

/**
 * The build of the same variant as corr2d's and, beside the relaxed one, the plain SIMD build. In Node a contender that
 * supports nothing.
 */
export async function create(options) {
  if (!options.assets) return [unavailable(options)];
  const contender = async (name, build) => {
    const runtime = await loadLiteRt({ ...options, build });
    const { version, threads } = runtime;
    return {
      name,
      version,
      threads,
      prepare: (shape, data) => prepare(runtime, shape, data),
    };
  };
  if (options.variant === 'simd') return [await contender('litert', 'simd')];
  return [await contender('litert', 'relaxed'), await contender('litert-simd', 'simd')];
}

const unavailable = ({ threads }) => ({
  name: 'litert',
  version: '',
  threads,
  prepare() {
    throw new Unsupported('runs in pages only');
  },
});

function prepare(runtime, shape, data) {
  if (shape.kind === 'operator') {
    return prepareFastest(shape, data, (view) =>
      compile(runtime, operatorGraph(view), { toOutput: view.toOutput }),
    );
  }
  if (!['plan', 'residual'].includes(shape.kind)) {
    throw new Unsupported(`is not measured for ${shape.kind}`);
  }
  if (shape.paddingMode !== 'zeros') {
    throw new Unsupported(`is not measured with the padding mode ${shape.paddingMode}`);
  }
  const { batch, co, output } = shape;
  return compile(runtime, convolution(shape, data), {
    toOutput: (numbers) => permute(numbers, [batch, ...output, co], [0, 3, 1, 2]),
  });
}

/**
 * Compiles a model and places the data of its inputs in LiteRT's heap.
 * @param {Awaited<ReturnType<typeof loadLiteRt>>} runtime
 * @param {import('../tflite-model.mjs').TfliteModel & { data: Record<string, Float32Array> }} graph `data`: of the inputs.
 * @param {{ toOutput: (numbers: Float32Array) => Float32Array }} options Converts the layout of the first output.
 */
export async function compile({ litert, options }, { data, ...graph }, { toOutput }) {
  const model = await litert.loadAndCompile(encodeTflite(graph), options);
  const tensors = graph.inputs.map(
    (name) => new litert.Tensor(data[name], [...graph.tensors[name].shape]),
  );
  const buffers = tensors.map((tensor) => tensor.liteRtTensorBuffer);
  return {
    run() {
      for (const buffer of model.liteRtCompiledModel.run(0, buffers)) buffer.delete();
    },
    async outputs() {
      const [result] = await model.run(tensors);
      const numbers = result.toTypedArray();
      result.delete();
      return [toOutput(numbers)];
    },
    dispose() {
      for (const tensor of tensors) tensor.delete();
      model.delete();
    },
  };
}

/** A graph of one convolution, with a bias, because XNNPACK is slow without one. */
function convolution(shape, data) {
  const { batch, ci, co, groups, input, kernel, stride, dilation, pads, output } = shape;
  const isDepthwise = groups > 1 && groups === ci;
  const weight = permute(
    data.weight,
    [co, ci / groups, ...kernel],
    isDepthwise ? [1, 2, 3, 0] : [0, 2, 3, 1],
  );
  const isSame = [0, 1].every((axis) => hasSamePadding(shape, axis));
  const isPadded = !isSame && Math.max(...pads) > 0;
  const padded = [0, 1].map((axis) => input[axis] + pads[2 * axis] + pads[2 * axis + 1]);
  const source = isPadded ? 'padded' : 'x';
  const tensors = {
    x: { shape: [batch, ...input, ci] },
    weight: {
      shape: isDepthwise ? [1, ...kernel, co] : [co, ...kernel, ci / groups],
      data: weight,
    },
    bias: { shape: [co], data: data.bias ?? new Float32Array(co) },
    ...(isPadded && {
      pads: { shape: [4, 2], data: Int32Array.of(0, 0, ...pads, 0, 0) },
      padded: { shape: [batch, ...padded, ci] },
    }),
    y: { shape: [batch, ...output, co] },
  };
  const operator = {
    op: isDepthwise ? 'DEPTHWISE_CONV_2D' : 'CONV_2D',
    inputs: [source, 'weight', 'bias'],
    outputs: ['y'],
    options: {
      padding: isSame ? PADDING.same : PADDING.valid,
      strideH: stride[0],
      strideW: stride[1],
      dilationH: dilation[0],
      dilationW: dilation[1],
      activation: shape.relu ? ACTIVATION.relu : ACTIVATION.none,
      ...(isDepthwise && { depthMultiplier: co / ci }),
    },
  };
  const pad = { op: 'PAD', inputs: ['x', 'pads'], outputs: ['padded'] };
  const x = permute(data.input, [batch, ci, ...input], [0, 2, 3, 1]);
  const graph = {
    tensors,
    operators: isPadded ? [pad, operator] : [operator],
    inputs: ['x'],
    outputs: ['y'],
    data: { x },
  };
  return data.residual ? withResidual(graph, shape, data) : graph;
}

/** Adds the residual after the convolution. The activation is the addition's. */
function withResidual(graph, { batch, co, output }, { residual }) {
  const convolution = graph.operators.at(-1);
  const { activation, ...options } = convolution.options;
  const shape = graph.tensors.y.shape;
  const add = {
    op: 'ADD',
    inputs: ['convolved', 'residual'],
    outputs: ['y'],
    options: { activation },
  };
  return {
    ...graph,
    tensors: { ...graph.tensors, convolved: { shape }, residual: { shape } },
    operators: [
      ...graph.operators.slice(0, -1),
      { ...convolution, outputs: ['convolved'], options },
      add,
    ],
    inputs: ['x', 'residual'],
    data: {
      ...graph.data,
      residual: permute(residual, [batch, co, ...output], [0, 2, 3, 1]),
    },
  };
}

/** Whether the padding of an axis is that of TensorFlow's 'SAME', which has the surplus at the end. */
export function hasSamePadding({ input, kernel, stride, dilation, pads }, axis) {
  const window = dilation[axis] * (kernel[axis] - 1) + 1;
  const count = Math.ceil(input[axis] / stride[axis]);
  const total = Math.max(0, (count - 1) * stride[axis] + window - input[axis]);
  return pads[2 * axis] === total >> 1 && pads[2 * axis + 1] === total - (total >> 1);
}
