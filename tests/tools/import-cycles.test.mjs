// Tests that the project's Biome configuration rejects import cycles, with files in a temporary folder.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../tools/lib/root.mjs';

/** Lints two files with the project's rules. @param {string} a @param {string} b */
function lint(a, b) {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-cycles-'));
  try {
    writeFileSync(join(folder, 'a.ts'), `${a}\n`);
    writeFileSync(join(folder, 'b.ts'), `${b}\n`);
    const extending = { extends: [join(ROOT, 'biome.json')], vcs: { enabled: false } };
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(extending));
    const biome = join(ROOT, 'node_modules/.bin/biome');
    const args = ['lint', '--colors=off', '--only=suspicious/noImportCycles', '.'];
    const { status, stderr, stdout } = spawnSync(biome, args, { cwd: folder, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const BACK = "import type { A } from './a.js';\nexport type B = A;\nexport const b = 1;";

for (const [kind, code] of Object.entries({
  'a value': "import { b } from './b.js';\nexport type A = number;\nexport const a = b;",
  'a type': "import type { B } from './b.js';\nexport type A = B;",
  'a re-export': "export { b } from './b.js';\nexport type A = number;",
  'a dynamic import': "export type A = number;\nexport const a = () => import('./b.js');",
})) {
  test(`biome.json makes a cycle through ${kind} an error`, () => {
    const { status, output } = lint(code, BACK);
    assert.equal(status, 1, output);
    assert.match(output, /noImportCycles/);
  });
}

test('biome.json accepts imports without a cycle', () => {
  const { status, output } = lint('export type A = number;', BACK);
  assert.equal(status, 0, output);
});
