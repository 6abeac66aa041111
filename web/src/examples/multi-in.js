// biome-ignore format: a channel to a line
export const X = [
  [[0, 1, 2], [3, 4, 5], [6, 7, 8]],
  [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
];

// biome-ignore format: a layer to a line
export const K = [
  [[0, 1], [2, 3]],
  [[1, 2], [3, 4]],
];

export default (c) => c.corr2dMultiIn(X, K);
