// 3×h×w: red, green and blue, each from 0 to 1
export const read = (c, picture) => c.fromImageData(picture);

// 8×3×5×5 over 3×h×w: eight output channels in one call
export const filter = (c, X, K) => c.corr2dMultiInOut(X, K);

// channel i as a grey picture: min is black, max is white
export const show = (c, Y, i, { min, max }) => {
  const channel = Y.at(i);
  const plane = channel.reshape([1, ...channel.shape]);
  const picture = c.toImageData(plane, { min, max });
  plane.dispose();
  channel.dispose();
  return picture;
};
