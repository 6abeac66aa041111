import type { Corr2d } from 'corr2d';
import type { Verdict } from '../shared/check';
import { button, clamp, el, messageOf } from '../shared/dom';
import { formatNumber } from '../shared/format';
import type { Place } from '../shared/grid';
import type { Link } from '../shared/link';
import { Comparison } from '../shared/oracle';
import { Slider } from '../shared/slider';
import { Player } from './player';
import { CHAPTER, LIMITS, NAMES, type Name, outputSize, rangeOf, type Settings } from './settings';
import { type OutputElement, WindowsGrids } from './windows-grids';
import { type Cube, WindowsModel } from './windows-model';

const LABELS: Readonly<Record<Name, string>> = {
  size: 'Input size',
  inputs: 'Channels in',
  outputs: 'Channels out',
  kernel: 'Kernel size',
  stride: 'Stride',
  padding: 'Padding',
  dilation: 'Dilation',
};

/** The value of the chapter's first output element. */
const CHAPTER_VALUE = 56;

/** Fig. 1: computes the output, highlights the windows of the selected element and writes out its sum. */
export class WindowsFigure {
  readonly #c: Corr2d;
  readonly #verdict: Verdict;
  readonly #link: Link;
  readonly #model = new WindowsModel();
  readonly #grids: WindowsGrids;
  readonly #sliders = new Map<Name, Slider>();
  readonly #sum = el('p', { class: 'sum', id: 'windows-sum' });
  readonly #position = el('p', { class: 'muted sum-position' });
  readonly #player = new Player(() => this.#advance());
  readonly #reset = button('Back to the chapter’s', () => this.#apply(CHAPTER), 'ghost');
  #output: Cube = [];
  #selected: OutputElement = { output: 0, place: [0, 0] };

  constructor(root: HTMLElement, c: Corr2d, verdict: Verdict, link: Link) {
    this.#c = c;
    this.#verdict = verdict;
    this.#link = link;
    this.#grids = new WindowsGrids(this.#model, {
      onInputEdit: (channel, place, value) => this.#edit(this.#model.input[channel], place, value),
      onKernelEdit: (channel, place, value) =>
        this.#edit(this.#model.kernel[this.#selected.output]?.[channel], place, value),
      onSelect: (element, how) => {
        this.#player.pause();
        this.#select(element, how === 'move');
      },
    });
    const sliders = el('div', { class: 'sliders' });
    for (const name of NAMES) {
      const [min, max] = LIMITS[name];
      const slider = new Slider({
        label: LABELS[name],
        min,
        max,
        value: CHAPTER[name],
        onInput: (value) => this.#apply({ ...this.#model.settings, [name]: value }),
      });
      slider.input.dataset.setting = name;
      this.#sliders.set(name, slider);
      sliders.append(slider.element);
    }
    root.replaceChildren(
      sliders,
      el(
        'div',
        { class: 'windows-row' },
        this.#grids.element,
        el(
          'div',
          { class: 'sum-box' },
          this.#position,
          this.#sum,
          el('div', { class: 'actions' }, this.#player.element, this.#reset),
        ),
      ),
    );
    this.#grids.element.addEventListener('pointerdown', () => this.#player.pause());
    this.#grids.element.addEventListener('keydown', () => this.#player.pause());
    link.onOpen(() => this.#restore());
    this.#restore();
  }

  /** Shows `outputs` output channels of the same input. */
  showOutputs(outputs: number): void {
    this.#apply({ ...this.#model.settings, outputs });
    this.#select({ output: 0, place: [0, 0] });
  }

  #restore(): void {
    this.#model.restore(this.#link);
    this.#rebuild();
    this.#compute();
  }

  #apply(settings: Settings): void {
    this.#player.pause();
    this.#model.applySettings(settings);
    this.#rebuild();
    this.#compute();
    this.#model.save(this.#link);
  }

  /** Adapts the sliders, the grids and the selected element to the model's settings. */
  #rebuild(): void {
    const { settings } = this.#model;
    for (const [name, slider] of this.#sliders) {
      const [min, max] = rangeOf(settings, name);
      slider.set({ min, max, value: settings[name] });
    }
    this.#grids.build();
    const last = outputSize(settings) - 1;
    const { output, place } = this.#selected;
    this.#selected = {
      output: clamp(output, 0, settings.outputs - 1),
      place: [clamp(place[0], 0, last), clamp(place[1], 0, last)],
    };
  }

  #edit(channel: number[][] | undefined, [i, j]: Place, value: number): void {
    const row = channel?.[i];
    if (!row) return;
    // After invalid input the grid shows the last valid number again.
    if (!Number.isNaN(value)) row[j] = value;
    this.#compute();
    this.#model.save(this.#link);
  }

  #compute(): void {
    const { input, kernel, settings } = this.#model;
    const { stride, padding, dilation } = settings;
    try {
      const Y = this.#c.conv2d(input, kernel, { stride, padding, dilation });
      this.#output = Y.toArray() as unknown as Cube;
      Y.dispose();
    } catch (error) {
      this.#verdict.show('error', messageOf(error));
      this.#sum.textContent = '';
      return;
    }
    this.#grids.showNumbers(this.#output);
    this.#select(this.#selected);
    this.#verify();
  }

  /** Checks every output against the oracle, and the chapter's figure also against the chapter's value. */
  #verify(): void {
    const comparison = new Comparison();
    this.#output.forEach((channel, o) => {
      channel.forEach((row, i) => {
        row.forEach((value, j) => {
          comparison.add(value, this.#model.oracle(o, i, j));
        });
      });
    });
    const { total, withinBound } = comparison;
    if (withinBound < total || total === 0) {
      this.#verdict.show('mismatch', `${withinBound} of ${total} outputs are correct`);
      return;
    }
    if (this.#model.isChapter) {
      const first = this.#output[0]?.[0]?.[0] ?? Number.NaN;
      const matches = first === CHAPTER_VALUE;
      this.#verdict.show(
        matches ? 'match' : 'mismatch',
        `${formatNumber(first)}, ${matches ? 'as in the chapter' : `but the chapter has ${CHAPTER_VALUE}`}`,
      );
      return;
    }
    const agree = total === 1 ? 'The output agrees' : `All ${total} outputs agree`;
    this.#verdict.show('match', `${agree} with plain loops`);
  }

  #select(element: OutputElement, focus = false): void {
    this.#selected = element;
    this.#grids.select(element, focus);
    this.#writeSum();
  }

  /** Writes out the sum of the selected element. */
  #writeSum(): void {
    const { inputs, outputs } = this.#model.settings;
    const {
      output,
      place: [row, column],
    } = this.#selected;
    // The chapter writes the last channel's partial sum first.
    const partialSums = Array.from({ length: inputs }, (_, i) => this.#termsOf(inputs - 1 - i));
    const value = this.#output[output]?.[row]?.[column] ?? Number.NaN;
    const expected = this.#model.oracle(output, row, column);
    const sign = Math.abs(value - expected.value) <= expected.bound ? '=' : '≠';
    this.#sum.setAttribute('aria-live', this.#player.isPlaying ? 'off' : 'polite');
    this.#sum.replaceChildren(
      ...partialSums.flatMap((terms, i) => (i > 0 ? [' + ', terms] : [terms])),
      ` ${sign} `,
      el('strong', {}, formatNumber(value)),
    );
    const channel = outputs === 1 ? '' : `channel ${output}, `;
    this.#position.textContent = `Output at ${channel}row ${row}, column ${column}`;
  }

  /** The products of one input channel in the selected element's sum. */
  #termsOf(channel: number): HTMLElement {
    const {
      output,
      place: [row, column],
    } = this.#selected;
    const formatFactor = (value: number) =>
      value < 0 ? `(${formatNumber(value)})` : formatNumber(value);
    const products = (this.#model.kernel[output]?.[channel] ?? []).flatMap((weights, a) =>
      weights.map((weight, b) => {
        const i = this.#model.inputPosition(row, a);
        const j = this.#model.inputPosition(column, b);
        return `${formatFactor(this.#model.sample(channel, i, j))}·${formatFactor(weight)}`;
      }),
    );
    return el(
      'span',
      { class: 'terms', 'data-channel': String(channel) },
      `(${products.join(' + ')})`,
    );
  }

  /** Selects the next output element, row by row and channel by channel. */
  #advance(): void {
    const side = outputSize(this.#model.settings);
    const {
      output,
      place: [row, column],
    } = this.#selected;
    const next = (output * side + row) * side + column + 1;
    const index = next % (this.#model.settings.outputs * side * side);
    this.#select({
      output: Math.floor(index / (side * side)),
      place: [Math.floor(index / side) % side, index % side],
    });
  }
}
