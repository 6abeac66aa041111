// Compiles the strict programs of tests/fixtures/types against the installed package, with the versions of
// TypeScript, module resolutions and libraries that users have.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';
import { STRICT_OPTIONS } from '../fixtures/types/strict-options.mjs';
import { install, pack, root } from './helpers.mjs';

const folder = join(root, 'tests', 'package');
/** The oldest version that is supported, the last in which Float32Array is not generic, and later ones. */
const versions = {
  '5.0': join(folder, 'node_modules/typescript'),
  5.6: join(folder, 'node_modules/typescript-5.6'),
  5.9: join(folder, 'node_modules/typescript-5.9'),
  '6.0': join(folder, 'node_modules/typescript-6.0'),
  '7.0': join(root, 'node_modules/typescript'),
};
const bundler = { module: 'esnext', moduleResolution: 'bundler' };
const node16 = { module: 'node16', moduleResolution: 'node16' };
const nodeNext = { module: 'nodenext', moduleResolution: 'nodenext' };
/** TypeScript 6.0 deprecates this resolution, and 7.0 does not have it. */
const node10 = { module: 'esnext', moduleResolution: 'node' };

let user;
before(async () => {
  await ensureNodePackages({ root: folder });
  const { folder: packed, tarball } = pack();
  user = install(tarball);
  rmSync(packed, { recursive: true });
  cpSync(join(root, 'tests/fixtures/types'), user, { recursive: true });
  // The programs do not depend on the format of the modules that import them.
  writeFileSync(join(user, 'package.json'), '{ "private": true, "type": "module" }\n');
});
after(() => rmSync(user, { recursive: true }));

/** Compiles programs with every option that makes TypeScript stricter. Returns what it reports. */
async function compile(version, files, options) {
  const all = {
    ...STRICT_OPTIONS,
    isolatedModules: true,
    verbatimModuleSyntax: true,
    target: 'es2022',
    ...options,
  };
  const given = Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const tsc = join(versions[version], 'bin/tsc');
  const args = [tsc, ...given, ...files];
  return promisify(execFile)(process.execPath, args, { cwd: user }).then(
    () => '',
    ({ stdout, stderr }) => stdout + stderr,
  );
}

for (const version of Object.keys(versions)) {
  test(`strict programs compile with TypeScript ${version}, with and without the types of browsers`, async () => {
    // TypeScript 5.2 introduced `using`.
    const withUsing = version === '5.0' ? [] : ['using.ts'];
    const lib = version === '5.0' ? 'es2022,dom' : 'es2022,dom,esnext.disposable';
    const programs = ['entries.ts', 'client.ts', 'browser.ts', ...withUsing];
    const settings = {
      'bundler without dom': [['entries.ts', 'client.ts'], { ...bundler, lib: 'es2020' }],
      bundler: [programs, { ...bundler, lib }],
      nodenext: [programs, { ...nodeNext, lib }],
      ...(version === '5.9' && { node10: [programs, { ...node10, lib }] }),
      ...(version >= '7' && {
        'nodenext without dom': [['entries.ts', 'client.ts'], { ...nodeNext, lib: 'es2022' }],
        'webworker, without Symbol.dispose': [
          ['entries.ts', 'client.ts'],
          { ...bundler, lib: 'es2022,webworker' },
        ],
        node16: [programs, { ...node16, lib }],
      }),
    };
    const reports = await Promise.all(
      Object.entries(settings).map(async ([name, [files, options]]) => [
        name,
        await compile(version, files, options),
      ]),
    );
    const silent = reports.map(([name]) => [name, '']);
    assert.deepEqual(Object.fromEntries(reports), Object.fromEntries(silent));
  });
}

test('the recipe of docs/troubleshooting.md for CommonJS modules in TypeScript compiles', async () => {
  const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');
  const [, recipe] = /```ts\n([\s\S]*?)```/.exec(page);
  writeFileSync(join(user, 'recipe.cts'), recipe);
  const options = { ...node16, lib: 'es2022', verbatimModuleSyntax: false };
  for (const version of ['5.6', '7.0']) {
    assert.equal(await compile(version, ['recipe.cts'], options), '', version);
  }
  // The recipe avoids the error of a plain import.
  writeFileSync(
    join(user, 'plain.cts'),
    "import { load } from 'corr2d';\nexport const c = load();\n",
  );
  assert.match(await compile('7.0', ['plain.cts'], options), /TS1479/);
});

test('the declarations compile by themselves, also without the types of browsers', async () => {
  const dist = join(user, 'node_modules/corr2d/dist');
  const names = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.d.ts'));
  assert.ok(names.length > 20);
  const files = names.map((name) => join(dist, name));
  for (const version of ['5.0', '7.0']) {
    for (const lib of ['es2020', 'es2022,dom']) {
      assert.equal(await compile(version, files, { ...bundler, lib }), '', `${version} ${lib}`);
    }
  }
});
