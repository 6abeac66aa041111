// Shapes that the functions of section 7.4 reject.

import { c, expectMismatch, testErrors, zeros } from './support.mjs';

testErrors('the chapter functions reject a wrong rank and leading axes longer than 1', () => {
  for (const [name, axesX, axesK] of [
    ['corr2d', 'h×w', 'kh×kw'],
    ['corr2dMultiIn', 'ci×h×w', 'ci×kh×kw'],
    ['corr2dMultiInOut', 'ci×h×w', 'co×ci×kh×kw'],
    ['corr2dMultiInOut1x1', 'ci×h×w', 'co×ci×1×1'],
  ]) {
    const [rankX, rankK] = [axesX, axesK].map((axes) => axes.split('×').length);
    const ones = (rank) => zeros(...new Array(rank).fill(1));
    for (const [side, rank, axes, call] of [
      ['X', rankX, axesX, (x) => c[name](x, ones(rankK))],
      ['K', rankK, axesK, (x) => c[name](ones(rankX), x)],
    ]) {
      for (let fewer = 0; fewer < rank; fewer++) {
        const shown = ['a single number (0-d)', '[1]', '1×1', '1×1×1'][fewer];
        expectMismatch(`${name}: ${side} is ${shown}; expected ${axes}`, () => call(ones(fewer)));
      }
      expectMismatch(`${name}: ${side} is a single number (0-d); expected ${axes}`, () => call(5));
      const inner = new Array(rank).fill(1);
      for (const front of [[2], [0], [1, 2], [2, 1]]) {
        const shape = [...front, ...inner];
        expectMismatch(`${name}: ${side} is ${shape.join('×')}; expected ${axes}`, () =>
          call(zeros(...shape)),
        );
      }
    }
  }
});

testErrors('the chapter functions reject channels that do not match', () => {
  const channels = (name, k, x) => `${name}: K has ${k} input channels; expected ${x}, like X`;
  expectMismatch(channels('corr2dMultiIn', 3, 2), () =>
    c.corr2dMultiIn(zeros(2, 4, 4), zeros(3, 2, 2)),
  );
  expectMismatch(channels('corr2dMultiInOut', 1, 2), () =>
    c.corr2dMultiInOut(zeros(2, 4, 4), zeros(5, 1, 2, 2)),
  );
  expectMismatch(channels('corr2dMultiInOut1x1', 2, 3), () =>
    c.corr2dMultiInOut1x1(zeros(3, 4, 4), zeros(5, 2, 1, 1)),
  );
  expectMismatch(channels('corr2dMultiIn', 0, 2), () =>
    c.corr2dMultiIn(zeros(2, 4, 4), zeros(0, 2, 2)),
  );
});

testErrors('the chapter functions reject a kernel larger than the input', () => {
  const larger = (name, k, window, x) =>
    `${name}: K is ${k}, and the kernel spans ${window}; expected at most ${x}, the size of the input`;
  expectMismatch(larger('corr2d', '3×1', '3×1', '2×5'), () => c.corr2d(zeros(2, 5), zeros(3, 1)));
  expectMismatch(larger('corr2d', '1×6', '1×6', '2×5'), () => c.corr2d(zeros(2, 5), zeros(1, 6)));
  expectMismatch(larger('corr2dMultiIn', '2×5×5', '5×5', '4×9'), () =>
    c.corr2dMultiIn(zeros(2, 4, 9), zeros(2, 5, 5)),
  );
  // The message shows the shapes as given, with their leading axis.
  expectMismatch(larger('corr2dMultiIn', '1×2×5×5', '5×5', '4×9'), () =>
    c.corr2dMultiIn(zeros(1, 2, 4, 9), zeros(1, 2, 5, 5)),
  );
  expectMismatch(larger('corr2dMultiInOut', '3×2×1×2', '1×2', '1×1'), () =>
    c.corr2dMultiInOut(zeros(2, 1, 1), zeros(3, 2, 1, 2)),
  );
});

testErrors('corr2dMultiInOut1x1 rejects a kernel that is not 1×1', () => {
  for (const [kh, kw] of [
    [1, 2],
    [2, 1],
    [3, 3],
    [0, 1],
    [1, 0],
  ]) {
    expectMismatch(`corr2dMultiInOut1x1: K is 2×3×${kh}×${kw}; expected co×ci×1×1`, () =>
      c.corr2dMultiInOut1x1(zeros(3, 4, 4), zeros(2, 3, kh, kw)),
    );
  }
});

testErrors('the chapter functions reject an empty kernel or image', () => {
  const empty = (name, x, k) => `${name}: X is ${x} and K is ${k}; expected no axis of length 0`;
  const shown = ({ shape }) => shape.join('×');
  for (const [name, X, K] of [
    ['corr2d', zeros(0, 3), zeros(1, 1)],
    ['corr2d', zeros(3, 0), zeros(1, 1)],
    ['corr2d', zeros(3, 3), zeros(0, 1)],
    ['corr2d', zeros(3, 3), zeros(1, 0)],
    ['corr2d', zeros(0, 0), zeros(0, 0)],
    ['corr2dMultiIn', zeros(0, 3, 3), zeros(0, 1, 1)],
    ['corr2dMultiIn', zeros(2, 0, 3), zeros(2, 1, 1)],
    ['corr2dMultiInOut', zeros(2, 3, 3), zeros(0, 2, 1, 1)],
    ['corr2dMultiInOut', zeros(0, 3, 3), zeros(2, 0, 1, 1)],
    ['corr2dMultiInOut', zeros(2, 3, 3), zeros(2, 2, 0, 1)],
    ['corr2dMultiInOut1x1', zeros(2, 0, 3), zeros(2, 2, 1, 1)],
    ['corr2dMultiInOut1x1', zeros(2, 3, 3), zeros(0, 2, 1, 1)],
    ['corr2dMultiInOut1x1', zeros(0, 3, 3), zeros(1, 0, 1, 1)],
  ]) {
    expectMismatch(empty(name, shown(X), shown(K)), () => c[name](X, K));
    const [tensorX, tensorK] = [c.tensor(X), c.tensor(K)];
    expectMismatch(empty(name, shown(X), shown(K)), () => c[name](tensorX, tensorK));
    tensorX.dispose();
    tensorK.dispose();
  }
  expectMismatch(empty('corr2d', '1×0', '1×1'), () => c.corr2d([[]], [[1]]));
});
