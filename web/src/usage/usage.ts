import { button, el, find, messageOf } from '../shared/dom';
import type { Link } from '../shared/link';
import { mountRecipe } from './recipe';
import { describeTransfer } from './transfer';

const LINK_KEY = 'recipe';
const COPIED_MS = 1800;

/** Mounts the section “Use it”: its recipes run, the command can be copied, and the sizes are those measured. */
export function mountUsage(root: HTMLElement, link: Link): void {
  mountCopy(find('.install', root));
  mountChoice(root, link);
  for (const panel of root.querySelectorAll<HTMLElement>('[data-recipe]')) mountRecipe(panel);
  const resources = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  find('.transfer', root).textContent = describeTransfer(resources);
}

function mountCopy(line: HTMLElement): void {
  if (!navigator.clipboard) return;
  const command = find('code', line).textContent ?? '';
  const copy = button('Copy', async () => {
    try {
      await navigator.clipboard.writeText(command);
      copy.textContent = 'Copied';
    } catch (error) {
      copy.textContent = `Not copied: ${messageOf(error)}`;
    }
    setTimeout(() => {
      copy.textContent = 'Copy';
    }, COPIED_MS);
  });
  copy.setAttribute('aria-live', 'polite');
  line.append(copy);
}

/** Shows one recipe at a time. The link names it, unless it is the first. */
function mountChoice(root: HTMLElement, link: Link): void {
  const panels = [...root.querySelectorAll<HTMLElement>('[data-recipe]')];
  const idOf = (panel: HTMLElement) => panel.dataset.recipe ?? '';
  const show = (id: string | null) => {
    const shown = panels.find((panel) => idOf(panel) === id) ?? panels[0];
    panels.forEach((panel, i) => {
      panel.toggleAttribute('data-current', panel === shown);
      buttons[i]?.setAttribute('aria-pressed', String(panel === shown));
    });
  };
  const buttons = panels.map((panel, i) => {
    const title = find('h3', panel).textContent ?? '';
    return button(title.split(',')[0] ?? '', () => {
      link.set(LINK_KEY, i === 0 ? null : idOf(panel));
      show(idOf(panel));
    });
  });
  const choices = el('div', { class: 'choices', role: 'group', 'aria-label': 'Recipes' });
  choices.append(...buttons);
  find('.recipe-choices', root).append(choices);
  show(link.get(LINK_KEY));
  link.onOpen(() => show(link.get(LINK_KEY)));
}
