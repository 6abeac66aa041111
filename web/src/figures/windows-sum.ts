import { el } from '../shared/dom';
import { formatNumber } from '../shared/format';
import type { OutputElement } from './windows-grids';
import type { WindowsModel } from './windows-model';

const formatFactor = (value: number) =>
  value < 0 ? `(${formatNumber(value)})` : formatNumber(value);

/** The products of one input channel in the sum of an output element. */
function termsOf(model: WindowsModel, { output, place }: OutputElement, c: number): HTMLElement {
  const [row, column] = place;
  const products = (model.kernel[output]?.[c] ?? []).flatMap((weights, a) =>
    weights.map((weight, b) => {
      const i = model.inputPosition(row, a);
      const j = model.inputPosition(column, b);
      return `${formatFactor(model.sample(c, i, j))}·${formatFactor(weight)}`;
    }),
  );
  return el('span', { class: 'terms', 'data-channel': String(c) }, `(${products.join(' + ')})`);
}

/**
 * The sum of an output element, written out channel by channel, with the `value` that corr2d computed for
 * it. The sign is ≠ if the oracle's value is different.
 */
export function writeSum(
  model: WindowsModel,
  element: OutputElement,
  value: number,
): (Node | string)[] {
  const { output, place } = element;
  const partialResults = Array.from({ length: model.settings.inputs }, (_, c) =>
    termsOf(model, element, c),
  );
  const expected = model.oracle(output, ...place);
  const sign = Math.abs(value - expected.value) <= expected.bound ? '=' : '≠';
  return [
    ...partialResults.flatMap((terms, c) => (c > 0 ? [' + ', terms] : [terms])),
    ` ${sign} `,
    el('strong', {}, formatNumber(value)),
  ];
}
