export default (c, seed) => {
  const X = c.normal(0, 1, [3, 3, 3], { seed });
  const K = c.normal(0, 1, [2, 3, 1, 1], { seed: seed + 1 });

  const Y1 = c.corr2dMultiInOut1x1(X, K);
  const Y2 = c.corr2dMultiInOut(X, K);
  const difference = Y1.sub(Y2).abs().sum().item();

  return { X, K, Y1, Y2, difference };
};
