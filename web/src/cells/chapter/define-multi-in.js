// Cross-correlate each channel, then add the results.
function corr2dMultiIn(X, K) {
  let Y = c.corr2d(X.at(0), K.at(0));
  for (let i = 1; i < X.shape[0]; i++) {
    Y = Y.add(c.corr2d(X.at(i), K.at(i)));
  }
  return Y;
}
