import type { Corr2d, Tensor } from 'corr2d';
import type { Verdict } from '../shared/check';
import { compareWithOracle } from '../shared/compare';
import { button, clamp, el, messageOf } from '../shared/dom';
import { changedOutputs, ungroupKernel } from '../shared/groups';
import { KernelMatrix, type KernelWeights } from '../shared/kernel-matrix';
import { joinNumbers, type Link, parseNumbers } from '../shared/link';
import { withTensors } from '../shared/tensors';

const CHANNELS = 4;
const KERNEL = 3;
const SIDE = 6;
const GROUPS = [1, 2, 4] as const;
const START = 2;
/** Name of the figure in links: the number of groups and the input. */
const KEY = 'groups';

const names = (name: string) => Array.from({ length: CHANNELS }, (_, n) => `${name} ${n}`);

/**
 * Fig. 4: the kernels of a grouped layer, of which only the blocks on the diagonal are left. One input is
 * changed, to see which outputs depend on it.
 */
export class GroupsFigure {
  readonly #c: Corr2d;
  readonly #verdict: Verdict;
  readonly #link: Link;
  readonly #matrix = el('div');
  readonly #facts = el('p', { class: 'answer', role: 'status' });
  readonly #choices: HTMLButtonElement[];
  readonly #inputs: HTMLButtonElement[];
  #groups: number = START;
  #input = 0;

  constructor(root: HTMLElement, c: Corr2d, verdict: Verdict, link: Link) {
    this.#c = c;
    this.#verdict = verdict;
    this.#link = link;
    this.#choices = GROUPS.map((groups) => button(String(groups), () => this.#show(groups)));
    this.#inputs = names('Input').map((name, c) => {
      const choose = () => {
        this.#input = c;
        this.#show(this.#groups);
      };
      return button(name, choose, 'kernel-name');
    });
    root.replaceChildren(
      el(
        'div',
        { class: 'actions' },
        el('span', { class: 'muted', id: 'groups-label' }, 'Groups'),
        el(
          'div',
          { class: 'choices', role: 'group', 'aria-labelledby': 'groups-label' },
          ...this.#choices,
        ),
      ),
      this.#matrix,
      this.#facts,
    );
    link.onOpen(() => this.#restore());
    this.#restore();
  }

  #restore(): void {
    const [saved, input = 0] = parseNumbers(this.#link.get(KEY), 2) ?? [];
    this.#input = clamp(Math.trunc(input) || 0, 0, CHANNELS - 1);
    this.#show(GROUPS.find((groups) => groups === saved) ?? START);
  }

  #show(groups: number): void {
    this.#groups = groups;
    const isStart = groups === START && this.#input === 0;
    this.#link.set(KEY, isStart ? null : joinNumbers([groups, this.#input]));
    this.#choices.forEach((choice, i) => {
      choice.setAttribute('aria-pressed', String(GROUPS[i] === groups));
    });
    this.#inputs.forEach((choice, c) => {
      choice.setAttribute('aria-pressed', String(c === this.#input));
    });
    try {
      this.#compute(groups);
    } catch (error) {
      this.#verdict.show('error', messageOf(error));
    }
  }

  #compute(groups: number): void {
    withTensors((own) => {
      const c = this.#c;
      const perGroup = CHANNELS / groups;
      const options = { padding: 1, groups };
      const X = own(c.normal(0, 1, [CHANNELS, SIDE, SIDE], { seed: 1 }));
      const K = own(c.normal(0, 1, [CHANNELS, perGroup, KERNEL, KERNEL], { seed: 2 }));
      const Y = own(c.conv2d(X, K, options));
      const other = own(X.clone());
      const plane = SIDE * SIDE;
      const changedPlane = other.data.subarray(this.#input * plane, (this.#input + 1) * plane);
      changedPlane.forEach((value, i) => {
        changedPlane[i] = value + 1;
      });
      const reached = changedOutputs(Y, own(c.conv2d(other, K, options)));
      this.#showMatrix(groups, K.toArray() as unknown as KernelWeights);
      const weights = CHANNELS * perGroup * KERNEL * KERNEL;
      this.#facts.textContent = `${CHANNELS * perGroup} of ${CHANNELS * CHANNELS} slices: ${weights} weights. A change of input ${this.#input} reaches ${describe(reached)}.`;
      this.#verify(own, { X, K, Y, reached, groups });
    });
  }

  #showMatrix(groups: number, weights: KernelWeights): void {
    const matrix = new KernelMatrix({
      label: `Kernels, ${CHANNELS}×${CHANNELS / groups}×${KERNEL}×${KERNEL}, in ${groups} groups`,
      outputs: names('Output'),
      inputs: names('Input'),
      size: [KERNEL, KERNEL],
      groups,
      kind: 'tiles',
      above: this.#inputs,
    });
    matrix.show(weights);
    matrix.lightInput(this.#input);
    // Moving a button takes the focus from it.
    const focused = document.activeElement;
    this.#matrix.replaceChildren(matrix.element);
    if (focused instanceof HTMLElement && this.#matrix.contains(focused)) focused.focus();
  }

  /** The layer must equal the oracle's, and the input must reach the outputs of its own block only. */
  #verify(
    own: (tensor: Tensor) => Tensor,
    result: { X: Tensor; K: Tensor; Y: Tensor; reached: number[]; groups: number },
  ): void {
    const { X, K, Y, reached, groups } = result;
    const block = CHANNELS / groups;
    const first = Math.floor(this.#input / block) * block;
    const expected = Array.from({ length: block }, (_, n) => first + n);
    const isBlock = reached.join() === expected.join();
    const { holds, total } = compareWithOracle(Y, X, K, { padding: 1, groups });
    const D = own(ungroupKernel(this.#c, K, groups));
    const whole = compareWithOracle(own(this.#c.conv2d(X, D, { padding: 1 })), X, D, {
      padding: 1,
    });
    const isRight = holds && isBlock && whole.holds;
    this.#verdict.show(
      isRight ? 'match' : 'mismatch',
      isRight ? `All ${total} outputs match plain loops` : 'The outputs do not match plain loops',
    );
  }
}

const describe = (outputs: readonly number[]): string =>
  outputs.length === CHANNELS
    ? 'every output'
    : `${outputs.length === 1 ? 'output' : 'outputs'} ${outputs.join(' and ')} only`;
