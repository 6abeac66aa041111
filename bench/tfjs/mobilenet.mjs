// A model with MobileNet's layers and random weights, built from tfjs' operators.

/** Output channels and stride of each block. A block is a depthwise and a pointwise layer. */
const BLOCKS = [
  ...[
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
  ],
  ...[
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [1024, 2],
    [1024, 1],
  ],
];

/** The number of convolutions in the model. */
export const LAYERS = 1 + 2 * BLOCKS.length;

/** Random numbers in [-1, 1), the same in every run. */
function createRandom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/**
 * The model on the current backend. `run(x)` maps an image 1×h×w×3 to 1×1024. With `isFused`, bias and
 * activation are part of the convolutions.
 */
export function mobileNet(tf, { isFused = true } = {}) {
  const next = createRandom(7);
  const weights = [];
  /** Weights scaled so that the variance of the activations stays about the same. */
  const weight = (shape, terms) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const scale = Math.sqrt(6 / terms);
    const tensor = tf.tensor(
      Float32Array.from({ length: size }, () => scale * next()),
      shape,
    );
    weights.push(tensor);
    return tensor;
  };
  const layer = (isDepthwise, shape, terms, strides) => {
    const filter = weight(shape, terms);
    const bias = weight([isDepthwise ? shape[2] : shape[3]], 600);
    const pad = 'same';
    if (isFused) {
      const op = isDepthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
      return (x) => op({ x, filter, strides, pad, bias, activation: 'relu6' });
    }
    const op = isDepthwise ? tf.depthwiseConv2d : tf.conv2d;
    return (x) => tf.relu6(tf.add(op(x, filter, strides, pad), bias));
  };
  const layers = [layer(false, [3, 3, 3, 32], 27, 2)];
  let channels = 32;
  for (const [outputs, strides] of BLOCKS) {
    layers.push(layer(true, [3, 3, channels, 1], 9, strides));
    layers.push(layer(false, [1, 1, channels, outputs], channels, 1));
    channels = outputs;
  }
  return {
    run: (x) =>
      tf.tidy(() =>
        tf.mean(
          layers.reduce((image, apply) => apply(image), x),
          [1, 2],
        ),
      ),
    dispose() {
      for (const tensor of weights) tensor.dispose();
    },
  };
}

/** A random image 1×size×size×3. */
export function createImage(tf, size) {
  const next = createRandom(9);
  return tf.tensor(Float32Array.from({ length: size * size * 3 }, next), [1, size, size, 3]);
}
