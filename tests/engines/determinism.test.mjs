// `deterministic: true` gives the recorded bits in every engine and runtime, in all variants that it
// supports, with 1 to 8 threads.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { which } from '../../tools/lib/run.mjs';
import { startServer } from '../../tools/serve.mjs';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';
import { findFirefox } from '../../tools/setup/system-tools.mjs';
import { runIn } from '../examples/helpers.mjs';
import { installRuntimes } from '../examples/runtimes.mjs';
import { readProblems } from '../js/determinism-runner.mjs';
import { install, pack, root } from '../package/helpers.mjs';
import { inChromium, inFirefox, inWebkit } from './drivers.mjs';

let folder;
let server;
let programs;
before(async () => {
  await ensureNodePackages({ root: join(root, 'tests/engines') });
  programs = await installRuntimes();
  const archive = pack();
  folder = install(archive.tarball);
  rmSync(archive.folder, { recursive: true });
  cpSync(join(root, 'tests/engines/page'), folder, { recursive: true });
  cpSync(join(root, 'tests/js/determinism-runner.mjs'), join(folder, 'determinism-runner.mjs'));
  const text = readFileSync(join(root, 'tests/fixtures/determinism/problems.txt'), 'utf8');
  const problems = readProblems(text);
  assert.ok(problems.length > 30);
  writeFileSync(
    join(folder, 'problems.js'),
    `export const problems = ${JSON.stringify(problems)};`,
  );
  writeFileSync(
    join(folder, 'program.mjs'),
    `import { findDifferingInAllVariants } from './everywhere.mjs';
    import { problems } from './problems.js';
    console.log(JSON.stringify(await findDifferingInAllVariants(problems)));`,
  );
  // This server sends the headers that isolate a page.
  server = await startServer({ root: folder, port: 0 });
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const MORE = [2, 3, 4, 5, 6, 7, 8];
const ONE = ['simd 1'];
const SIMD = [...ONE, ...MORE.map((threads) => `threads ${threads}`)];
const ALL = [...SIMD, 'relaxed 1', ...MORE.map((threads) => `relaxed-threads ${threads}`)];

function assertSameBits(found, names) {
  assert.deepEqual(found, Object.fromEntries(names.map((name) => [name, []])));
}

const engines = {
  Chromium: { visit: inChromium, isInstalled: true, names: ALL },
  Firefox: { visit: inFirefox, isInstalled: findFirefox() !== null, names: ALL },
  WebKit: {
    visit: inWebkit,
    isInstalled: which('WebKitWebDriver') !== null && which('xvfb-run') !== null,
    // Relaxed SIMD and shared memory are disabled by default.
    options: { env: { JSC_useWasmRelaxedSIMD: '1', JSC_useSharedArrayBuffer: '1' } },
    names: ALL,
  },
};

for (const [name, { visit, isInstalled, options, names }] of Object.entries(engines)) {
  test(`${name} gives the recorded bits`, {
    skip: !isInstalled && `${name} is not installed`,
  }, async (context) => {
    const { version, found } = await visit(new URL('determinism.html', server.url).href, options);
    context.diagnostic(version);
    assertSameBits(found, names);
  });
}

test('WebKit with default settings gives the recorded bits', {
  skip: !engines.WebKit.isInstalled && 'WebKit is not installed',
}, async () => {
  const { found } = await inWebkit(new URL('determinism.html', server.url).href);
  assertSameBits(found, ONE);
});

for (const [runtime, args, names] of [
  ['node 20', [], SIMD],
  ['node 22', [], ALL],
  ['node 24', [], ALL],
  ['node 26', [], ALL],
  ['deno', ['run', '--allow-read'], ALL],
  ['bun', [], ALL],
]) {
  test(`${runtime} gives the recorded bits`, async () => {
    const printed = await runIn(folder, programs[runtime], [...args, 'program.mjs']);
    assertSameBits(JSON.parse(printed), names);
  });
}
