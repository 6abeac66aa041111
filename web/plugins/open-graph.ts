import type { Plugin } from 'vite';

/** The picture in web/public, which web/tools/pictures.mjs takes. The page itself does not use it. */
export const PREVIEW = 'preview.jpg';
const IMAGE_SIZE = { width: 1200, height: 630 };
const IMAGE_ALT =
  'The page: a photograph of a dandelion is split into red, green and blue, and a convolution adds up a partial result of each';

/**
 * Adds the tags from which other sites and messengers make a preview of a link, with the page's own title and
 * description. Most of them need absolute URLs, so `site` is the URL of the page; without it they are relative.
 */
export function openGraph(site: string | undefined): Plugin {
  const base = site?.replace(/\/*$/, '/');
  return {
    name: 'open-graph',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const properties = {
          'og:type': 'website',
          'og:title': textOf(html, /<title>([^<]+)</),
          'og:description': textOf(html, /name="description"\s+content="([^"]+)"/),
          ...(base && { 'og:url': base }),
          'og:image': `${base ?? './'}${PREVIEW}`,
          'og:image:width': `${IMAGE_SIZE.width}`,
          'og:image:height': `${IMAGE_SIZE.height}`,
          'og:image:alt': IMAGE_ALT,
        };
        return [
          ...Object.entries(properties).map(([property, content]) => ({ property, content })),
          { name: 'twitter:card', content: 'summary_large_image' },
        ].map((attrs) => ({ tag: 'meta', attrs, injectTo: 'head' as const }));
      },
    },
  };
}

function textOf(html: string, pattern: RegExp): string {
  const [, text] = pattern.exec(html) ?? [];
  if (!text) throw new Error(`index.html: found nothing that matches ${pattern}`);
  return text;
}
