import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { katexStylesheet, typeset } from './math.ts';

const require = createRequire(import.meta.url);
const FORMULAS_MODULE = 'virtual:formulas.css';

/** Fonts that the page preloads, without waiting for the stylesheet. */
const PRELOADED_FONTS = /ibm-plex-(sans|mono)/;

/**
 * Inserts the sections of web/content into index.html at <!-- content/name.html --> and typesets their
 * formulas. `virtual:formulas.css` is the formulas' stylesheet.
 */
export function content(root: string): Plugin {
  const read = (name: string) => readFileSync(resolve(root, name), 'utf8');
  const stylesheet = resolve(root, 'formulas.css'); // no such file; its path resolves the font URLs
  return {
    name: 'content',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) =>
        html.replace(/<!-- (content\/[\w-]+\.html) -->/g, (_, name: string) => typeset(read(name))),
    },
    resolveId: (id) => (id === FORMULAS_MODULE ? stylesheet : null),
    load: (id) =>
      id === stylesheet
        ? katexStylesheet(readFileSync(require.resolve('katex/dist/katex.min.css'), 'utf8'))
        : null,
    handleHotUpdate({ file, server }) {
      if (file.startsWith(resolve(root, 'content'))) server.ws.send({ type: 'full-reload' });
    },
  };
}

/** Preloads the text fonts. */
export const preloadFonts: Plugin = {
  name: 'preload-fonts',
  transformIndexHtml: {
    order: 'post',
    handler: (_, { bundle = {} }) =>
      Object.keys(bundle)
        .filter((name) => PRELOADED_FONTS.test(name))
        .map((name) => ({
          tag: 'link',
          attrs: {
            rel: 'preload',
            href: `./${name}`,
            as: 'font',
            type: 'font/woff2',
            crossorigin: '',
          },
          injectTo: 'head-prepend',
        })),
  },
};
