import type { Tensor } from 'corr2d';
import { macsOf, type Problem } from '../measure/problem';
import { compareWithOracle } from '../shared/compare';
import { button, el, find, messageOf } from '../shared/dom';
import { formatCount, formatDifference, formatDuration, formatSignificant } from '../shared/format';
import { withTensors } from '../shared/tensors';
import { checkAnswer, type ExerciseContext } from './exercise';

const LAYER: Problem = { h: 56, w: 56, ci: 32, co: 32, k: 3, stride: 1, padding: 1, groups: 1 };
const BUDGET_MS = 150;

/** The inner product, and the sum of the magnitudes of its terms. */
const dot = (a: Float32Array, b: Float32Array): { value: number; magnitude: number } => {
  let [value, magnitude] = [0, 0];
  a.forEach((left, i) => {
    const product = left * (b[i] ?? Number.NaN);
    value += product;
    magnitude += Math.abs(product);
  });
  return { value, magnitude };
};

/** Exercise 2: the cost of the forward and backward passes. */
export function mountBackward(article: HTMLElement, { c, measurements }: ExerciseContext): void {
  const answer = el('p', { class: 'answer', role: 'status' });
  const measure = button('Measure both', async () => {
    measure.disabled = true;
    answer.textContent = 'Measuring…';
    try {
      const time = (direction: 'forward' | 'backward') =>
        measurements.request('time', { problem: LAYER, direction, budget: BUDGET_MS });
      const [forward, backward] = [await time('forward'), await time('backward')];
      const ratio = backward.milliseconds / forward.milliseconds;
      answer.textContent = `56×56, 32→32, 3×3: forward ${formatCount(macsOf(LAYER))} multiply-adds in ${formatDuration(forward.milliseconds)}, planned once; backward ${formatCount(2 * macsOf(LAYER))} in ${formatDuration(backward.milliseconds)}, planned on each call: ${formatSignificant(ratio)} times as long.`;
    } catch (error) {
      answer.textContent = messageOf(error);
    } finally {
      measure.disabled = false;
    }
  });
  find('.experiment', article).append(el('div', { class: 'actions' }, measure), answer);

  checkAnswer(
    article,
    'exercise-backward',
    {
      result: 'Difference of inner products; operation counts',
      expected: 'Allowed; expected',
      match: 'gradients and counts are correct for all shapes, strides and paddings tried',
      mismatch: 'gradients or counts are wrong',
    },
    (check) => {
      let [worst, holds, correctCounts, tried] = [0, true, 0, 0];
      for (const [h, w, ci, co, k, stride, padding] of [
        [9, 11, 3, 4, 3, 1, 1],
        [12, 12, 4, 6, 3, 2, 1],
        [10, 8, 2, 5, 5, 1, 2],
        [7, 7, 6, 2, 1, 1, 0],
        [13, 9, 8, 16, 3, 1, 0],
      ] as const) {
        withTensors((own) => {
          const options = { stride, padding };
          const X = own(c.normal(0, 1, [ci, h, w], { seed: h }));
          const K = own(c.normal(0, 1, [co, ci, k, k], { seed: w }));
          const Y = own(c.conv2d(X, K, options));
          const G = own(c.normal(0, 1, Y.shape, { seed: ci }));
          const gradients = c.conv2dBackward(G, X, K, options);
          for (const gradient of Object.values(gradients) as Tensor[]) own(gradient);
          const forward = dot(G.data, Y.data);
          for (const [a, b] of [
            [gradients.input, X],
            [gradients.weight, K],
          ] as const) {
            const backward = dot(a.data, b.data);
            const difference =
              Math.abs(forward.value - backward.value) / (forward.magnitude + backward.magnitude);
            worst = Math.max(worst, difference);
            holds &&= difference < 1e-5;
          }
          holds &&= compareWithOracle(Y, X, K, options).holds;
          const plan = c.planConv2d({ inputShape: X.shape, weight: K, ...options });
          tried += 1;
          if (plan.macs === macsOf({ h, w, ci, co, k, stride, padding, groups: 1 }))
            correctCounts += 1;
          plan.dispose();
        });
      }
      check.settle(
        `${formatDifference(worst)}; ${correctCounts} of ${tried} as in the formula`,
        holds && correctCounts === tried,
        `1.0e-5; ${tried} of ${tried}`,
      );
    },
  );
}
