corr2d_multi_in_out(X, K)
