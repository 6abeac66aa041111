import { layers } from '../measure/layers';
import { MeasureButton, type MeasureRun } from '../measure/measure-button';
import type { Problem } from '../measure/problem';
import { compareWithOracle } from '../shared/compare';
import { el, find } from '../shared/dom';
import { formatDuration, formatSignificant } from '../shared/format';
import { changedOutputs, ungroupKernel } from '../shared/groups';
import { Slider } from '../shared/slider';
import { withTensors } from '../shared/tensors';
import { checkAnswer, type Exercise, type ExerciseContext } from './exercise';

const CHANNELS = 64;
const GROUPS = [1, 2, 4, 8, 16, 32, 64];

const layer = (groups: number, k: number): Problem => ({
  h: 56,
  w: 56,
  ci: CHANNELS,
  co: CHANNELS,
  k,
  stride: 1,
  padding: (k - 1) / 2,
  groups,
});

/** Exercise 7: what groups save and lose, and how a 1×1 layer mixes the channels again. */
function mount(root: HTMLElement, { c }: ExerciseContext): void {
  const matrix = el('canvas', { width: '192', height: '192', role: 'img', class: 'blocks' });
  const answer = el('p', { class: 'answer', role: 'status' });
  const groups = () => GROUPS[slider.value] ?? 1;
  const slider = new Slider({
    label: 'Groups',
    min: 0,
    max: GROUPS.length - 1,
    value: 2,
    format: (index) => String(GROUPS[index]),
    onInput: () => show(),
  });
  const draw = () => {
    const g = groups();
    const context = matrix.getContext('2d');
    const style = getComputedStyle(matrix);
    const side = matrix.width / g;
    if (context) {
      context.fillStyle = style.getPropertyValue('--sunken');
      context.fillRect(0, 0, matrix.width, matrix.height);
      context.fillStyle = style.getPropertyValue('--accent');
      for (let n = 0; n < g; n++)
        context.fillRect(n * side + 0.5, n * side + 0.5, side - 1, side - 1);
    }
    matrix.setAttribute('aria-label', `Inputs that each output sees: ${g} blocks on the diagonal`);
  };
  const show = () => {
    const g = groups();
    draw();
    answer.textContent = `With ${g} ${g === 1 ? 'group' : 'groups'}, each output sees ${CHANNELS / g} of ${CHANNELS} inputs: 1/${g} of the multiply-adds.`;
    measure.refresh();
  };
  const compared = (): [Problem, Problem, Problem] => [
    layer(1, 3),
    layer(groups(), 3),
    layer(1, 1),
  ];
  const measure = new MeasureButton({
    label: () => 'Measure',
    what: 'measuring the groups',
    estimate: () => layers.estimate(compared().map((problem) => ({ problem }))),
    async measure({ signal }: MeasureRun) {
      const g = groups();
      const times: number[] = [];
      for (const problem of compared()) {
        times.push((await layers.time({ problem }, { signal })).milliseconds);
      }
      const [dense = 0, grouped = 0, mixing = 0] = times;
      answer.textContent = `56×56, 64→64, 3×3: ${formatDuration(dense)} dense, ${formatDuration(grouped)} with ${g} ${g === 1 ? 'group' : 'groups'}: ${formatSignificant(dense / grouped)} times as fast with 1/${g} of the multiply-adds. A 1×1 layer that mixes the channels again takes ${formatDuration(mixing)}; both layers together are ${formatSignificant(dense / (grouped + mixing))} times as fast as the dense layer.`;
    },
  });
  find('.experiment', root).append(
    el('div', { class: 'sliders' }, slider.element),
    el('div', { class: 'blocks-row' }, matrix, el('div', {}, answer, measure.row)),
  );
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  show();

  void checkAnswer(
    root,
    'exercise-groups',
    {
      result: 'Outputs that depend on one input: grouped; followed by a 1×1 layer',
      expected: 'Expected',
      match: 'groups stay separate, the 1×1 layer mixes them, and all results are correct',
      mismatch: 'differs from the expected values',
    },
    (check) => {
      withTensors((own) => {
        const [channels, g, k, side] = [8, 4, 3, 7];
        const block = channels / g;
        const X = own(c.normal(0, 1, [channels, side, side], { seed: 1 }));
        const K = own(c.normal(0, 1, [channels, block, k, k], { seed: 2 }));
        const M = own(c.normal(0, 1, [channels, channels, 1, 1], { seed: 3 }));
        const options = { padding: 1, groups: g };
        const D = own(ungroupKernel(c, K, g));
        const other = own(X.clone());
        for (let i = 0; i < side * side; i++) other.data[i] = (other.data[i] ?? 0) + 1;

        const Y = own(c.conv2d(X, K, options));
        const changed = own(c.conv2d(other, K, options));
        const mixed = own(c.conv2d(Y, M));
        const reachedGrouped = changedOutputs(Y, changed).length;
        const reachedMixed = changedOutputs(mixed, own(c.conv2d(changed, M))).length;
        const correct =
          compareWithOracle(Y, X, K, options).holds &&
          compareWithOracle(own(c.conv2d(X, D, { padding: 1 })), X, D, { padding: 1 }).holds &&
          compareWithOracle(Y, X, D, { padding: 1 }).withinBound === Y.size &&
          compareWithOracle(mixed, Y, M).holds;
        check.settle(
          `${reachedGrouped} of ${channels}; ${reachedMixed} of ${channels}`,
          correct && reachedGrouped === block && reachedMixed === channels,
          `${block} of ${channels}; ${channels} of ${channels}`,
        );
      });
    },
  );
}

export const groups: Exercise = {
  right: 'g',
  result: 'With g blocks, the number of multiply-adds is divided by g.',
  mount,
};
