// Runs the examples in Node, Deno and Bun: with import, with import() from CommonJS, and with require().
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { root } from '../package/helpers.mjs';
import { assertTypes, expected, installExample, runIn } from './helpers.mjs';
import { installRuntimes } from './runtimes.mjs';

let programs;
const folders = {};
before(async () => {
  programs = await installRuntimes();
  for (const name of ['node', 'deno', 'bun']) folders[name] = await installExample(name);
  folders.cjs = await installExample('cjs', ['@types/node@22.20.5']);
  for (const name of ['node', 'deno', 'bun']) {
    cpSync(join(root, 'tests/js/conformance-runner.mjs'), join(folders[name], 'runner.mjs'));
    cpSync(join(root, 'tests/fixtures/conformance'), join(folders[name], 'cases'), {
      recursive: true,
    });
    writeFileSync(
      join(folders[name], 'all.mjs'),
      `
      import { load } from 'corr2d';
      import * as only from 'corr2d/simd';
      import baseline from './cases/webnn-baseline.json' with { type: 'json' };
      import { runConformance } from './runner.mjs';
      const best = await load();
      const found = [];
      for (const c of [best, await only.load()]) {
        const { count, failures } = runConformance(c, baseline);
        found.push({ variant: c.features.variant, count, failures });
      }
      console.log(JSON.stringify({ features: best.features, found }));
      `,
    );
  }
});

/** Expects threads and a client with threads to compute, and the process to end by itself. */
async function assertWorkers(folder, program, args) {
  cpSync(join(root, 'tests/examples/programs/workers.mjs'), join(folder, 'workers.mjs'));
  const found = JSON.parse(await runIn(folder, program, [...args, 'workers.mjs']));
  assert.deepEqual(found, {
    threads: [2, 2],
    isRight: [true, true],
    reportsProgress: true,
    aborted: 'no more',
    codes: ['INVALID_ARGUMENT', 'DISPOSED'],
  });
}

const assertPrints = async (...command) => assert.equal((await runIn(...command)).trim(), expected);

/** Expects the conformance cases to pass in the best variant of the runtime and in plain SIMD. */
async function assertConforms(context, folder, program, args, best) {
  const { features, found } = JSON.parse(await runIn(folder, program, [...args, 'all.mjs']));
  context.diagnostic(JSON.stringify(features));
  assert.equal(features.variant, best);
  assert.deepEqual(
    found,
    [best, 'simd'].map((variant) => ({ variant, count: 59, failures: [] })),
  );
}

for (const version of [20, 22, 24, 26]) {
  test(`the examples, conformance cases and workers run in Node ${version}`, async (context) => {
    const program = programs[`node ${version}`];
    const found = await runIn(folders.node, program, ['--version']);
    assert.ok(found.startsWith(`v${version}.`), found);
    await assertPrints(folders.node, program, ['main.js']);
    await assertPrints(folders.cjs, program, ['main.cjs']);
    await assertPrints(folders.cjs, program, ['require.cjs']);
    const best = version === 20 ? 'simd' : 'relaxed';
    await assertConforms(context, folders.node, program, [], best);
    await assertWorkers(folders.node, program, []);
  });
}

test('the examples, conformance cases and workers run in Deno', async (context) => {
  await assertPrints(folders.deno, programs.deno, ['run', 'main.js']);
  await runIn(folders.deno, programs.deno, ['check', '--check-js', 'main.js']);
  await assertConforms(context, folders.deno, programs.deno, ['run'], 'relaxed');
  await assertWorkers(folders.deno, programs.deno, ['run']);
});

test('the examples, conformance cases and workers run in Bun', async (context) => {
  await assertPrints(folders.bun, programs.bun, ['main.js']);
  await assertConforms(context, folders.bun, programs.bun, [], 'relaxed');
  await assertWorkers(folders.bun, programs.bun, []);
});

test('the examples have no type errors', async () => {
  for (const name of ['node', 'deno', 'bun']) await assertTypes(folders[name], ['main.js']);
  const resolution = ['--module', 'nodenext', '--moduleResolution', 'nodenext', '--types', 'node'];
  await assertTypes(folders.cjs, ['main.cjs', 'require.cjs'], resolution);
});
