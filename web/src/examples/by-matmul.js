export default (c, X, K) => {
  const [ci, h, w] = X.shape;
  const [co] = K.shape;
  // a column per pixel, a row per output channel
  const pixels = X.reshape([ci, h * w]);
  const weights = K.reshape([co, ci]);
  const product = c.matmul(weights, pixels);
  return product.reshape([co, h, w]);
};
