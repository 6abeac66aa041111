import katex from 'katex';

/* Typesets formulas at build time: $…$ is inline, $$…$$ is displayed. */

function renderFormula(source: string, displayMode: boolean): string {
  const tex = source.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  return katex.renderToString(tex.trim(), { displayMode, strict: 'error', throwOnError: true });
}

/** Typesets the formulas in `html`; throws if a `$` has no partner. */
export function typeset(html: string): string {
  const typeset = html
    .replace(/\$\$([^$]+)\$\$/g, (_, tex: string) => renderFormula(tex, true))
    .replace(/\$([^$]+)\$/g, (_, tex: string) => renderFormula(tex, false));
  const [, rest] = typeset.split('$');
  if (rest !== undefined) throw new Error(`unmatched $ before “${rest.trim().slice(0, 40)}”`);
  return typeset;
}

/** The KaTeX fonts that the page's formulas use. */
const FACES = ['Main-Regular', 'Math-Italic', 'Size1-Regular', 'Size2-Regular'];

/** KaTeX's stylesheet, reduced to these fonts in WOFF2 format. */
export function katexStylesheet(css: string): string {
  return css.replace(/@font-face\s*\{[^}]*\}/g, (face) => {
    const file = /KaTeX_([\w-]+)\.woff2/.exec(face)?.[1] ?? '';
    if (!FACES.includes(file)) return '';
    return face.replace(
      /src:[^;}]*/,
      `src:url(katex/dist/fonts/KaTeX_${file}.woff2) format("woff2")`,
    );
  });
}
