import type { Tensor } from 'corr2d';
import { layers } from '../measure/layers';
import { MeasureButton, type MeasureRun } from '../measure/measure-button';
import type { Pass } from '../measure/messages';
import { macsOf, type Problem } from '../measure/problem';
import { compareWithOracle } from '../shared/compare';
import { el, find } from '../shared/dom';
import { formatCount, formatDifference, formatDuration, formatSignificant } from '../shared/format';
import { withTensors } from '../shared/tensors';
import { checkAnswer, type Exercise, type ExerciseContext } from './exercise';
import { resultsTable } from './results-table';

const LAYER: Problem = { h: 56, w: 56, ci: 32, co: 32, k: 3, stride: 1, padding: 1, groups: 1 };

interface PassTimes {
  /** The algorithm of the planned forward pass. */
  algorithm: string;
  /** Times in milliseconds by pass: with the algorithms that corr2d chooses, and with gemm. */
  chosen: Record<Pass, number>;
  gemm: Record<'call' | 'input' | 'weight', number>;
}

const CHOSEN_PASSES: readonly Pass[] = ['run', 'call', 'input', 'weight', 'bias'];
const GEMM_PASSES: readonly Pass[] = ['call', 'input', 'weight'];
const TIMED = [...CHOSEN_PASSES, ...GEMM_PASSES].map((pass) => ({ problem: LAYER, pass }));

async function measurePasses({ signal, report }: MeasureRun): Promise<PassTimes> {
  let [done, planned] = [0, ''];
  const measure = async (passes: readonly Pass[], algorithm: 'auto' | 'gemm') => {
    const times = { run: NaN, call: NaN, input: NaN, weight: NaN, bias: NaN };
    for (const pass of passes) {
      report(`Measuring ${++done} of ${TIMED.length}`);
      const timing = await layers.time({ problem: LAYER, pass }, { signal, algorithm });
      if (pass === 'run') planned = timing.algorithm;
      times[pass] = timing.milliseconds;
    }
    return times;
  };
  const chosen = await measure(CHOSEN_PASSES, 'auto');
  const gemm = await measure(GEMM_PASSES, 'gemm');
  return { algorithm: planned, chosen, gemm };
}

const totalOf = ({ chosen }: PassTimes): number => chosen.input + chosen.weight + chosen.bias;

function passTable(times: PassTimes): HTMLElement {
  const { chosen, gemm } = times;
  const macs = formatCount(macsOf(LAYER));
  const ratio = (value: number) => `${formatSignificant(value)}×`;
  const rows = [
    ['Forward', macs, formatDuration(chosen.run), formatDuration(gemm.call)],
    ['Gradient of the input', macs, formatDuration(chosen.input), formatDuration(gemm.input)],
    ['Gradient of the weight', macs, formatDuration(chosen.weight), formatDuration(gemm.weight)],
    ['Gradient of the bias', '–', formatDuration(chosen.bias), '–'],
    [
      'Backward ÷ forward',
      '2×',
      ratio(totalOf(times) / chosen.run),
      ratio((gemm.input + gemm.weight) / gemm.call),
    ],
  ];
  return resultsTable(['Pass', 'Multiply-adds', 'corr2d’s choice', 'With gemm'], rows);
}

function explanation(times: PassTimes): HTMLElement {
  const { algorithm, chosen, gemm } = times;
  return el(
    'p',
    { class: 'answer' },
    `56×56, 32→32, 3×3: backward takes ${formatSignificant(totalOf(times) / chosen.run)} times as long as forward. Forward uses ${algorithm}${algorithm === 'winograd' ? ', which the gradient of the weight cannot use: it' : '; the gradient of the weight'} takes ${formatDuration(chosen.weight)} of the ${formatDuration(totalOf(times))}. Planned on each call, forward takes ${formatDuration(chosen.call)} instead of ${formatDuration(chosen.run)}. With gemm for all, planned on each call, and without the bias, backward takes ${formatSignificant((gemm.input + gemm.weight) / gemm.call)} times as long as forward.`,
  );
}

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
function mount(root: HTMLElement, { c }: ExerciseContext): void {
  const results = el('div', { class: 'measured', role: 'status' });
  const measure = new MeasureButton({
    label: () => 'Measure both',
    what: 'measuring both passes',
    estimate: () => layers.estimate(TIMED),
    async measure(run: MeasureRun) {
      const times = await measurePasses(run);
      results.replaceChildren(passTable(times), explanation(times));
    },
  });
  find('.experiment', root).append(measure.row, results);

  void checkAnswer(
    root,
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

export const backward: Exercise = {
  right: 2,
  result:
    'Backpropagation takes 2 times as many: the gradient of the input takes as many as the forward pass, and so does the gradient of the weight.',
  mount,
};
