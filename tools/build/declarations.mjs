// @ts-check
// Emits the TypeScript declarations of the package.
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT } from '../lib/root.mjs';
import { capture } from '../lib/run.mjs';
import { VARIANTS } from '../lib/variants.mjs';
import { listFiles } from './stamp.mjs';

/** Writes the declarations of bindings/src into `root`/dist. @param {string} root */
export async function emitDeclarations(root) {
  const dist = join(root, 'dist');
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  await capture(process.execPath, [tsc, '-p', join(root, 'bindings'), '--outDir', dist], {
    cwd: ROOT,
  });
  await removeInternalDeclarations(dist);
}

/**
 * Removes the declarations that no entry reaches. They cannot be imported, and reading them would
 * need TypeScript's WebAssembly types.
 * @param {string} dist
 */
async function removeInternalDeclarations(dist) {
  const entries = ['index', 'worker', 'tfjs', ...VARIANTS, 'thread-worker', 'binary'];
  const reached = new Set(entries.map((entry) => join(dist, 'entries', `${entry}.d.ts`)));
  // A for-of loop over a Set also visits the values that are added during the loop.
  for (const file of reached) {
    const text = await readFile(file, 'utf8');
    for (const [, module] of text.matchAll(/(?:from |import\()'(\.[\w./-]+)\.js'/g)) {
      reached.add(join(dirname(file), `${module}.d.ts`));
    }
  }
  for (const file of await listFiles(dist)) {
    if (file.endsWith('.d.ts') && !reached.has(file)) await rm(file);
  }
}
