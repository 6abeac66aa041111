/* Fits figures of numbers into the width that they have. */

interface Choice {
  layout: 'matrix' | 'bands';
  /** Size of a cell in rem. No cell is smaller than a finger can hit. */
  cell: number;
  /** Whether numbers are set as small and as close as can be read. */
  dense?: boolean;
}

/** In the order of preference. */
const CHOICES: readonly Choice[] = [
  { layout: 'matrix', cell: 2.25 },
  { layout: 'matrix', cell: 2 },
  { layout: 'matrix', cell: 1.75 },
  { layout: 'bands', cell: 2.25 },
  { layout: 'bands', cell: 1.9 },
  { layout: 'bands', cell: 1.65 },
  { layout: 'bands', cell: 1.5 },
  { layout: 'bands', cell: 1.5, dense: true },
];

/** A smaller choice is taken if it makes the figure this many times as high, because fewer rows wrap. */
const MUCH_LOWER = 0.65;

/** Lays out `element`. Returns whether nothing in it is wider than the element. */
function apply(element: HTMLElement, { layout, cell, dense = false }: Choice): boolean {
  element.dataset.layout = layout;
  element.style.setProperty('--cell', `${cell}rem`);
  element.style.setProperty('--cell-gap', dense ? '1px' : null);
  element.style.setProperty('--cell-font', dense ? '0.625rem' : null);
  element.style.setProperty('--cell-padding', dense ? '0.15rem' : null);
  return element.scrollWidth <= element.clientWidth;
}

/**
 * Gives `element` the first layout (`data-layout`) and size of cells with which nothing in it is wider than
 * the element, or a smaller one that makes it much lower. If nothing fits, the element scrolls and has
 * `data-overflows`.
 */
export function fitCells(element: HTMLElement): void {
  let best: Choice | null = null;
  let height = Number.POSITIVE_INFINITY;
  for (const choice of CHOICES) {
    if (!apply(element, choice)) continue;
    if (best === null || element.scrollHeight < MUCH_LOWER * height) {
      best = choice;
      height = element.scrollHeight;
    }
    if (choice.layout === 'matrix') break;
  }
  if (best) apply(element, best);
  element.toggleAttribute('data-overflows', best === null);
}

/** Scrolls `element` sideways, if it scrolls, so that the selected number in it is seen. */
export function keepSelectedInView(element: HTMLElement): void {
  const selected = element.querySelector('[aria-selected="true"]');
  if (!selected || !element.hasAttribute('data-overflows')) return;
  const [outer, inner] = [element.getBoundingClientRect(), selected.getBoundingClientRect()];
  if (inner.left < outer.left) element.scrollLeft -= outer.left - inner.left;
  if (inner.right > outer.right) element.scrollLeft += inner.right - outer.right;
}

/** Calls `fit` whenever the width of `element` changes. */
export function onWidthChange(element: HTMLElement, fit: () => void): void {
  let width = 0;
  new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    fit();
  }).observe(element);
}
