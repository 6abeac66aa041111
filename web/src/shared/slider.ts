import { el } from './dom';

export interface SliderOptions {
  label: string;
  min: number;
  max: number;
  value: number;
  /** Formats the displayed value. Default: the number itself. */
  format?: (value: number) => string;
  onInput(value: number): void;
}

/** Number of sliders created so far; makes their ids unique. */
let created = 0;

/** A labelled slider of integers whose limits can change. */
export class Slider {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #output: HTMLOutputElement;
  readonly #format: (value: number) => string;

  constructor({ label, min, max, value, format = String, onInput }: SliderOptions) {
    this.#format = format;
    const id = `slider-${created++}`;
    // The slider itself announces its value. An <output> within a <label> would take over the label.
    this.#output = el('output', { for: id, 'aria-live': 'off' });
    this.input = el('input', { type: 'range', step: '1', id });
    this.element = el(
      'div',
      { class: 'slider' },
      el('label', { class: 'slider-name', for: id }, label),
      this.#output,
      this.input,
    );
    this.set({ min, max, value });
    this.input.addEventListener('input', () => {
      this.#show();
      onInput(this.value);
    });
  }

  get value(): number {
    return this.input.valueAsNumber;
  }

  set({ min, max, value }: { min?: number; max?: number; value?: number }): void {
    if (min !== undefined) this.input.min = String(min);
    if (max !== undefined) this.input.max = String(max);
    if (value !== undefined) this.input.value = String(value);
    this.input.disabled = this.input.min === this.input.max;
    this.#show();
  }

  #show(): void {
    const text = this.#format(this.value);
    this.#output.value = text;
    this.input.setAttribute('aria-valuetext', text);
  }
}
