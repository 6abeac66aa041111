import type { Plugin } from 'vite';

/** Where the footer tells of the API reference, which `npm run docs` puts beside the page. */
const PLACEHOLDER = '<!-- api-reference -->';

/** Links the API reference at `url`; a page without one says nothing of it. */
export function apiDocs(url: string | undefined): Plugin {
  const link = url ? `<p><a href="${url}">The API reference</a> has every function.</p>` : '';
  return {
    name: 'reference',
    transformIndexHtml: {
      order: 'pre',
      handler(html) {
        if (!html.includes(PLACEHOLDER)) throw new Error(`index.html has lost its ${PLACEHOLDER}`);
        return html.replace(PLACEHOLDER, link);
      },
    },
  };
}
