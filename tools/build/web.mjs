// @ts-check
// Builds the demo page with Vite.
import { join } from 'node:path';
import { step } from '../lib/log.mjs';
import { ROOT } from '../lib/root.mjs';
import { capture } from '../lib/run.mjs';
import { runIfChanged } from './stamp.mjs';

/** Builds the demo page into build/web. */
export async function buildWeb() {
  // The page shows the licences, the benchmark's shapes and the tile sizes of the kernels.
  const inputs = [
    ...['web', 'dist', 'package-lock.json', 'LICENSE', 'THIRD_PARTY_NOTICES.md'],
    ...['bench/shapes', 'bench/shapes.mjs', 'cpp/kernels/list.cpp'],
  ];
  const options = {
    stampFile: join(ROOT, 'build', 'web.stamp'),
    inputs: inputs.map((name) => join(ROOT, name)),
    output: join(ROOT, 'build', 'web'),
  };
  await runIfChanged(options, () => step('Building the page', () => vite()));
}

/**
 * Runs `vite build` for the page.
 * @param {Record<string, string>} [env] Settings of web/vite.config.ts.
 */
export async function vite(env = {}) {
  const program = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  await capture(process.execPath, [program, 'build', 'web'], { cwd: ROOT, env });
}
