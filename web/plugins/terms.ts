import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

const require = createRequire(import.meta.url);

/** Puts the project's terms, and those of the fonts, beside the page, which links to them: as .txt any host shows them. */
export const licences = (project: string): Plugin => ({
  name: 'terms',
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
