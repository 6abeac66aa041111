import { button } from '../shared/dom';

const STEP_MS = 900;

/** A play/pause button that calls `step` every STEP_MS milliseconds while it plays. */
export class Player {
  readonly element: HTMLButtonElement;
  readonly #step: () => void;
  #timer = 0;

  constructor(step: () => void) {
    this.#step = step;
    this.element = button('', () => (this.isPlaying ? this.pause() : this.#play()), 'play');
    this.#show();
  }

  get isPlaying(): boolean {
    return this.#timer !== 0;
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#show();
  }

  #play(): void {
    this.#timer = setInterval(this.#step, STEP_MS);
    this.#step();
    this.#show();
  }

  #show(): void {
    this.element.textContent = this.isPlaying ? 'Pause' : 'Play';
    this.element.dataset.playing = String(this.isPlaying);
  }
}
