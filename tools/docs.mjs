// @ts-check
// npm run docs: builds the demo page, and the API reference from the doc comments into its folder api/.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildPackage, vite } from './build.mjs';
import { info, step } from './lib/log.mjs';
import { ROOT } from './lib/root.mjs';
import { capture, reportFailure } from './lib/run.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

const DOCS = join(ROOT, 'docs');

/**
 * Builds the API reference. Undocumented exports and broken links are errors.
 * @param {string} out The folder to write to.
 */
export async function buildDocs(out) {
  // docs/ is a separate package because TypeDoc needs another version of TypeScript.
  await ensureNodePackages({ root: DOCS });
  const typedoc = join(DOCS, 'node_modules', 'typedoc', 'bin', 'typedoc');
  await step('Writing the API reference', () =>
    capture(process.execPath, [typedoc, '--out', out], { cwd: DOCS }),
  );
}

async function main() {
  info('Setting up');
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  const emscripten = await ensureEmscripten();

  info('Building');
  await buildPackage({ emscripten });
  await step('Building the page', () => vite({ CORR2D_API: './api/index.html' }));
  const out = join(ROOT, 'build', 'web', 'api');
  await buildDocs(out);
  info(`\nThe API reference is in ${out}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
