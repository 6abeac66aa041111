import { button, el } from '../shared/dom';

/*
 * A section may show a layer twice, in numbers and as a photograph: side by side on wide screens, and one of
 * them at a time on phones.
 */

const figuresOf = (pair: Element): HTMLElement[] => [
  ...pair.querySelectorAll<HTMLElement>('figure[data-tab]'),
];

/** Shows one figure of a pair on phones. */
function show(pair: Element, shown: HTMLElement): void {
  const figures = figuresOf(pair);
  const choices = pair.querySelectorAll('.pair-choices button');
  figures.forEach((figure, i) => {
    figure.toggleAttribute('data-folded', figure !== shown);
    choices[i]?.setAttribute('aria-pressed', String(figure === shown));
  });
}

/** Mounts the choices of all pairs. */
export function mountPairs(): void {
  for (const pair of document.querySelectorAll('.pair')) {
    const figures = figuresOf(pair);
    const [first] = figures;
    if (!first || figures.length < 2) continue;
    const choices = figures.map((figure) =>
      button(figure.dataset.tab ?? '', () => show(pair, figure)),
    );
    pair.prepend(
      el(
        'div',
        { class: 'choices pair-choices', role: 'group', 'aria-label': 'Show the layer' },
        ...choices,
      ),
    );
    show(pair, first);
  }
}

/** Shows the figure that contains `element`, the target of a link. */
export function revealFigure(element: Element): void {
  const figure = element.closest<HTMLElement>('figure[data-tab]');
  const pair = figure?.closest('.pair');
  if (figure && pair) show(pair, figure);
}
