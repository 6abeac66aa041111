import { find } from '../shared/dom';
import type { Link } from '../shared/link';

/** Key of the link that hides sections, for example `hide=cost,exercises`. */
export const HIDE = 'hide';

/** The sections in the header's list, in order. Only these can be hidden. */
export const listedSections = (): HTMLElement[] =>
  [...document.querySelectorAll<HTMLAnchorElement>('#sections a')].map(({ hash }) => find(hash));

/** Hides the sections that the link names, and their entries in the header, and says so. */
export class HiddenSections {
  readonly #link: Link;
  readonly #sections = listedSections();
  readonly #notice = find('#hidden-sections');

  constructor(link: Link) {
    this.#link = link;
    find('#show-all-sections').addEventListener('click', () => {
      this.#set([]);
      find('#content').focus({ preventScroll: true });
    });
    link.onOpen(() => this.#apply());
    this.#apply();
  }

  /** Shows the section that contains `element`. */
  reveal(element: Element): void {
    const section = this.#sections.find((section) => section.contains(element));
    if (section?.hidden) this.#set(this.#hidden().filter((id) => id !== section.id));
  }

  #hidden(): string[] {
    const named = this.#link.get(HIDE)?.split(',') ?? [];
    return this.#sections.map(({ id }) => id).filter((id) => named.includes(id));
  }

  #set(hidden: readonly string[]): void {
    this.#link.set(HIDE, hidden.join(',') || null);
    this.#apply();
  }

  #apply(): void {
    const hidden = this.#hidden();
    for (const section of this.#sections) {
      section.hidden = hidden.includes(section.id);
      find(`#sections a[href="#${section.id}"]`).hidden = section.hidden;
    }
    this.#notice.hidden = hidden.length === 0;
    this.#place();
  }

  /** Puts the notice where the link opens the page. */
  #place(): void {
    const place = document.getElementById(this.#link.place);
    const section = this.#sections.find((section) => !section.hidden && section.contains(place));
    if (section) find('h2', section).after(this.#notice);
    else find('main').prepend(this.#notice);
  }
}
