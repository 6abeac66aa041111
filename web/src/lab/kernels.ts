import type { Corr2d, Tensor } from 'corr2d';
import { button, el } from '../shared/dom';
import { joinNumbers, parseNumbers } from '../shared/link';
import { Layer } from './layer';
import { LUMA, type Mode, type OnChange } from './mode';
import { NumberTable } from './number-table';
import { type GreyRange, PictureTile, UNIT_RANGE } from './tile';

type Plane = readonly (readonly number[])[];

interface Filter {
  name: string;
  note: string;
  /** 3×3 weights of the neighbouring pixels. */
  plane: Plane;
  /** Weights of red, green and blue. */
  colours: readonly number[];
}

const SIZE = 3;
const NUMBERS_PER_FILTER = SIZE * SIZE + 3;

const divideBy = (divisor: number, plane: Plane): Plane =>
  plane.map((row) => row.map((w) => w / divisor));

const FILTERS: readonly Filter[] = [
  {
    name: 'Vertical edges',
    note: 'Sobel: right minus left',
    plane: [
      [-1, 0, 1],
      [-2, 0, 2],
      [-1, 0, 1],
    ],
    colours: LUMA,
  },
  {
    name: 'Horizontal edges',
    note: 'Sobel: below minus above',
    plane: [
      [-1, -2, -1],
      [0, 0, 0],
      [1, 2, 1],
    ],
    colours: LUMA,
  },
  {
    name: 'Laplacian',
    note: 'four neighbours minus 4× the pixel',
    plane: [
      [0, 1, 0],
      [1, -4, 1],
      [0, 1, 0],
    ],
    colours: LUMA,
  },
  {
    name: 'Gaussian',
    note: 'a weighted mean of the neighbourhood',
    plane: divideBy(16, [
      [1, 2, 1],
      [2, 4, 2],
      [1, 2, 1],
    ]),
    colours: LUMA,
  },
  {
    name: 'Sharpen',
    note: 'the pixel minus its Laplacian',
    plane: [
      [0, -1, 0],
      [-1, 5, -1],
      [0, -1, 0],
    ],
    colours: LUMA,
  },
  {
    name: 'Emboss',
    note: 'light from one corner, shadow at the other',
    plane: [
      [-2, -1, 0],
      [-1, 1, 1],
      [0, 1, 2],
    ],
    colours: LUMA,
  },
];

/**
 * The values drawn as black and white. If the weights sum to about zero, zero is mid-grey and typical
 * edge responses reach black and white.
 */
function rangeOf({ plane, colours }: Filter): GreyRange {
  const sum = (weights: readonly number[], f: (w: number) => number) =>
    weights.reduce((all, weight) => all + f(weight), 0);
  const total = sum(plane.flat(), (w) => w) * sum(colours, (w) => w);
  const size = sum(plane.flat(), Math.abs) * sum(colours, Math.abs);
  if (Math.abs(total) > 0.05 * size || size === 0) return UNIT_RANGE;
  const limit = 0.06 * size;
  return { min: -limit, max: limit };
}

const weightsOf = ({ plane, colours }: Filter): number[][][] =>
  colours.map((colourWeight) => plane.map((row) => row.map((weight) => colourWeight * weight)));

/** The first mode: six kernels over red, green and blue give six output channels. */
export function kernelsMode(c: Corr2d, onChange: OnChange): Mode {
  let filters: Filter[] = FILTERS.map((filter) => ({ ...filter }));
  let chosen = 0;
  const layer = new Layer(c, filters.map(weightsOf), { padding: 1, paddingMode: 'replicate' });

  const edit = () => {
    filters[chosen] = {
      ...(filters[chosen] as Filter),
      plane: plane.values,
      colours: colours.values[0] ?? [],
    };
    layer.setWeights(filters.map(weightsOf));
    onChange();
  };
  const sides = ['first', 'second', 'third'];
  const plane = new NumberTable({
    label: 'Weights of the neighbours',
    rows: sides.map((side) => `${side} row`),
    columns: sides.map((side) => `${side} column`),
    onChange: edit,
  });
  const colours = new NumberTable({
    label: 'Weights of the colours',
    rows: ['times'],
    columns: ['red', 'green', 'blue'],
    showNames: true,
    onChange: edit,
  });
  const title = el('h3');
  const reset = button(
    'Reset',
    () => {
      filters[chosen] = { ...(FILTERS[chosen] as Filter) };
      layer.setWeights(filters.map(weightsOf));
      show();
      onChange();
    },
    'ghost',
  );

  const tiles = FILTERS.map(({ name, note }, i) => {
    const tile = new PictureTile(name);
    const choose = button(
      'Edit',
      () => {
        chosen = i;
        show();
      },
      'small',
    );
    choose.setAttribute('aria-label', `Edit the weights: ${name}`);
    tile.caption.append(el('span', { class: 'muted' }, note), choose);
    return { tile, choose };
  });

  function show(): void {
    const filter = filters[chosen] as Filter;
    title.textContent = filter.name;
    plane.values = filter.plane;
    colours.values = [filter.colours];
    tiles.forEach(({ tile, choose }, i) => {
      tile.element.toggleAttribute('data-chosen', i === chosen);
      choose.setAttribute('aria-pressed', String(i === chosen));
    });
  }
  show();

  return {
    id: 'kernels',
    label: 'Kernels',
    element: el(
      'div',
      { class: 'mode mode-kernels' },
      el(
        'div',
        { class: 'mode-edit' },
        el(
          'p',
          { class: 'note' },
          'Six 3×3×3 kernels, stacked to 6×3×3×3, detect six features in one convolution: each output channel shows one. For kernels whose weights add up to zero, mid-grey means no change.',
        ),
        title,
        el(
          'div',
          { class: 'mode-numbers' },
          plane.element,
          el('span', { class: 'operator' }, '×'),
          colours.element,
        ),
        el('div', { class: 'actions' }, reset),
      ),
      el('div', { class: 'tiles three' }, ...tiles.map(({ tile }) => tile.element)),
    ),
    run(X: Tensor, live: boolean) {
      const Y = layer.run(X);
      filters.forEach((filter, i) => {
        tiles[i]?.tile.drawChannel(c, Y, i, rangeOf(filter), live);
      });
    },
    save() {
      const numbers = (filters: readonly Filter[]) =>
        joinNumbers(filters.flatMap((filter) => [...filter.plane.flat(), ...filter.colours]));
      const saved = numbers(filters);
      return saved === numbers(FILTERS) ? null : saved;
    },
    restore(saved) {
      const numbers = parseNumbers(saved, NUMBERS_PER_FILTER * FILTERS.length);
      if (!numbers) return;
      filters = FILTERS.map((filter, i) => {
        const own = numbers.slice(i * NUMBERS_PER_FILTER, (i + 1) * NUMBERS_PER_FILTER);
        return {
          ...filter,
          plane: [0, 3, 6].map((at) => own.slice(at, at + SIZE)),
          colours: own.slice(SIZE * SIZE),
        };
      });
      layer.setWeights(filters.map(weightsOf));
      show();
    },
  };
}
