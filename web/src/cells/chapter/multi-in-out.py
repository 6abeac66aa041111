def corr2d_multi_in_out(X, K):
    return torch.stack(
        [corr2d_multi_in(X, k) for k in K], 0)

corr2d_multi_in_out(X, K)
