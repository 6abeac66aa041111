import type { Corr2d, Tensor } from 'corr2d';
import { compareWithOracle, countEqualBits } from '../shared/compare';
import { button, el, find } from '../shared/dom';
import { formatInteger } from '../shared/format';
import { Slider } from '../shared/slider';
import { randomSeed, withTensors } from '../shared/tensors';
import { checkAnswer, type Exercise, type ExerciseContext } from './exercise';

const SIDE = 8;
const OUTPUTS = 4;

interface Counts {
  outputs: number;
  /** Outputs with the same bits in the matrix product and the convolution. */
  equal: number;
  /** Outputs with the same bits in the convolution and the one with reversed channels. */
  equalReversed: number;
  correct: boolean;
}

/** Reverses the order of the channels: axis 0 of an input, axis 1 of a kernel. */
function reverseChannels(
  c: Corr2d,
  data: Float32Array,
  shape: readonly number[],
  axis: 0 | 1,
): Tensor {
  const outer = axis === 0 ? 1 : (shape[0] ?? 1);
  const channels = shape[axis] ?? 1;
  const inner = data.length / outer / channels;
  const reversedData = new Float32Array(data.length);
  for (let o = 0; o < outer; o++) {
    for (let ch = 0; ch < channels; ch++) {
      const from = (o * channels + ch) * inner;
      reversedData.set(
        data.subarray(from, from + inner),
        (o * channels + channels - 1 - ch) * inner,
      );
    }
  }
  return c.tensor(reversedData, [...shape]);
}

function draw(c: Corr2d, channels: number, seed: number): Counts {
  return withTensors((own) => {
    const X = own(c.normal(0, 1, [channels, SIDE, SIDE], { seed }));
    const K = own(c.normal(0, 1, [OUTPUTS, channels, 1, 1], { seed: seed + 1 }));
    const Y1 = own(c.corr2dMultiInOut1x1(X, K));
    const Y2 = own(c.corr2dMultiInOut(X, K));
    const Y3 = own(
      c.corr2dMultiInOut(
        own(reverseChannels(c, X.data, X.shape, 0)),
        own(reverseChannels(c, K.data, K.shape, 1)),
      ),
    );
    return {
      outputs: Y1.size,
      equal: countEqualBits(Y1, Y2),
      equalReversed: countEqualBits(Y2, Y3),
      correct: [Y1, Y2, Y3].every((Y) => compareWithOracle(Y, X, K).holds),
    };
  });
}

/** Exercise 4: whether both ways to compute a 1×1 layer are bit-identical. */
function mount(root: HTMLElement, { c }: ExerciseContext): void {
  const answer = el('p', { class: 'answer', role: 'status' });
  let seed = 1;
  const run = () => {
    const { outputs, equal, equalReversed } = draw(c, channels.value, seed);
    answer.textContent = `Of ${outputs} outputs, ${equal} are bit-identical in Y1 and Y2; ${equalReversed} stay so when the channels are summed in reverse order.`;
  };
  const channels = new Slider({ label: 'Channels in', min: 1, max: 64, value: 16, onInput: run });
  const again = button('Draw again', () => {
    seed = randomSeed();
    run();
  });
  find('.experiment', root).append(
    el('div', { class: 'sliders' }, channels.element),
    el('div', { class: 'actions' }, again),
    answer,
  );
  run();

  void checkAnswer(
    root,
    'exercise-equal',
    {
      result: 'Bit-identical outputs; in reverse order',
      expected: 'Expected',
      match: 'bit-identical in the same order, not always in reverse order, and all correct',
      mismatch: 'differs from the expected values',
    },
    (check) => {
      const draws = Array.from({ length: 20 }, (_, n) => draw(c, 16, 100 + 2 * n));
      const sum = (of: (counts: Counts) => number) => draws.reduce((all, d) => all + of(d), 0);
      const outputs = sum((d) => d.outputs);
      const [equal, other] = [sum((d) => d.equal), sum((d) => d.equalReversed)];
      check.settle(
        `${formatInteger(equal)} of ${formatInteger(outputs)}; ${formatInteger(other)}`,
        equal === outputs && other < outputs && draws.every((d) => d.correct),
        'all; fewer than all',
      );
    },
  );
}

export const equal: Exercise = {
  right: 'order',
  result: 'They are bit-identical if they add in the same order with the same instruction.',
  mount,
};
