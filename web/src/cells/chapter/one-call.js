// The package has it as one call. A leading axis of
// length 1, as some write it, changes nothing.
c.corr2dMultiIn(X.reshape([1, 2, 3, 3]), K.reshape([1, 2, 2, 2]))
