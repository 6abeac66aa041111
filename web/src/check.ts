import { el, messageOf } from './dom';

/*
 * One claim of the page: what was computed here, what it must be, and whether the two agree.
 * The element carries data-example="<id>" and data-state; a tick appears only through settle(),
 * whose `holds` is a comparison of computed values.
 */
export type State = 'pending' | 'match' | 'mismatch' | 'error';

export interface CheckWords {
  result?: string;
  expected?: string;
  match?: string;
  mismatch?: string;
}

export interface Check {
  settle(result: string, holds: boolean, expected?: string): void;
  fail(error: unknown): void;
  reset(): void;
}

const SYMBOL: Record<State, string> = { pending: '…', match: '✓', mismatch: '✗', error: '!' };

export function createCheck(root: HTMLElement, expected: string, words: CheckWords = {}): Check {
  const result = el('pre', { 'data-role': 'result' }, '…');
  const demand = el('pre', { 'data-role': 'expected' }, expected);
  const symbol = el('span', { class: 'symbol', 'aria-hidden': 'true' });
  const verdict = el('span');
  root.append(
    el(
      'div',
      { class: 'outcome' },
      el(
        'div',
        { class: 'side' },
        el('p', { class: 'label' }, words.result ?? 'Computed here'),
        result,
      ),
      el(
        'div',
        { class: 'side' },
        el('p', { class: 'label' }, words.expected ?? 'In the chapter'),
        demand,
      ),
    ),
    el('p', { class: 'verdict' }, symbol, verdict),
  );

  const show = (state: State, text: string) => {
    root.dataset.state = state;
    symbol.textContent = SYMBOL[state];
    verdict.textContent = text;
    root.dispatchEvent(new CustomEvent('check', { bubbles: true }));
  };
  const check: Check = {
    settle(text, holds, newDemand) {
      result.textContent = text;
      if (newDemand !== undefined) demand.textContent = newDemand;
      show(
        holds ? 'match' : 'mismatch',
        holds
          ? (words.match ?? 'matches the chapter')
          : (words.mismatch ?? 'differs from the chapter'),
      );
    },
    fail(error) {
      result.textContent = '–';
      if (demand.textContent === '…') demand.textContent = '–';
      show('error', messageOf(error));
    },
    reset() {
      result.textContent = '…';
      demand.textContent = expected;
      show('pending', 'computing');
    },
  };
  check.reset();
  return check;
}

/** When nothing can be computed at all. */
export function failAll(): void {
  for (const root of document.querySelectorAll<HTMLElement>('[data-example]')) {
    const [symbol, verdict] = root.querySelectorAll('.verdict > span');
    root.dataset.state = 'error';
    if (symbol) symbol.textContent = SYMBOL.error;
    if (verdict) verdict.textContent = 'not computed';
    const result = root.querySelector('[data-role=result]');
    if (result) result.textContent = '–';
    const demand = root.querySelector('[data-role=expected]');
    if (demand?.textContent === '…') demand.textContent = '–';
  }
  document.dispatchEvent(new CustomEvent('check'));
}

/** Keeps a line such as “10 of 10 checks hold” up to date. */
export function tally(line: HTMLElement): void {
  const count = () => {
    const states = [...document.querySelectorAll<HTMLElement>('[data-example]')].map(
      (root) => root.dataset.state,
    );
    const matched = states.filter((state) => state === 'match').length;
    const waiting = states.filter((state) => state === 'pending').length;
    const text = `${matched} of ${states.length} checks hold${waiting ? `, ${waiting} still to come` : ''}`;
    line.dataset.state = waiting ? 'pending' : matched === states.length ? 'match' : 'mismatch';
    if (line.textContent !== text) line.textContent = text;
  };
  document.addEventListener('check', count);
  count();
}
