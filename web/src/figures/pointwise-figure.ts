import { el } from '../shared/dom';
import { fitCells, keepSelectedInView, onWidthChange } from '../shared/fit';
import { foldOnPhone } from '../shared/fold';
import { formatNumber } from '../shared/format';
import { Grid, type Matrix, type Place } from '../shared/grid';
import { KernelMatrix } from '../shared/kernel-matrix';
import { Player } from './player';

export interface PointwiseNumbers {
  /** 3×3×3 */
  input: Matrix[];
  /** 2×3 */
  weights: Matrix;
  /** 2×3×3 */
  output: Matrix[];
}

export interface PointwiseFigureOptions {
  /** A button that draws new numbers. */
  redraw: HTMLButtonElement;
  /** Called when the visitor chooses a position, from 0 to 8. */
  onChoose(position: number): void;
}

const SIDE = 3;
export const POSITIONS = SIDE * SIDE;
const DIGITS = 1;
const INPUTS = ['Input 0', 'Input 1', 'Input 2'];
const OUTPUTS = ['Output 0', 'Output 1'];

/** Each plane as a row of a matrix. */
const flattenPlanes = (planes: readonly Matrix[]): number[][] =>
  planes.map((plane) => plane.flat());

/**
 * Fig. 3: a 1×1 layer as channels and as a matrix product, with one position highlighted in both. The mouse
 * previews positions; a click pins one.
 */
export class PointwiseFigure {
  readonly #player = new Player(() => this.#choose((this.#position + 1) % POSITIONS));
  readonly #sums = el('div', { class: 'sums' });
  readonly #inputs: Grid[];
  readonly #outputs: Grid[];
  readonly #layer: KernelMatrix;
  readonly #inputMatrix: Grid;
  readonly #outputMatrix: Grid;
  readonly #weightMatrix: Grid;
  /** The elements that are fitted to the width of the figure. */
  readonly #fitted: readonly HTMLElement[];
  readonly #options: PointwiseFigureOptions;
  #numbers: PointwiseNumbers | null = null;
  #position = Math.floor(POSITIONS / 2);

  constructor(root: HTMLElement, options: PointwiseFigureOptions) {
    this.#options = options;
    const choosable = (positionOf: (place: Place) => number, isColumn: boolean) => ({
      onChoose: (place: Place) => {
        this.#player.pause();
        this.#choose(positionOf(place), isColumn ? 'column' : 'plane');
      },
      onPreview: (place: Place | null) => {
        if (!this.#player.isPlaying) this.#highlight(place ? positionOf(place) : this.#position);
      },
    });
    const plane = { rows: SIDE, columns: SIDE, digits: DIGITS };
    const onPlane = choosable(([i, j]) => i * SIDE + j, false);
    this.#inputs = INPUTS.map((caption) => new Grid({ caption, ...plane }));
    this.#outputs = OUTPUTS.map((caption) => new Grid({ caption, ...plane, ...onPlane }));
    this.#layer = new KernelMatrix({
      label: 'Inputs, kernels (2×3×1×1) and outputs',
      outputs: OUTPUTS,
      inputs: INPUTS,
      size: [1, 1],
      kind: 'numbers',
      digits: DIGITS,
      above: this.#inputs.map(({ element }) => element),
      beside: this.#outputs.map(({ element }) => element),
    });
    const matrix = (caption: string, rows: number, columns: number) => ({
      ...{ caption, rows, columns, digits: DIGITS },
    });
    this.#weightMatrix = new Grid(matrix('K, 2×3', 2, 3));
    this.#inputMatrix = new Grid(matrix('X, 3×9', 3, POSITIONS));
    this.#outputMatrix = new Grid({
      ...matrix('Y = K X, 2×9', 2, POSITIONS),
      ...choosable(([, j]) => j, true),
    });
    // Each element of Y stands where its row of K meets its column of X.
    const product = el(
      'div',
      { class: 'matrix-product', role: 'group', 'aria-label': 'As a matrix product' },
      this.#inputMatrix.element,
      this.#weightMatrix.element,
      this.#outputMatrix.element,
    );
    const folded = el(
      'details',
      { class: 'more' },
      el('summary', {}, 'As a matrix product'),
      product,
    );
    foldOnPhone(folded);
    const actions = el('div', { class: 'actions' }, this.#player.element, options.redraw);
    root.replaceChildren(
      el(
        'div',
        { class: 'pointwise' },
        el('div', {}, this.#layer.element),
        el('div', {}, this.#sums, actions, folded),
      ),
    );
    this.#fitted = [this.#layer.element, product];
    for (const element of this.#fitted) onWidthChange(element, () => fitCells(element));
  }

  show(numbers: PointwiseNumbers, position: number): void {
    this.#numbers = numbers;
    const { input, weights, output } = numbers;
    this.#inputs.forEach((grid, c) => {
      grid.show(input[c] ?? []);
    });
    this.#outputs.forEach((grid, o) => {
      grid.show(output[o] ?? []);
    });
    this.#layer.show(weights.map((row) => row.map((weight) => [[weight]])));
    this.#weightMatrix.show(weights);
    this.#inputMatrix.show(flattenPlanes(input));
    this.#outputMatrix.show(flattenPlanes(output));
    for (const element of this.#fitted) fitCells(element);
    this.#choose(position);
  }

  /** Chooses a position and moves the focus to it, in the planes or in the columns. */
  #choose(position: number, focus: 'plane' | 'column' | null = null): void {
    this.#position = position;
    const place: Place = [Math.floor(position / SIDE), position % SIDE];
    const active = this.#outputs.findIndex(
      (grid) => document.activeElement?.closest('table') === grid.element,
    );
    this.#outputs.forEach((grid, o) => {
      grid.choose(place, focus === 'plane' && o === Math.max(active, 0));
    });
    this.#outputMatrix.choose([0, position], focus === 'column');
    for (const element of this.#fitted) keepSelectedInView(element);
    this.#highlight(position);
    this.#options.onChoose(position);
  }

  #highlight(position: number): void {
    const [row, column] = [Math.floor(position / SIDE), position % SIDE];
    const isPlace = (i: number, j: number) => i === row && j === column;
    const isColumn = (_: number, j: number) => j === position;
    for (const grid of [...this.#inputs, ...this.#outputs]) grid.highlight(isPlace);
    for (const grid of [this.#inputMatrix, this.#outputMatrix]) grid.highlight(isColumn);
    // Neither the player nor the mouse should make a screen reader talk.
    const isQuiet = this.#player.isPlaying || position !== this.#position;
    this.#sums.setAttribute('aria-live', isQuiet ? 'off' : 'polite');
    this.#writeSums(row, column);
  }

  #writeSums(row: number, column: number): void {
    if (!this.#numbers) return;
    const { input, weights, output } = this.#numbers;
    const formatFactor = (value: number) =>
      value < 0 ? `(${formatNumber(value, 2)})` : formatNumber(value, 2);
    this.#sums.replaceChildren(
      ...weights.map((kernel, o) =>
        el(
          'p',
          { class: 'sum' },
          el('span', { class: 'sum-name' }, `Output ${o}: `),
          ...kernel.flatMap((weight, c) => [
            c > 0 ? ' + ' : '',
            el(
              'span',
              { class: 'terms', 'data-channel': String(c) },
              `${formatFactor(input[c]?.[row]?.[column] ?? Number.NaN)}·${formatFactor(weight)}`,
            ),
          ]),
          ' ≈ ',
          el('strong', {}, formatNumber(output[o]?.[row]?.[column] ?? Number.NaN, 2)),
        ),
      ),
    );
  }
}
