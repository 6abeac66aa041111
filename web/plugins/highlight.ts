import { classHighlighter, highlightCode } from '@lezer/highlight';
import { parser as javascript } from '@lezer/javascript';
import { parser as python } from '@lezer/python';

const PARSERS = { js: javascript, py: python };

/** Escapes text for HTML and for attributes in double quotes. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** Highlights code as HTML with CodeMirror's class names, so that it looks as in the editor. */
export function highlight(text: string, language: keyof typeof PARSERS): string {
  let html = '';
  const lines: string[] = [];
  highlightCode(
    text,
    PARSERS[language].parse(text),
    classHighlighter,
    (code, classes) => {
      html += classes ? `<span class="${classes}">${escapeHtml(code)}</span>` : escapeHtml(code);
    },
    () => {
      lines.push(html);
      html = '';
    },
  );
  return [...lines, html].map((line) => `<span class="line">${line}</span>`).join('\n');
}
