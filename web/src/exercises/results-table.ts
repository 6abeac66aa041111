import { el } from '../shared/dom';

/** A table of texts that scrolls on its own if it is too wide. */
export function resultsTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  return el(
    'div',
    { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': head.join(', ') },
    el(
      'table',
      { class: 'results' },
      el('thead', {}, el('tr', {}, ...head.map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((text) => el('td', {}, text))))),
    ),
  );
}
