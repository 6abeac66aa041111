import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';

/** Folder of the API reference in the built page. */
const FOLDER = 'api';

/**
 * Copies the API reference, which contains the documents, from `source` into the built page, and links to it:
 * `docs:` in a link is its start, `docs:guide` a document. Without a `source` such links become plain text,
 * and everything between `<!-- docs -->` and `<!-- /docs -->` is left out.
 */
export function apiDocs(source: string | undefined): Plugin {
  let config: ResolvedConfig;
  const urlOf = (document: string) => {
    const path = document ? `documents/${document}.html` : 'index.html';
    if (!source || !existsSync(join(source, path)))
      throw new Error(`docs:${document}: the API reference has no ${path}`);
    return `./${FOLDER}/${path}`;
  };
  return {
    name: 'api-docs',
    configResolved(resolved) {
      config = resolved;
    },
    transformIndexHtml: {
      order: 'pre',
      handler: (html) =>
        source
          ? html
              .replace(/<!-- \/?docs -->/g, '')
              .replace(
                /href="docs:([\w-]*)"/g,
                (_, document: string) => `href="${urlOf(document)}"`,
              )
          : html
              .replace(/<!-- docs -->.*?<!-- \/docs -->/gs, '')
              .replace(/<a href="docs:[\w-]*">(.*?)<\/a>/gs, '$1'),
    },
    // After the plugin `offline` has listed the files to cache: the reference is not one of them.
    closeBundle() {
      if (!source || config.command !== 'build') return;
      cpSync(source, join(config.build.outDir, FOLDER), { recursive: true });
    },
  };
}
