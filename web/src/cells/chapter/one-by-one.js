const pixels = c.normal(0, 1, [3, 3, 3]);
const mixture = c.normal(0, 1, [2, 3, 1, 1]);

const Y1 = corr2dMultiInOut1x1(pixels, mixture);
const Y2 = c.corr2dMultiInOut(pixels, mixture);
Y1.sub(Y2).abs().sum().item()
