import { load } from 'corr2d';

// No top-level await: a plain script does not support it.
load().then((c) => {
  const X = c.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 3, 3]);
  const K = c.tensor([0, 1, 2, 3, 1, 2, 3, 4], [2, 2, 2]);
  document.body.append(String(c.corr2dMultiIn(X, K)));
});
