corr2dMultiInOut(X, K3)
