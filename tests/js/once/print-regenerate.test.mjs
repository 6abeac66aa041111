// The expectations that PyTorch wrote are those it would write now. Only where Debian's PyTorch 1.13 is installed.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3';
const python = (...args) => spawnSync(PYTHON, args, { encoding: 'utf8' });

const found = python('-c', 'import numpy, torch; print(torch.__version__)');
const version = found.status === 0 ? found.stdout.trim() : undefined;

if (version?.startsWith('1.13.')) {
  for (const name of ['printing', 'chapter']) {
    const path = (file) =>
      fileURLToPath(new URL(`../../fixtures/${name}/${file}`, import.meta.url));
    test(`tests/fixtures/${name}/torch-1.13.json is what generate.py writes`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'corr2d-'));
      try {
        const output = join(folder, 'torch-1.13.json');
        const run = python(path('generate.py'), output);
        assert.equal(run.status, 0, run.stderr);
        assert.ok(
          readFileSync(output, 'utf8') === readFileSync(path('torch-1.13.json'), 'utf8'),
          `run ${PYTHON} ${path('generate.py')} and look at git diff`,
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
} else {
  const what = version ? `PyTorch ${version}` : 'no PyTorch';
  console.log(
    `${PYTHON} has ${what}, not 1.13: the printing fixtures are not regenerated (python3-torch of Debian 12)`,
  );
}
