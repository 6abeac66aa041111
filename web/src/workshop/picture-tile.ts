import type { Corr2d, Tensor } from 'corr2d';
import { button, el } from '../shared/dom';

/** The values drawn as black and white. */
export interface GreyRange {
  min: number;
  max: number;
}

export const UNIT_RANGE: GreyRange = { min: 0, max: 1 };

/** A picture with its name, a button that saves it as PNG, and room for a note and further controls. */
export class PictureTile {
  readonly element: HTMLElement;
  /** Holds the picture and what is drawn over it. */
  readonly frame: HTMLElement;
  readonly note = el('span', { class: 'tile-note' });
  readonly #canvas = el('canvas', { width: '640', height: '427', role: 'img' });
  readonly #name = el('span', { class: 'tile-name' });
  readonly #save = button('Save', () => this.#savePicture(), 'ghost small');
  readonly #observer: IntersectionObserver;
  #isVisible = true;

  /** `number`, if given, is shown before the name. */
  constructor(name: string, { kind = '', number }: { kind?: string; number?: number } = {}) {
    this.#observer = new IntersectionObserver(([entry]) => {
      this.#isVisible = entry?.isIntersecting ?? true;
    });
    this.#observer.observe(this.#canvas);
    this.frame = el('div', { class: 'tile-frame' }, this.#canvas);
    const title = el('span', {}, this.#name);
    if (number !== undefined) {
      title.prepend(el('span', { class: 'tile-number', 'aria-hidden': 'true' }, String(number)));
    }
    this.element = el(
      'figure',
      { class: `tile ${kind}` },
      this.frame,
      el('figcaption', {}, title, this.#save, this.note),
    );
    this.name = name;
  }

  get name(): string {
    return this.#name.textContent ?? '';
  }

  set name(name: string) {
    this.#name.textContent = name;
    this.#canvas.setAttribute('aria-label', name);
    this.#save.setAttribute('aria-label', `Save as PNG: ${name}`);
  }

  /** Whether to draw now: live pictures outside the viewport are skipped. */
  needsDrawing(live: boolean): boolean {
    return this.#isVisible || !live;
  }

  draw(pixels: ImageData): void {
    if (this.#canvas.width !== pixels.width) this.#canvas.width = pixels.width;
    if (this.#canvas.height !== pixels.height) this.#canvas.height = pixels.height;
    this.#canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  }

  /** Draws channel `index` of a C×h×w tensor in grey. */
  drawChannel(c: Corr2d, tensor: Tensor, index: number, range: GreyRange, live: boolean): void {
    if (!this.needsDrawing(live)) return;
    const channel = tensor.at(index);
    this.draw(c.toImageData(channel, range));
    channel.dispose();
  }

  dispose(): void {
    this.#observer.disconnect();
  }

  #savePicture(): void {
    this.#canvas.toBlob((blob) => {
      if (!blob) return;
      const url = URL.createObjectURL(blob);
      const name = this.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
      el('a', { href: url, download: `corr2d-${name}.png` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }, 'image/png');
  }
}
