import { el } from '../shared/dom';
import { fitCells, keepSelectedInView, onWidthChange } from '../shared/fit';
import { formatNumber } from '../shared/format';
import { Grid, type Place } from '../shared/grid';
import { KernelMatrix } from '../shared/kernel-matrix';
import { outputSize } from './settings';
import type { Cube, WindowsModel } from './windows-model';

/** An element of the output. */
export interface OutputElement {
  output: number;
  place: Place;
}

export interface WindowsGridsEvents {
  /** `value` is NaN if editing ended with an invalid number. */
  onInputEdit(channel: number, place: Place, value: number): void;
  onKernelEdit(output: number, input: number, place: Place, value: number): void;
  /** The visitor has clicked an element, or moved to it with the keyboard. */
  onChoose(element: OutputElement): void;
  /** The mouse points at an element, or at none. */
  onPreview(element: OutputElement | null): void;
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => (count === 1 ? name : `${name} ${n}`));

/**
 * The numbers of a layer in the shape of a matrix: the input channels above the columns, the slices of the
 * kernels in the cells, and the output channels at the ends of the rows.
 */
export class WindowsGrids {
  readonly element = el('div', { class: 'windows' });
  readonly #model: WindowsModel;
  readonly #events: WindowsGridsEvents;
  #inputs: Grid[] = [];
  #outputs: Grid[] = [];
  #matrix: KernelMatrix | null = null;
  /** The partial results of each output, one for each input. */
  #partialResults: HTMLElement[][] = [];

  constructor(model: WindowsModel, events: WindowsGridsEvents) {
    this.#model = model;
    this.#events = events;
    onWidthChange(this.element, () => this.#fit());
  }

  /** Rebuilds the grids for the model's settings. */
  build(): void {
    const { onInputEdit, onKernelEdit, onChoose, onPreview } = this.#events;
    const { size, inputs, outputs, kernel, padding } = this.#model.settings;
    const side = outputSize(this.#model.settings);
    const inputNames = Array.from({ length: inputs }, (_, c) => `Input ${c}`);
    const outputNames = numbered('Output', outputs);
    this.#inputs = inputNames.map(
      (caption, c) =>
        new Grid({
          caption,
          rows: size,
          columns: size,
          padding,
          onEdit: (place, value) => onInputEdit(c, place, value),
        }),
    );
    this.#outputs = outputNames.map(
      (caption, output) =>
        new Grid({
          caption,
          rows: side,
          columns: side,
          onChoose: (place) => onChoose({ output, place }),
          onPreview: (place) => onPreview(place && { output, place }),
        }),
    );
    const matrix = new KernelMatrix({
      label: `Inputs, kernels (${outputs}×${inputs}×${kernel}×${kernel}) and outputs`,
      outputs: outputNames,
      inputs: inputNames,
      size: [kernel, kernel],
      kind: 'numbers',
      onEdit: onKernelEdit,
      above: this.#inputs.map(({ element }) => element),
      beside: this.#outputs.map(({ element }) => element),
    });
    this.#matrix = matrix;
    this.#partialResults = outputNames.map((_, o) =>
      inputNames.map((_, c) => {
        const result = el('span', { class: 'partial' });
        matrix.cell(o, c)?.append(result);
        return result;
      }),
    );
    this.element.replaceChildren(matrix.element);
  }

  showNumbers(output: Cube): void {
    this.#inputs.forEach((grid, c) => {
      grid.show(this.#model.input[c] ?? []);
    });
    this.#outputs.forEach((grid, o) => {
      grid.show(output[o] ?? []);
    });
    this.#matrix?.show(this.#model.kernel);
    this.#fit();
  }

  /** Marks the chosen element and makes it the tab stop of its grid. */
  choose({ output, place }: OutputElement, focus: boolean): void {
    this.#outputs.forEach((grid, o) => {
      grid.choose(o === output ? place : null, o === output && focus);
    });
    if (this.#matrix) keepSelectedInView(this.#matrix.element);
  }

  /** Highlights an element, its window in every channel and its kernel, and shows its partial results. */
  highlight({ output, place: [row, column] }: OutputElement): void {
    const { kernel, dilation } = this.#model.settings;
    this.#outputs.forEach((grid, o) => {
      grid.highlight((i, j) => o === output && i === row && j === column);
    });
    const isInWindow = (position: number, outputPosition: number) => {
      const offset = position - this.#model.inputPosition(outputPosition, 0);
      return offset >= 0 && offset % dilation === 0 && offset / dilation < kernel;
    };
    for (const grid of this.#inputs) {
      grid.highlight((i, j) => isInWindow(i, row) && isInWindow(j, column));
    }
    this.#matrix?.choose(output);
    this.#matrix?.highlightRow(output);
    this.#partialResults.forEach((results, o) => {
      results.forEach((element, c) => {
        const { value } = this.#model.channelOracle(o, c, row, column);
        element.textContent = `${c > 0 ? '+ ' : ''}${formatNumber(value)}`;
      });
    });
  }

  #fit(): void {
    if (this.#matrix) fitCells(this.#matrix.element);
  }
}
