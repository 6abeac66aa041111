import { button, el } from './dom';
import { Grid, type Place } from './grid';
import { drawKernelTile } from './kernel-tile';

/** co×(ci/groups)×kh×kw. */
export type KernelWeights = readonly (readonly (readonly (readonly number[])[])[])[];

export interface KernelMatrixOptions {
  /** The accessible name of the matrix. */
  label: string;
  /** Names of the rows, one for each output channel. */
  outputs: readonly string[];
  /** Names of the columns, one for each input channel. */
  inputs: readonly string[];
  /** Height and width of a kernel. */
  size: readonly [height: number, width: number];
  /** Number of groups; cells outside the blocks on the diagonal are empty. Default 1. */
  groups?: number;
  /** Draws every kernel as numbers or as coloured squares. */
  kind: 'numbers' | 'tiles';
  /** Colours the columns like the channels of the figures, or red, green and blue. Default 'channels'. */
  hues?: 'channels' | 'colours';
  /** Tiles are drawn relative to the largest magnitude in the matrix or in their row. Default 'matrix'. */
  scale?: 'matrix' | 'row';
  /** Digits after the decimal point of the numbers. Default: up to 7 significant digits. */
  digits?: number;
  /** Called with an edited number, or NaN when editing ends with an invalid one. Makes numbers editable. */
  onEdit?: (output: number, input: number, place: Place, value: number) => void;
  /** Called when the visitor chooses a row. Turns the names of the rows into buttons. */
  onChoose?: (output: number) => void;
  /** Shown above the columns: the input channels. */
  above?: readonly HTMLElement[];
  /** Shown at the end of each row: the output channels. They replace the names of the rows. */
  beside?: readonly HTMLElement[];
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/**
 * The kernel tensor of a layer: a row for each output channel, a column for each input channel, and in
 * every cell the slice that leads from the input to the output. The layout is that of a matrix; with
 * `data-layout="bands"` the rows wrap.
 */
export class KernelMatrix {
  readonly element: HTMLElement;
  readonly #options: KernelMatrixOptions;
  readonly #rows: HTMLElement[];
  readonly #columns: HTMLElement[];
  /** The cells of each row; null outside the blocks. */
  readonly #cells: (HTMLElement | null)[][];
  readonly #grids: (Grid | null)[][];

  constructor(options: KernelMatrixOptions) {
    this.#options = options;
    const { label, outputs, inputs, groups = 1, kind, hues = 'channels', above, beside } = options;
    this.#columns = inputs.map((name, c) =>
      el(
        'div',
        { class: 'kernel-column', style: `--input: ${c}`, 'data-channel': String(c) },
        above?.[c] ?? el('span', { class: 'kernel-name' }, name),
      ),
    );
    const isInBlock = (o: number, c: number) =>
      Math.floor((o * groups) / outputs.length) === Math.floor((c * groups) / inputs.length);
    this.#grids = outputs.map((_, o) =>
      inputs.map((_, c) => (kind === 'numbers' && isInBlock(o, c) ? this.#makeGrid(o, c) : null)),
    );
    this.#cells = outputs.map((_, o) =>
      inputs.map((_, c) =>
        isInBlock(o, c)
          ? el(
              'div',
              { class: 'kernel-cell', style: `--input: ${c}`, 'data-channel': String(c) },
              this.#grids[o]?.[c]?.element ?? '',
            )
          : null,
      ),
    );
    this.#rows = outputs.map((name, o) =>
      el(
        'div',
        { class: 'kernel-row', style: `--output: ${o}` },
        ...(beside ? [] : [this.#makeRowName(name, o)]),
        ...inputs.map(
          (_, c) =>
            this.#cells[o]?.[c] ??
            el('div', {
              class: 'kernel-cell empty',
              style: `--input: ${c}`,
              'aria-hidden': 'true',
            }),
        ),
        ...(beside?.[o] ? [el('div', { class: 'kernel-output' }, beside[o])] : []),
      ),
    );
    this.element = el(
      'div',
      {
        class: 'kernel-matrix',
        role: 'group',
        'aria-label': label,
        'data-kind': kind,
        'data-hues': hues,
        'data-ends': beside ? 'outputs' : 'none',
        'data-layout': 'matrix',
        'data-size': options.size.join('×'),
        style: `--inputs: ${inputs.length}`,
      },
      el('div', { class: 'kernel-columns' }, ...this.#columns),
      ...this.#rows,
    );
  }

  /** Shows the weights. */
  show(weights: KernelWeights): void {
    const { inputs, outputs, groups = 1, kind, scale } = this.#options;
    const [perGroup, outputsPerGroup] = [inputs.length / groups, outputs.length / groups];
    const largest = (values: readonly number[]) => Math.max(0, ...values.map(Math.abs));
    const ofMatrix = largest(weights.flat(3));
    this.#cells.forEach((row, o) => {
      const limit = scale === 'row' ? largest((weights[o] ?? []).flat(2)) : ofMatrix;
      const first = Math.floor(o / outputsPerGroup) * perGroup;
      row.forEach((cell, c) => {
        if (!cell) return;
        const slice = weights[o]?.[c - first] ?? [];
        if (kind === 'numbers') this.#grids[o]?.[c]?.show(slice);
        else cell.replaceChildren(drawKernelTile(slice, limit));
      });
    });
  }

  /** Marks the row of an output, or none. */
  choose(output: number | null): void {
    this.#rows.forEach((row, o) => {
      row.toggleAttribute('data-chosen', o === output);
      row.querySelector('button.kernel-name')?.setAttribute('aria-pressed', String(o === output));
    });
  }

  /** Marks the column of an input, or none. */
  lightInput(input: number | null): void {
    for (const column of [this.#columns, ...this.#cells]) {
      column.forEach((cell, c) => {
        cell?.toggleAttribute('data-lit', c === input);
      });
    }
  }

  /** Highlights the numbers of the chosen row. */
  highlightRow(output: number | null): void {
    this.#grids.forEach((row, o) => {
      for (const grid of row) grid?.highlight(() => o === output);
    });
  }

  /** The cell of a slice, for what a figure adds to it; null outside the blocks. */
  cell(output: number, input: number): HTMLElement | null {
    return this.#cells[output]?.[input] ?? null;
  }

  #makeGrid(o: number, c: number): Grid {
    const { outputs, inputs, size, digits, onEdit } = this.#options;
    const from = `from ${lowerFirst(inputs[c] ?? '')}`;
    return new Grid({
      caption: from,
      captionPrefix: `To ${lowerFirst(outputs[o] ?? '')}, `,
      rows: size[0],
      columns: size[1],
      ...(digits !== undefined && { digits }),
      ...(onEdit && { onEdit: (place, value) => onEdit(o, c, place, value) }),
    });
  }

  #makeRowName(name: string, o: number): HTMLElement {
    const { onChoose } = this.#options;
    return onChoose
      ? button(name, () => onChoose(o), 'kernel-name')
      : el('span', { class: 'kernel-name' }, name);
  }
}
