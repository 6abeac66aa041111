import { load } from 'corr2d';
const c = await load();

// Correlate each channel with its slice, then add up.
function corr2dMultiIn(X, K) {
  let Y = c.corr2d(X.at(0), K.at(0));
  for (let i = 1; i < X.shape[0]; i++) {
    Y = Y.add(c.corr2d(X.at(i), K.at(i)));
  }
  return Y;
}

const X = c.tensor([ // the numbers of Fig. 1
  [[0, 1, 2], [3, 4, 5], [6, 7, 8]],
  [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
]);
const K = c.tensor([[[0, 1], [2, 3]], [[1, 2], [3, 4]]]);
corr2dMultiIn(X, K)
