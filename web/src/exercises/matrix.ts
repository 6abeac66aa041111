import { compareWithOracle } from '../shared/compare';
import { el, find } from '../shared/dom';
import { formatDifference } from '../shared/format';
import { Grid } from '../shared/grid';
import { Slider } from '../shared/slider';
import { withTensors } from '../shared/tensors';
import { checkAnswer, type Exercise, type ExerciseContext } from './exercise';

const PICTURE = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
];
const KERNEL = [
  [0, 1],
  [2, 3],
];

/** Exercise 5: a k×k convolution as a matrix product. */
function mount(root: HTMLElement, { c }: ExerciseContext): void {
  const position = new Slider({
    label: 'Window',
    min: 0,
    max: 3,
    value: 0,
    onInput: (value) => highlightWindow(value),
  });
  const grids = withTensors((own) => {
    const X = own(c.tensor([PICTURE]));
    const columns = own(c.unfold(X, 2));
    const row = own(own(c.tensor(KERNEL)).reshape([1, 4]));
    const product = own(c.matmul(row, columns));
    const createGrid = (caption: string, values: number[][]) => {
      const grid = new Grid({ caption, rows: values.length, columns: values[0]?.length ?? 0 });
      grid.show(values);
      return grid;
    };
    return {
      picture: createGrid('Input', PICTURE),
      kernel: createGrid('Kernel as a row', row.toArray() as unknown as number[][]),
      columns: createGrid('Windows as columns', columns.toArray() as unknown as number[][]),
      product: createGrid('Output as a row', product.toArray() as unknown as number[][]),
    };
  });
  function highlightWindow(window: number): void {
    const [row, column] = [window >> 1, window & 1];
    grids.picture.highlight((i, j) => i >= row && i < row + 2 && j >= column && j < column + 2);
    grids.columns.highlight((_, j) => j === window);
    grids.product.highlight((_, j) => j === window);
  }
  highlightWindow(0);
  find('.experiment', root).append(
    el('div', { class: 'sliders' }, position.element),
    el(
      'div',
      { class: 'unfolded', role: 'group', 'aria-label': 'A convolution as a matrix product' },
      grids.picture.element,
      grids.columns.element,
      grids.kernel.element,
      grids.product.element,
    ),
  );

  void checkAnswer(
    root,
    'exercise-matrix',
    {
      result: 'Error against float64: matrix product and convolution',
      expected: 'Allowed',
      match: 'the matrix product with the unfolded input is the convolution',
      mismatch: 'the results differ',
    },
    (check) => {
      let [worst, allowed, holds] = [0, 0, true];
      for (const [ci, co, k] of [
        [3, 4, 3],
        [2, 5, 5],
        [6, 8, 2],
      ] as const) {
        withTensors((own) => {
          const X = own(c.normal(0, 1, [ci, 11, 9], { seed: ci }));
          const K = own(c.normal(0, 1, [co, ci, k, k], { seed: co }));
          const Y = own(c.conv2d(X, K));
          const columns = own(c.unfold(X, k));
          const product = own(c.matmul(own(K.reshape([co, ci * k * k])), columns));
          for (const result of [Y, own(product.reshape([...Y.shape]))]) {
            const comparison = compareWithOracle(result, X, K);
            holds &&= comparison.holds;
            worst = Math.max(worst, comparison.largestDifference);
            allowed = Math.max(allowed, comparison.largestBound);
          }
        });
      }
      check.settle(formatDifference(worst), holds, formatDifference(allowed));
    },
  );
}

export const matrix: Exercise = {
  right: 27,
  result: 'A column holds one window of every channel: 3 · 3 · 3 = 27 numbers.',
  mount,
};
