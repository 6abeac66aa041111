// The package does this in one call, also with leading axes of 1.
c.corr2dMultiIn(X.reshape([1, 2, 3, 3]), K.reshape([1, 2, 2, 2]))
