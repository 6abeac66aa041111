// Tests the examples for the test runners Vitest and Jest.
import { test } from 'node:test';
import { assertTypes, installExample, runScript } from './helpers.mjs';

for (const name of ['vitest', 'jest']) {
  test(`the example for ${name} passes and has no type errors`, async () => {
    const folder = await installExample(name, ['@types/node@22.20.5']);
    await runScript(folder, 'test');
    if (name === 'jest') await runScript(folder, 'test:jsdom');
    await assertTypes(folder, ['corr2d.test.js'], ['--types', 'node']);
  });
}
