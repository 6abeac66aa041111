import { button, el } from '../shared/dom';

/** A progress bar with a label for the current step and a cancel button. */
export class Progress {
  readonly element: HTMLElement;
  readonly #bar = el('progress', { max: '1', value: '0' });
  readonly #label = el('span', { class: 'muted', role: 'status' });

  constructor(what: string, onCancel: () => void) {
    this.#bar.setAttribute('aria-label', what);
    const cancel = button('Cancel', onCancel);
    cancel.setAttribute('aria-label', `Cancel: ${what}`);
    this.element = el('div', { class: 'progress', hidden: '' }, this.#bar, this.#label, cancel);
  }

  show(done: number, total: number, label: string): void {
    this.element.hidden = false;
    this.#bar.max = total;
    this.#bar.value = done;
    this.#label.textContent = label;
  }

  hide(): void {
    this.element.hidden = true;
    this.#label.textContent = '';
  }
}
