import { expect, test } from '@jest/globals';
import { load } from 'corr2d';

test('two input channels', async () => {
  const c = await load();
  const X = c.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 3, 3]);
  const K = c.tensor([0, 1, 2, 3, 1, 2, 3, 4], [2, 2, 2]);
  expect(c.corr2dMultiIn(X, K).toArray()).toEqual([
    [56, 72],
    [104, 120],
  ]);
});
