import type { Corr2d } from 'corr2d';
import type { Verdict } from '../shared/check';
import { button, clamp, el, messageOf } from '../shared/dom';
import { formatNumber } from '../shared/format';
import { Grid, operator, type Place } from '../shared/grid';
import { joinNumbers, type Link, parseNumbers } from '../shared/link';
import { windowSum } from '../shared/oracle';
import { Slider } from '../shared/slider';
import { Player } from './player';
import {
  CHAPTER,
  isValid,
  LIMITS,
  NAMES,
  type Name,
  outputSize,
  rangeOf,
  type Settings,
} from './settings';

type Cube = number[][][];

const LABELS: Readonly<Record<Name, string>> = {
  size: 'Input size',
  inputs: 'Channels in',
  outputs: 'Channels out',
  kernel: 'Kernel size',
  stride: 'Stride',
  padding: 'Padding',
  dilation: 'Dilation',
};

/** More rows of input than this, of all channels, are shown small. */
const MANY_ROWS = 16;

/** The value of the chapter's first output element. */
const CHAPTER_VALUE = 56;

const cube = (depth: number, size: number, value: (d: number, i: number, j: number) => number) =>
  Array.from({ length: depth }, (_, d) =>
    Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => value(d, i, j))),
  );

/** The chapter's numbers, carried on for more channels and other sizes. */
const inputFor = ({ inputs, size }: Settings): Cube =>
  cube(inputs, size, (c, i, j) => c + i * size + j);
const kernelFor = ({ inputs, outputs, kernel }: Settings): Cube[] =>
  Array.from({ length: outputs }, (_, o) =>
    cube(inputs, kernel, (c, a, b) => o + c + a * kernel + b),
  );

/**
 * Fig. 1: every channel with its layer of the kernel, and the outputs. One element of the output is
 * chosen; the windows behind it are marked, and its sum is written out.
 */
export class WindowsFigure {
  readonly #c: Corr2d;
  readonly #verdict: Verdict;
  readonly #link: Link;
  readonly #sliders = new Map<Name, Slider>();
  readonly #stage = el('div', { class: 'windows' });
  readonly #sum = el('p', { class: 'sum', id: 'windows-sum' });
  readonly #position = el('p', { class: 'muted sum-position' });
  readonly #player = new Player(() => this.#advance());
  readonly #reset = button('Back to the chapter’s', () => this.#apply(CHAPTER), 'ghost');

  #settings: Settings = CHAPTER;
  #input: Cube = inputFor(CHAPTER);
  #kernel: Cube[] = kernelFor(CHAPTER);
  #output: Cube = [];
  #chosen = { output: 0, place: [0, 0] as Place };

  #inputGrids: Grid[] = [];
  #kernelGrids: Grid[] = [];
  #outputGrids: Grid[] = [];
  #parts: HTMLElement[] = [];

  constructor(root: HTMLElement, c: Corr2d, verdict: Verdict, link: Link) {
    this.#c = c;
    this.#verdict = verdict;
    this.#link = link;
    const sliders = el('div', { class: 'sliders' });
    for (const name of NAMES) {
      const [min, max] = LIMITS[name];
      const slider = new Slider({
        label: LABELS[name],
        min,
        max,
        value: CHAPTER[name],
        onInput: (value) => this.#apply({ ...this.#settings, [name]: value }),
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
        this.#stage,
        el(
          'div',
          { class: 'sum-box' },
          this.#position,
          this.#sum,
          el('div', { class: 'actions' }, this.#player.element, this.#reset),
        ),
      ),
    );
    this.#stage.addEventListener('pointerdown', () => this.#player.pause());
    this.#stage.addEventListener('keydown', () => this.#player.pause());
    link.onOpen(() => this.#restore());
    this.#restore();
  }

  /** Shows three output channels of the same input. */
  showOutputs(outputs: number): void {
    this.#apply({ ...this.#settings, outputs });
    this.#choose(0, [0, 0]);
  }

  #restore(): void {
    const numbers = parseNumbers(this.#link.get('fig'), NAMES.length);
    const settings = numbers
      ? (Object.fromEntries(NAMES.map((name, i) => [name, numbers[i]])) as unknown as Settings)
      : CHAPTER;
    this.#take(isValid(settings) ? settings : CHAPTER);
    const { inputs, size, outputs, kernel } = this.#settings;
    const input = parseNumbers(this.#link.get('fig-x'), inputs * size * size);
    if (input) this.#input = cube(inputs, size, (c, i, j) => input[(c * size + i) * size + j] ?? 0);
    const weights = parseNumbers(this.#link.get('fig-k'), outputs * inputs * kernel * kernel);
    if (weights) {
      this.#kernel = Array.from({ length: outputs }, (_, o) =>
        cube(
          inputs,
          kernel,
          (c, a, b) => weights[((o * inputs + c) * kernel + a) * kernel + b] ?? 0,
        ),
      );
    }
    this.#compute();
  }

  #apply(settings: Settings): void {
    this.#player.pause();
    this.#take(settings);
    this.#compute();
    this.#save();
  }

  /** Takes settings, with the numbers that go with them; those that were changed start anew. */
  #take(settings: Settings): void {
    this.#settings = { ...settings };
    this.#input = inputFor(settings);
    this.#kernel = kernelFor(settings);
    for (const [name, slider] of this.#sliders) {
      const [min, max] = rangeOf(this.#settings, name);
      slider.set({ min, max, value: this.#settings[name] });
    }
    this.#lay();
  }

  #save(): void {
    const settings = joinNumbers(NAMES.map((name) => this.#settings[name]));
    const input = joinNumbers(this.#input.flat(2));
    const weights = joinNumbers(this.#kernel.flat(3));
    const changedInput = input !== joinNumbers(inputFor(this.#settings).flat(2));
    const changedKernel = weights !== joinNumbers(kernelFor(this.#settings).flat(3));
    const changed = settings !== joinNumbers(NAMES.map((name) => CHAPTER[name]));
    this.#link.set('fig', changed || changedInput || changedKernel ? settings : null);
    this.#link.set('fig-x', changedInput ? input : null);
    this.#link.set('fig-k', changedKernel ? weights : null);
  }

  /** Makes the grids for the settings. */
  #lay(): void {
    const { size, inputs, outputs, kernel, padding } = this.#settings;
    const side = outputSize(this.#settings);
    this.#inputGrids = Array.from(
      { length: inputs },
      (_, c) =>
        new Grid({
          caption: `Input ${c}`,
          rows: size,
          columns: size,
          padding,
          onEdit: ([i, j], value) => this.#edit(this.#input[c], i, j, value),
        }),
    );
    this.#kernelGrids = Array.from(
      { length: inputs },
      (_, c) =>
        new Grid({
          caption: `Kernel ${c}`,
          rows: kernel,
          columns: kernel,
          onEdit: ([a, b], value) =>
            this.#edit(this.#kernel[this.#chosen.output]?.[c], a, b, value),
        }),
    );
    this.#parts = Array.from({ length: inputs }, () => el('span', { class: 'part' }));
    this.#outputGrids = Array.from(
      { length: outputs },
      (_, o) =>
        new Grid({
          caption: outputs === 1 ? 'Output' : `Output ${o}`,
          rows: side,
          columns: side,
          onChoose: (place, how) => {
            this.#player.pause();
            this.#choose(o, place, how === 'move');
          },
        }),
    );
    const rows = this.#inputGrids.map((grid, c) =>
      el(
        'div',
        { class: 'channel', 'data-channel': String(c) },
        grid.element,
        operator('⋆', 'correlated with'),
        this.#kernelGrids[c]?.element ?? '',
        operator('→', 'gives'),
        this.#parts[c] ?? '',
      ),
    );
    this.#stage.toggleAttribute('data-many', inputs * (size + 2 * padding) > MANY_ROWS);
    this.#stage.replaceChildren(
      el('div', { class: 'channels' }, ...rows),
      el(
        'div',
        { class: 'planes outputs-planes' },
        ...this.#outputGrids.map((grid) => grid.element),
      ),
    );
    this.#chosen = {
      output: clamp(this.#chosen.output, 0, outputs - 1),
      place: [clamp(this.#chosen.place[0], 0, side - 1), clamp(this.#chosen.place[1], 0, side - 1)],
    };
  }

  #edit(plane: number[][] | undefined, i: number, j: number, value: number): void {
    const line = plane?.[i];
    if (!line) return;
    // what is no number leaves the old one, which is shown again
    if (!Number.isNaN(value)) line[j] = value;
    this.#compute();
    this.#save();
  }

  #compute(): void {
    const { stride, padding, dilation } = this.#settings;
    try {
      const Y = this.#c.conv2d(this.#input, this.#kernel, { stride, padding, dilation });
      this.#output = Y.toArray() as unknown as Cube;
      Y.dispose();
    } catch (error) {
      this.#verdict.show('error', messageOf(error));
      this.#sum.textContent = '';
      return;
    }
    this.#inputGrids.forEach((grid, c) => {
      grid.show(this.#input[c] ?? []);
    });
    this.#outputGrids.forEach((grid, o) => {
      grid.show(this.#output[o] ?? []);
    });
    this.#choose(this.#chosen.output, this.#chosen.place);
    this.#verify();
  }

  /** Every output against plain loops; in the chapter's own figure, against the chapter too. */
  #verify(): void {
    let right = 0;
    let total = 0;
    this.#output.forEach((plane, o) => {
      plane.forEach((line, i) => {
        line.forEach((value, j) => {
          const wanted = this.#reference(o, i, j);
          total += 1;
          if (Math.abs(value - wanted.value) <= wanted.bound) right += 1;
        });
      });
    });
    const first = this.#output[0]?.[0]?.[0] ?? Number.NaN;
    const isChapters =
      NAMES.every((name) => this.#settings[name] === CHAPTER[name]) &&
      this.#link.get('fig-x') === null &&
      this.#link.get('fig-k') === null &&
      joinNumbers(this.#input.flat(2)) === joinNumbers(inputFor(CHAPTER).flat(2)) &&
      joinNumbers(this.#kernel.flat(3)) === joinNumbers(kernelFor(CHAPTER).flat(3));
    const holds = right === total && total > 0 && (!isChapters || first === CHAPTER_VALUE);
    const said = isChapters
      ? `${formatNumber(first)}, as in the chapter`
      : 'as plain loops have it';
    const outputs = total === 1 ? 'The output is' : `All ${total} outputs are`;
    this.#verdict.show(
      holds ? 'match' : 'mismatch',
      holds ? (isChapters ? said : `${outputs} ${said}`) : `${right} of ${total} outputs are right`,
    );
  }

  #reference(o: number, row: number, column: number) {
    return windowSum(
      (c, i, j) => this.#input[c]?.[i]?.[j] ?? 0,
      this.#kernel[o] ?? [],
      row,
      column,
      this.#settings,
    );
  }

  #choose(output: number, place: Place, focus = false): void {
    const { kernel, stride, padding, dilation } = this.#settings;
    const [row, column] = place;
    this.#chosen = { output, place };
    this.#outputGrids.forEach((grid, o) => {
      const own = o === output;
      grid.choose(own ? place : null, own && focus);
      grid.highlight((i, j) => own && i === row && j === column);
    });
    const isTap = (at: number, begin: number) => {
      const offset = at - (begin * stride - padding);
      return offset >= 0 && offset % dilation === 0 && offset / dilation < kernel;
    };
    this.#inputGrids.forEach((grid) => {
      grid.highlight((i, j) => isTap(i, row) && isTap(j, column));
    });
    this.#kernelGrids.forEach((grid, c) => {
      grid.caption = this.#settings.outputs === 1 ? `Kernel ${c}` : `Kernel ${output}, ${c}`;
      grid.show(this.#kernel[output]?.[c] ?? []);
      grid.highlight(() => true);
    });
    this.#write();
  }

  /** Writes out the sum behind the chosen element. */
  #write(): void {
    const { stride, padding, dilation, inputs, outputs } = this.#settings;
    const {
      output,
      place: [row, column],
    } = this.#chosen;
    const bracketed = (value: number) =>
      value < 0 ? `(${formatNumber(value)})` : formatNumber(value);
    const terms = (c: number): HTMLElement => {
      const products = (this.#kernel[output]?.[c] ?? []).flatMap((line, a) =>
        line.map((weight, b) => {
          const i = row * stride - padding + a * dilation;
          const j = column * stride - padding + b * dilation;
          return `${bracketed(this.#input[c]?.[i]?.[j] ?? 0)}·${bracketed(weight)}`;
        }),
      );
      const part = windowSum(
        (_, i, j) => this.#input[c]?.[i]?.[j] ?? 0,
        [this.#kernel[output]?.[c] ?? []],
        row,
        column,
        this.#settings,
      );
      const shown = this.#parts[c];
      if (shown) shown.textContent = formatNumber(part.value);
      return el('span', { class: 'terms', 'data-channel': String(c) }, `(${products.join(' + ')})`);
    };
    // the chapter writes the last channel's part first
    const parts = Array.from({ length: inputs }, (_, i) => terms(inputs - 1 - i));
    const value = this.#output[output]?.[row]?.[column] ?? Number.NaN;
    const wanted = this.#reference(output, row, column);
    const sign = Math.abs(value - wanted.value) <= wanted.bound ? '=' : '≠';
    this.#sum.setAttribute('aria-live', this.#player.isPlaying ? 'off' : 'polite');
    this.#sum.replaceChildren(
      ...parts.flatMap((part, i) => (i > 0 ? [' + ', part] : [part])),
      ` ${sign} `,
      el('strong', {}, formatNumber(value)),
    );
    const channel = outputs === 1 ? '' : `channel ${output}, `;
    this.#position.textContent = `Output at ${channel}row ${row}, column ${column}`;
  }

  /** The next element of the output, row by row and channel by channel. */
  #advance(): void {
    const side = outputSize(this.#settings);
    const {
      output,
      place: [row, column],
    } = this.#chosen;
    const next = (output * side + row) * side + column + 1;
    const index = next % (this.#settings.outputs * side * side);
    this.#choose(Math.floor(index / (side * side)), [
      Math.floor(index / side) % side,
      index % side,
    ]);
  }
}
