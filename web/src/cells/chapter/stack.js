const K3 = c.stack([K, K.add(1), K.add(2)], 0);
K3.shape
