// The exercises: what can be tried, and the checks behind the answers.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { examplesOf, goTo, launch, openAnswers, openPage, root } from './helpers.mjs';

let browser;
let server;

before(async () => {
  browser = await launch();
  server = await startServer({ root: join(root, 'build/web'), port: 8240 });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test('every answer is hidden first, and then backed by a check that holds', async () => {
  const { page, troubles } = await openPage(browser, server.url);
  await goTo(page, 'exercises');
  const names = await page.$$eval('.exercise', (articles) =>
    articles.map(({ dataset }) => dataset.exercise),
  );
  assert.deepEqual(names, ['stacked', 'backward', 'double', 'equal', 'matrix', 'strip', 'groups']);
  assert.equal(await page.locator('.exercise details[open]').count(), 0);
  await openAnswers(page);
  const checks = Object.entries(await examplesOf(page)).filter(([id]) =>
    id.startsWith('exercise-'),
  );
  assert.equal(checks.length, 8);
  for (const [id, { state, result }] of checks) assert.equal(state, 'match', `${id}: ${result}`);
  assert.match(await page.textContent('#tally'), /^18 of 18 checks hold$/);
  // 24 outputs of one channel at once, as the list of kernels has it.
  assert.match(await page.textContent('.tiles-table'), /1 × 24/);
  assert.deepEqual(troubles, []);
  await page.close();
});

test('every experiment answers', async () => {
  const { page, troubles } = await openPage(browser, server.url);
  await goTo(page, 'exercises');
  const exercise = (name) => page.locator(`[data-exercise=${name}]`);
  const says = async (name, pattern) => {
    const said = exercise(name).locator('.experiment').getByText(pattern);
    await said.first().waitFor({ timeout: 60_000 });
  };
  const press = (name, button) => exercise(name).getByRole('button', { name: button }).click();
  const ends = async (name) => {
    for (const input of await exercise(name).locator('input[type=range]').all()) {
      for (const key of ['End', 'Home', 'End']) await input.press(key);
    }
  };

  await ends('stacked');
  await says('stacked', /5×5 then 5×5, against one of 2×2×9×9/);
  await press('stacked', 'New kernels');
  await ends('double');
  await ends('equal');
  await says('equal', /Of 256 outputs, 256 are equal/);
  await exercise('matrix').locator('input[type=range]').press('End');
  assert.equal(await exercise('matrix').locator('.product [data-lit]').count(), 9);
  await ends('groups');
  await says('groups', /sees 1 of 64 inputs/);

  await exercise('double').locator('input[type=range]').first().press('Home');
  await exercise('double').locator('input[type=range]').last().press('Home');
  await press('double', 'Measure');
  await says('double', /^Measured: /);
  await press('backward', 'Measure both');
  await says('backward', /forward 28\.9 million .* times as long/);
  await press('groups', 'Measure');
  await says('groups', /dense, .* with 64 groups/);
  await press('strip', 'Measure strips');
  await says('strip', /^64$/);
  assert.equal(await exercise('strip').locator('.experiment').getByText('✓').count(), 7);
  assert.deepEqual(troubles, []);
  await page.close();
});
