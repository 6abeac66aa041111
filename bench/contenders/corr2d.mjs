// corr2d. The input is a tensor in its heap, the weights are packed in a plan, and the result is written
// to an existing tensor. 8-bit pictures are copied in every call, and their scores are copied out.
import { permute } from '../data.mjs';
import { asUnavailable, prepareOperator } from './corr2d-operators.mjs';
import { Unsupported } from './unsupported.mjs';

/**
 * Contenders that compute a shape in another way with corr2d, by name: `conv2d` beside correlate2d, `one-shot` template
 * matching, a convolution `apart` from addition and activation, and pools in `nchw`.
 */
const alternatives = {
  conv2d: ({ kind }) => kind === 'signal' && { shape: { kind: 'oneshot' } },
  'one-shot': ({ kind }) => kind === 'match' && { data: { isOneShot: true } },
  apart: ({ kind }) => kind === 'residual' && { data: { isApart: true } },
  nchw: ({ kind, layout }) =>
    kind === 'operator' && layout === 'nhwc' && { shape: { layout: 'nchw' } },
};

/** Also creates the alternatives and, with several threads, a contender with one thread. */
export async function create({ variant, threads }) {
  const { load } = await import('../../dist/index.js');
  const own = await createContender('corr2d', load, variant, threads);
  const others = Object.entries(alternatives).map(([name, changesOf]) => ({
    ...own,
    name,
    isUnranked: true,
    prepare(shape, data) {
      const changes = changesOf(shape);
      if (!changes) throw new Unsupported('');
      return own.prepare({ ...shape, ...changes.shape }, { ...data, ...changes.data });
    },
  }));
  if (threads === 1) return [own, ...others];
  const alone = await createContender('corr2d-1', load, variant, 1);
  return [own, ...others, { ...alone, isUnranked: true }];
}

/** A contender from the `load` of a build of corr2d. */
export async function createContender(name, load, variant, threads) {
  const c = await load({ simd: variant, threads });
  const { features, version } = c;
  if (features.threads !== threads)
    throw new Error(
      `${name} has ${features.threads} threads; expected ${threads}: ${features.reason}`,
    );
  const prepare = (shape, data) => prepareByKind[shape.kind](c, shape, data);
  return { name, version, threads: features.threads, prepare };
}

/** Functions that prepare a call, by kind of shape. */
export const prepareByKind = {
  plan(c, shape, data, moreOptions) {
    const input = imageTensor(c, shape, data.input);
    const plan = c.planConv2d({
      inputShape: input.shape,
      weight: { data: data.weight, shape: weightShape(shape) },
      ...optionsOf(shape, data),
      ...moreOptions,
    });
    const out = c.zeros(plan.outputShape);
    return {
      algorithm: plan.algorithm,
      run: () => plan.run(input, out),
      outputs: () => [imageData(shape, out)],
      dispose: () => disposeAll(plan, input, out),
    };
  },

  operator: prepareOperator,

  /** A plan whose runs add a tensor before the activation, or the same in three calls. */
  residual(c, shape, data) {
    const input = imageTensor(c, shape, data.input);
    const add = c.tensor(data.residual, outputShape(shape));
    const options = optionsOf(shape, data);
    if (data.isApart) options.activation = 'none';
    let plan;
    try {
      plan = c.planConv2d({
        inputShape: input.shape,
        weight: { data: data.weight, shape: weightShape(shape) },
        ...options,
        ...(!data.isApart && { add: true }),
      });
    } catch (error) {
      disposeAll(input, add);
      throw asUnavailable(error);
    }
    const inOneCall = () => plan.run(input, { add });
    const inThreeCalls = () => {
      const y = plan.run(input);
      const sum = y.add(add);
      if (!shape.relu) {
        y.dispose();
        return sum;
      }
      const z = c.relu(sum);
      disposeAll(y, sum);
      return z;
    };
    const call = data.isApart ? inThreeCalls : inOneCall;
    return {
      algorithm: plan.algorithm,
      run: () => call().dispose(),
      outputs() {
        const result = call();
        const numbers = imageData(shape, result);
        result.dispose();
        return [numbers];
      },
      dispose: () => disposeAll(plan, input, add),
    };
  },

  oneshot(c, shape, data) {
    const input = imageTensor(c, shape, data.input);
    const weight = { data: data.weight, shape: weightShape(shape) };
    const options = { ...optionsOf(shape, data), out: c.zeros(outputShape(shape)) };
    return {
      run: () => c.conv2d(input, weight, options),
      outputs: () => [imageData(shape, options.out)],
      dispose: () => disposeAll(input, options.out),
    };
  },

  transposed(c, shape, data) {
    const input = imageTensor(c, shape, data.input);
    const weight = c.tensor(data.weight, [shape.ci, shape.co / shape.groups, ...shape.kernel]);
    const { paddingMode: _, ...options } = optionsOf(shape, data);
    options.outputPadding = shape.outputPadding;
    options.out = c.zeros(outputShape(shape));
    return {
      run: () => c.convTranspose2d(input, weight, options),
      outputs: () => [imageData(shape, options.out)],
      dispose: () => disposeAll(input, weight, options.out),
    };
  },

  backward(c, shape, data) {
    const input = imageTensor(c, shape, data.input);
    const weight = c.tensor(data.weight, weightShape(shape));
    const gradOutput = c.tensor(data.gradOutput, outputShape(shape));
    const { layout: _, ...options } = optionsOf(shape, data);
    const gradients = () => Object.values(c.conv2dBackward(gradOutput, input, weight, options));
    return {
      run: () => disposeAll(...gradients()),
      outputs() {
        const tensors = gradients();
        const arrays = tensors.map((tensor) => tensor.data.slice());
        disposeAll(...tensors);
        return arrays;
      },
      dispose: () => disposeAll(input, weight, gradOutput),
    };
  },

  signal(c, { input, kernel }, data) {
    const [a, b] = [c.tensor(data.input, input), c.tensor(data.weight, kernel)];
    const correlate = () => c.correlate2d(a, b, { mode: 'same' });
    return {
      run: () => disposeAll(correlate()),
      outputs() {
        const result = correlate();
        const copy = result.data.slice();
        result.dispose();
        return [copy];
      },
      dispose: () => disposeAll(a, b),
    };
  },

  rgba(c, { kernel, paddingMode }, { image, weight }) {
    const { width, height } = image;
    const kernelTensor = c.tensor(weight, kernel);
    const out = { data: new Uint8ClampedArray(image.data.length), width, height };
    const options = { border: paddingMode, out };
    return {
      run: () => c.filter2d(image, kernelTensor, options),
      outputs: () => [out.data],
      dispose: () => kernelTensor.dispose(),
    };
  },

  match(c, { ci, input, kernel, output }, data) {
    const channels = ci === 1 ? [] : [ci];
    const image = { data: data.picture, shape: [...channels, ...input] };
    const template = { data: data.template, shape: [...channels, ...kernel] };
    const mask = data.mask && { data: data.mask, shape: kernel };
    const plan = c.planMatchTemplate({ template, imageShape: image.shape, mask });
    const scores = c.zeros(output);
    const out = new Float32Array(scores.size);
    return {
      algorithm: data.isOneShot ? undefined : plan.algorithm,
      run() {
        const result = data.isOneShot
          ? c.matchTemplate(image, template, { mask })
          : plan.run(image, scores);
        out.set(result.data);
        if (data.isOneShot) result.dispose();
      },
      outputs: () => [out],
      dispose: () => disposeAll(plan, scores),
    };
  },

  phase(c, { input }, data) {
    const [a, b] = [data.input, data.shifted].map((one) => ({ data: one, shape: input }));
    let result;
    return {
      run() {
        result = c.phaseCorrelate(a, b);
      },
      outputs: () => [result.shift],
      dispose() {},
    };
  },
};

const weightShape = ({ co, ci, groups, kernel }) => [co, ci / groups, ...kernel];

function outputShape({ batch, co, output, layout }) {
  return layout === 'nhwc' ? [batch, ...output, co] : [batch, co, ...output];
}

function optionsOf({ stride, dilation, pads, groups, layout, paddingMode, relu }, { bias }) {
  return {
    stride,
    dilation,
    padding: pads,
    groups,
    layout,
    paddingMode,
    activation: relu ? 'relu' : 'none',
    bias: bias && { data: bias, shape: [bias.length] },
  };
}

function imageTensor(c, { batch, ci, input, layout }, data) {
  const shape = [batch, ci, ...input];
  return layout === 'nhwc'
    ? c.tensor(permute(data, shape, [0, 2, 3, 1]), [batch, ...input, ci])
    : c.tensor(data, shape);
}

/** The data of an image tensor as N×C×H×W. */
function imageData({ layout }, tensor) {
  return layout === 'nhwc' ? permute(tensor.data, tensor.shape, [0, 3, 1, 2]) : tensor.data.slice();
}

function disposeAll(...all) {
  for (const one of all) one.dispose();
}
