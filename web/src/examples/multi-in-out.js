import { X } from './multi-in.js';
import { stackOfThree } from './stack-shape.js';

export default (c) => {
  const K = stackOfThree(c);
  return c.corr2dMultiInOut(X, K);
};
