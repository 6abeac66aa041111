// One call, which also takes leading axes of 1.
const X4 = X.reshape([1, 2, 3, 3]);
const K4 = K.reshape([1, 2, 2, 2]);
c.corr2dMultiIn(X4, K4)
