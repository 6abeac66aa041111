import { el } from '../shared/dom';
import { formatNumber } from '../shared/format';
import { Grid, type Matrix, operator, type Place } from '../shared/grid';
import { Player } from './player';

export interface PointwiseNumbers {
  /** 3×3×3 */
  input: Matrix[];
  /** 2×3 */
  weights: Matrix;
  /** 2×3×3 */
  output: Matrix[];
}

const SIDE = 3;
const POSITIONS = SIDE * SIDE;
const DIGITS = 1;

const flattenPlanes = (planes: readonly Matrix[]): number[][] =>
  planes.map((plane) => plane.flat());

/** Fig. 2: a 1×1 layer as channels and as a matrix product, with one position highlighted in both. */
export class PointwiseFigure {
  readonly #player = new Player(() => this.#choose((this.#position + 1) % POSITIONS));
  readonly #sums = el('div', { class: 'sums', 'aria-live': 'polite' });
  readonly #inputs: Grid[];
  readonly #outputs: Grid[];
  readonly #weights: Grid;
  readonly #inputMatrix: Grid;
  readonly #outputMatrix: Grid;
  readonly #weightMatrix: Grid;
  #numbers: PointwiseNumbers | null = null;
  #position = Math.floor(POSITIONS / 2);

  constructor(root: HTMLElement, redraw: HTMLButtonElement) {
    const onPlane = ([i, j]: Place, how: 'point' | 'move') => this.#pick(i * SIDE + j, how);
    const onColumn = ([, j]: Place, how: 'point' | 'move') => this.#pick(j, how);
    const plane = (caption: string, onChoose?: typeof onPlane) =>
      new Grid({
        caption,
        rows: SIDE,
        columns: SIDE,
        digits: DIGITS,
        ...(onChoose && { onChoose }),
      });
    const matrix = (caption: string, rows: number, columns: number, onChoose?: typeof onColumn) =>
      new Grid({ caption, rows, columns, digits: DIGITS, ...(onChoose && { onChoose }) });
    this.#inputs = [0, 1, 2].map((c) => plane(`Input ${c}`));
    this.#outputs = [0, 1].map((o) => plane(`Output ${o}`, onPlane));
    this.#weights = matrix('Kernel, 2×3×1×1', 2, 3);
    this.#weightMatrix = matrix('K, 2×3', 2, 3);
    this.#inputMatrix = matrix('X, 3×9', 3, POSITIONS);
    this.#outputMatrix = matrix('Y, 2×9', 2, POSITIONS, onColumn);

    const elements = (grids: readonly Grid[]) =>
      grids.map((grid, c) => {
        grid.element.dataset.channel = String(c);
        return grid.element;
      });
    root.replaceChildren(
      el(
        'div',
        { class: 'pointwise' },
        el('div', { class: 'planes' }, ...elements(this.#inputs)),
        operator('→', 'mixed by'),
        this.#weights.element,
        operator('→', 'into'),
        el('div', { class: 'planes' }, ...this.#outputs.map((grid) => grid.element)),
      ),
      el(
        'div',
        {
          class: 'product',
          role: 'group',
          tabindex: '0',
          'aria-label': 'As a matrix product',
        },
        this.#weightMatrix.element,
        operator('·', 'times'),
        this.#inputMatrix.element,
        operator('=', 'equals'),
        this.#outputMatrix.element,
      ),
      el(
        'div',
        { class: 'sum-box' },
        el('div', { class: 'actions' }, this.#player.element, redraw),
        this.#sums,
      ),
    );
  }

  show(numbers: PointwiseNumbers): void {
    this.#numbers = numbers;
    const { input, weights, output } = numbers;
    this.#inputs.forEach((grid, c) => {
      grid.show(input[c] ?? []);
    });
    this.#outputs.forEach((grid, o) => {
      grid.show(output[o] ?? []);
    });
    this.#weights.show(weights);
    this.#weightMatrix.show(weights);
    this.#inputMatrix.show(flattenPlanes(input));
    this.#outputMatrix.show(flattenPlanes(output));
    this.#choose(this.#position);
  }

  #pick(position: number, how: 'point' | 'move'): void {
    this.#player.pause();
    const column = document.activeElement?.closest('table') === this.#outputMatrix.element;
    this.#choose(position, how === 'move' ? (column ? 'column' : 'plane') : null);
  }

  #choose(position: number, focus: 'plane' | 'column' | null = null): void {
    this.#position = position;
    const row = Math.floor(position / SIDE);
    const column = position % SIDE;
    const isPlace = (i: number, j: number) => i === row && j === column;
    const isColumn = (_: number, j: number) => j === position;
    for (const grid of [...this.#inputs, ...this.#outputs]) grid.highlight(isPlace);
    for (const grid of [this.#inputMatrix, this.#outputMatrix]) grid.highlight(isColumn);
    const active = this.#outputs.findIndex(
      (grid) => document.activeElement?.closest('table') === grid.element,
    );
    this.#outputs.forEach((grid, o) => {
      grid.choose([row, column], focus === 'plane' && o === Math.max(active, 0));
    });
    this.#outputMatrix.choose([0, position], focus === 'column');
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
              `${formatFactor(weight)}·${formatFactor(input[c]?.[row]?.[column] ?? Number.NaN)}`,
            ),
          ]),
          ' ≈ ',
          el('strong', {}, formatNumber(output[o]?.[row]?.[column] ?? Number.NaN, 2)),
        ),
      ),
    );
  }
}
