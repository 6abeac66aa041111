import { el } from '../shared/dom';
import { formatNumber } from '../shared/format';
import { Grid, operator, type Place } from '../shared/grid';
import { outputSize } from './settings';
import type { Cube, WindowsModel } from './windows-model';

/** With more input rows than this, over all channels, the grids are smaller. */
const MANY_ROWS = 16;

/** An element of the output. */
export interface OutputElement {
  output: number;
  place: Place;
}

export interface WindowsGridsEvents {
  /** `value` is NaN if editing ended with an invalid number. */
  onInputEdit(channel: number, place: Place, value: number): void;
  onKernelEdit(channel: number, place: Place, value: number): void;
  onSelect(element: OutputElement, how: 'point' | 'move'): void;
}

/** The grids of Fig. 1: every input channel with its slice of the kernel, and the output channels. */
export class WindowsGrids {
  readonly element = el('div', { class: 'windows' });
  readonly #model: WindowsModel;
  readonly #events: WindowsGridsEvents;
  #inputs: Grid[] = [];
  #kernels: Grid[] = [];
  #outputs: Grid[] = [];
  #partialSums: HTMLElement[] = [];

  constructor(model: WindowsModel, events: WindowsGridsEvents) {
    this.#model = model;
    this.#events = events;
  }

  /** Rebuilds the grids for the model's settings. */
  build(): void {
    const { onInputEdit, onKernelEdit, onSelect } = this.#events;
    const { size, inputs, outputs, kernel, padding } = this.#model.settings;
    const side = outputSize(this.#model.settings);
    const channels = Array.from({ length: inputs }, (_, c) => c);
    this.#inputs = channels.map(
      (c) =>
        new Grid({
          caption: `Input ${c}`,
          rows: size,
          columns: size,
          padding,
          onEdit: (place, value) => onInputEdit(c, place, value),
        }),
    );
    this.#kernels = channels.map(
      (c) =>
        new Grid({
          caption: `Kernel ${c}`,
          rows: kernel,
          columns: kernel,
          onEdit: (place, value) => onKernelEdit(c, place, value),
        }),
    );
    this.#partialSums = channels.map(() => el('span', { class: 'part' }));
    this.#outputs = Array.from(
      { length: outputs },
      (_, output) =>
        new Grid({
          caption: outputs === 1 ? 'Output' : `Output ${output}`,
          rows: side,
          columns: side,
          onChoose: (place, how) => onSelect({ output, place }, how),
        }),
    );
    const rows = this.#inputs.map((grid, c) =>
      el(
        'div',
        { class: 'channel', 'data-channel': String(c) },
        grid.element,
        operator('⋆', 'correlated with'),
        this.#kernels[c]?.element ?? '',
        operator('→', 'gives'),
        this.#partialSums[c] ?? '',
      ),
    );
    this.element.toggleAttribute('data-many', inputs * (size + 2 * padding) > MANY_ROWS);
    this.element.replaceChildren(
      el('div', { class: 'channels' }, ...rows),
      el('div', { class: 'planes outputs-planes' }, ...this.#outputs.map(({ element }) => element)),
    );
  }

  showNumbers(output: Cube): void {
    this.#inputs.forEach((grid, c) => {
      grid.show(this.#model.input[c] ?? []);
    });
    this.#outputs.forEach((grid, o) => {
      grid.show(output[o] ?? []);
    });
  }

  /** Selects an output element; shows its kernel and partial sums and highlights its windows. */
  select({ output, place }: OutputElement, focus: boolean): void {
    const { kernel, dilation, outputs } = this.#model.settings;
    const [row, column] = place;
    this.#outputs.forEach((grid, o) => {
      const isSelected = o === output;
      grid.choose(isSelected ? place : null, isSelected && focus);
      grid.highlight((i, j) => isSelected && i === row && j === column);
    });
    const isInWindow = (position: number, outputPosition: number) => {
      const offset = position - this.#model.inputPosition(outputPosition, 0);
      return offset >= 0 && offset % dilation === 0 && offset / dilation < kernel;
    };
    for (const grid of this.#inputs) {
      grid.highlight((i, j) => isInWindow(i, row) && isInWindow(j, column));
    }
    this.#kernels.forEach((grid, c) => {
      grid.caption = outputs === 1 ? `Kernel ${c}` : `Kernel ${output}, ${c}`;
      grid.show(this.#model.kernel[output]?.[c] ?? []);
      grid.highlight(() => true);
    });
    this.#partialSums.forEach((element, c) => {
      const { value } = this.#model.channelOracle(output, c, row, column);
      element.textContent = formatNumber(value);
    });
  }
}
