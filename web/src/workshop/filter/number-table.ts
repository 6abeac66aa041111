import { el } from '../../shared/dom';
import { formatWithin } from '../../shared/format';

export interface NumberTableOptions {
  /** The table's accessible name. */
  label: string;
  rows: readonly string[];
  columns: readonly string[];
  /** Whether the row and column names are visible. Default false. */
  showNames?: boolean;
  /** Width of the cells in digits: entries are rounded until they fit. Default 5. */
  digits?: number;
  onChange(): void;
  /** Called with the column that is pointed at or has the focus; null if there is none. */
  onColumn?(column: number | null): void;
}

/** An editable table of numbers, such as a slice of a kernel or a colour matrix. */
export class NumberTable {
  readonly element: HTMLTableElement;
  readonly #inputs: HTMLInputElement[][];
  readonly #digits: number;
  #values: number[][];

  constructor(options: NumberTableOptions) {
    const { label, rows, columns, showNames = false, digits = 5, onColumn } = options;
    this.#digits = digits;
    this.#values = rows.map(() => columns.map(() => 0));
    this.#inputs = rows.map((row, i) =>
      columns.map((column, j) =>
        this.#makeInput(i, j, `${label}, ${row}, ${column}`, options.onChange),
      ),
    );
    const head = el(
      'tr',
      {},
      el('td'),
      ...columns.map((column) => el('th', { scope: 'col' }, column)),
    );
    this.element = el(
      'table',
      { class: 'numbers', 'aria-label': label },
      ...(showNames ? [el('thead', {}, head)] : []),
      el(
        'tbody',
        {},
        ...this.#inputs.map((row, i) =>
          el(
            'tr',
            {},
            ...(showNames ? [el('th', { scope: 'row' }, rows[i] ?? '')] : []),
            ...row.map((input) => el('td', {}, input)),
          ),
        ),
      ),
    );
    if (onColumn) this.#watchColumns(showNames ? 1 : 0, onColumn);
  }

  get values(): number[][] {
    return this.#values.map((row) => [...row]);
  }

  set values(values: readonly (readonly number[])[]) {
    this.#values = values.map((row) => [...row]);
    this.#show();
  }

  /** Highlights the cells of a column, or none. */
  lightColumn(column: number | null): void {
    for (const row of this.element.rows) {
      [...row.cells].slice(-(this.#values[0]?.length ?? 0)).forEach((cell, j) => {
        cell.toggleAttribute('data-lit', j === column);
      });
    }
  }

  #makeInput(i: number, j: number, label: string, onChange: () => void): HTMLInputElement {
    const input = el('input', { type: 'number', step: 'any', 'aria-label': label });
    input.addEventListener('input', () => {
      const value = input.valueAsNumber;
      const values = this.#values[i];
      if (values && Number.isFinite(value) && Math.abs(value) <= 1e6) {
        values[j] = value;
        onChange();
      }
    });
    // The number is exact while it is edited; afterwards it fits into its cell.
    input.addEventListener('focus', () => {
      input.value = String(Number((this.#values[i]?.[j] ?? 0).toPrecision(7)));
      input.select();
    });
    input.addEventListener('blur', () => this.#show());
    return input;
  }

  #watchColumns(first: number, onColumn: (column: number | null) => void): void {
    const report = ({ target }: Event) => {
      const cell =
        target instanceof Element ? target.closest<HTMLTableCellElement>('td, th') : null;
      if (cell) onColumn(cell.cellIndex < first ? null : cell.cellIndex - first);
    };
    const reportFocus = () => {
      const column = this.#inputs.flatMap((row) => row.indexOf(document.activeElement as never));
      onColumn(column.find((j) => j >= 0) ?? null);
    };
    this.element.addEventListener('pointerover', report);
    this.element.addEventListener('focusin', report);
    this.element.addEventListener('pointerleave', reportFocus);
    this.element.addEventListener('focusout', () => onColumn(null));
  }

  #show(): void {
    this.#inputs.forEach((row, i) => {
      row.forEach((input, j) => {
        if (document.activeElement === input) return;
        input.value = formatWithin(this.#values[i]?.[j] ?? 0, this.#digits);
      });
    });
  }
}
