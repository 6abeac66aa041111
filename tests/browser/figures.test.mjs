// The figures of the chapter, operated by keyboard, pointer and sliders.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, useSite } from './helpers.mjs';

const site = useSite();

const readSum = (page) => page.textContent('#windows-sum');
/** The numbers that the window covers, for each channel. */
const readWindow = (page) =>
  page.$$eval('#windows .channel', (channels) =>
    channels.map((channel) =>
      [...channel.querySelector('table').querySelectorAll('[data-lit] input')].map(({ value }) =>
        Number(value),
      ),
    ),
  );
const slider = (page, name) => page.locator(`#windows [data-setting=${name}]`);
const setSlider = (page, name, value) =>
  slider(page, name).evaluate((input, value) => {
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, String(value));

test('the arrow keys move the window of Fig. 1', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  assert.equal(await readSum(page), '(1·1 + 2·2 + 4·3 + 5·4) + (0·0 + 1·1 + 3·2 + 4·3) = 56');
  assert.deepEqual(await readWindow(page), [
    [0, 1, 3, 4],
    [1, 2, 4, 5],
  ]);
  await page.locator('#windows td[aria-selected=true]').focus();
  const sums = [];
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp']) {
    await page.keyboard.press(key);
    sums.push(/= (\d+)$/.exec(await readSum(page))[1]);
  }
  // The window stops at the edge.
  assert.deepEqual(sums, ['72', '72', '120', '104', '56']);
  await page.keyboard.press('ArrowDown');
  assert.deepEqual(await readWindow(page), [
    [3, 4, 6, 7],
    [4, 5, 7, 8],
  ]);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), '104');

  await page.locator('#windows [role=grid] td').nth(3).hover();
  assert.match(await readSum(page), /= 120$/);
  assert.deepEqual(problems, []);
  await page.close();
});

test('Fig. 1 plays until it is clicked', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const play = page.locator('#windows .play');
  await play.click();
  assert.equal(await play.textContent(), 'Pause');
  await page.waitForFunction(() =>
    /= 104$/.test(document.querySelector('#windows-sum').textContent),
  );
  await page.locator('#windows [role=grid] td').first().click();
  assert.equal(await play.textContent(), 'Play');
  assert.match(await readSum(page), /= 56$/);
  assert.deepEqual(problems, []);
  await page.close();
});

test('the numbers of Fig. 1 can be edited and are saved in the link', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const first = page.getByLabel('Input 0, row 0, column 0');
  await first.fill('10');
  // An input times a weight of 0 changes nothing; another weight does.
  assert.match(await readSum(page), /10·0.*= 56$/);
  await page.getByLabel('Kernel 0, row 0, column 0').fill('-2.5');
  assert.match(await readSum(page), /10·\(−2\.5\).*= 31$/);
  await first.fill('no number');
  assert.equal(await first.getAttribute('aria-invalid'), 'true');
  await first.press('ArrowRight');
  assert.equal(
    await page.evaluate(() => document.activeElement.getAttribute('aria-label')),
    'Input 0, row 0, column 1',
  );
  assert.equal(await first.inputValue(), '10');
  assert.equal(await page.getAttribute('#windows', 'data-state'), 'match');
  await page.waitForFunction(() => location.hash.includes('fig-k='));

  const again = await openPage(site.browser, page.url());
  assert.match(await readSum(again.page), /10·\(−2\.5\).*= 31$/);
  await again.page.getByRole('button', { name: 'Back to the chapter’s' }).click();
  assert.match(await readSum(again.page), /= 56$/);
  await again.page.waitForFunction(() => !location.hash.includes('fig'));
  assert.deepEqual([...problems, ...again.problems], []);
  await again.page.close();
  await page.close();
});

test('every combination of slider values is valid and computed correctly', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const names = await page.$$eval('#windows [data-setting]', (inputs) =>
    inputs.map(({ dataset }) => dataset.setting),
  );
  assert.deepEqual(names, ['size', 'inputs', 'outputs', 'kernel', 'stride', 'padding', 'dilation']);
  const seen = new Set();
  // A random walk: each step moves one slider to an end of the range that it has at that time.
  let random = 12345;
  const next = (n) => {
    random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
    return (random >> 16) % n;
  };
  for (let step = 0; step < 40; step++) {
    const name = names[next(names.length)];
    const { min, max } = await slider(page, name).evaluate(({ min, max }) => ({ min, max }));
    await setSlider(page, name, next(2) === 0 ? min : max);
    assert.equal(
      await page.getAttribute('#windows', 'data-state'),
      'match',
      `step ${step}, ${name}`,
    );
    assert.match(await readSum(page), / = −?\d+$/);
    const values = await page.$$eval('#windows [data-setting]', (inputs) =>
      inputs.map(({ valueAsNumber }) => valueAsNumber),
    );
    const [size, , outputs, kernel, stride, padding, dilation] = values;
    const side = Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
    assert.ok(side >= 1, `${values}`);
    assert.equal(await page.locator('#windows [role=grid]').count(), outputs);
    assert.equal(await page.locator('#windows [role=grid] td').count(), outputs * side * side);
    seen.add(values.join());
  }
  assert.ok(seen.size > 15, `${seen.size} settings`);
  assert.deepEqual(problems, []);
  await page.close();
});

test('Fig. 2 highlights a position as a pixel and as a column', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const outputs = page.locator('#pointwise-figure [role=grid]');
  assert.equal(await outputs.count(), 3);
  await outputs.nth(0).locator('td').nth(4).focus();
  await page.keyboard.press('ArrowRight');
  const marked = await page.$$eval('#pointwise-figure .product table', (tables) =>
    tables.map((table) =>
      [...table.querySelectorAll('[data-lit]')].map(({ cellIndex }) => cellIndex),
    ),
  );
  assert.deepEqual(marked, [[], [5, 5, 5], [5, 5]]);
  await outputs.nth(2).locator('td').nth(0).hover();
  assert.equal(
    await outputs
      .nth(1)
      .locator('[data-lit]')
      .evaluate((td) => td.parentNode.rowIndex + td.cellIndex),
    0,
  );
  const before = await page.textContent('#pointwise-figure .sums');
  await page.getByRole('button', { name: 'New numbers' }).click();
  assert.notEqual(await page.textContent('#pointwise-figure .sums'), before);
  await page.getByRole('button', { name: 'Draw 100 times' }).click();
  await page.getByText('100 draws').waitFor();
  assert.equal(
    await page.textContent('[data-example=one-by-one-identical] [data-role=result]'),
    '1,800 of 1,800',
  );
  for (const id of [
    'one-by-one',
    'one-by-one-identical',
    'one-by-one-matmul',
    'one-by-one-float64',
  ]) {
    assert.equal(await page.getAttribute(`[data-example=${id}]`, 'data-state'), 'match', id);
  }
  assert.deepEqual(problems, []);
  await page.close();
});
