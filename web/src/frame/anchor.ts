import { type Link, replaceHistory } from '../shared/link';

/*
 * Scrolls to places of the page and keeps them in place. Sections are mounted when they come near the
 * viewport, which moves everything below them; so the place that a link has opened is aligned again
 * whenever the layout changes, until the visitor scrolls, touches or types.
 */

/** Elements with an id that a copied link may name. */
const PLACES = [
  'main > section[id]',
  'main > section:not(#start) figure[id]',
  'main details[open][id]',
  'main article[id]',
].join();

/** Ids of earlier versions of the page, and of tools that are mounted later; the first that exists is used. */
const SUBSTITUTES: ReadonlyMap<string, readonly string[]> = new Map([
  ['lab', ['filter', 'workshop']],
  ['filter', ['workshop']],
  ['discussion', ['groups']],
]);

/** Delay after the last scroll event before the reader's place is saved. */
const SAVE_DELAY_MS = 150;
/** The visitor's actions that end the alignment. */
const ACTIONS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

/** The reader's place, saved in the history entry for Back, Forward and Reload. */
interface SavedPlace {
  place: string;
  /** Pixels by which the page is scrolled beyond the place. */
  offset: number;
}

interface Target {
  ids: readonly string[];
  offset: number;
  /** Position in the document at the last alignment. */
  position: number;
}

/** The viewport's y coordinate at which links align an element's top edge. */
const alignedTop = (element: Element): number =>
  Number.parseFloat(getComputedStyle(element).scrollMarginTop);

/** The distance of an element from the top of the document. */
const positionOf = (element: Element): number => scrollY + element.getBoundingClientRect().top;

const firstWithId = (ids: readonly string[]): HTMLElement | null =>
  ids.map((id) => document.getElementById(id)).find((element) => element !== null) ?? null;

/** The lowest of `elements` that starts in the top quarter of the viewport or above; the first of a row. */
export function lastAtTop<T extends Element>(elements: Iterable<T>): T | null {
  let last: T | null = null;
  let lastTop = Number.NEGATIVE_INFINITY;
  for (const element of elements) {
    if (element.getClientRects().length === 0) continue;
    const { top } = element.getBoundingClientRect();
    if (top < lastTop + 1 || top > alignedTop(element) + innerHeight / 4) continue;
    last = element;
    lastTop = top;
  }
  return last;
}

export class Anchor {
  readonly #link: Link;
  /** Called with a target before the page scrolls to it, so that it can be made visible. */
  readonly #reveal: (element: Element) => void;
  readonly #resizes = new ResizeObserver(() => this.#align());
  #target: Target | null = null;
  /** True until two frames after the load event. */
  #isLoading = true;
  #timer = 0;

  constructor(link: Link, reveal: (element: Element) => void) {
    this.#link = link;
    this.#reveal = reveal;
    history.scrollRestoration = 'manual';
    for (const section of document.querySelectorAll('main > *')) this.#resizes.observe(section);
    for (const action of ACTIONS) {
      addEventListener(action, () => this.#release(), { capture: true, passive: true });
    }
    addEventListener('scroll', () => this.#onScroll(), { passive: true });
    document.addEventListener('click', (event) => this.#onClick(event));
    link.onArrival(() => this.#arrive());
    this.#arrive();
    // After the load event Firefox scrolls to the link's place by itself, and not to the same position.
    addEventListener('load', () => {
      const end = () => {
        this.#isLoading = false;
      };
      requestAnimationFrame(() => requestAnimationFrame(end));
    });
  }

  /** Id of the place at the top of the viewport; empty at the start of the page. */
  get place(): string {
    const place = lastAtTop(document.querySelectorAll(PLACES));
    return place === null || place.id === 'start' ? '' : place.id;
  }

  /** Goes to the place in the history entry, or else to the link's. */
  #arrive(): void {
    const saved = savedPlace();
    if (saved) this.#goTo(saved.place, saved.offset);
    else this.#goTo(this.#link.place);
  }

  #goTo(id: string, offset = 0): void {
    this.#release();
    const ids = [id, ...(SUBSTITUTES.get(id) ?? [])];
    const element = firstWithId(ids);
    if (!element) return;
    this.#reveal(element);
    for (let outer: Element | null = element; outer; outer = outer.parentElement) {
      if (outer instanceof HTMLDetailsElement) outer.open = true;
    }
    this.#target = { ids, offset, position: Number.NaN };
    // The browser's own adjustments would look as if the visitor had scrolled.
    document.documentElement.style.overflowAnchor = 'none';
    this.#align();
  }

  #align(): void {
    const element = this.#target && firstWithId(this.#target.ids);
    if (!this.#target || !element) return;
    this.#target.position = positionOf(element);
    scrollTo({ top: this.#scrollPositionOf(this.#target, element), behavior: 'instant' });
  }

  /** The scroll position at which a target is in its place, or as near as the page's end allows. */
  #scrollPositionOf({ offset }: Target, element: HTMLElement): number {
    const top = positionOf(element) - alignedTop(element) + offset;
    return Math.min(top, document.documentElement.scrollHeight - innerHeight);
  }

  #release(): void {
    this.#target = null;
    document.documentElement.style.overflowAnchor = '';
  }

  /** Releases the target if the page was scrolled by other means, such as its scroll bar. */
  #onScroll(): void {
    const element = this.#target && firstWithId(this.#target.ids);
    if (this.#target && element) {
      const hasMoved = Math.abs(positionOf(element) - this.#target.position) > 1;
      const isInPlace = Math.abs(scrollY - this.#scrollPositionOf(this.#target, element)) <= 1;
      if (hasMoved || (this.#isLoading && !isInPlace)) this.#align();
      else if (!isInPlace) this.#release();
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), SAVE_DELAY_MS);
  }

  #save(): void {
    clearTimeout(this.#timer);
    const place = this.place || 'start';
    const element = document.getElementById(place);
    if (!element) return;
    const offset = Math.round(alignedTop(element) - element.getBoundingClientRect().top);
    const state: SavedPlace = { place, offset };
    replaceHistory(state);
  }

  /** Saves the place that a link leaves. A link to the current URL causes no hashchange event. */
  #onClick(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || event.defaultPrevented || !link.getAttribute('href')?.startsWith('#')) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens another tab or window
    this.#save();
    const [place = ''] = link.hash.slice(1).split('?', 1);
    setTimeout(() => {
      if (place === this.#link.place) this.#goTo(place);
    });
  }
}

function savedPlace(): SavedPlace | null {
  const state: unknown = history.state;
  return typeof state === 'object' && state && 'place' in state && 'offset' in state
    ? (state as SavedPlace)
    : null;
}
