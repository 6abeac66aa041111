import { el } from './dom';
import { formatNumber, parseInput } from './format';

/** Numbers by row and column. */
export type Matrix = readonly (readonly number[])[];
/** The place of an element in a matrix; both indices count from 0. */
export type Place = readonly [row: number, column: number];

export interface GridOptions {
  caption: string;
  /** Precedes the caption in accessible names. */
  captionPrefix?: string;
  rows: number;
  columns: number;
  /** Digits after the decimal point. Default: up to 7 significant digits. */
  digits?: number;
  /** Width of the padding shown around the grid, in cells. Default 0. */
  padding?: number;
  /**
   * Called with an edited number, or NaN when editing ends with an invalid one. Makes the grid editable.
   */
  onEdit?: (place: Place, value: number) => void;
  /** Called when the visitor clicks an element or moves the focus to it. Makes elements selectable. */
  onChoose?: (place: Place) => void;
  /** Called when the mouse points at an element, and with null when it leaves the grid. */
  onPreview?: (place: Place | null) => void;
}

const STEPS: Readonly<Record<string, Place>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Numbers with more characters widen their column. */
const CHARACTERS_PER_CELL = 2;

/**
 * A table of numbers: an input channel, a slice of a kernel or an output channel. In an editable or
 * selectable grid, arrow keys move between elements, and the whole grid is one tab stop. A column is as
 * wide as its longest number.
 */
export class Grid {
  readonly element: HTMLTableElement;
  readonly #options: GridOptions;
  readonly #cells: HTMLTableCellElement[][] = [];
  readonly #inputs: HTMLInputElement[][] = [];
  #values: Matrix = [];

  constructor(options: GridOptions) {
    this.#options = options;
    const { caption, captionPrefix = '', rows, columns, padding = 0, onEdit, onChoose } = options;
    const body = el('tbody');
    const prefix = el('span', { class: 'visually-hidden' }, captionPrefix);
    this.element = el(
      'table',
      { class: 'grid' },
      el('caption', {}, ...(captionPrefix ? [prefix] : []), caption),
      body,
    );
    if (onChoose) this.element.setAttribute('role', 'grid');
    for (let i = -padding; i < rows + padding; i++) {
      const row = el('tr');
      const cells: HTMLTableCellElement[] = [];
      const inputs: HTMLInputElement[] = [];
      for (let j = -padding; j < columns + padding; j++) {
        const inside = i >= 0 && i < rows && j >= 0 && j < columns;
        const cell = el('td', inside ? {} : { class: 'pad' }, inside ? '' : '0');
        cells.push(cell);
        if (inside && onEdit) {
          const input = this.#makeInput([i, j]);
          inputs.push(input);
          cell.append(input);
        }
        row.append(cell);
      }
      this.#cells.push(cells);
      if (inputs.length > 0) this.#inputs.push(inputs);
      body.append(row);
    }
    if (onChoose) this.#makeChoosable(onChoose);
  }

  /** Shows the numbers, except in the element that the visitor is editing. */
  show(values: Matrix): void {
    const { rows, columns } = this.#options;
    this.#values = values;
    for (let j = 0; j < columns; j++) {
      for (let i = 0; i < rows; i++) {
        const cell = this.#at(i, j);
        const input = this.#inputs[i]?.[j];
        if (input && document.activeElement !== input) input.value = this.#textOf(i, j);
        else if (!input && cell) cell.textContent = this.#textOf(i, j);
      }
      this.#widenColumn(j);
    }
  }

  /** Highlights the matching elements only. Negative indices are in the padding. */
  highlight(isHighlighted: (row: number, column: number) => boolean): void {
    const padding = this.#options.padding ?? 0;
    this.#cells.forEach((row, i) => {
      row.forEach((cell, j) => {
        cell.toggleAttribute('data-lit', isHighlighted(i - padding, j - padding));
      });
    });
  }

  /** Selects an element and makes it the grid's tab stop; null selects none. */
  choose(place: Place | null, focus = false): void {
    this.#cells.forEach((row, i) => {
      row.forEach((cell, j) => {
        const chosen = place?.[0] === i && place[1] === j;
        cell.setAttribute('aria-selected', String(chosen));
        cell.tabIndex = chosen || (place === null && i === 0 && j === 0) ? 0 : -1;
        if (chosen && focus) cell.focus({ preventScroll: true });
      });
    });
  }

  #at(row: number, column: number): HTMLTableCellElement | undefined {
    const padding = this.#options.padding ?? 0;
    return this.#cells[row + padding]?.[column + padding];
  }

  #textOf(row: number, column: number): string {
    return formatNumber(this.#values[row]?.[column] ?? Number.NaN, this.#options.digits);
  }

  /** Makes room for the longest number of a column. */
  #widenColumn(column: number): void {
    const texts = Array.from({ length: this.#options.rows }, (_, i) => {
      return this.#inputs[i]?.[column]?.value ?? this.#at(i, column)?.textContent ?? '';
    });
    const characters = Math.max(...texts.map(({ length }) => length));
    const width = characters > CHARACTERS_PER_CELL ? String(characters) : '';
    for (let i = 0; i < this.#options.rows; i++) {
      this.#at(i, column)?.style.setProperty('--characters', width);
    }
  }

  #makeInput([i, j]: Place): HTMLInputElement {
    const { caption, captionPrefix = '', onEdit } = this.#options;
    const input = el('input', {
      type: 'text',
      inputmode: 'decimal',
      autocomplete: 'off',
      'aria-label': `${captionPrefix}${caption}, row ${i}, column ${j}`,
      tabindex: i === 0 && j === 0 ? '0' : '-1',
    });
    input.addEventListener('focus', () => input.select());
    input.addEventListener('input', () => {
      const value = parseInput(input.value);
      input.setAttribute('aria-invalid', String(value === null));
      if (value !== null) onEdit?.([i, j], value);
      this.#widenColumn(j);
    });
    input.addEventListener('blur', () => {
      if (input.getAttribute('aria-invalid') === 'true') {
        input.setAttribute('aria-invalid', 'false');
        onEdit?.([i, j], Number.NaN);
      }
      input.value = this.#textOf(i, j);
      this.#widenColumn(j);
    });
    input.addEventListener('keydown', (event) => {
      const step = STEPS[event.key];
      const target = step && this.#inputs[i + step[0]]?.[j + step[1]];
      if (!target) return;
      event.preventDefault();
      for (const other of this.#inputs.flat()) other.tabIndex = -1;
      target.tabIndex = 0;
      target.focus();
    });
    return input;
  }

  #makeChoosable(onChoose: NonNullable<GridOptions['onChoose']>): void {
    const { onPreview } = this.#options;
    this.#cells.forEach((row, i) => {
      row.forEach((cell, j) => {
        cell.setAttribute('role', 'gridcell');
        cell.addEventListener('pointerenter', ({ pointerType }) => {
          if (pointerType !== 'touch') onPreview?.([i, j]);
        });
        cell.addEventListener('click', () => onChoose([i, j]));
        cell.addEventListener('focus', () => {
          if (cell.getAttribute('aria-selected') !== 'true') onChoose([i, j]);
        });
        cell.addEventListener('keydown', (event) => {
          const step = STEPS[event.key];
          if (!step) return;
          event.preventDefault();
          if (this.#cells[i + step[0]]?.[j + step[1]]) onChoose([i + step[0], j + step[1]]);
        });
      });
    });
    this.element.addEventListener('pointerleave', () => onPreview?.(null));
  }
}
