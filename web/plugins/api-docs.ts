import type { Plugin } from 'vite';

/** Placeholder in the footer for the link to the API documentation, which `npm run docs` generates. */
const PLACEHOLDER = '<!-- api-reference -->';

/** Adds a link to the API documentation at `url` to the footer; without a `url` there is no link. */
export function apiDocs(url: string | undefined): Plugin {
  const link = url ? `<p>The <a href="${url}">API reference</a> documents every function.</p>` : '';
  return {
    name: 'api-docs',
    transformIndexHtml: {
      order: 'pre',
      handler(html) {
        if (!html.includes(PLACEHOLDER))
          throw new Error(`index.html: missing the placeholder ${PLACEHOLDER}`);
        return html.replace(PLACEHOLDER, link);
      },
    },
  };
}
