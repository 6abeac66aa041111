import { readFileSync } from 'node:fs';
import { classHighlighter, highlightCode } from '@lezer/highlight';
import { parser as javascript } from '@lezer/javascript';
import { parser as python } from '@lezer/python';
import type { Plugin } from 'vite';

const SUFFIX = '?code';

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Highlights JavaScript or Python as HTML with CodeMirror's class names, so it looks as in the editor. */
function highlight(text: string, file: string): string {
  const tree = (file.endsWith('.py') ? python : javascript).parse(text);
  let html = '';
  const lines: string[] = [];
  highlightCode(
    text,
    tree,
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

/** Adds `import { text, html } from './x.js?code'`: a file's source as text and as highlighted HTML. */
export const code: Plugin = {
  name: 'code',
  enforce: 'pre',
  load(id) {
    if (!id.endsWith(SUFFIX)) return null;
    const file = id.slice(0, -SUFFIX.length);
    this.addWatchFile(file);
    const text = readFileSync(file, 'utf8').trimEnd();
    const html = highlight(text, file);
    return {
      code: `export const text = ${JSON.stringify(text)};\nexport const html = ${JSON.stringify(html)};`,
      moduleType: 'js',
    };
  },
};
