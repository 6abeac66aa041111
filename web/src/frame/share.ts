import { find } from '../shared/dom';
import type { Link } from '../shared/link';
import type { Anchor } from './anchor';

const MESSAGE_MS = 2500;

/**
 * Mounts the button that copies the page's URL with the reader's place and changes. Where the clipboard
 * cannot be written, a field shows the URL.
 */
export function mountShare(link: Link, anchor: Anchor): void {
  const share = find<HTMLButtonElement>('#share');
  const message = find('#share-message');
  const manual = find('#share-manual');
  const field = find<HTMLInputElement>('#share-url');
  let timer = 0;
  const show = (text: string) => {
    message.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => {
      message.textContent = '';
    }, MESSAGE_MS);
  };
  const close = () => {
    manual.hidden = true;
    share.focus();
  };
  share.hidden = false;
  share.addEventListener('click', async () => {
    const url = link.urlAt(anchor.place);
    try {
      await navigator.clipboard.writeText(url);
      manual.hidden = true;
      show('Link to this place copied');
    } catch {
      field.value = url;
      manual.hidden = false;
      field.focus();
      field.select();
    }
  });
  find('#share-close').addEventListener('click', close);
  manual.addEventListener('keydown', ({ key }) => key === 'Escape' && close());
}
