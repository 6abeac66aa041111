// Checks the package with publint and Are the Types Wrong, and its types with those of TensorFlow.js.
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';
import { install, pack, root } from './helpers.mjs';

const folder = join(root, 'tests', 'package');
let archive;
before(async () => {
  await ensureNodePackages({ root: folder });
  archive = pack();
});
after(() => rmSync(archive.folder, { recursive: true }));

/** Runs a tool of tests/package/package.json. The error of a failure contains its output. */
function run(name, args, cwd = root) {
  try {
    execFileSync(join(folder, 'node_modules', '.bin', name), args, { cwd, encoding: 'utf8' });
  } catch (error) {
    throw new Error(`${name}: ${error.stdout}${error.stderr}`, { cause: error });
  }
}

test('publint reports nothing', () => {
  run('publint', ['run', archive.tarball, '--strict']);
});

test('Are the Types Wrong reports nothing', () => {
  // The package has only ES modules. CommonJS loads them with import() or
  // (since Node 20.19) with require().
  const rules = ['--ignore-rules', 'cjs-resolves-to-esm'];
  run('attw', [archive.tarball, ...rules, '--no-color', '--no-emoji']);
});

test('corr2d/tfjs accepts the types of TensorFlow.js', () => {
  const user = install(archive.tarball);
  try {
    const packages = join(user, 'node_modules');
    symlinkSync(join(folder, 'node_modules/@tensorflow'), join(packages, '@tensorflow'));
    writeFileSync(
      join(user, 'program.ts'),
      `
      import * as tf from '@tensorflow/tfjs-core';
      import { load } from 'corr2d';
      import { type Registration, register } from 'corr2d/tfjs';
      const registration: Registration = register(tf, await load());
      registration.unregister();
      export const bytes: number = registration.weightBytes;
      // @ts-expect-error: an empty object is not TensorFlow.js
      register({}, await load());
      `,
    );
    const options = ['--strict', '--noEmit', '--skipLibCheck', '--target', 'es2022'];
    const resolution = ['--module', 'esnext', '--moduleResolution', 'bundler'];
    run('tsc', [...options, ...resolution, 'program.ts'], user);
  } finally {
    rmSync(user, { recursive: true });
  }
});
