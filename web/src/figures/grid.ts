import { el, figure } from '../dom';

export interface GridOptions {
  caption: string;
  values: readonly (readonly number[])[];
  /** Digits after the point; all there are, if not given. */
  digits?: number;
  /** Which cells are marked. */
  lit?: (row: number, column: number) => boolean;
}

/** A channel, a layer of a kernel or an output, as a small table. */
export function grid({ caption, values, digits, lit }: GridOptions): HTMLTableElement {
  const rows = values.map((line, i) =>
    el(
      'tr',
      {},
      ...line.map((value, j) =>
        el('td', lit?.(i, j) ? { 'data-lit': '' } : {}, figure(value, digits)),
      ),
    ),
  );
  return el(
    'table',
    { class: digits ? 'grid grid-wide' : 'grid' },
    el('caption', {}, caption),
    el('tbody', {}, ...rows),
  );
}

export const operator = (symbol: string, spoken: string): HTMLElement =>
  el(
    'span',
    { class: symbol === '⋆' ? 'operator star' : 'operator', role: 'img', 'aria-label': spoken },
    symbol,
  );
