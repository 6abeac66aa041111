import type { Corr2d } from 'corr2d';
import type { Verdict } from '../shared/check';
import { button, clamp, el, messageOf } from '../shared/dom';
import { joinNumbers, type Link, parseNumbers } from '../shared/link';
import { Comparison } from '../shared/oracle';
import { Slider } from '../shared/slider';
import { Player } from './player';
import { CHAPTER, LIMITS, NAMES, type Name, outputSize, rangeOf, type Settings } from './settings';
import { type OutputElement, WindowsGrids } from './windows-grids';
import { type Cube, WindowsModel } from './windows-model';
import { writeSum } from './windows-sum';

const LABELS: Readonly<Record<Name, string>> = {
  size: 'Input size',
  inputs: 'Channels in',
  outputs: 'Channels out',
  kernel: 'Kernel size',
  stride: 'Stride',
  padding: 'Padding',
  dilation: 'Dilation',
};

/** The outputs that the chapter prints, for its kernels K, K + 1 and K + 2. */
const CHAPTER_OUTPUTS: readonly Cube[number][] = [
  [
    [56, 72],
    [104, 120],
  ],
  [
    [76, 100],
    [148, 172],
  ],
  [
    [96, 128],
    [192, 224],
  ],
];

export interface WindowsFigureOptions {
  /** The settings at the start. */
  start: Settings;
  /** The settings whose sliders are always visible; the others are folded. */
  visible: readonly Name[];
  /** The name of the figure in links. */
  key: string;
  /** Whether a button adds input channels. Default false. */
  addsChannels?: boolean;
}

const FIRST: OutputElement = { output: 0, place: [0, 0] };

/**
 * Figs. 1 and 2: computes a layer, highlights the windows of an output element and writes out its sum. The
 * mouse previews elements; a click pins one.
 */
export class WindowsFigure {
  readonly #c: Corr2d;
  readonly #verdict: Verdict;
  readonly #link: Link;
  readonly #key: string;
  readonly #model: WindowsModel;
  readonly #grids: WindowsGrids;
  readonly #sliders = new Map<Name, Slider>();
  readonly #sum = el('p', { class: 'sum' });
  readonly #position = el('p', { class: 'muted' });
  readonly #player = new Player(() => this.#advance());
  readonly #add = button('Add a channel', () => this.#addChannel(), 'primary');
  readonly #reset = button('Reset', () => this.#showChapter(), 'ghost');
  #output: Cube = [];
  #chosen = FIRST;
  #previewed: OutputElement | null = null;

  constructor(
    root: HTMLElement,
    c: Corr2d,
    verdict: Verdict,
    link: Link,
    { start, visible, key, addsChannels = false }: WindowsFigureOptions,
  ) {
    this.#c = c;
    this.#verdict = verdict;
    this.#link = link;
    this.#key = key;
    this.#model = new WindowsModel(start, key);
    this.#grids = new WindowsGrids(this.#model, {
      onInputEdit: (channel, [i, j], value) =>
        this.#edit(value, () => this.#model.editInput(channel, i, j, value)),
      onKernelEdit: (output, input, [i, j], value) =>
        this.#edit(value, () => this.#model.editKernel(output, input, i, j, value)),
      onChoose: (element) => {
        this.#player.pause();
        this.#choose(element, true);
      },
      onPreview: (element) => this.#preview(element),
    });
    for (const name of NAMES) this.#sliders.set(name, this.#makeSlider(name, start));
    const slidersOf = (names: readonly Name[]) =>
      el(
        'div',
        { class: 'sliders' },
        ...names.map((name) => this.#sliders.get(name)?.element ?? ''),
      );
    this.#reset.setAttribute('aria-label', 'Reset to the chapter’s numbers');
    this.#sum.id = `${root.closest('figure')?.id}-sum`;
    root.replaceChildren(
      el(
        'div',
        { class: 'figure-settings' },
        slidersOf(visible),
        el(
          'details',
          { class: 'more' },
          el('summary', {}, 'More'),
          slidersOf(NAMES.filter((name) => !visible.includes(name))),
        ),
      ),
      this.#grids.element,
      el('div', { class: 'sum-box' }, this.#position, this.#sum),
      el(
        'div',
        { class: 'actions' },
        ...(addsChannels ? [this.#add] : []),
        this.#player.element,
        this.#reset,
      ),
    );
    this.#grids.element.addEventListener('pointerdown', () => this.#player.pause());
    this.#grids.element.addEventListener('keydown', () => this.#player.pause());
    link.onOpen(() => this.#restore());
    this.#restore();
  }

  #makeSlider(name: Name, start: Settings): Slider {
    const [min, max] = LIMITS[name];
    const slider = new Slider({
      label: LABELS[name],
      min,
      max,
      value: start[name],
      onInput: (value) => this.#apply({ ...this.#model.settings, [name]: value }),
    });
    slider.input.dataset.setting = name;
    return slider;
  }

  #restore(): void {
    this.#player.pause();
    this.#model.restore(this.#link);
    const [output, row, column] = parseNumbers(this.#link.get(`${this.#key}-at`), 3) ?? [0, 0, 0];
    this.#chosen = { output: output ?? 0, place: [row ?? 0, column ?? 0] };
    this.#rebuild();
  }

  #apply(settings: Settings): void {
    this.#player.pause();
    this.#model.applySettings(settings);
    this.#rebuild();
    this.#model.save(this.#link);
  }

  #addChannel(): void {
    const { settings } = this.#model;
    this.#apply({ ...settings, inputs: settings.inputs + 1 });
  }

  #showChapter(): void {
    const { outputs } = this.#model.settings;
    this.#model.reset({ ...CHAPTER, outputs });
    this.#chosen = FIRST;
    this.#apply(this.#model.settings);
  }

  /** Adapts the sliders, the grids and the chosen element to the model's settings, and computes. */
  #rebuild(): void {
    const { settings } = this.#model;
    for (const [name, slider] of this.#sliders) {
      const [min, max] = rangeOf(settings, name);
      slider.set({ min, max, value: settings[name] });
    }
    this.#add.disabled = settings.inputs === LIMITS.inputs[1];
    this.#grids.build();
    const last = outputSize(settings) - 1;
    const { output, place } = this.#chosen;
    const within = (value: number, max: number) => clamp(Math.trunc(value) || 0, 0, max);
    this.#chosen = {
      output: within(output, settings.outputs - 1),
      place: [within(place[0], last), within(place[1], last)],
    };
    this.#previewed = null;
    this.#compute();
  }

  /** After an invalid number, the grid shows the last valid one again. */
  #edit(value: number, apply: () => void): void {
    if (!Number.isNaN(value)) apply();
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
    this.#choose(this.#chosen);
    this.#verify();
  }

  /** Checks every output against the oracle, and the chapter's outputs also against the chapter's values. */
  #verify(): void {
    const comparison = new Comparison();
    let [isAsPrinted, printed] = [true, 0];
    this.#output.forEach((channel, o) => {
      channel.forEach((row, i) => {
        row.forEach((value, j) => {
          comparison.add(value, this.#model.oracle(o, i, j));
          isAsPrinted &&= value === CHAPTER_OUTPUTS[o]?.[i]?.[j];
          printed += 1;
        });
      });
    });
    const { total, withinBound } = comparison;
    if (withinBound < total || total === 0) {
      this.#verdict.show('mismatch', `${withinBound} of ${total} outputs match plain loops`);
    } else if (!this.#model.isChapter) {
      const all = total === 1 ? 'The output matches' : `All ${total} outputs match`;
      this.#verdict.show('match', `${all} plain loops`);
    } else if (isAsPrinted) {
      this.#verdict.show('match', `All ${printed} outputs match the chapter`);
    } else {
      this.#verdict.show('mismatch', 'The outputs differ from those of the chapter');
    }
  }

  #choose(element: OutputElement, focus = false): void {
    this.#chosen = element;
    this.#previewed = null;
    this.#grids.choose(element, focus);
    const { output, place } = element;
    const numbers = joinNumbers([output, ...place]);
    this.#link.set(`${this.#key}-at`, numbers === '0,0,0' ? null : numbers);
    this.#show();
  }

  #preview(element: OutputElement | null): void {
    if (this.#player.isPlaying) return;
    this.#previewed = element;
    this.#show();
  }

  /** Highlights the previewed element, or else the chosen one, and writes out its sum. */
  #show(): void {
    const element = this.#previewed ?? this.#chosen;
    const {
      output,
      place: [row, column],
    } = element;
    this.#grids.highlight(element);
    // Neither the player nor the mouse should make a screen reader talk.
    const isQuiet = this.#player.isPlaying || this.#previewed !== null;
    this.#sum.setAttribute('aria-live', isQuiet ? 'off' : 'polite');
    const value = this.#output[output]?.[row]?.[column] ?? Number.NaN;
    this.#sum.replaceChildren(...writeSum(this.#model, element, value));
    const name = this.#model.settings.outputs === 1 ? 'Output' : `Output ${output}`;
    this.#position.textContent = `${name}, row ${row}, column ${column}`;
  }

  /** Chooses the next output element, row by row and channel by channel. */
  #advance(): void {
    const side = outputSize(this.#model.settings);
    const {
      output,
      place: [row, column],
    } = this.#chosen;
    const next = (output * side + row) * side + column + 1;
    const index = next % (this.#model.settings.outputs * side * side);
    this.#choose({
      output: Math.floor(index / (side * side)),
      place: [Math.floor(index / side) % side, index % side],
    });
  }
}
