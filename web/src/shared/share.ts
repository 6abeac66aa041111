import { find } from './dom';
import type { Link } from './link';

/** Mounts the button that copies the page's URL, including the visitor's changes. */
export function mountShare(link: Link): void {
  const share = find<HTMLButtonElement>('#share');
  if (!navigator.clipboard) return;
  share.hidden = false;
  let timer = 0;
  share.addEventListener('click', async () => {
    link.flush();
    let message = 'Copied';
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      message = 'Copy the URL yourself';
    }
    share.textContent = message;
    clearTimeout(timer);
    timer = setTimeout(() => {
      share.textContent = 'Copy link';
    }, 1800);
  });
}
