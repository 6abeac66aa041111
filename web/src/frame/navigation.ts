import { find } from '../shared/dom';
import { lastAtTop } from './anchor';
import { listedSections } from './hidden-sections';

/** Mounts the button that opens the list of sections on narrow screens, and marks the current section. */
export function mountNavigation(): void {
  mountMenu();
  const links = [...document.querySelectorAll<HTMLAnchorElement>('#sections a')];
  const sections = listedSections();
  const label = find('#current-section');
  const mark = () => {
    const current = currentSection(sections);
    let name = 'Start';
    for (const link of links) {
      const isCurrent = current !== null && link.hash === `#${current.id}`;
      if (isCurrent) {
        link.setAttribute('aria-current', 'location');
        name = link.textContent;
      } else {
        link.removeAttribute('aria-current');
      }
    }
    if (label.textContent !== name) label.textContent = name;
  };
  addEventListener('scroll', mark, { passive: true });
  new ResizeObserver(mark).observe(find('main'));
}

/** The section at the top of the viewport; at the end of the page, the last one. */
function currentSection(sections: readonly HTMLElement[]): HTMLElement | null {
  const { scrollHeight } = document.documentElement;
  if (scrollY > 0 && scrollY + innerHeight >= scrollHeight - 2) {
    return sections.filter((section) => !section.hidden).at(-1) ?? null;
  }
  return lastAtTop(sections);
}

/** The list closes on Escape, on a click outside, when the focus leaves, and when a link is chosen. */
function mountMenu(): void {
  const toggle = find<HTMLButtonElement>('#menu');
  const list = find('#sections');
  const isOpen = () => toggle.getAttribute('aria-expanded') === 'true';
  const open = (value: boolean) => toggle.setAttribute('aria-expanded', String(value));
  const isOutside = (target: EventTarget | null) =>
    !(target instanceof Node && (toggle.contains(target) || list.contains(target)));
  toggle.addEventListener('click', () => open(!isOpen()));
  list.addEventListener('click', () => open(false));
  document.addEventListener('pointerdown', ({ target }) => isOutside(target) && open(false));
  document.addEventListener('focusin', ({ target }) => isOutside(target) && open(false));
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !isOpen()) return;
    open(false);
    toggle.focus();
  });
}
