import type { ColourKernel } from '../../shared/colour-kernels';
import { button, el } from '../../shared/dom';
import { NumberTable } from './number-table';

const COLOURS = ['Red', 'Green', 'Blue'];
const SIDES = ['first', 'second', 'third'];

export interface KernelEditorOptions {
  id: string;
  onEdit(kernel: ColourKernel): void;
  onReset(): void;
  onClose(): void;
}

/** Edits a kernel in full: a slice for each colour. */
export class KernelEditor {
  readonly element: HTMLElement;
  readonly #title = el('h3');
  readonly #note = el('p', { class: 'note' });
  readonly #slices: readonly NumberTable[];

  constructor({ id, onEdit, onReset, onClose }: KernelEditorOptions) {
    this.#slices = COLOURS.map(
      (colour) =>
        new NumberTable({
          label: `${colour} slice`,
          rows: SIDES.map((side) => `${side} row`),
          columns: SIDES.map((side) => `${side} column`),
          onChange: () => onEdit(this.#slices.map(({ values }) => values)),
        }),
    );
    this.element = el(
      'div',
      { class: 'kernel-editor', id, role: 'group', tabindex: '-1' },
      el('div', { class: 'kernel-editor-head' }, this.#title, this.#note),
      ...this.#slices.map(({ element }, i) =>
        el(
          'div',
          { class: 'slice', 'data-colour': String(i) },
          el('p', { class: 'slice-name' }, COLOURS[i] ?? ''),
          element,
        ),
      ),
      el(
        'div',
        { class: 'actions' },
        button('Reset', onReset, 'small'),
        button('Done', onClose, 'small'),
      ),
    );
    this.element.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') onClose();
    });
  }

  show(name: string, note: string, kernel: ColourKernel): void {
    this.#title.textContent = name;
    this.#note.textContent = note;
    this.element.setAttribute('aria-label', `Weights of ${name}`);
    this.#slices.forEach((slice, i) => {
      slice.values = kernel[i] ?? [];
    });
  }

  /** Moves the focus to the editor and scrolls it, and what is above it, into view. */
  focus(): void {
    this.element.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: 'nearest' });
  }
}
