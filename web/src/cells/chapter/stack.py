K = torch.stack((K, K + 1, K + 2), 0)
K.shape
