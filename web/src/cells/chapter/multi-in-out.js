// Every kernel reads the same input; stack their outputs.
function corr2dMultiInOut(X, K) {
  const Y = [];
  for (let o = 0; o < K.shape[0]; o++) {
    Y.push(corr2dMultiIn(X, K.at(o)));
  }
  return c.stack(Y, 0);
}

corr2dMultiInOut(X, K3)
