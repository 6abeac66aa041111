// The package does this in one call. A leading axis
// of length 1 does not change the result.
c.corr2dMultiIn(X.reshape([1, 2, 3, 3]), K.reshape([1, 2, 2, 2]))
