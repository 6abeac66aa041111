// A model of MobileNet's shape, of random weights, out of tfjs' own operators.

/** Output channels and stride of each block: a depthwise and a pointwise layer. */
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

/** Convolutions in it. */
export const LAYERS = 1 + 2 * BLOCKS.length;

/** Numbers that are the same in every run, in [-1, 1). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/**
 * The model on tfjs' backend of the moment: `run(x)` of an image 1×h×w×3 gives 1×1024. `isFused` says
 * whether bias and activation are part of the convolutions.
 */
export function mobileNet(tf, { isFused = true } = {}) {
  const next = generator(7);
  const weights = [];
  /** Weights of such a size that signals neither grow nor fade. */
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

/** An image 1×size×size×3. */
export function imageFor(tf, size) {
  const next = generator(9);
  return tf.tensor(Float32Array.from({ length: size * size * 3 }, next), [1, size, size, 3]);
}
