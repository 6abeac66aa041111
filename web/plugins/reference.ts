import type { Plugin } from 'vite';

/** Where the footer tells of the API reference, which `npm run docs` puts beside the page. */
const place = '<!-- api-reference -->';

/** Links the API reference at `url`; a page without one says nothing of it. */
export function reference(url: string | undefined): Plugin {
  const link = url ? `<p><a href="${url}">The API reference</a> has every function.</p>` : '';
  return {
    name: 'reference',
    transformIndexHtml: {
      order: 'pre',
      handler(html) {
        if (!html.includes(place)) throw new Error(`index.html has lost its ${place}`);
        return html.replace(place, link);
      },
    },
  };
}
