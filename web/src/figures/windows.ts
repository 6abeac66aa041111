import type { Corr2d, Tensor } from 'corr2d';
import { firstWindow } from '../chapter';
import type { Check } from '../check';
import { el, figure } from '../dom';
import { windowSum } from '../reference';
import { grid, operator } from './grid';

const plane = (tensor: Tensor): number[][] => {
  const values = tensor.toArray() as unknown as number[][];
  tensor.dispose();
  return values;
};

/**
 * Fig. 7.4.1: every channel with its layer of the kernel, what each pair gives on its own, and
 * their sum. The windows behind one output element are marked, and its sum is written out.
 */
export function drawWindows(root: HTMLElement, c: Corr2d, check: Check): void {
  const { X, K, row, column, expected } = firstWindow;
  const kernelRows = K[0]?.length ?? 0;
  const kernelColumns = K[0]?.[0]?.length ?? 0;
  const inWindow = (i: number, j: number) =>
    i >= row && i < row + kernelRows && j >= column && j < column + kernelColumns;
  const isElement = (i: number, j: number) => i === row && j === column;

  const output = plane(c.corr2dMultiIn(X, K));
  const channels = X.map((values, index) => {
    const layer = K[index] ?? [];
    return el(
      'div',
      { class: 'channel', 'data-channel': String(index) },
      grid({ caption: `Input ${index}`, values, lit: inWindow }),
      operator('⋆', 'correlated with'),
      grid({ caption: `Kernel ${index}`, values: layer, lit: () => true }),
      operator('=', 'gives'),
      grid({
        caption: `Part ${index}`,
        values: plane(c.corr2d(values, layer)),
        lit: isElement,
      }),
    );
  });

  const terms = (index: number): HTMLElement => {
    const products = (K[index] ?? []).flatMap((line, a) =>
      line.map((weight, b) => `${figure(X[index]?.[row + a]?.[column + b] ?? NaN)}·${weight}`),
    );
    return el(
      'span',
      { class: 'terms', 'data-channel': String(index) },
      `(${products.join(' + ')})`,
    );
  };
  // the chapter writes the second channel's part first
  const order = X.map((_, index) => index).reverse();
  const { value } = windowSum((ch, i, j) => X[ch]?.[i]?.[j] ?? NaN, K, row, column);
  const element = output[row]?.[column] ?? NaN;
  const sum = el('p', { class: 'sum' });
  order.forEach((index, position) => {
    if (position > 0) sum.append(' + ');
    sum.append(terms(index));
  });
  sum.append(` ${element === value ? '=' : '≠'} `, el('strong', {}, figure(element)));

  root.replaceChildren(
    el(
      'div',
      { class: 'windows' },
      el('div', { class: 'channels' }, ...channels),
      operator('→', 'added up to'),
      grid({ caption: 'Output (sum)', values: output, lit: isElement }),
    ),
    sum,
  );
  check.settle(String(element), element === expected && value === expected);
}
