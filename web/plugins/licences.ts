import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

const require = createRequire(import.meta.url);

/**
 * Publishes the licences of the project and its fonts with the page, which links to them. They are .txt
 * files, because every host serves those as plain text.
 */
export const licences = (project: string): Plugin => ({
  name: 'licences',
  generateBundle() {
    for (const [from, fileName] of [
      ['LICENSE', 'LICENSE.txt'],
      ['THIRD_PARTY_NOTICES.md', 'THIRD_PARTY_NOTICES.txt'],
      [require.resolve('@fontsource/ibm-plex-mono/LICENSE'), 'OFL.txt'],
    ] as const) {
      this.emitFile({ type: 'asset', fileName, source: readFileSync(resolve(project, from)) });
    }
  },
});
