import { el } from '../shared/dom';

export interface NumberTableOptions {
  /** The table's accessible name. */
  label: string;
  rows: readonly string[];
  columns: readonly string[];
  /** Whether the row and column names are visible. Default false. */
  showNames?: boolean;
  onChange(): void;
}

const formatEntry = (value: number): string => String(Number(value.toFixed(4)));

/** An editable table of numbers, such as a kernel or a colour matrix. */
export class NumberTable {
  readonly element: HTMLTableElement;
  readonly #inputs: HTMLInputElement[][];
  #values: number[][];

  constructor({ label, rows, columns, showNames = false, onChange }: NumberTableOptions) {
    this.#values = rows.map(() => columns.map(() => 0));
    this.#inputs = rows.map((row, i) =>
      columns.map((column, j) => {
        const input = el('input', {
          type: 'number',
          step: 'any',
          'aria-label': `${label}, ${row}, ${column}`,
        });
        input.addEventListener('input', () => {
          const value = input.valueAsNumber;
          const values = this.#values[i];
          if (values && Number.isFinite(value) && Math.abs(value) <= 1e6) {
            values[j] = value;
            onChange();
          }
        });
        // Restore the last valid number after invalid input.
        input.addEventListener('blur', () => this.#show());
        return input;
      }),
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
  }

  get values(): number[][] {
    return this.#values.map((row) => [...row]);
  }

  set values(values: readonly (readonly number[])[]) {
    this.#values = values.map((row) => [...row]);
    this.#show();
  }

  #show(): void {
    this.#inputs.forEach((row, i) => {
      row.forEach((input, j) => {
        if (document.activeElement !== input) input.value = formatEntry(this.#values[i]?.[j] ?? 0);
      });
    });
  }
}
