// The exercises: their experiments, and the checks behind their answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAnswers, openPage, readChecks, scrollToSection, useSite } from './helpers.mjs';

const site = useSite();

test('every answer is hidden at first and has a check that passes', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await scrollToSection(page, 'exercises');
  const names = await page.$$eval('.exercise', (articles) =>
    articles.map(({ dataset }) => dataset.exercise),
  );
  assert.deepEqual(names, ['stacked', 'backward', 'double', 'equal', 'matrix', 'strip', 'groups']);
  assert.equal(await page.locator('.exercise details[open]').count(), 0);
  await openAnswers(page);
  const checks = Object.entries(await readChecks(page)).filter(([id]) =>
    id.startsWith('exercise-'),
  );
  assert.equal(checks.length, 8);
  for (const [id, { state, result }] of checks) assert.equal(state, 'match', `${id}: ${result}`);
  assert.match(await page.textContent('#tally'), /^(\d+) of \1 checks hold$/);
  // A micro-kernel computes 24 outputs of one channel at once.
  assert.match(await page.textContent('.tiles-table'), /1 × 24/);
  assert.deepEqual(problems, []);
  await page.close();
});

test('every experiment shows its result', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await scrollToSection(page, 'exercises');
  const exercise = (name) => page.locator(`[data-exercise=${name}]`);
  const expectText = async (name, pattern) => {
    const text = exercise(name).locator('.experiment').getByText(pattern);
    await text.first().waitFor({ timeout: 60_000 });
  };
  const press = (name, button) => exercise(name).getByRole('button', { name: button }).click();
  const moveSliders = async (name) => {
    for (const input of await exercise(name).locator('input[type=range]').all()) {
      for (const key of ['End', 'Home', 'End']) await input.press(key);
    }
  };

  await moveSliders('stacked');
  await expectText('stacked', /5×5 then 5×5, against one of 2×2×9×9/);
  await press('stacked', 'New kernels');
  await moveSliders('double');
  await moveSliders('equal');
  await expectText('equal', /Of 256 outputs, 256 are equal/);
  await exercise('matrix').locator('input[type=range]').press('End');
  assert.equal(await exercise('matrix').locator('.product [data-lit]').count(), 9);
  await moveSliders('groups');
  await expectText('groups', /sees 1 of 64 inputs/);

  await exercise('double').locator('input[type=range]').first().press('Home');
  await exercise('double').locator('input[type=range]').last().press('Home');
  await press('double', 'Measure');
  await expectText('double', /^Measured: /);
  await press('backward', 'Measure both');
  await expectText('backward', /backward takes .* times as long as forward\. Of its/);
  await press('groups', 'Measure');
  await expectText('groups', /dense, .* with 64 groups/);
  await press('strip', 'Measure strips');
  await expectText('strip', /^64$/);
  assert.equal(await exercise('strip').locator('.experiment').getByText('✓').count(), 7);
  assert.deepEqual(problems, []);
  await page.close();
});
