// @ts-check
// Builds the demo page with Vite.
import { join } from 'node:path';
import { step, warn } from '../lib/log.mjs';
import { ROOT } from '../lib/root.mjs';
import { CommandError, capture } from '../lib/run.mjs';
import { buildApiReference } from './docs.mjs';
import { runIfChanged } from './stamp.mjs';

/** Builds the demo page into build/web, with the API reference in its folder api/. */
export async function buildWeb() {
  const api = await tryToBuildApiReference();
  // The page shows recipes, licences, the benchmark's shapes and the tile sizes of the kernels.
  const inputs = [
    ...['web', 'dist', 'package-lock.json', 'LICENSE', 'THIRD_PARTY_NOTICES.md', 'README.md'],
    ...['bench/shapes', 'bench/shapes.mjs', 'bench/operator-shapes.mjs', 'cpp/kernels/list.cpp'],
    ...(api ? ['build/api'] : []),
  ];
  const page = join(ROOT, 'build', 'web');
  const settings = { CORR2D_API: api ?? '', CORR2D_SITE: process.env.CORR2D_SITE ?? '' };
  const options = {
    stampFile: join(ROOT, 'build', 'web.stamp'),
    inputs: inputs.map((name) => join(ROOT, name)),
    output: api ? join(page, 'api') : page,
    settings,
  };
  await runIfChanged(options, () => step('Building the page', () => vite(settings)));
}

/** Returns null if TypeDoc finds an error, such as a missing comment, so that the page can be built. */
async function tryToBuildApiReference() {
  try {
    return await buildApiReference();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    warn(`The page is built without the API reference.\n${error.message}`);
    return null;
  }
}

/**
 * Runs `vite build` for the page.
 * @param {Record<string, string>} [env] Settings of web/vite.config.ts.
 */
export async function vite(env = {}) {
  const program = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  await capture(process.execPath, [program, 'build', 'web'], { cwd: ROOT, env });
}
