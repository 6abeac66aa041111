// @ts-check
// npm run docs: the API reference, from the doc comments, into api/ beside the demo page.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { info, step } from './lib/log.mjs';
import { capture, reportFailure } from './lib/run.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCS = join(ROOT, 'docs');

/**
 * Whatever is exported and not documented, and every link that leads nowhere, makes it fail.
 * @param {string} out The folder it is written to
 */
export async function buildDocs(out) {
  // A package of its own: TypeDoc wants another TypeScript than the one that builds.
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
  // Only now: what it imports may come from node_modules.
  const { buildPackage, vite } = await import('./build.mjs');
  await buildPackage({ emscripten });
  await step('Building the page', () => vite({ CORR2D_API: './api/index.html' }));
  const out = join(ROOT, 'build', 'web', 'api');
  await buildDocs(out);
  info(`\nThe reference is in ${out}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
