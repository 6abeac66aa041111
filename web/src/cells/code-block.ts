import { el } from '../shared/dom';

/** Shows code as text: the highlighted HTML of the page, or plain lines for code that has changed. */
export function createCodeBlock(
  label: string,
  code: { text: string } | { html: string },
  onEdit: (position: number) => void,
): HTMLPreElement {
  const block = el('pre', {
    class: 'code editable',
    tabindex: '0',
    role: 'textbox',
    'aria-multiline': 'true',
    'aria-label': label,
  });
  if ('html' in code) {
    block.innerHTML = code.html;
  } else {
    const lines = code.text.split('\n').map((line) => el('span', { class: 'line' }, line));
    block.append(...lines.flatMap((line, i) => (i ? ['\n', line] : [line])));
  }
  let position = 0;
  block.addEventListener('pointerdown', (event) => {
    position = offsetAt(block, event);
  });
  block.addEventListener('pointerup', () => onEdit(position));
  block.addEventListener('focus', () => {
    if (block.matches(':focus-visible')) onEdit(0);
  });
  return block;
}

/** Offset into the block's text of the character under the pointer. */
function offsetAt(block: HTMLElement, { clientX, clientY }: PointerEvent): number {
  const position = document.caretPositionFromPoint?.(clientX, clientY);
  if (!position || !block.contains(position.offsetNode)) return 0;
  const range = document.createRange();
  range.setStart(block, 0);
  range.setEnd(position.offsetNode, position.offset);
  return range.toString().length;
}
