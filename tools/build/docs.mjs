// @ts-check
// Builds the API reference from the doc comments and the documents in docs/.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { step } from '../lib/log.mjs';
import { ROOT } from '../lib/root.mjs';
import { capture } from '../lib/run.mjs';
import { ensureNodePackages } from '../setup/node-packages.mjs';
import { runIfChanged } from './stamp.mjs';

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

/**
 * Builds the API reference into build/api if its sources have changed. The package must be built, because
 * some sources are generated. Returns the folder.
 */
export async function buildApiReference() {
  const output = join(ROOT, 'build', 'api');
  const files = readdirSync(DOCS, { withFileTypes: true }).filter((entry) => entry.isFile());
  const inputs = [
    ...files.map(({ name }) => join(DOCS, name)),
    // The documents link to these files, which TypeDoc copies.
    ...['bindings/src', 'bindings/tsconfig.json', 'bench/README.md', 'bench/performance.svg'].map(
      (name) => join(ROOT, name),
    ),
  ];
  const stampFile = join(ROOT, 'build', 'api.stamp');
  await runIfChanged({ stampFile, inputs, output }, () => buildDocs(output));
  return output;
}
