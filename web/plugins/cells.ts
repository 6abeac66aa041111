import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { type ChapterCell, chapter, describeExpected } from '../src/cells/chapter.ts';
import { escapeHtml, highlight } from './highlight.ts';

const CODE = 'src/cells/chapter';

/**
 * Writes the code of the chapter's cells into the elements with data-cell, so that it can be read without
 * scripts and on paper. web/src/cells/cell.ts makes them interactive.
 */
export function cells(root: string): Plugin {
  const folder = resolve(root, CODE);
  return {
    name: 'cells',
    transformIndexHtml: {
      order: 'pre',
      handler(html) {
        let filled = html;
        for (const cell of chapter) {
          const empty = `data-cell="${cell.id}">`;
          const [before, after, ...more] = filled.split(`${empty}</`);
          if (before === undefined || after === undefined || more.length > 0)
            throw new Error(`index.html: expected one empty element with data-cell="${cell.id}"`);
          filled = `${before}${empty}${render(cell, folder)}</${after}`;
        }
        return filled;
      },
    },
    handleHotUpdate({ file, server }) {
      if (file.startsWith(folder)) server.ws.send({ type: 'full-reload' });
    },
  };
}

function render({ id, title, hasPython, expected }: ChapterCell, folder: string): string {
  const code = (language: 'js' | 'py') =>
    highlight(readFileSync(resolve(folder, `${id}.${language}`), 'utf8').trimEnd(), language);
  const label = escapeHtml(title);
  const [toggle, python] = hasPython ? renderPython(id, label, code('py')) : ['', ''];
  return `
    <header class="cell-head"><h3>${label}</h3></header>
    <div class="cell-code"><pre class="code editable">${code('js')}</pre></div>
    <div class="cell-tools"><button type="button" class="run" disabled>Run</button>${toggle}</div>
    ${python}
    <div class="cell-output">
      <p class="label">The chapter’s value</p>
      <pre>${escapeHtml(describeExpected(expected))}</pre>
    </div>
  `;
}

/** The chapter's code in Python, and the button that shows it. */
function renderPython(id: string, label: string, code: string): [toggle: string, python: string] {
  return [
    `<button type="button" class="ghost" aria-expanded="false" aria-controls="python-${id}" disabled>
      Show the chapter’s Python
    </button>`,
    `<div class="cell-python" id="python-${id}">
      <p class="label">Python, from the chapter</p>
      <pre class="code python" tabindex="0" role="group" aria-label="The chapter’s Python: ${label}">${code}</pre>
    </div>`,
  ];
}
