import type { Corr2d, Tensor } from 'corr2d';
import { ONE_BY_ONE_LIMIT } from './chapter';
import { createCheck } from './check';
import { find, grouped } from './dom';
import byMatmul from './examples/by-matmul.js';
import byMatmulCode from './examples/by-matmul.js?raw';
import draw from './examples/one-by-one.js';
import drawCode from './examples/one-by-one.js?raw';
import { drawPointwise } from './figures/pointwise';
import { codeBlock } from './highlight';
import { Comparison, windowSum } from './reference';

interface Draw {
  X: Tensor;
  K: Tensor;
  Y1: Tensor;
  Y2: Tensor;
  difference: number;
}

const root = (id: string) => find(`[data-example="${id}"]`);
const limit = `< ${ONE_BY_ONE_LIMIT.toExponential(0)}`;
const small = (value: number) => (value === 0 ? '0' : value.toExponential(1));

/** Holds every element of Y, the layer's output, against sums in double precision. */
function compare({ X, K, Y1, Y2 }: Draw): Comparison {
  const [ci = 0, h = 0, w = 0] = X.shape;
  const [co = 0] = K.shape;
  const [x, k, y1, y2] = [X.data, K.data, Y1.data, Y2.data];
  const comparison = new Comparison();
  for (let o = 0; o < co; o++) {
    const kernel = Array.from({ length: ci }, (_, c) => [[k[o * ci + c] ?? NaN]]);
    for (let i = 0; i < h; i++) {
      for (let j = 0; j < w; j++) {
        const reference = windowSum((c, a, b) => x[(c * h + a) * w + b] ?? NaN, kernel, i, j);
        comparison.add(y1[(o * h + i) * w + j] ?? NaN, reference);
        comparison.add(y2[(o * h + i) * w + j] ?? NaN, reference);
      }
    }
  }
  return comparison;
}

/** Section 7.4.3: a 1×1 layer on random numbers, two ways, and again on each press of the button. */
export function mountOneByOne(): { run(c: Corr2d): void } {
  find('#one-by-one-code').append(codeBlock(drawCode));
  find('#by-matmul-code').append(codeBlock(byMatmulCode));
  const chapter = createCheck(root('one-by-one'), limit, {
    result: 'Σ |Y1 − Y2|',
    match: 'as the chapter asserts',
  });
  const identical = createCheck(root('one-by-one-identical'), '18 of 18', {
    result: 'Equal bits',
    expected: 'Wanted',
    match: 'not a bit apart',
    mismatch: 'some numbers differ',
  });
  const matmul = createCheck(root('one-by-one-matmul'), limit, {
    result: 'Σ |Y2 − KX|',
    match: 'a matrix product',
    mismatch: 'differs from the matrix product',
  });
  const float64 = createCheck(root('one-by-one-float64'), '…', {
    result: 'Off float64 by',
    expected: 'Allowed',
    match: 'plain loops agree',
    mismatch: 'plain loops disagree',
  });
  const checks = [chapter, identical, matmul, float64];

  let seed = 1;
  const run = (c: Corr2d) => {
    for (const check of checks) check.reset();
    let drawn: Draw | undefined;
    let product: Tensor | undefined;
    try {
      drawn = draw(c, seed) as Draw;
      const { X, K, Y1, Y2, difference } = drawn;
      chapter.settle(small(difference), difference < ONE_BY_ONE_LIMIT);

      const [first, second] = [bits(Y1), bits(Y2)];
      const equal = first.filter((word, i) => word === second[i]).length;
      identical.settle(
        `${equal} of ${second.length}`,
        equal === first.length && equal === second.length && equal === 18,
      );

      product = byMatmul(c, X, K) as Tensor;
      const other = product.data;
      const apart = Y2.data.reduce((sum, value, i) => sum + Math.abs(value - (other[i] ?? NaN)), 0);
      matmul.settle(small(apart), apart < ONE_BY_ONE_LIMIT);

      const comparison = compare(drawn);
      float64.settle(small(comparison.worst), comparison.holds, small(comparison.allowed));
      drawPointwise(find('#pointwise'), X, K, Y1);
      find('#seed').textContent = `Seed ${grouped(seed)}`;
    } catch (error) {
      for (const check of checks) check.fail(error);
    } finally {
      product?.dispose();
      if (drawn) for (const tensor of [drawn.X, drawn.K, drawn.Y1, drawn.Y2]) tensor.dispose();
    }
  };

  return {
    run(c) {
      run(c);
      const button = find<HTMLButtonElement>('#draw-again');
      button.disabled = false;
      button.addEventListener('click', () => {
        seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? seed + 1;
        seed = seed % 1_000_000;
        run(c);
      });
    },
  };
}

const bits = (tensor: Tensor): Uint32Array => new Uint32Array(tensor.data.slice().buffer);
