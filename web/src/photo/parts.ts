/* The parts of a photograph figure: the heads of its columns and the cells of its kernel matrix. */
import { el } from '../shared/dom';
import { formatNumber, formatWithin, parseInput } from '../shared/format';
import type { Matrix } from '../shared/grid';
import { drawKernelTile } from '../shared/kernel-tile';
import { createPicture } from './photograph';

export const COLOURS = ['red', 'green', 'blue'] as const;

const capitalise = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The attributes from which the stylesheet takes the column and the colour of an input channel. */
const placeOf = (input: number) => ({
  'data-input': String(input),
  'data-colour': COLOURS[input] ?? '',
});

/** Digits after the decimal point in the names of slices. */
const DIGITS = 3;

const formatWeight = (weight: number) => formatNumber(Number(weight.toFixed(DIGITS)));

/** Width of a cell with an editable weight, in digits. */
const CELL_DIGITS = 5;

/** The head of a column: a colour channel as a picture, and the button that switches it off. */
export class ChannelSwitch {
  readonly canvas = createPicture({ 'aria-hidden': 'true' });
  readonly element: HTMLButtonElement;

  constructor(input: number, onToggle: () => void) {
    const colour = COLOURS[input] ?? '';
    this.element = el(
      'button',
      { type: 'button', class: 'photo-switch', ...placeOf(input) },
      this.canvas,
      el('span', { class: 'photo-knob', 'aria-hidden': 'true' }),
      el('span', {}, capitalise(colour)),
    );
    this.element.addEventListener('click', onToggle);
  }

  set isOn(isOn: boolean) {
    this.element.setAttribute('aria-pressed', String(isOn));
  }
}

/** A cell of the kernel matrix: a slice as a tile, and the partial result if there is one. */
export class KernelCell {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement | null = null;
  readonly #tile = el('div', { class: 'photo-tile', role: 'img' });
  readonly #name: string;

  constructor(output: string, input: number, hasPartial: boolean) {
    const colour = COLOURS[input] ?? '';
    this.#name = `to ${output}, from ${colour}`;
    this.element = el('div', { class: 'photo-cell', ...placeOf(input) }, this.#tile);
    if (hasPartial) {
      this.canvas = createPicture({
        role: 'img',
        'aria-label': `Partial result of ${colour}`,
      });
      const operator = input > 0 ? { 'data-operator': '+' } : {};
      this.element.append(el('div', { class: 'photo-picture', ...operator }, this.canvas));
    }
  }

  /** Shows a slice; a weight of magnitude `limit` is drawn in full colour. Null leaves the cell empty. */
  show(slice: Matrix | null, limit: number): void {
    this.element.toggleAttribute('data-empty', slice === null);
    const weights = slice?.map((row) => row.map(formatWeight).join(' ')).join(', ');
    this.#tile.setAttribute(
      'aria-label',
      `Kernel slice ${this.#name}: ${weights ?? 'none, because they are in different groups'}`,
    );
    this.#tile.replaceChildren(...(slice ? [drawKernelTile(slice, limit)] : []));
  }
}

/** A cell with the only weight of a 1×1 slice, which can be edited. */
export class WeightCell {
  readonly element: HTMLElement;
  readonly canvas = null;
  readonly #input: HTMLInputElement;
  #weight = 0;

  constructor(output: string, input: number, onEdit: (weight: number) => void) {
    const colour = COLOURS[input] ?? '';
    this.#input = el('input', {
      type: 'text',
      inputmode: 'decimal',
      autocomplete: 'off',
      'aria-label': `Weight to ${output}, from ${colour}`,
    });
    this.#input.addEventListener('input', () => {
      const weight = parseInput(this.#input.value);
      this.#input.setAttribute('aria-invalid', String(weight === null));
      if (weight !== null) onEdit(weight);
    });
    // The weight is exact while it is edited; afterwards it fits into the cell.
    this.#input.addEventListener('focus', () => {
      this.#input.value = formatNumber(this.#weight);
      this.#input.select();
    });
    this.#input.addEventListener('blur', () => this.#write());
    this.element = el('div', { class: 'photo-cell', ...placeOf(input) }, this.#input);
  }

  show(slice: Matrix | null): void {
    this.#weight = slice?.[0]?.[0] ?? 0;
    // While the visitor types, the field keeps the text.
    if (document.activeElement !== this.#input) this.#write();
  }

  #write(): void {
    this.#input.value = formatWithin(this.#weight, CELL_DIGITS).replace('-', '−');
    this.#input.removeAttribute('aria-invalid');
  }
}
