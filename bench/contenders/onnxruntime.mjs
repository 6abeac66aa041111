// ONNX Runtime's WebAssembly build, which computes convolutions with MLAS.
//
// `session.run` copies every input into the heap and every output out of it; a layer inside a model does
// not have this cost. So the inputs are constants of the model that may be overridden, which prevents
// constant folding, and the requested output is one element of the result.
import { encodeModel } from '../onnx-model.mjs';
import { loadOrt } from './load.mjs';
import { operatorGraph } from './onnxruntime-operators.mjs';
import { Unsupported } from './unsupported.mjs';

export async function create(options) {
  const { ort, sessionOptions, version } = await loadOrt(options);
  return {
    name: 'ort',
    version,
    threads: options.threads,
    prepare: (shape, data) => prepare(ort, sessionOptions, shape, data),
  };
}

async function prepare(ort, sessionOptions, shape, data) {
  if (shape.kind === 'rgba') throw new Unsupported('has no filter for 8-bit images');
  if (['match', 'phase'].includes(shape.kind)) throw new Unsupported('has no template matching');
  if (shape.layout === 'nhwc' && shape.kind !== 'operator')
    throw new Unsupported('supports only the layout NCHW');
  const graph = (graphs[shape.kind] ?? forward)(shape, data);

  const { constants, inputs } = graph;
  const probes = graph.outputs.map((name, i) => {
    const rank = graph.ranks[i];
    constants[`zeros${rank}`] = int64(Array(rank).fill(0));
    constants[`ones${rank}`] = int64(Array(rank).fill(1));
    const slice = [name, `zeros${rank}`, `ones${rank}`];
    return { op: 'Slice', inputs: slice, outputs: [`${name}.probe`] };
  });
  const probeNames = probes.map((node) => node.outputs[0]);
  const isOneshot = shape.kind === 'oneshot';
  const { w, ...withoutWeight } = constants;
  const model = encodeModel({
    nodes: [...graph.nodes, ...probes],
    inputs: { ...inputs, ...(isOneshot && { w: w.shape }) },
    constants: isOneshot ? withoutWeight : constants,
    outputs: [...graph.outputs, ...probeNames],
    types: graph.hasIndices ? { y: 'int64', 'y.probe': 'int64' } : {},
  });
  const session = await ort.InferenceSession.create(model, sessionOptions);
  const feeds = isOneshot ? { w: new ort.Tensor('float32', w.data, w.shape) } : {};
  return {
    run: () => session.run(feeds, probeNames),
    async outputs() {
      const results = await session.run(feeds, graph.outputs);
      // The indices of ArgMax are 64-bit integers.
      return graph.outputs.map((name) =>
        results[name].type === 'int64'
          ? Float32Array.from(results[name].data, Number)
          : results[name].data,
      );
    },
    dispose: () => session.release(),
  };
}

const graphs = { backward, operator: operatorGraph };

const int64 = (list) => ({ shape: [list.length], data: BigInt64Array.from(list, BigInt) });

function forward(shape, data) {
  const { batch, ci, co, groups, input, kernel, stride, dilation, pads, output, kind } = shape;
  const [top, bottom, left, right] = pads;
  const { residual } = data;
  const isTransposed = kind === 'transposed';
  const isPadded = shape.paddingMode !== 'zeros';
  const attributes = {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    group: groups,
    pads: isPadded ? [0, 0, 0, 0] : [top, left, bottom, right],
    ...(isTransposed && { output_padding: shape.outputPadding }),
  };
  const mode = { reflect: 'reflect', replicate: 'edge', circular: 'wrap' }[shape.paddingMode];
  const x = { shape: [batch, ci, ...input], data: data.input };
  const w = {
    shape: isTransposed ? [ci, co / groups, ...kernel] : [co, ci / groups, ...kernel],
    data: data.weight,
  };
  const beforeRelu = shape.relu ? 'sum' : 'y';
  return {
    nodes: [
      isPadded && { op: 'Pad', inputs: ['x', 'pads'], outputs: ['padded'], attributes: { mode } },
      {
        op: isTransposed ? 'ConvTranspose' : 'Conv',
        inputs: [isPadded ? 'padded' : 'x', 'w', ...(shape.bias ? ['b'] : [])],
        outputs: [residual ? 'convolved' : beforeRelu],
        attributes,
      },
      residual && { op: 'Add', inputs: ['convolved', 'residual'], outputs: [beforeRelu] },
      shape.relu && { op: 'Relu', inputs: ['sum'], outputs: ['y'] },
    ].filter(Boolean),
    inputs: { x: x.shape, ...(residual && { residual: [batch, co, ...output] }) },
    constants: {
      x,
      w,
      ...(residual && { residual: { shape: [batch, co, ...output], data: residual } }),
      ...(isPadded && { pads: int64([0, 0, top, left, 0, 0, bottom, right]) }),
      ...(shape.bias && { b: { shape: [co], data: data.bias } }),
    },
    outputs: ['y'],
    ranks: [4],
  };
}

/**
 * ONNX Runtime has no gradients here, so they are composed. The gradient of the input is a transposed
 * convolution. That of the weight is the convolution of the input with the gradient of the output, with
 * batch and channels swapped.
 */
function backward(shape, data) {
  const { batch, ci, co, groups, input, kernel, stride, dilation, pads, output } = shape;
  if (groups > 1)
    throw new Unsupported('has no gradients, and those with groups cannot be composed');
  const [top, bottom, left, right] = pads;
  const around = [top, left, bottom, right];
  // Rows and columns that no window covers.
  const unread = [0, 1].map((axis) => {
    const window = dilation[axis] * (kernel[axis] - 1) + 1;
    const padded = input[axis] + pads[2 * axis] + pads[2 * axis + 1];
    return padded - ((output[axis] - 1) * stride[axis] + window);
  });
  const swap = { perm: [1, 0, 2, 3] };
  return {
    nodes: [
      {
        op: 'ConvTranspose',
        inputs: ['dy', 'w'],
        outputs: ['dx'],
        attributes: { strides: stride, dilations: dilation, pads: around, output_padding: unread },
      },
      { op: 'Transpose', inputs: ['x'], outputs: ['xt'], attributes: swap },
      { op: 'Transpose', inputs: ['dy'], outputs: ['dyt'], attributes: swap },
      {
        op: 'Conv',
        inputs: ['xt', 'dyt'],
        outputs: ['uncropped'],
        attributes: { strides: dilation, dilations: stride, pads: around },
      },
      // If windows leave rows or columns unread, the result is larger than the kernel.
      { op: 'Slice', inputs: ['uncropped', 'origin', 'size', 'plane'], outputs: ['dwt'] },
      { op: 'Transpose', inputs: ['dwt'], outputs: ['dw'], attributes: swap },
      { op: 'ReduceSum', inputs: ['dy', 'axes'], outputs: ['db'], attributes: { keepdims: 0 } },
    ],
    inputs: { x: [batch, ci, ...input], dy: [batch, co, ...output] },
    constants: {
      x: { shape: [batch, ci, ...input], data: data.input },
      dy: { shape: [batch, co, ...output], data: data.gradOutput },
      w: { shape: [co, ci, ...kernel], data: data.weight },
      axes: int64([0, 2, 3]),
      origin: int64([0, 0]),
      size: int64(kernel),
      plane: int64([2, 3]),
    },
    outputs: ['dx', 'dw', 'db'],
    ranks: [4, 4, 1],
  };
}
