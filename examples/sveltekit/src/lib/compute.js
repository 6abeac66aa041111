import { load } from 'corr2d';

/** @type {Promise<import('corr2d').Corr2d> | undefined} */
let instance;

/** Loads corr2d at the first call: once in the server's process, and once in each page. */
export async function compute() {
  instance ??= load();
  const c = await instance;
  const X = c.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 3, 3]);
  const K = c.tensor([0, 1, 2, 3, 1, 2, 3, 4], [2, 2, 2]);
  return String(c.corr2dMultiIn(X, K));
}
