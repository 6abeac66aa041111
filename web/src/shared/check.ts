import { el, messageOf } from './dom';

/*
 * A check of the page: a computed result, the expected result, and whether they agree. Its element has
 * data-example="<id>" and data-state. Only settle() can show a tick, and its `holds` compares computed
 * values.
 */
export type CheckState = 'pending' | 'match' | 'mismatch' | 'error';

/** State of a check that runs only when the visitor opens its answer. */
const UNOPENED = 'unopened';

/** Texts of a check. Default: a comparison of the result with the chapter's value. */
export interface CheckLabels {
  result?: string;
  expected?: string;
  match?: string;
  mismatch?: string;
}

export interface Check {
  /** Shows the result and a tick or a cross; `expected` replaces the expected value. */
  settle(result: string, holds: boolean, expected?: string): void;
  /** Shows why there is no result. */
  fail(error: unknown): void;
  reset(): void;
}

const SYMBOL: Record<CheckState, string> = { pending: '…', match: '✓', mismatch: '✗', error: '!' };

/** The line that shows the state of a check as a symbol and a text. */
export class Verdict {
  readonly element = el('p', { class: 'verdict' });
  readonly #symbol = el('span', { class: 'symbol', 'aria-hidden': 'true' });
  readonly #text = el('span');
  readonly #root: HTMLElement;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.element.append(this.#symbol, this.#text);
  }

  show(state: CheckState, text: string): void {
    this.#root.dataset.state = state;
    this.#symbol.textContent = SYMBOL[state];
    this.#text.textContent = text;
    this.#root.dispatchEvent(new CustomEvent('check', { bubbles: true }));
  }
}

/** Adds a check to `root`, the element with data-example. */
export function createCheck(root: HTMLElement, expected: string, labels: CheckLabels = {}): Check {
  const result = el('pre', { 'data-role': 'result' }, '…');
  const expectedValue = el('pre', { 'data-role': 'expected' }, expected);
  const verdict = new Verdict(root);
  const side = (label: string, value: HTMLElement) =>
    el('div', {}, el('p', { class: 'label' }, label), value);
  root.append(
    el(
      'div',
      { class: 'outcome' },
      side(labels.result ?? 'Computed here', result),
      side(labels.expected ?? 'In the chapter', expectedValue),
    ),
    verdict.element,
  );
  const check: Check = {
    settle(text, holds, newExpected) {
      result.textContent = text;
      if (newExpected !== undefined) expectedValue.textContent = newExpected;
      verdict.show(
        holds ? 'match' : 'mismatch',
        holds
          ? (labels.match ?? 'matches the chapter')
          : (labels.mismatch ?? 'differs from the chapter'),
      );
    },
    fail(error) {
      result.textContent = '–';
      if (expectedValue.textContent === '…') expectedValue.textContent = '–';
      verdict.show('error', messageOf(error));
    },
    reset() {
      result.textContent = '…';
      expectedValue.textContent = expected;
      verdict.show('pending', 'computing');
    },
  };
  check.reset();
  return check;
}

/** Shows how many checks hold in `line`, for example “10 of 10 checks hold”, and keeps it up to date. */
export function mountTally(line: HTMLElement): void {
  const count = () => {
    const states = [...document.querySelectorAll<HTMLElement>('[data-example]')]
      .map((root) => root.dataset.state)
      .filter((state) => state !== UNOPENED);
    const matched = states.filter((state) => state === 'match').length;
    const waiting = states.filter((state) => state === 'pending').length;
    const text = `${matched} of ${states.length} checks hold${waiting ? `, ${waiting} pending` : ''}`;
    line.dataset.state = waiting ? 'pending' : matched === states.length ? 'match' : 'mismatch';
    if (line.textContent !== text) line.textContent = text;
  };
  document.addEventListener('check', count);
  count();
}
