// The package's type declarations, used by the strict TypeScript programs of tests/fixtures/types.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { STRICT_OPTIONS } from '../../fixtures/types/strict-options.mjs';
import { root } from '../helpers.mjs';

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const folder = 'tests/fixtures/types';

function compile(files, options) {
  const given = Object.entries({
    ...STRICT_OPTIONS,
    noImplicitReturns: true,
    target: 'ES2020',
    module: 'ESNext',
    moduleResolution: 'Bundler',
    lib: 'ES2020,DOM',
    types: '',
    ...options,
  }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, ...given, ...files], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

const accepted = { status: 0, output: '' };
const settings = {
  'ES2020 and DOM, without Symbol.dispose': {},
  'ESNext and DOM, with Symbol.dispose': { target: 'ESNext', lib: 'ESNext,DOM' },
  'NodeNext resolution': { module: 'NodeNext', moduleResolution: 'NodeNext', lib: 'ES2022,DOM' },
};

for (const [name, options] of Object.entries(settings)) {
  test(`a program that uses every declaration compiles: ${name}`, () => {
    assert.deepEqual(compile([`${folder}/consumer.ts`], options), accepted);
  });
}

test('a program without the types of browsers and Node compiles', () => {
  for (const lib of ['ES2022', 'ES2020', 'ESNext']) {
    assert.deepEqual(compile([`${folder}/plain.ts`], { target: lib, lib }), accepted, lib);
  }
});

test('wrong uses are rejected', () => {
  assert.deepEqual(compile([`${folder}/wrong.ts`]), accepted);
  assert.deepEqual(
    compile([`${folder}/wrong.ts`], { target: 'ESNext', lib: 'ESNext,DOM' }),
    accepted,
  );
});

test('a tensor can be declared with `using`, in a page and in a worker', () => {
  for (const lib of ['ESNext,DOM', 'ES2022,ESNext.Disposable,WebWorker']) {
    const options = { target: 'ES2022', lib };
    assert.deepEqual(compile([`${folder}/using.ts`], options), accepted);
  }
});

test('a type error is reported', () => {
  const scratch = mkdtempSync(join(root, 'build', 'types-'));
  try {
    const file = join(scratch, 'bad.ts');
    writeFileSync(file, "import { load } from 'corr2d';\nexport const c: number = await load();\n");
    const { status, output } = compile([file], { target: 'ESNext', lib: 'ESNext,DOM' });
    assert.notEqual(status, 0);
    assert.match(output, /bad\.ts.*TS2322.*Corr2d.*number/);
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
