import { button } from './dom';

/** Code with more lines is folded on phones. */
const MAX_LINES = 8;

/** Folds the long code of a cell on phones. A button, or editing the code, shows all of it. */
export function foldCode(root: HTMLElement, code: HTMLElement, text: string): void {
  const lines = text.split('\n').length;
  if (lines <= MAX_LINES) return;
  root.dataset.folded = '';
  const unfold = () => {
    delete root.dataset.folded;
    toggle.remove();
  };
  const toggle = button(`Show all ${lines} lines`, unfold, 'ghost small unfold');
  code.after(toggle);
  code.addEventListener('focusin', unfold, { once: true });
  addEventListener('beforeprint', unfold, { once: true });
}
