import type { Tensor } from 'corr2d';
import { el, figure } from '../dom';
import { grid, operator } from './grid';

type Planes = number[][][];

/** Fig. 7.4.2: a 1×1 layer. One position is marked; its outputs are written out as sums. */
export function drawPointwise(root: HTMLElement, X: Tensor, K: Tensor, Y: Tensor): void {
  const input = X.toArray() as unknown as Planes;
  const weights = (K.toArray() as unknown as Planes[]).map((channel) =>
    channel.map((p) => p[0]?.[0] ?? NaN),
  );
  const output = Y.toArray() as unknown as Planes;
  const row = 1;
  const column = 1;
  const lit = (i: number, j: number) => i === row && j === column;

  const bracketed = (value: number) => (value < 0 ? `(${figure(value, 2)})` : figure(value, 2));
  const sums = weights.map((line, o) =>
    el(
      'p',
      { class: 'sum' },
      el('span', { class: 'sum-name' }, `Output ${o}: `),
      line
        .map((w, ch) => `${bracketed(w)}·${bracketed(input[ch]?.[row]?.[column] ?? NaN)}`)
        .join(' + '),
      ' ≈ ',
      el('strong', {}, figure(output[o]?.[row]?.[column] ?? NaN, 2)),
    ),
  );
  root.replaceChildren(
    el(
      'div',
      { class: 'pointwise' },
      el(
        'div',
        { class: 'planes' },
        ...input.map((values, ch) => grid({ caption: `Input ${ch}`, values, digits: 2, lit })),
      ),
      operator('→', 'mixed by'),
      grid({ caption: 'Kernel, 2×3', values: weights, digits: 2 }),
      operator('→', 'into'),
      el(
        'div',
        { class: 'planes' },
        ...output.map((values, o) => grid({ caption: `Output ${o}`, values, digits: 2, lit })),
      ),
    ),
    ...sums,
  );
}
