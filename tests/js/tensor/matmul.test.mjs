// The matrix product: vectors, matrices and batches, against float64.

import { after, before, test } from 'node:test';
import { assertTensor, assertWithinBound, createRandom, loadVariant, sizeOf } from '../helpers.mjs';
import { broadcast } from './broadcast.mjs';

let c;
before(async () => {
  c = await loadVariant();
});
after(() => c.dispose());

/** The product in float64 with broadcasting, and the magnitude and terms of its error bound. */
function product(a, b) {
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const [m, k] = left.slice(-2);
  const n = right.at(-1);
  const batches = (shape) => ({
    shape: shape.slice(0, -2),
    data: Array.from({ length: sizeOf(shape.slice(0, -2)) }, (_, i) => i),
  });
  // Pairs of the matrices that are multiplied.
  const lefts = broadcast(batches(left), batches(right), (i) => i);
  const rights = broadcast(batches(left), batches(right), (_, j) => j);
  const data = [];
  const magnitude = [];
  lefts.data.forEach((one, index) => {
    const other = rights.data[index];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        let sumOfAbsolutes = 0;
        for (let l = 0; l < k; l++) {
          const term = a.data[(one * m + i) * k + l] * b.data[(other * k + l) * n + j];
          sum += term;
          sumOfAbsolutes += Math.abs(term);
        }
        data.push(sum);
        magnitude.push(sumOfAbsolutes);
      }
    }
  });
  const shape = [
    ...lefts.shape,
    ...(a.shape.length === 1 ? [] : [m]),
    ...(b.shape.length === 1 ? [] : [n]),
  ];
  return { shape, data, magnitude, terms: k };
}

function assertMultiplies(a, b) {
  const what = `${a.shape.join('×')} by ${b.shape.join('×')}`;
  const result = c.matmul(c.tensor(a), b);
  assertWithinBound(result, product(a, b), what);
  result.dispose();
}

test('matmul multiplies vectors, matrices and batches', () => {
  const { uniform } = createRandom(4);
  for (const [shapeA, shapeB] of [
    [[1], [1]],
    [[7], [7]],
    [[3], [3, 5]],
    [[4, 3], [3]],
    [
      [1, 1],
      [1, 1],
    ],
    [
      [2, 3],
      [3, 4],
    ],
    [
      [17, 33],
      [33, 9],
    ],
    [
      [64, 64],
      [64, 64],
    ],
    [
      [5, 100],
      [100, 1],
    ],
    [
      [1, 300],
      [300, 7],
    ],
    [
      [2, 3, 4],
      [4, 5],
    ],
    [
      [3, 4],
      [2, 4, 5],
    ],
    [
      [2, 3, 4],
      [2, 4, 5],
    ],
    [
      [2, 3, 4],
      [1, 4, 5],
    ],
    [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
    [
      [3, 1, 2, 2],
      [1, 4, 2, 3],
    ],
    [[3], [2, 3, 4]],
    [[2, 4, 3], [3]],
    [
      [5, 1, 2, 3, 4],
      [6, 1, 4, 2],
    ],
    [[1, 1, 2], [2]],
  ]) {
    assertMultiplies(uniform(...shapeA), uniform(...shapeB));
  }
});

test('matmul is within its bound for random sizes', () => {
  for (let seed = 0; seed < 300; seed++) {
    const { integer, uniform } = createRandom(seed);
    const [m, k, n] = [integer(1, 24), integer(1, 40), integer(1, 40)];
    assertMultiplies(uniform(m, k), uniform(k, n));
  }
});

test('matmul gives zeros, or no elements, for axes of length 0', () => {
  for (const [shapeA, shapeB, shape] of [
    [[0], [0], []],
    [
      [2, 0],
      [0, 3],
      [2, 3],
    ],
    [
      [0, 2],
      [2, 3],
      [0, 3],
    ],
    [
      [2, 2],
      [2, 0],
      [2, 0],
    ],
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    [
      [0, 2, 3],
      [3, 4],
      [0, 2, 4],
    ],
    [
      [0, 2, 3],
      [1, 3, 4],
      [0, 2, 4],
    ],
    [[2, 0], [0], [2]],
    [
      [4, 2, 0],
      [0, 3],
      [4, 2, 3],
    ],
  ]) {
    // A sum of no terms is 0.
    c.full([100], NaN).dispose();
    const zeros = new Array(sizeOf(shape)).fill(0);
    assertTensor(c.matmul(c.ones(shapeA), c.ones(shapeB)), shape, zeros, `${shapeA} by ${shapeB}`);
  }
});

test('matmul accepts views and nested arrays', () => {
  const t = c.arange(24).reshape([2, 3, 4]);
  const expected = product(t.at(1), { data: t.at(0).data, shape: [4, 3] });
  assertWithinBound(c.matmul(t.at(1), t.at(0).reshape([4, 3])), expected, 'views');
  assertTensor(
    c.matmul(
      [
        [1, 2],
        [3, 4],
      ],
      [5, 6],
    ),
    [2],
    [17, 39],
  );
  assertTensor(c.matmul([1, 2], { data: [5, 6], shape: [2] }), [], [17]);
});
