// The figures of numbers, operated by keyboard, pointer and sliders.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, showFigures, useSite } from './helpers.mjs';

const site = useSite();

const PHONE = { viewport: { width: 360, height: 740 } };

const readSum = (page, figure = 'windows') => page.textContent(`#${figure}-sum`);
/** The numbers that the window covers, for each channel. */
const readWindow = (page) =>
  page.$$eval('#windows .kernel-column', (channels) =>
    channels.map((channel) =>
      [...channel.querySelectorAll('[data-lit] input')].map(({ value }) => Number(value)),
    ),
  );
const slider = (page, name, figure = 'windows') =>
  page.locator(`#${figure} [data-setting=${name}]`);
const setSlider = (page, name, value, figure) =>
  slider(page, name, figure).evaluate((input, value) => {
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, String(value));
const addChannel = (page) => page.getByRole('button', { name: 'Add a channel' }).click();
const outputs = (page, figure = 'windows') => page.locator(`#${figure} [role=grid]`);
/** The middle of an element in the window. */
async function middleOf(locator) {
  const { x, y, width, height } = await locator.boundingBox();
  return [x + width / 2, y + height / 2];
}

test('Fig. 1 starts with one channel and becomes the chapter’s figure with a second', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  assert.equal(await readSum(page), '(0·0 + 1·1 + 3·2 + 4·3) = 19');
  assert.match(await page.textContent('#windows > .verdict'), /✓All 4 outputs match plain loops/);
  await addChannel(page);
  // The channels are summed in the order in which they are shown.
  assert.equal(await readSum(page), '(0·0 + 1·1 + 3·2 + 4·3) + (1·1 + 2·2 + 4·3 + 5·4) = 56');
  assert.match(await page.textContent('#windows > .verdict'), /✓All 4 outputs match the chapter/);
  assert.deepEqual(await page.locator('#windows .partial').allTextContents(), ['19', '+ 37']);
  await addChannel(page);
  await addChannel(page);
  assert.ok(await page.getByRole('button', { name: 'Add a channel' }).isDisabled());
  assert.equal(await page.locator('#windows .kernel-column').count(), 4);
  await page
    .locator('#windows')
    .getByRole('button', { name: 'Reset to the chapter’s numbers' })
    .click();
  assert.match(await readSum(page), /= 56$/);
  assert.deepEqual(problems, []);
  await page.close();
});

test('the arrow keys move the window of Fig. 1', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await addChannel(page);
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
  assert.deepEqual(problems, []);
  await page.close();
});

test('the mouse previews output elements, and a click pins one', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await addChannel(page);
  const cells = outputs(page).locator('td');
  await cells.nth(3).hover();
  assert.match(await readSum(page), /= 120$/);
  await page.mouse.move(0, 0);
  assert.match(await readSum(page), /= 56$/);
  await cells.nth(2).click();
  await page.mouse.move(0, 0);
  assert.match(await readSum(page), /= 104$/);
  await page.waitForFunction(() => location.hash.includes('fig-at=0,1,0'));
  assert.deepEqual(problems, []);
  await page.close();
});

test('the kernel of another output can be edited with the mouse', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await page.$eval('#outputs-figure', (figure) => figure.scrollIntoView({ behavior: 'instant' }));
  const first = outputs(page, 'outputs-figure').first().locator('td').first();
  const target = page.getByLabel('To output 2, from input 0, row 0, column 0');
  // The way from the first output leads across the others.
  await page.mouse.move(...(await middleOf(first)));
  for (const output of [1, 2]) {
    const cell = outputs(page, 'outputs-figure').nth(output).locator('td').first();
    await page.mouse.move(...(await middleOf(cell)), { steps: 10 });
  }
  await page.mouse.move(...(await middleOf(target)), { steps: 20 });
  await page.mouse.down();
  await page.mouse.up();
  await page.keyboard.type('100');
  assert.equal(await target.inputValue(), '100');
  const numbers = await outputs(page, 'outputs-figure').nth(2).locator('td').allTextContents();
  // The first weight was 2 over the inputs 0, 1, 3 and 4.
  assert.deepEqual(numbers, ['96', '226', '486', '616']);
  assert.deepEqual(await outputs(page, 'outputs-figure').nth(1).locator('td').allTextContents(), [
    '76',
    '100',
    '148',
    '172',
  ]);
  assert.equal(await page.getAttribute('#outputs-figure', 'data-state'), 'match');
  assert.match(await readSum(page, 'outputs-figure'), /= 56$/);
  assert.deepEqual(problems, []);
  await page.close();
});

test('Fig. 2 shows the chapter’s three outputs and lights the row of an output', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const verdict = await page.textContent('#outputs-figure > .verdict');
  assert.match(verdict, /✓All 12 outputs match the chapter/);
  await outputs(page, 'outputs-figure').nth(1).locator('td').nth(3).click();
  assert.match(await readSum(page, 'outputs-figure'), /= 172$/);
  const lit = await page.$$eval('#outputs-figure .kernel-row', (rows) =>
    rows.map((row) => row.querySelectorAll('.kernel-cell [data-lit]').length),
  );
  assert.deepEqual(lit, [0, 8, 0]);
  await setSlider(page, 'outputs', 2, 'outputs-figure');
  assert.equal(await outputs(page, 'outputs-figure').count(), 2);
  // Both figures keep their own state in the link.
  await page.waitForFunction(() =>
    ['out=3,2,2,2', 'out-at=1,1,1'].every((value) => location.hash.includes(value)),
  );
  const again = await openPage(site.browser, page.url());
  assert.equal(await outputs(again.page, 'outputs-figure').count(), 2);
  assert.match(await readSum(again.page, 'outputs-figure'), /= 172$/);
  assert.equal(await outputs(again.page).count(), 1);
  assert.deepEqual([...problems, ...again.problems], []);
  await again.page.close();
  await page.close();
});

test('a figure plays until it is clicked', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await addChannel(page);
  const play = page.locator('#windows .play');
  await play.click();
  assert.equal(await play.textContent(), 'Pause');
  await page.waitForFunction(() =>
    /= 104$/.test(document.querySelector('#windows-sum').textContent),
  );
  await outputs(page).locator('td').first().click();
  assert.equal(await play.textContent(), 'Play');
  assert.match(await readSum(page), /= 56$/);
  assert.deepEqual(problems, []);
  await page.close();
});

test('the numbers of Fig. 1 can be edited and are saved in the link', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await addChannel(page);
  const first = page.getByLabel('Input 0, row 0, column 0').first();
  await first.fill('10');
  // An input times a weight of 0 changes nothing; another weight does.
  assert.match(await readSum(page), /10·0.*= 56$/);
  await page.getByLabel('To output, from input 0, row 0, column 0').fill('-2.5');
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
  await again.page
    .locator('#windows')
    .getByRole('button', { name: 'Reset to the chapter’s numbers' })
    .click();
  assert.match(await readSum(again.page), /= 56$/);
  await again.page.waitForFunction(() => !location.hash.includes('fig-k'));
  assert.deepEqual([...problems, ...again.problems], []);
  await again.page.close();
  await page.close();
});

test('the sliders keep edited numbers, also those that do not fit for a while', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await setSlider(page, 'size', 4);
  await page.getByLabel('Input 0, row 0, column 1').first().fill('77');
  await page.getByLabel('Input 0, row 3, column 3').first().fill('88');
  await page.getByLabel('To output, from input 0, row 1, column 1').fill('-9');
  const names = ['inputs', 'outputs', 'kernel', 'stride', 'padding', 'dilation', 'size'];
  for (const name of names) {
    const { min, max, value } = await slider(page, name).evaluate((input) => ({
      ...input,
      min: input.min,
      max: input.max,
      value: input.value,
    }));
    for (const position of [max, min, value]) await setSlider(page, name, position);
    const read = (label) => page.getByLabel(label).first().inputValue();
    assert.equal(await read('Input 0, row 0, column 1'), '77', name);
    assert.equal(await read('Input 0, row 3, column 3'), '88', name);
    assert.equal(await read('To output, from input 0, row 1, column 1'), '−9', name);
  }
  assert.equal(await page.getAttribute('#windows', 'data-state'), 'match');
  assert.deepEqual(problems, []);
  await page.close();
});

/** The inputs and output elements of a figure whose text is wider than they are. */
const findClipped = (page, figure) =>
  page.$$eval(`#${figure} :is(.grid input, .grid td)`, (cells) =>
    cells
      .filter((cell) => cell.scrollWidth > cell.clientWidth)
      .map((cell) => cell.value ?? cell.textContent),
  );

for (const [device, options] of [
  ['a wide screen', {}],
  ['a phone', PHONE],
]) {
  test(`numbers of any length can be read on ${device}`, async () => {
    const { page, problems } = await openPage(site.browser, site.url, options);
    const input = page.getByLabel('Input 0, row 0, column 1').first();
    for (const [typed, shown] of [
      ['1000000', '1000000'],
      ['-1000000', '−1000000'],
      ['-123.4567', '−123.4567'],
    ]) {
      await input.fill(typed);
      assert.deepEqual(await findClipped(page, 'windows'), [], typed);
      await input.blur();
      assert.equal(await input.inputValue(), shown);
      assert.deepEqual(await findClipped(page, 'windows'), [], shown);
    }
    // The largest outputs have an exponent.
    for (const label of ['Input 0, row 0, column 0', 'Input 0, row 1, column 1']) {
      await page.getByLabel(label).first().fill('1000000');
    }
    await page.getByLabel('To output, from input 0, row 0, column 0').fill('1000000');
    assert.match(await outputs(page).locator('td').first().textContent(), /^1\.00000\de12$/);
    assert.deepEqual(await findClipped(page, 'windows'), []);
    // Numbers do not touch: there is a gap between the texts of neighbours.
    await setSlider(page, 'inputs', 2);
    await page.getByLabel('To output, from input 1, row 0, column 0').fill('12345');
    const gaps = await outputs(page)
      .locator('tr')
      .first()
      .evaluate((row) => {
        const ranges = [...row.cells].map((cell) => {
          const range = document.createRange();
          range.selectNodeContents(cell);
          return range.getBoundingClientRect();
        });
        return ranges.slice(1).map(({ left }, i) => left - ranges[i].right);
      });
    for (const gap of gaps) assert.ok(gap >= 4, `${gap} px`);
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth),
      (await page.viewportSize()).width,
    );
    assert.deepEqual(problems, []);
    await page.close();
  });
}

/** Calls `visit` after each step of a random walk, which moves one slider to an end of its range. */
async function walkSliders(page, steps, visit) {
  const names = await page.$$eval('#windows [data-setting]', (inputs) =>
    inputs.map(({ dataset }) => dataset.setting).sort(),
  );
  assert.equal(names.length, 7);
  let random = 12345;
  const next = (n) => {
    random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
    return (random >> 16) % n;
  };
  for (let step = 0; step < steps; step++) {
    const name = names[next(names.length)];
    const { min, max } = await slider(page, name).evaluate(({ min, max }) => ({ min, max }));
    await setSlider(page, name, next(2) === 0 ? min : max);
    await visit(`step ${step}, ${name}`);
  }
}

const readSettings = (page) =>
  page.$$eval('#windows [data-setting]', (inputs) =>
    Object.fromEntries(
      inputs.map(({ dataset, valueAsNumber }) => [dataset.setting, valueAsNumber]),
    ),
  );

test('all settings of a random walk over the sliders are valid and computed correctly', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const seen = new Set();
  await walkSliders(page, 40, async (what) => {
    assert.equal(await page.getAttribute('#windows', 'data-state'), 'match', what);
    assert.match(await readSum(page), / = −?\d+$/);
    const settings = await readSettings(page);
    const { size, outputs: count, kernel, stride, padding, dilation } = settings;
    const side = Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
    assert.ok(side >= 1, what);
    assert.equal(await outputs(page).count(), count);
    assert.equal(await outputs(page).locator('td').count(), count * side * side);
    seen.add(JSON.stringify(settings));
  });
  assert.ok(seen.size > 15, `${seen.size} settings`);
  assert.deepEqual(problems, []);
  await page.close();
});

test('on a phone no figure is wider than the screen, whatever the settings', async () => {
  const { page, problems } = await openPage(site.browser, site.url, PHONE);
  const largest = async () => {
    const wide = await page.$$eval('.figure .kernel-matrix, .matrix-product', (elements) =>
      elements
        .filter((element) => element.scrollWidth > element.clientWidth)
        .map(({ id, dataset }) => `${id} ${JSON.stringify(dataset)}`),
    );
    assert.deepEqual(wide, []);
    assert.deepEqual(await findClipped(page, 'windows'), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  };
  await largest();
  for (const inputs of [1, 2, 4]) {
    await setSlider(page, 'inputs', inputs);
    await setSlider(page, 'size', 7);
    await setSlider(page, 'kernel', 3);
    await setSlider(page, 'padding', 2);
    await largest();
  }
  await walkSliders(page, 30, largest);
  assert.deepEqual(problems, []);
  await page.close();
});

test('Fig. 3 highlights a position as a pixel and as a column', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const grids = outputs(page, 'pointwise-figure');
  assert.equal(await grids.count(), 3);
  await grids.nth(0).locator('td').nth(4).focus();
  await page.keyboard.press('ArrowRight');
  const marked = await page.$$eval('#pointwise-figure .matrix-product table', (tables) =>
    tables.map((table) =>
      [...table.querySelectorAll('[data-lit]')].map(({ cellIndex }) => cellIndex),
    ),
  );
  assert.deepEqual(marked, [[5, 5, 5], [], [5, 5]]);
  const litIndex = () =>
    grids
      .nth(1)
      .locator('[data-lit]')
      .evaluate((td) => 3 * td.parentNode.rowIndex + td.cellIndex);
  await grids.nth(2).locator('td').nth(0).hover();
  assert.equal(await litIndex(), 0);
  await page.mouse.move(0, 0);
  assert.equal(await litIndex(), 5);

  const before = await page.textContent('#pointwise-figure .sums');
  await page.getByRole('button', { name: 'New numbers' }).click();
  const drawn = await page.textContent('#pointwise-figure .sums');
  assert.notEqual(drawn, before);
  const seed = (await page.textContent('#pointwise-draws [role=status]')).replace(/\D/g, '');
  await page.waitForFunction((value) => location.hash.includes(value), `mix=${seed},5`);
  const again = await openPage(site.browser, page.url());
  assert.equal(await again.page.textContent('#pointwise-figure .sums'), drawn);
  await again.page.close();

  assert.match(await page.textContent('#pointwise-summary'), /✓.*same numbers/);
  await page.locator('#pointwise-figure').getByText('How it was checked').click();
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
  assert.deepEqual([...problems, ...again.problems], []);
  await page.close();
});

test('Fig. 4 shows the blocks of a grouped layer and which outputs an input reaches', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const figure = page.locator('#groups-figure');
  const press = (name) => figure.getByRole('button', { name, exact: true }).click();
  const filled = () =>
    figure
      .locator('.kernel-row')
      .evaluateAll((rows) => rows.map((row) => row.querySelectorAll('svg').length));
  for (const [groups, slices, reached] of [
    ['1', [4, 4, 4, 4], 'every output'],
    ['2', [2, 2, 2, 2], 'outputs 2 and 3 only'],
    ['4', [1, 1, 1, 1], 'output 2 only'],
  ]) {
    await press(groups);
    await press('Input 2');
    assert.deepEqual(await filled(), slices);
    assert.match(await figure.locator('.answer').textContent(), new RegExp(`reaches ${reached}`));
    assert.equal(await figure.getAttribute('data-state'), 'match');
  }
  await page.waitForFunction(() => location.hash.includes('groups=4,2'));
  const again = await openPage(site.browser, page.url());
  assert.equal(await again.page.locator('#groups-figure svg').count(), 4);
  const reached = await again.page.textContent('#groups-figure .answer');
  assert.match(reached, /input 2 reaches output 2 only/);
  assert.deepEqual([...problems, ...again.problems], []);
  await again.page.close();
  await page.close();
});

test('without scripts the figures show the chapter’s numbers', async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(site.url);
  const numbers = (figure) =>
    page.locator(`#${figure} .kernel-output td`).filter({ visible: true }).allTextContents();
  assert.deepEqual(await numbers('windows'), ['56', '72', '104', '120']);
  assert.deepEqual(await numbers('outputs-figure'), [
    '56',
    '72',
    '104',
    '120',
    '76',
    '100',
    '148',
    '172',
    '96',
    '128',
    '192',
    '224',
  ]);
  assert.equal((await numbers('pointwise-figure')).length, 18);
  assert.equal(await page.locator('#groups-figure svg').filter({ visible: true }).count(), 8);
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.$$eval(
    '.kernel-matrix',
    (elements) => elements.filter((element) => element.scrollWidth > element.clientWidth).length,
  );
  assert.equal(wide, 0);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  await context.close();
});

test('a figure that is far away is computed when it comes near', async () => {
  const page = await site.browser.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => document.documentElement.dataset.page === 'ready');
  assert.equal(await page.locator('#groups-figure [data-mounted]').count(), 0);
  await showFigures(page);
  assert.equal(await page.locator('.figure-body[data-mounted]').count(), 4);
  await page.close();
});

test('figures that were not reached are printed', async () => {
  const page = await site.browser.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => document.documentElement.dataset.page === 'ready');
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.equal(await page.locator('.figure-body[data-mounted]').count(), 4);
  assert.equal(await page.locator('#outputs-figure [role=grid]:visible').count(), 3);
  await page.close();
});
