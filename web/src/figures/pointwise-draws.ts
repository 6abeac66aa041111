import type { Corr2d } from 'corr2d';
import { createCheck } from '../shared/check';
import { compareWithOracle, countEqualBits } from '../shared/compare';
import { button, find, yieldToEventLoop } from '../shared/dom';
import { formatDifference, formatInteger } from '../shared/format';
import type { Matrix } from '../shared/grid';
import type { Comparison } from '../shared/oracle';
import { randomSeed, withTensors } from '../shared/tensors';
import { PointwiseFigure, type PointwiseNumbers } from './pointwise-figure';

/** The chapter's limit for the sum of differences between both ways to compute the 1×1 layer. */
const MAX_DIFFERENCE = 1e-6;
const MANY_DRAWS = 100;

const root = (id: string) => find(`[data-example="${id}"]`);

/** The results of one draw of random numbers. */
interface Draw {
  /** Sum of the absolute differences between the 1×1 layer as a matrix product and as a convolution. */
  difference: number;
  /** Sum of the absolute differences between the convolution and the matrix product KX. */
  productDifference: number;
  equalBits: number;
  outputs: number;
  comparison: Comparison;
  numbers: PointwiseNumbers;
}

const sumOfDifferences = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? Number.NaN)), 0);

function drawOnce(c: Corr2d, seed: number): Draw {
  return withTensors((own) => {
    const X = own(c.normal(0, 1, [3, 3, 3], { seed }));
    const K = own(c.normal(0, 1, [2, 3, 1, 1], { seed: seed + 1 }));
    const Y1 = own(c.corr2dMultiInOut1x1(X, K));
    const Y2 = own(c.corr2dMultiInOut(X, K));
    const product = own(c.matmul(own(K.reshape([2, 3])), own(X.reshape([3, 9]))));
    const comparison = compareWithOracle(Y1, X, K);
    compareWithOracle(Y2, X, K, {}, comparison);
    return {
      difference: sumOfDifferences(Y1.data, Y2.data),
      productDifference: sumOfDifferences(Y2.data, product.data),
      equalBits: countEqualBits(Y1, Y2),
      outputs: Y2.size,
      comparison,
      numbers: {
        input: X.toArray() as unknown as Matrix[],
        weights: (K.toArray() as unknown as number[][][][]).map((kernel) =>
          kernel.map((channel) => channel[0]?.[0] ?? Number.NaN),
        ),
        output: Y2.toArray() as unknown as Matrix[],
      },
    };
  });
}

/** Section 3: computes a 1×1 layer on random numbers in two ways, once or 100 times. */
export function mountPointwise(c: Corr2d): void {
  const limit = `< ${MAX_DIFFERENCE.toExponential(0)}`;
  const chapter = createCheck(root('one-by-one'), limit, {
    result: 'Σ |Y1 − Y2|',
    match: 'below the chapter’s limit',
  });
  const identical = createCheck(root('one-by-one-identical'), '18 of 18', {
    result: 'Outputs with equal bits',
    expected: 'Expected',
    match: 'equal to the last bit',
    mismatch: 'some outputs differ',
  });
  const matmul = createCheck(root('one-by-one-matmul'), limit, {
    result: 'Σ |Y2 − KX|',
    match: 'equals the matrix product',
    mismatch: 'differs from the matrix product',
  });
  const float64 = createCheck(root('one-by-one-float64'), '…', {
    result: 'Error against float64',
    expected: 'Allowed',
    match: 'agrees with plain loops',
    mismatch: 'disagrees with plain loops',
  });
  const checks = [chapter, identical, matmul, float64];
  const again = find<HTMLButtonElement>('#draw-again');
  const many = find<HTMLButtonElement>('#draw-many');
  const status = find('#seed');
  const figure = new PointwiseFigure(
    find('#pointwise-figure .figure-body'),
    button('New numbers', () => void draw(1)),
  );

  let seed = 1;
  const draw = async (count: number) => {
    again.disabled = true;
    many.disabled = true;
    const worst = { difference: 0, product: 0, error: 0, allowed: 0 };
    let [equal, outputs, holds] = [0, 0, true];
    try {
      for (let n = 0; n < count; n++) {
        const drawn = drawOnce(c, seed);
        worst.difference = Math.max(worst.difference, drawn.difference);
        worst.product = Math.max(worst.product, drawn.productDifference);
        worst.error = Math.max(worst.error, drawn.comparison.largestDifference);
        worst.allowed = Math.max(worst.allowed, drawn.comparison.largestBound);
        equal += drawn.equalBits;
        outputs += drawn.outputs;
        holds &&= drawn.comparison.holds;
        if (n === count - 1) figure.show(drawn.numbers);
        if (n < count - 1) seed = randomSeed();
        if (n % 10 === 9) await yieldToEventLoop();
      }
      chapter.settle(formatDifference(worst.difference), worst.difference < MAX_DIFFERENCE);
      const expectedCount = formatInteger(18 * count);
      identical.settle(
        `${formatInteger(equal)} of ${formatInteger(outputs)}`,
        equal === outputs && outputs === 18 * count,
        `${expectedCount} of ${expectedCount}`,
      );
      matmul.settle(formatDifference(worst.product), worst.product < MAX_DIFFERENCE);
      float64.settle(formatDifference(worst.error), holds, formatDifference(worst.allowed));
      status.textContent =
        count === 1 ? `Seed ${formatInteger(seed)}` : `${count} draws; the checks show the worst`;
    } catch (error) {
      for (const check of checks) check.fail(error);
    } finally {
      again.disabled = false;
      many.disabled = false;
    }
    seed = randomSeed();
  };
  again.addEventListener('click', () => void draw(1));
  many.addEventListener('click', () => void draw(MANY_DRAWS));
  void draw(1);
}
