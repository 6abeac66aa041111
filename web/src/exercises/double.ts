import { layers } from '../measure/layers';
import { MeasureButton, type MeasureRun } from '../measure/measure-button';
import { macsOf, outputOf, type Problem } from '../measure/problem';
import { compareWithOracle } from '../shared/compare';
import { el, find } from '../shared/dom';
import { formatDifference, formatDuration, formatSignificant } from '../shared/format';
import { Slider } from '../shared/slider';
import { withTensors } from '../shared/tensors';
import { checkAnswer, type Exercise, type ExerciseContext } from './exercise';

const doubleChannels = (layer: Problem) => ({ ...layer, ci: 2 * layer.ci, co: 2 * layer.co });

const CHECKED: Problem = { h: 9, w: 9, ci: 4, co: 4, k: 3, stride: 1, padding: 1, groups: 1 };
const FACTOR = macsOf(doubleChannels(CHECKED)) / macsOf(CHECKED);

/** Exercise 3: the cost of doubling the channels or the padding. */
function mount(root: HTMLElement, { c }: ExerciseContext): void {
  const answer = el('p', { class: 'answer' });
  const measured = el('p', { class: 'answer', role: 'status' });
  const slider = (label: string, min: number, max: number, value: number) =>
    new Slider({ label, min, max, value, onInput: () => show() });
  const size = slider('Height and width', 4, 64, 14);
  const kernel = slider('Kernel size', 1, 7, 3);
  const padding = slider('Padding', 0, 8, 1);
  const channels = slider('Channels', 8, 128, 64);
  const problem = (): Problem => ({
    h: size.value,
    w: size.value,
    ci: channels.value,
    co: channels.value,
    k: Math.min(kernel.value, size.value + 2 * padding.value),
    stride: 1,
    padding: padding.value,
    groups: 1,
  });
  const doublePadding = (layer: Problem) => ({ ...layer, padding: 2 * layer.padding });
  const show = () => {
    const layer = problem();
    kernel.set({ max: Math.min(7, size.value + 2 * padding.value) });
    const ratio = (other: Problem) => formatSignificant(macsOf(other) / macsOf(layer));
    const wide = doublePadding(layer);
    answer.textContent = `Twice the channels: ${ratio(doubleChannels(layer))} times the multiply-adds. Twice the padding: the output grows from ${outputOf(layer).join('×')} to ${outputOf(wide).join('×')}, with ${ratio(wide)} times the multiply-adds.`;
    measured.textContent = '';
    measure.refresh();
  };
  const compared = (): [Problem, Problem, Problem] => {
    const layer = problem();
    return [layer, doubleChannels(layer), doublePadding(layer)];
  };
  const measure = new MeasureButton({
    label: () => 'Measure',
    what: 'measuring the doubled layer',
    estimate: () => layers.estimate(compared().map((layer) => ({ problem: layer }))),
    async measure({ signal }: MeasureRun) {
      measured.textContent = '';
      const times: number[] = [];
      for (const layer of compared()) {
        times.push((await layers.time({ problem: layer }, { signal })).milliseconds);
      }
      const [before = 0, wider = 0, padded = 0] = times;
      measured.textContent = `Measured: ${formatDuration(before)}; with twice the channels ${formatDuration(wider)} (${formatSignificant(wider / before)} times as long); with twice the padding ${formatDuration(padded)} (${formatSignificant(padded / before)} times as long).`;
    },
  });
  find('.experiment', root).append(
    el(
      'div',
      { class: 'sliders' },
      ...[size, kernel, padding, channels].map(({ element }) => element),
    ),
    answer,
    measure.row,
    measured,
  );
  show();

  void checkAnswer(
    root,
    'exercise-double',
    {
      result: 'Ratios from the plans; error against float64',
      expected: 'Ratios from the formulas; allowed error',
      match: 'the plans’ counts and both results are correct',
      mismatch: 'differs from the expected values',
    },
    (check) => {
      withTensors((own) => {
        const planned = ({ h, w, ci, co, k, padding: p }: Problem) => {
          const plan = c.planConv2d({
            inputShape: [ci, h, w],
            weight: own(c.ones([co, ci, k, k])),
            padding: p,
          });
          const { macs } = plan;
          plan.dispose();
          return macs;
        };
        const base = planned(CHECKED);
        const wider = planned(doubleChannels(CHECKED)) / base;
        const padded = planned(doublePadding(CHECKED)) / base;
        const formula = ((9 + 4 - 3 + 1) / (9 + 2 - 3 + 1)) ** 2;
        const X = own(c.normal(0, 1, [4, 9, 9], { seed: 1 }));
        const K = own(c.normal(0, 1, [4, 4, 3, 3], { seed: 2 }));
        const withOption = compareWithOracle(own(c.conv2d(X, K, { padding: 2 })), X, K, {
          padding: 2,
        });
        const paddedInput = own(c.pad(X, [2, 2, 2, 2]));
        const withExplicitZeros = compareWithOracle(own(c.conv2d(paddedInput, K)), X, K, {
          padding: 2,
        });
        const worst = Math.max(withOption.largestDifference, withExplicitZeros.largestDifference);
        const ratiosHold = wider === 4 && Math.abs(padded - formula) < 1e-9;
        check.settle(
          `${formatSignificant(wider)}, ${padded.toFixed(4)}; ${formatDifference(worst)}`,
          ratiosHold && withOption.holds && withExplicitZeros.holds,
          `4, ${formula.toFixed(4)}; ${formatDifference(withOption.largestBound)}`,
        );
      });
    },
  );
}

export const double: Exercise = {
  right: FACTOR,
  result: `With twice the channels, the layer takes ${FACTOR} times as many multiply-adds.`,
  mount,
};
