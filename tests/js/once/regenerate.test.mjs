// Regenerates the fixtures of PyTorch, SciPy, OpenCV, scikit-image and ONNX and compares. Runs only with the versions of Debian 12.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3';
const python = (...args) => spawnSync(PYTHON, args, { encoding: 'utf8' });

/** For each folder of tests/fixtures, the files that its generate.py writes. */
const fixtures = {
  printing: ['torch-1.13.json'],
  chapter: ['torch-1.13.json'],
  operators: ['torch-1.13.json', 'scipy-1.10.json'],
  images: ['cv2-4.6.json', 'scipy-1.10.json'],
  matching: ['cv2-4.6.json', 'skimage-0.19.json'],
  registration: ['skimage-0.19.json'],
  kernels: ['cv2-4.6.json', 'scipy-1.10.json'],
  migration: ['scipy-1.10.json'],
  onnx: ['onnx-1.12.json', 'onnx-1.12-arrays.json'],
  arrays: ['torch-1.13.json'],
};

const wanted = ['torch 1.13', 'scipy 1.10', 'onnx 1.12', 'cv2 4.6', 'skimage 0.19'];
const found = wanted.map((one) => {
  const [name] = one.split(' ');
  const { status, stdout } = python('-c', `import numpy, ${name}; print(${name}.__version__)`);
  return `${name} ${status === 0 ? stdout.trim() : 'is missing'}`;
});

for (const [folder, files] of Object.entries(fixtures)) {
  const path = (file) =>
    fileURLToPath(new URL(`../../fixtures/${folder}/${file}`, import.meta.url));
  const needed = wanted.filter((one) => files.some((file) => file.startsWith(one.split(' ')[0])));
  if (!needed.every((one) => found.some((version) => version.startsWith(`${one}.`)))) {
    console.log(
      `tests/fixtures/${folder} is not regenerated: it needs ${needed.join(' and ')} ` +
        `(python3-torch, -scipy, -onnx, -opencv and -skimage of Debian 12), ${PYTHON} has ${found.join(', ')}`,
    );
    continue;
  }
  test(`generate.py reproduces tests/fixtures/${folder}`, () => {
    const output = mkdtempSync(join(tmpdir(), 'corr2d-'));
    try {
      // A generator of a single file takes the file's name, others take a folder.
      const target = files.length === 1 ? join(output, files[0]) : output;
      const run = python(path('generate.py'), target);
      assert.equal(run.status, 0, run.stderr);
      for (const file of files) {
        assert.ok(
          readFileSync(join(output, file), 'utf8') === readFileSync(path(file), 'utf8'),
          `run ${PYTHON} ${path('generate.py')} and look at git diff`,
        );
      }
    } finally {
      rmSync(output, { recursive: true });
    }
  });
}
