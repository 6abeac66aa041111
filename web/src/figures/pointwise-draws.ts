import type { Corr2d } from 'corr2d';
import { createCheck, Verdict } from '../shared/check';
import { compareWithOracle, countEqualBits } from '../shared/compare';
import { button, clamp, el, find, messageOf, yieldToEventLoop } from '../shared/dom';
import { formatDifference, formatInteger } from '../shared/format';
import type { Matrix } from '../shared/grid';
import { joinNumbers, type Link, parseNumbers } from '../shared/link';
import type { Comparison } from '../shared/oracle';
import { randomSeed, withTensors } from '../shared/tensors';
import { POSITIONS, PointwiseFigure, type PointwiseNumbers } from './pointwise-figure';

/** The chapter's limit for the sum of differences between both ways to compute the 1×1 layer. */
const MAX_DIFFERENCE = 1e-6;
const MANY_DRAWS = 100;
const OUTPUTS_PER_DRAW = 18;
const CENTRE = Math.floor(POSITIONS / 2);
/** Name of the figure in links: the seed and the position. */
const KEY = 'mix';

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

/** Computes a 1×1 layer on random numbers in two ways, once or 100 times. */
export function mountPointwise(c: Corr2d, link: Link): void {
  const limit = `< ${MAX_DIFFERENCE.toExponential(0)}`;
  const chapter = createCheck(root('one-by-one'), limit, {
    result: 'Σ |Y1 − Y2|',
    match: 'below the chapter’s limit',
  });
  const identical = createCheck(root('one-by-one-identical'), '18 of 18', {
    result: 'Bit-identical outputs',
    expected: 'Expected',
    match: 'bit-identical',
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
    match: 'matches plain loops',
    mismatch: 'does not match plain loops',
  });
  const checks = [chapter, identical, matmul, float64];
  const again = button('New numbers', () => void draw(1, randomSeed()));
  const many = button(`Draw ${MANY_DRAWS} times`, () => void draw(MANY_DRAWS, randomSeed()));
  const status = el('span', { class: 'muted', role: 'status' });
  const summary = find('#pointwise-summary');
  const verdict = new Verdict(summary);
  summary.replaceChildren(verdict.element);
  find('#pointwise-draws').append(el('div', { class: 'actions' }, many, status));

  let seed = 1;
  let position = CENTRE;
  const save = () => {
    const isStart = seed === 1 && position === CENTRE;
    link.set(KEY, isStart ? null : joinNumbers([seed, position]));
  };
  const figure = new PointwiseFigure(find('#pointwise-figure .figure-body'), {
    redraw: again,
    onChoose: (chosen) => {
      position = chosen;
      save();
    },
  });

  const draw = async (count: number, first: number) => {
    seed = first;
    again.disabled = true;
    many.disabled = true;
    const worst = { difference: 0, product: 0, error: 0, allowed: 0 };
    let [equal, outputs, holds] = [0, 0, true];
    try {
      for (let n = 0; n < count; n++) {
        if (n > 0) seed = randomSeed();
        const drawn = drawOnce(c, seed);
        worst.difference = Math.max(worst.difference, drawn.difference);
        worst.product = Math.max(worst.product, drawn.productDifference);
        worst.error = Math.max(worst.error, drawn.comparison.largestDifference);
        worst.allowed = Math.max(worst.allowed, drawn.comparison.largestBound);
        equal += drawn.equalBits;
        outputs += drawn.outputs;
        holds &&= drawn.comparison.holds;
        if (n === count - 1) figure.show(drawn.numbers, position);
        if (n % 10 === 9) await yieldToEventLoop();
      }
      const isBelow = worst.difference < MAX_DIFFERENCE;
      const isProduct = worst.product < MAX_DIFFERENCE;
      const isIdentical = equal === outputs && outputs === OUTPUTS_PER_DRAW * count;
      chapter.settle(formatDifference(worst.difference), isBelow);
      const expectedCount = formatInteger(OUTPUTS_PER_DRAW * count);
      identical.settle(
        `${formatInteger(equal)} of ${formatInteger(outputs)}`,
        isIdentical,
        `${expectedCount} of ${expectedCount}`,
      );
      matmul.settle(formatDifference(worst.product), isProduct);
      float64.settle(formatDifference(worst.error), holds, formatDifference(worst.allowed));
      const allHold = isBelow && isProduct && isIdentical && holds;
      verdict.show(
        allHold ? 'match' : 'mismatch',
        allHold
          ? 'The matrix product and the convolution give the same numbers'
          : 'The matrix product and the convolution differ',
      );
      status.textContent =
        count === 1 ? `Seed ${formatInteger(seed)}` : `${count} draws; the checks show the worst`;
    } catch (error) {
      for (const check of checks) check.fail(error);
      verdict.show('error', messageOf(error));
    } finally {
      again.disabled = false;
      many.disabled = false;
    }
  };
  const restore = () => {
    const [savedSeed = 1, savedPosition = CENTRE] = parseNumbers(link.get(KEY), 2) ?? [];
    position = clamp(Math.trunc(savedPosition), 0, POSITIONS - 1);
    void draw(1, Math.max(0, Math.trunc(savedSeed)));
  };
  link.onOpen(restore);
  restore();
}
