// The same input for every kernel; stack what they give.
function corr2dMultiInOut(X, K) {
  const Y = [];
  for (let o = 0; o < K.shape[0]; o++) {
    Y.push(corr2dMultiIn(X, K.at(o)));
  }
  return c.stack(Y, 0);
}
