import { button, el, messageOf } from '../shared/dom';
import { formatBytes, formatSignificant } from '../shared/format';
import { CancelledError } from './client';
import { ASK_ABOVE_MS, type Estimate, MAX_BYTES } from './estimate';
import { SupersededError } from './queue';

export interface MeasureRun {
  signal: AbortSignal;
  /** Shows what is measured now. */
  report(step: string): void;
}

export interface MeasureButtonOptions {
  label: () => string;
  /** Completes “Cancel: …”, the button's name during a measurement: “measuring the curves”. */
  what: string;
  kind?: 'primary';
  estimate(): Estimate;
  measure(run: MeasureRun): Promise<void>;
}

/**
 * A button that starts a measurement, and cancels it while it runs. Its label states how long the measurement
 * takes if that is more than two seconds. Call `refresh` when the estimate changes.
 */
export class MeasureButton {
  readonly button: HTMLButtonElement;
  /** Says what is being measured, or why it cannot be. */
  readonly status = el('span', { class: 'muted', role: 'status' });
  readonly #options: MeasureButtonOptions;
  #running: AbortController | null = null;
  #message = '';

  /** The button and its status in a row. */
  get row(): HTMLElement {
    return el('div', { class: 'actions' }, this.button, this.status);
  }

  constructor(options: MeasureButtonOptions) {
    this.#options = options;
    this.button = button('', () => this.#onClick(), options.kind);
    this.refresh();
  }

  /** Whether the measurement is short and small enough to be started without asking. */
  get startsAlone(): boolean {
    const { milliseconds, bytes } = this.#options.estimate();
    return milliseconds <= ASK_ABOVE_MS && bytes <= MAX_BYTES;
  }

  /** Ends a measurement whose result is no longer needed, and states the new estimate. */
  refresh(): void {
    this.#running?.abort(new SupersededError('superseded'));
    this.#running = null;
    this.#show('');
  }

  /** States the new estimate, unless a measurement runs. */
  update(): void {
    if (!this.#running) this.#show(this.#message);
  }

  async start(): Promise<void> {
    this.refresh();
    if (this.button.disabled) return;
    const controller = new AbortController();
    this.#running = controller;
    this.#show('Measuring…');
    let message = '';
    try {
      await this.#options.measure({
        signal: controller.signal,
        report: (step) => this.#running === controller && this.#show(step),
      });
    } catch (error) {
      message =
        error instanceof CancelledError
          ? 'Cancelled.'
          : `The measurement failed. ${messageOf(error)}`;
    }
    if (this.#running !== controller) return;
    this.#running = null;
    this.#show(message);
  }

  #onClick(): void {
    if (this.#running) this.#running.abort(new CancelledError('cancelled'));
    else void this.start();
  }

  #show(message: string): void {
    this.#message = message;
    const { label, what, estimate } = this.#options;
    const { milliseconds, bytes } = estimate();
    const fits = bytes <= MAX_BYTES;
    const duration = fits && milliseconds > ASK_ABOVE_MS ? ` (${formatAbout(milliseconds)})` : '';
    this.button.textContent = this.#running ? 'Cancel' : `${label()}${duration}`;
    if (this.#running) this.button.setAttribute('aria-label', `Cancel: ${what}`);
    else this.button.removeAttribute('aria-label');
    this.button.disabled = !fits;
    const text = fits
      ? message
      : `${what[0]?.toUpperCase()}${what.slice(1)} needs ${formatBytes(bytes)} of memory; this page uses at most ${formatBytes(MAX_BYTES)}.`;
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}

/** A rounded duration: 12,345 → “about 12 s”. */
function formatAbout(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds >= 90) return `about ${Math.round(seconds / 60)} min`;
  return `about ${formatSignificant(Number(seconds.toPrecision(2)))} s`;
}
