import { load } from './node_modules/corr2d/dist/index.js';

/** The outcome of `load` with these options: the instance and what it computes, or its error. */
export async function outcomeOf(options, from = load) {
  try {
    const c = await from(options);
    const X = c.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 3, 3]);
    const K = c.tensor([0, 1, 2, 3, 1, 2, 3, 4], [2, 2, 2]);
    return { c, features: c.features, computed: c.corr2dMultiIn(X, K).toArray() };
  } catch ({ code, message }) {
    return { code, message };
  }
}
