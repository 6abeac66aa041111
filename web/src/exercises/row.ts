import { find } from '../shared/dom';
import type { Exercise, ExerciseContext } from './exercise';

/** The visitor's guess: a choice or a number. `value` is null for “I don’t know”. */
interface Guess {
  value: string | null;
  text: string;
}

/** One row of the accordion: the question, a guess, and the answer, which is shown after the guess. */
export class ExerciseRow {
  readonly #root: HTMLDetailsElement;
  readonly #exercise: Exercise;
  readonly #context: ExerciseContext;
  readonly #form: HTMLFormElement;
  readonly #show: HTMLButtonElement;
  readonly #comparison: HTMLElement;
  #isMounted = false;

  constructor(
    root: HTMLDetailsElement,
    exercise: Exercise,
    context: ExerciseContext,
    onToggle: () => void,
  ) {
    this.#root = root;
    this.#exercise = exercise;
    this.#context = context;
    this.#form = find('form', root);
    this.#show = find('button', this.#form);
    this.#comparison = find('.comparison', root);
    root.addEventListener('toggle', onToggle);
    this.#form.addEventListener('input', ({ target }) => this.#onInput(target));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#toggleAnswer();
    });
    this.#update();
  }

  get isOpen(): boolean {
    return this.#root.open;
  }

  set isOpen(isOpen: boolean) {
    this.#root.open = isOpen;
  }

  get #isAnswered(): boolean {
    return this.#root.dataset.answered !== undefined;
  }

  /** A number and “I don’t know” exclude each other. */
  #onInput(target: EventTarget | null): void {
    const number = this.#form.querySelector<HTMLInputElement>('[type=number]');
    const unknown = this.#form.querySelector<HTMLInputElement>('[name=unknown]');
    if (number && unknown) {
      if (target === unknown && unknown.checked) number.value = '';
      if (target === number && number.value !== '') unknown.checked = false;
    }
    this.#update();
  }

  /** Shows whether a guess is made, and compares it with the result once the answer is shown. */
  #update(): void {
    const guess = this.#readGuess();
    this.#show.disabled = guess === null && !this.#isAnswered;
    this.#show.textContent = this.#isAnswered ? 'Hide the answer' : 'Show the answer';
    this.#show.classList.toggle('primary', !this.#isAnswered);
    this.#show.setAttribute('aria-expanded', String(this.#isAnswered));
    if (guess === null) this.#comparison.textContent = '';
    else if (!this.#isAnswered) this.#comparison.textContent = `Your guess: ${guess.text}.`;
    else this.#comparison.textContent = this.#compare(guess);
  }

  #toggleAnswer(): void {
    if (this.#isAnswered) delete this.#root.dataset.answered;
    else if (this.#readGuess() !== null) this.#root.dataset.answered = '';
    this.#update();
    if (!this.#isAnswered || this.#isMounted) return;
    this.#isMounted = true;
    this.#exercise.mount(this.#root, this.#context);
  }

  #compare({ value, text }: Guess): string {
    const { right, result } = this.#exercise;
    if (value === null) return result;
    const isRight = typeof right === 'number' ? Number(value) === right : value === right;
    return isRight ? `Your guess is right. ${result}` : `You guessed: ${text}. ${result}`;
  }

  /** Null if no guess is made. */
  #readGuess(): Guess | null {
    const chosen = this.#form.querySelector<HTMLInputElement>(':checked');
    const number = this.#form.querySelector<HTMLInputElement>('[type=number]');
    const input = chosen ?? (number?.value ? number : null);
    if (!input) return null;
    const words = input.labels?.[0]?.textContent?.trim() ?? '';
    if (input.dataset.unknown !== undefined) return { value: null, text: words };
    const text = input === number ? `${input.value} ${words}` : words;
    return { value: input.value, text };
  }
}
