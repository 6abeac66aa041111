// The exercises: guesses, answers, experiments, and the checks behind the answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  collectProblems,
  launchFirefox,
  openAnswer,
  openAnswers,
  openPage,
  readChecks,
  scrollToSection,
  servePage,
  skipFirefox,
  useSite,
} from './helpers.mjs';
import { controlMeasurements, holdMeasurements } from './measurement-worker.mjs';

const site = useSite();
const NAMES = ['stacked', 'backward', 'double', 'equal', 'matrix', 'strip', 'groups'];

/** Opens the page at its exercises. `hash` is the hash of its URL. */
async function openExercises(options, hash = '') {
  const { page, problems } = await openPage(site.browser, `${site.url}${hash}`, options);
  await scrollToSection(page, 'exercises');
  const exercise = (name) => page.locator(`#exercise-${name}`);
  return { page, problems, exercise };
}

const answerButton = (exercise) => exercise.getByRole('button', { name: /the answer$/ });
const readOpen = (page) =>
  page.$$eval('.exercise[open]', (all) => all.map(({ dataset }) => dataset.exercise));

test('every answer needs a guess and has a check that passes', async () => {
  const { page, problems, exercise } = await openExercises();
  assert.deepEqual(
    await page.$$eval('.exercise', (all) => all.map(({ id }) => id)),
    NAMES.map((name) => `exercise-${name}`),
  );
  assert.deepEqual(await readOpen(page), []);
  for (const name of NAMES) {
    await exercise(name).locator('h3').click();
    assert.ok(await answerButton(exercise(name)).isDisabled(), name);
    assert.equal(await exercise(name).locator('.solution').isVisible(), false, name);
    await exercise(name).locator('h3').click();
  }
  await openAnswers(page);
  const checks = Object.entries(await readChecks(page)).filter(([id]) =>
    id.startsWith('exercise-'),
  );
  assert.equal(checks.length, 8);
  for (const [id, { state, result }] of checks) assert.equal(state, 'match', `${id}: ${result}`);
  assert.match(await page.textContent('#tally'), /^(\d+) of \1 checks hold$/);
  // A micro-kernel computes 24 outputs of one channel at once.
  assert.match(await exercise('strip').textContent(), /1 × 24/);
  assert.deepEqual(problems, []);
  await page.close();
});

test('a guess is compared with the result', async () => {
  const { page, problems, exercise } = await openExercises();
  const comparison = (name) => exercise(name).getByRole('status').first();
  const expectText = async (name, text) => {
    assert.equal(await comparison(name).textContent(), text);
  };
  for (const [name, wrong, right, result] of [
    ['stacked', 'k₁ + k₂', 'k₁ + k₂ − 1', 'The single kernel has k₁ + k₂ − 1 rows and columns.'],
    [
      'equal',
      'never',
      'if they add in the same order',
      'They are bit-identical if they add in the same order with the same instruction.',
    ],
    [
      'strip',
      'the size of the kernel',
      'the registers for the sums',
      'The registers limit Δ: sums that do not fit into them spill to memory.',
    ],
    ['groups', 'g²', 'g', 'With g blocks, the number of multiply-adds is divided by g.'],
  ]) {
    await exercise(name).locator('h3').click();
    const choice = (label) => exercise(name).getByRole('radio', { name: label, exact: true });
    await choice(wrong).check();
    await expectText(name, `Your guess: ${wrong}.`);
    await answerButton(exercise(name)).click();
    await expectText(name, `You guessed: ${wrong}. ${result}`);
    await choice(right).check();
    await expectText(name, `Your guess is right. ${result}`);
  }
  for (const [name, wrong, right, unit] of [
    ['backward', '1', '2', 'times as many'],
    ['double', '2', '4', 'times as many'],
    ['matrix', '9', '27', 'numbers'],
  ]) {
    await exercise(name).locator('h3').click();
    const number = exercise(name).getByRole('spinbutton');
    const unknown = exercise(name).getByRole('checkbox');
    await unknown.check();
    await expectText(name, 'Your guess: I don’t know.');
    await number.fill(wrong);
    assert.equal(await unknown.isChecked(), false);
    await expectText(name, `Your guess: ${wrong} ${unit}.`);
    await number.press('Enter');
    assert.match(
      await comparison(name).textContent(),
      new RegExp(`^You guessed: ${wrong} ${unit}\\. `),
    );
    await number.fill(right);
    assert.match(await comparison(name).textContent(), /^Your guess is right\. /);
    await unknown.check();
    assert.equal(await number.inputValue(), '');
    assert.doesNotMatch(await comparison(name).textContent(), /guess/);
    await answerButton(exercise(name)).click();
    assert.equal(await exercise(name).locator('.solution').isVisible(), false);
  }
  assert.deepEqual(problems, []);
  await page.close();
});

test('a guess can be made with the keyboard alone', async () => {
  const { page, exercise } = await openExercises();
  await exercise('stacked').locator('summary').first().focus();
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press('Enter', 'Tab', 'ArrowDown', 'ArrowDown', 'Tab', 'Enter');
  await exercise('stacked').getByText('Your guess is right.').waitFor();
  await press('Tab');
  assert.ok(await page.evaluate(() => document.activeElement.closest('.experiment') !== null));
  await page.close();
});

test('a link opens an exercise, and open exercises are kept in the link', async () => {
  const { page, exercise } = await openExercises({}, '#exercise-groups');
  await exercise('groups').locator('.guess').waitFor();
  assert.deepEqual(await readOpen(page), ['groups']);
  await exercise('equal').locator('h3').click();
  await page.waitForFunction(() => location.hash === '#exercise-groups?ex=equal,groups');
  const again = await openExercises({}, new URL(page.url()).hash);
  assert.deepEqual(await readOpen(again.page), ['equal', 'groups']);
  await again.page.close();

  await exercise('equal').locator('h3').click();
  await exercise('groups').locator('h3').click();
  await page.waitForFunction(() => location.hash === '#exercise-groups');
  await page.evaluate(() => {
    location.hash = '#exercise-strip';
  });
  await exercise('strip').locator('.guess').waitFor();
  assert.deepEqual(await readOpen(page), ['strip']);
  await page.evaluate(() => {
    location.hash = '#exercises?ex=matrix';
  });
  await exercise('matrix').locator('.guess').waitFor();
  assert.deepEqual(await readOpen(page), ['matrix']);
  await page.close();
});

test('every experiment shows its result', async () => {
  const { page, problems, exercise } = await openExercises();
  await openAnswers(page);
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
  await expectText('equal', /Of 256 outputs, 256 are bit-identical/);
  await exercise('matrix').locator('input[type=range]').press('End');
  assert.equal(await exercise('matrix').locator('.unfolded [data-lit]').count(), 9);
  await moveSliders('groups');
  await expectText('groups', /sees 1 of 64 inputs/);

  await exercise('double').locator('input[type=range]').first().press('Home');
  await exercise('double').locator('input[type=range]').last().press('Home');
  await press('double', 'Measure');
  await expectText('double', /^Measured: /);
  await press('backward', 'Measure both');
  await expectText('backward', /backward takes .* times as long as forward\. Forward uses/);
  assert.equal(await exercise('backward').locator('tbody tr').count(), 5);
  await press('groups', 'Measure');
  await expectText('groups', /dense, .* with 64 groups/);
  await press('strip', 'Measure strips');
  await expectText('strip', /^64$/);
  assert.equal(await exercise('strip').locator('.experiment').getByText('✓').count(), 7);
  assert.deepEqual(problems, []);
  await page.close();
});

test('every measurement of an exercise can be cancelled and repeated', async () => {
  const prepare = controlMeasurements({ speed: 4e6 });
  const { page, problems, exercise } = await openExercises({ prepare });
  for (const [name, label, result] of [
    ['backward', 'Measure both', /^56×56, 32→32/],
    ['double', 'Measure', /^Measured: /],
    ['strip', 'Measure strips', /^An image of 130 rows/],
    ['groups', 'Measure', /^56×56, 64→64/],
  ]) {
    await openAnswer(page, name);
    // The label also states how long a long measurement takes.
    const measure = exercise(name).getByRole('button', { name: new RegExp(`^${label}( \\(|$)`) });
    await holdMeasurements(page, true);
    await measure.click();
    await exercise(name)
      .getByRole('button', { name: /^Cancel: / })
      .click();
    await exercise(name).getByText('Cancelled.').waitFor();
    await holdMeasurements(page, false);
    await measure.click();
    await exercise(name).getByText(result).waitFor();
  }
  assert.deepEqual(problems, []);
  await page.close();
});

test('the closed exercises are short, and an open one fits on a phone and on paper', async () => {
  for (const [width, limit] of [
    [1440, 650],
    [360, 800],
  ]) {
    const { page } = await openExercises();
    await page.setViewportSize({ width, height: 800 });
    const { height } = await page.locator('#exercises').boundingBox();
    assert.ok(height <= limit, `${height} px at a width of ${width} px`);
    const { height: cost } = await page.locator('#cost').boundingBox();
    assert.ok(cost <= (width === 1440 ? 750 : 1100), `${cost} px at a width of ${width} px`);
    await openAnswers(page);
    for (const media of ['screen', 'print']) {
      await page.emulateMedia({ media });
      const tooWide = await page.$$eval('.experiment *', (all) =>
        all
          .filter((element) => {
            const { right } = element.getBoundingClientRect();
            return right > element.closest('.experiment').getBoundingClientRect().right + 1;
          })
          .map(({ outerHTML }) => outerHTML),
      );
      assert.deepEqual(tooWide, [], `${media} at a width of ${width} px`);
      const pageWidth = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(pageWidth, width, media);
    }
    await page.close();
  }
});

test('questions and answers are readable on paper and without scripts', async () => {
  const { page, exercise } = await openExercises();
  await page.emulateMedia({ media: 'print' });
  for (const name of NAMES) {
    assert.ok(await exercise(name).locator('.exercise-body > .prose').isVisible(), name);
    assert.ok(await exercise(name).locator('.solution > .prose').isVisible(), name);
    assert.equal(await exercise(name).locator('.guess').isVisible(), false, name);
  }
  await page.close();

  const context = await site.browser.newContext({ javaScriptEnabled: false });
  const still = await context.newPage();
  await still.goto(site.url);
  for (const name of NAMES) {
    await still.locator(`#exercise-${name} h3`).click();
    assert.ok(await still.locator(`#exercise-${name} .solution > .prose`).isVisible(), name);
    assert.equal(await still.locator(`#exercise-${name} .guess`).isVisible(), false, name);
  }
  await context.close();
});

test('an answer opens after a guess in Firefox', { skip: skipFirefox }, async () => {
  const server = await servePage();
  const browser = await launchFirefox();
  try {
    const page = await browser.newPage();
    const problems = collectProblems(page);
    await page.goto(`${server.url}#exercise-double`);
    await page.waitForSelector('#exercises [data-mounted]', { timeout: 60_000 });
    const root = '#exercise-double';
    const isShown = () => page.$eval(`${root} .solution`, (element) => element.checkVisibility());
    await page.waitForSelector(`${root}[open] .guess`, { visible: true });
    assert.equal(await page.$eval(`${root} .guess button`, ({ disabled }) => disabled), true);
    assert.equal(await isShown(), false);
    await page.type(`${root} [type=number]`, '4');
    await page.click(`${root} .guess button`);
    assert.equal(await isShown(), true);
    assert.match(
      await page.$eval(`${root} .comparison`, ({ textContent }) => textContent),
      /^Your guess is right\. /,
    );
    await page.waitForSelector(`${root} [data-example][data-state=match]`, { timeout: 60_000 });
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    await server.close();
  }
});
