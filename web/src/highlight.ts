import { el } from './dom';

const TOKEN =
  /(?<comment>\/\/[^\n]*)|(?<string>'(?:[^'\\\n]|\\.)*')|(?<keyword>\b(?:import|from|export|default|const|return|await)\b|=>)|(?<number>\b\d[\d.]*\b)|(?<call>\b[A-Za-z_$][\w$]*(?=\())/g;

/** The source as text nodes and spans, coloured for reading; the text is unchanged. */
export function highlight(source: string): Node[] {
  const nodes: Node[] = [];
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0];
    nodes.push(document.createTextNode(source.slice(end, match.index)));
    nodes.push(el('span', { class: `tok-${kind}` }, match[0]));
    end = match.index + match[0].length;
  }
  nodes.push(document.createTextNode(source.slice(end)));
  return nodes;
}

const FORMATTER_DIRECTIVE = /^ *\/\/ biome-ignore .*\n/gm;

/** A module's source as a block of code: all of it, but for notes to the formatter. */
export const codeBlock = (source: string): HTMLElement =>
  el(
    'pre',
    { class: 'code' },
    el('code', {}, ...highlight(source.replace(FORMATTER_DIRECTIVE, '').trimEnd())),
  );
