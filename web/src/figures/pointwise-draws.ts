import type { Corr2d, Tensor } from 'corr2d';
import { createCheck } from '../shared/check';
import { button, find, yieldToEventLoop } from '../shared/dom';
import { formatDifference, formatInteger } from '../shared/format';
import type { Matrix } from '../shared/grid';
import { Comparison, windowSum } from '../shared/oracle';
import { PointwiseFigure } from './pointwise-figure';

/** The chapter's limit for the sum of differences between both ways to compute the 1×1 layer. */
const MAX_DIFFERENCE = 1e-6;
const MANY_DRAWS = 100;

const root = (id: string) => find(`[data-example="${id}"]`);
const bits = (tensor: Tensor): Uint32Array => new Uint32Array(tensor.data.slice().buffer);

/** The results of one draw of random numbers. */
class Draw {
  readonly difference: number;
  readonly equalBits: number;
  readonly outputs: number;
  readonly productDifference: number;
  readonly comparison = new Comparison();
  readonly #tensors: Tensor[] = [];
  readonly #input: Tensor;
  readonly #weights: Tensor;
  readonly #output: Tensor;

  constructor(c: Corr2d, seed: number) {
    const own = (tensor: Tensor): Tensor => {
      this.#tensors.push(tensor);
      return tensor;
    };
    const X = own(c.normal(0, 1, [3, 3, 3], { seed }));
    const K = own(c.normal(0, 1, [2, 3, 1, 1], { seed: seed + 1 }));
    const Y1 = own(c.corr2dMultiInOut1x1(X, K));
    const Y2 = own(c.corr2dMultiInOut(X, K));
    const product = own(c.matmul(own(K.reshape([2, 3])), own(X.reshape([3, 9])))).data;
    this.#input = X;
    this.#weights = K;
    this.#output = Y2;

    const [first, second] = [Y1.data, Y2.data];
    const sumOfDifferences = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? Number.NaN)), 0);
    this.difference = sumOfDifferences(first, second);
    this.productDifference = sumOfDifferences(second, product);
    const [firstBits, secondBits] = [bits(Y1), bits(Y2)];
    this.equalBits = firstBits.filter((word, i) => word === secondBits[i]).length;
    this.outputs = secondBits.length;

    const [x, k] = [X.data, K.data];
    for (let o = 0; o < 2; o++) {
      const kernel = [0, 1, 2].map((ch) => [[k[o * 3 + ch] ?? Number.NaN]]);
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          const sample = (ch: number, a: number, b: number) =>
            x[(ch * 3 + a) * 3 + b] ?? Number.NaN;
          const expected = windowSum(sample, kernel, i, j);
          const at = (o * 3 + i) * 3 + j;
          this.comparison.add(first[at] ?? Number.NaN, expected);
          this.comparison.add(second[at] ?? Number.NaN, expected);
        }
      }
    }
  }

  get numbers() {
    return {
      input: this.#input.toArray() as unknown as Matrix[],
      weights: (this.#weights.toArray() as unknown as number[][][][]).map((kernel) =>
        kernel.map((plane) => plane[0]?.[0] ?? Number.NaN),
      ),
      output: this.#output.toArray() as unknown as Matrix[],
    };
  }

  dispose(): void {
    for (const tensor of this.#tensors) tensor.dispose();
  }
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
    const worst = { difference: 0, product: 0, off: 0, allowed: 0 };
    let [equal, outputs, holds] = [0, 0, true];
    try {
      for (let n = 0; n < count; n++) {
        const drawn = new Draw(c, seed);
        worst.difference = Math.max(worst.difference, drawn.difference);
        worst.product = Math.max(worst.product, drawn.productDifference);
        worst.off = Math.max(worst.off, drawn.comparison.largestDifference);
        worst.allowed = Math.max(worst.allowed, drawn.comparison.largestBound);
        equal += drawn.equalBits;
        outputs += drawn.outputs;
        holds &&= drawn.comparison.holds;
        if (n === count - 1) figure.show(drawn.numbers);
        drawn.dispose();
        if (n < count - 1) seed = nextSeed();
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
      float64.settle(formatDifference(worst.off), holds, formatDifference(worst.allowed));
      status.textContent =
        count === 1 ? `Seed ${formatInteger(seed)}` : `${count} draws; the checks show the worst`;
    } catch (error) {
      for (const check of checks) check.fail(error);
    } finally {
      again.disabled = false;
      many.disabled = false;
    }
    seed = nextSeed();
  };
  again.addEventListener('click', () => void draw(1));
  many.addEventListener('click', () => void draw(MANY_DRAWS));
  void draw(1);
}

const nextSeed = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 1) % 1_000_000;
