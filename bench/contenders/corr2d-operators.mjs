// Operators of corr2d, as a user calls them: each call creates a tensor, which is disposed of.
import { permute } from '../data.mjs';
import { Unsupported } from './unsupported.mjs';

const eps = 1e-5;

/**
 * Functions of (c, shape, operands, parameters), where operands are tensors, or numbers.
 * @type {Record<string, (c: any, shape: import('../operator-shapes.mjs').OperatorShape, operands: any[], parameters: Record<string, any>) => any>}
 */
const calls = {
  add: (_, __, [a, b]) => a.add(b),
  relu: (c, _, [x]) => c.relu(x),
  sigmoid: (c, _, [x]) => c.sigmoid(x),
  exp: (_, __, [x]) => x.exp(),
  sum: (_, { options }, [x]) => x.sum(options.axis),
  mean: (_, { options }, [x]) => x.mean(options.axis),
  max: (_, { options }, [x]) => x.max(options.axis),
  argmax: (_, { options }, [x]) => x.argMax(options.axis[0]),
  concat: (c, { options }, tensors) => c.concat(tensors, options.axis[0]),
  permute: (_, { options }, [x]) => x.permute(options.order),
  softmax: (c, { options }, [x]) => c.softmax(x, options.axis[0]),
  batchnorm: (c, _, [x], { mean, variance, weight, bias }) =>
    c.batchNorm(x, mean, variance, { weight, bias, eps }),
  instancenorm: (c, _, [x], parameters) => c.instanceNorm(x, { ...parameters, eps }),
  groupnorm: (c, { options }, [x], parameters) =>
    c.groupNorm(x, options.groups[0], { ...parameters, eps }),
  layernorm: (c, { operands }, [x], parameters) =>
    c.layerNorm(x, operands[0].slice(-1), { ...parameters, eps }),
  nearest: (c, { options }, [x]) => c.interpolate(x, { size: options.to, mode: 'nearest' }),
  bilinear: (c, { options }, [x]) => c.interpolate(x, { size: options.to, mode: 'bilinear' }),
  bicubic: (c, { options }, [x]) => c.interpolate(x, { size: options.to, mode: 'bicubic' }),
  pixelshuffle: (c, { options }, [x]) => c.pixelShuffle(x, options.factor[0]),
  maxpool: (c, shape, [x]) => c.maxPool2d(x, shape.options.kernel[0], poolOptions(shape)),
  avgpool: (c, shape, [x]) => c.avgPool2d(x, shape.options.kernel[0], poolOptions(shape)),
  globalavgpool: (c, _, [x]) => c.globalAvgPool(x),
  conv3d: (c, { options }, [x, weight]) => c.conv3d(x, weight, { padding: options.padding[0] }),
};

/** Older builds, which `--baseline` may name, have no option `layout`. */
const poolOptions = ({
  options: {
    stride: [stride],
    padding: [padding],
  },
  layout,
}) => ({
  stride,
  padding,
  ...(layout === 'nhwc' && { layout }),
});

const TO_NHWC = [0, 2, 3, 1];
const TO_NCHW = [0, 3, 1, 2];

/** @param {any} c @param {import('../operator-shapes.mjs').OperatorShape} shape @param {import('../data.mjs').Data} data */
export function prepareOperator(c, shape, { operands: arrays, parameters: vectors }) {
  const { op, operands: shapes, layout } = shape;
  const isLast = layout === 'nhwc';
  const operands = shapes.map((sizes, i) => {
    if (sizes.length === 0) return arrays[i][0];
    if (!isLast) return c.tensor(arrays[i], sizes);
    const moved = permute(arrays[i], sizes, TO_NHWC);
    return c.tensor(
      moved,
      TO_NHWC.map((axis) => sizes[axis]),
    );
  });
  const parameters = Object.fromEntries(
    Object.entries(vectors).map(([name, data]) => [name, c.tensor(data, [data.length])]),
  );
  const dispose = () => {
    for (const one of [...operands, ...Object.values(parameters)]) one.dispose?.();
  };
  const call = () => calls[op](c, shape, operands, parameters);
  try {
    call().dispose();
  } catch (error) {
    dispose();
    throw asUnavailable(error);
  }
  return {
    run: () => call().dispose(),
    outputs() {
      const result = call();
      const numbers = isLast
        ? permute(result.data, result.shape, TO_NCHW)
        : Float32Array.from(result.data);
      result.dispose();
      return [numbers];
    },
    dispose,
  };
}

/**
 * Unsupported, if a build has no such function or option: `x.exp is not a function`, or an argument that it does not know.
 * @param {any} error
 */
export function asUnavailable(error) {
  const isMissing = error instanceof TypeError || error.code === 'INVALID_ARGUMENT';
  return isMissing ? new Unsupported(`is not available: ${error.message}`) : error;
}
