// Node 20.19, 22.12 and later can require() ES modules.
const { load } = require('corr2d');

load().then((c) => {
  const X = c.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 3, 3]);
  const K = c.tensor([0, 1, 2, 3, 1, 2, 3, 4], [2, 2, 2]);
  console.log(String(c.corr2dMultiIn(X, K)));
});
