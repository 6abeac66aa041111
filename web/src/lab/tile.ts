import type { Corr2d, Tensor } from 'corr2d';
import { button, el } from '../shared/dom';

/** The values drawn as black and white. */
export interface GreyRange {
  min: number;
  max: number;
}

export const UNIT_RANGE: GreyRange = { min: 0, max: 1 };

/** One of the lab's pictures, with its name and a button that saves it as PNG. */
export class PictureTile {
  readonly element: HTMLElement;
  readonly caption = el('div', { class: 'tile-caption' });
  readonly #canvas: HTMLCanvasElement;
  readonly #name: HTMLElement;
  #isVisible = true;

  constructor(name: string, kind = '') {
    this.#canvas = el('canvas', { width: '640', height: '427', role: 'img', 'aria-label': name });
    this.#name = el('span', { class: 'tile-name' }, name);
    new IntersectionObserver(([entry]) => {
      this.#isVisible = entry?.isIntersecting ?? true;
    }).observe(this.#canvas);
    const save = button('Save', () => this.#save(), 'ghost small');
    save.setAttribute('aria-label', `Save as PNG: ${name}`);
    this.element = el(
      'figure',
      { class: `tile ${kind}` },
      this.#canvas,
      el('figcaption', {}, el('div', { class: 'tile-head' }, this.#name, save), this.caption),
    );
  }

  get name(): string {
    return this.#name.textContent ?? '';
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

  #save(): void {
    this.#canvas.toBlob((blob) => {
      if (!blob) return;
      const url = URL.createObjectURL(blob);
      const name = this.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
      el('a', { href: url, download: `corr2d-${name}.png` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }, 'image/png');
  }
}
