// One column per pixel, one row per output channel.
function corr2dMultiInOut1x1(X, K) {
  const [ci, h, w] = X.shape;
  const [co] = K.shape;
  const pixels = X.reshape([ci, h * w]);
  const weights = K.reshape([co, ci]);
  const Y = c.matmul(weights, pixels); // the fully connected layer
  return Y.reshape([co, h, w]);
}
