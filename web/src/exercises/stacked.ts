import type { Corr2d, Tensor } from 'corr2d';
import { compareWithOracle, largestDifference } from '../shared/compare';
import { button, el, find } from '../shared/dom';
import { formatDifference, formatShape } from '../shared/format';
import { Grid } from '../shared/grid';
import { Slider } from '../shared/slider';
import { type Own, randomSeed, withTensors } from '../shared/tensors';
import { checkAnswer, type Exercise, type ExerciseContext } from './exercise';
import { bestFactors } from './factors';

const INPUTS = 2;
const MIDDLE = 3;
const OUTPUTS = 2;
const SIDE = 12;
const DIAGONAL = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** The kernel (co×ci×(k₁+k₂−1)²) of both layers: full convolutions, summed over the middle channels. */
function composeKernels(c: Corr2d, first: Tensor, second: Tensor, own: Own): Tensor {
  const [middle = 0, ci = 0] = first.shape;
  const [co = 0] = second.shape;
  const sliceOf = (kernel: Tensor, o: number, i: number) => own(own(kernel.at(o)).at(i));
  const kernels: Tensor[] = [];
  for (let o = 0; o < co; o++) {
    const slices: Tensor[] = [];
    for (let i = 0; i < ci; i++) {
      let sum: Tensor | null = null;
      for (let m = 0; m < middle; m++) {
        const part = own(c.convolve2d(sliceOf(first, m, i), sliceOf(second, o, m)));
        sum = sum ? own(sum.add(part)) : part;
      }
      if (sum) slices.push(sum);
    }
    kernels.push(own(c.stack(slices)));
  }
  return own(c.stack(kernels));
}

/** Exercise 1: two stacked convolutions equal one; the converse is false. */
function mount(root: HTMLElement, { c }: ExerciseContext): void {
  const answer = el('p', { class: 'answer', role: 'status' });
  let seed = 1;
  const run = () => {
    answer.textContent = withTensors((own) => {
      const [k1, k2] = [sizes[0]?.value ?? 1, sizes[1]?.value ?? 1];
      const { two, one, kernel } = compute(own, k1, k2, seed);
      const difference = largestDifference(two, one);
      return `Two layers, ${k1}×${k1} then ${k2}×${k2}, against one of ${formatShape(kernel.shape)}: ${one.size} outputs differ by at most ${formatDifference(difference)}.`;
    });
  };
  const sizes = ['First kernel', 'Second kernel'].map(
    (label, i) => new Slider({ label, min: 1, max: 5, value: 3 - i, onInput: run }),
  );
  function compute(own: Own, k1: number, k2: number, from: number) {
    const X = own(c.normal(0, 1, [INPUTS, SIDE, SIDE], { seed: from }));
    const K1 = own(c.normal(0, 1, [MIDDLE, INPUTS, k1, k1], { seed: from + 1 }));
    const K2 = own(c.normal(0, 1, [OUTPUTS, MIDDLE, k2, k2], { seed: from + 2 }));
    const two = own(c.conv2d(own(c.conv2d(X, K1)), K2));
    const kernel = composeKernels(c, K1, K2, own);
    return { X, two, kernel, one: own(c.conv2d(X, kernel)) };
  }
  const again = button('New kernels', () => {
    seed = randomSeed();
    run();
  });
  find('.experiment', root).append(
    el('div', { class: 'sliders' }, ...sizes.map(({ element }) => element)),
    el('div', { class: 'actions' }, again),
    answer,
  );
  run();

  void checkAnswer(
    root,
    'exercise-stacked',
    {
      result: 'Difference between two layers and one',
      expected: 'Allowed',
      match: 'one kernel gives the same result for all sizes tried',
      mismatch: 'the results differ',
    },
    (check) => {
      let [worst, allowed, holds] = [0, 0, true];
      for (const [k1, k2] of [
        [1, 3],
        [2, 2],
        [3, 2],
        [3, 3],
        [5, 3],
      ] as const) {
        withTensors((own) => {
          const { X, two, one, kernel } = compute(own, k1, k2, 10 * k1 + k2);
          const comparison = compareWithOracle(one, X, kernel);
          // Rounding errors partly cancel, so their sum stays far below the worst case.
          const bound = (16 * comparison.largestBound) / (kernel.size / OUTPUTS);
          const difference = largestDifference(two, one);
          holds &&= comparison.holds && difference <= bound && kernel.shape[2] === k1 + k2 - 1;
          worst = Math.max(worst, difference);
          allowed = Math.max(allowed, bound);
        });
      }
      check.settle(formatDifference(worst), holds, formatDifference(allowed));
    },
  );

  void checkAnswer(
    root,
    'exercise-converse',
    {
      result: 'Distance to the identity matrix: one middle channel; four middle channels',
      expected: 'Expected',
      match: 'impossible with one middle channel, possible with four',
      mismatch: 'differs from the expected values',
    },
    (check) => {
      const best = bestFactors(DIAGONAL, () => Math.random() * 2 - 1);
      withTensors((own) => {
        const { left, right } = best;
        const diagonal = own(c.tensor(DIAGONAL, [3, 3]));
        const product = own(
          c.convolve2d(own(c.tensor([...left], [2, 2])), own(c.tensor([...right], [2, 2]))),
        );
        const gap = Math.hypot(...own(product.sub(diagonal)).data);
        // Four middle channels shift the image; the second layer picks its diagonal entries from each.
        const shifts = Array.from({ length: 4 }, (_, m) => [
          [
            [Number(m === 0), Number(m === 1)],
            [Number(m === 2), Number(m === 3)],
          ],
        ]);
        const secondLayer = shifts.map(() => [
          [0, 0],
          [0, 0],
        ]);
        DIAGONAL.forEach((weight, n) => {
          const [i, j] = [Math.floor(n / 3), n % 3];
          const [a, b] = [Math.min(i, 1), Math.min(j, 1)];
          const kernelRow = secondLayer[2 * a + b]?.[i - a];
          if (kernelRow) kernelRow[j - b] = weight;
        });
        const X = own(c.normal(0, 1, [1, SIDE, SIDE], { seed: 3 }));
        const K = own(diagonal.reshape([1, 1, 3, 3]));
        const two = own(c.conv2d(own(c.conv2d(X, shifts)), [secondLayer]));
        const comparison = compareWithOracle(two, X, K);
        const agrees = Math.abs(gap - best.distance) < 1e-5;
        check.settle(
          `${gap.toFixed(3)}; ${formatDifference(comparison.largestDifference)}`,
          agrees && gap > 0.1 && comparison.holds,
          `more than 0.1; at most ${formatDifference(comparison.largestBound)}`,
        );
        const grid = new Grid({
          caption: 'Nearest product of two 2×2 kernels',
          rows: 3,
          columns: 3,
          digits: 2,
        });
        grid.show(product.toArray() as unknown as number[][]);
        find('.experiment', root).append(grid.element);
      });
    },
  );
}

export const stacked: Exercise = {
  right: 'sum-1',
  result: 'The single kernel has k₁ + k₂ − 1 rows and columns.',
  mount,
};
