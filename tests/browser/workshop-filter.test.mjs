// Filter, the first tool of the workshop: kernels, colours and a stack of layers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useSite } from './helpers.mjs';
import {
  chooseMode,
  choosePicture,
  DESKTOP,
  drawColumns,
  drawHalves,
  edit,
  eventually,
  openWorkshop,
  PHONE,
  readColours,
  readGrey,
  readNames,
  waitForHash,
  weight,
} from './workshop-page.mjs';

const site = useSite();

test('every weight of a kernel can be edited and is saved in the link; pictures can be saved', async () => {
  const { page, problems } = await openWorkshop(site);
  await choosePicture(page, 'halves.png', await drawHalves(page));
  await edit(page, 'Gaussian').click();
  await weight(page, 'Green').fill('0');
  await waitForHash(page, 'lab-w=3:');
  // A quarter of green's weight of 0.587 is gone.
  await eventually(async () => (await readGrey(page, 'Gaussian, edited'))[100] === 218);
  await weight(page, 'Green').blur();
  assert.equal(await edit(page, 'Gaussian').getAttribute('aria-expanded'), 'true');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page
      .locator('#workshop')
      .getByRole('button', { name: 'Save as PNG: Gaussian, edited' })
      .click(),
  ]);
  assert.equal(download.suggestedFilename(), 'corr2d-gaussian-edited.png');

  const again = await openWorkshop(site, new URL(page.url()).hash);
  assert.deepEqual((await readNames(again.page)).slice(2, 5), [
    'Laplacian',
    'Gaussian, edited',
    'Sharpen',
  ]);
  await again.page
    .locator('#workshop')
    .getByRole('button', { name: 'Gaussian', exact: true })
    .click(); // in the matrix
  assert.equal(await weight(again.page, 'Green').inputValue(), '0');
  assert.equal(await weight(again.page, 'Red').inputValue(), '0.075');
  await again.page.locator('#workshop').getByRole('button', { name: 'Reset', exact: true }).click();
  await again.page.waitForFunction(() => !location.hash.includes('lab-w'));
  assert.equal(await weight(again.page, 'Green').inputValue(), '0.147');
  await again.page.keyboard.press('Escape');
  assert.equal(await again.page.locator('.kernel-editor').count(), 0);
  assert.equal(
    await again.page.evaluate(() => document.activeElement.ariaLabel),
    'Edit the weights: Gaussian',
  );
  assert.deepEqual([...problems, ...again.problems], []);
  await again.page.close();
  await page.close();
});

test('a kernel sees colour, and the Laplacian is drawn with its gain', async () => {
  const { page, problems } = await openWorkshop(site);
  await choosePicture(
    page,
    'colours.png',
    await drawColumns(page, ['rgb(102 51 0)', 'rgb(51 102 255)', 'rgb(60 60 60)', 'rgb(85 85 85)']),
  );
  const redMinusGreen = await readGrey(page, 'Red minus green');
  // ±51 of 255, drawn ×2 around mid-grey.
  assert.deepEqual(
    [5, 15, 25].map((x) => redMinusGreen[x] > 128),
    [true, false, false],
  );
  assert.ok(Math.abs(redMinusGreen[5] - (127.5 + 2 * 51)) <= 1, `${redMinusGreen[5]}`);
  assert.ok(Math.abs(redMinusGreen[15] - (127.5 - 2 * 51)) <= 1, `${redMinusGreen[15]}`);
  // A step of 25 of 255, drawn ×4.
  const laplacian = await readGrey(page, 'Laplacian');
  assert.ok(Math.abs(laplacian[29] - (127.5 + 4 * 25)) <= 1, `${laplacian[29]}`);
  const note = page.locator('.tile', { hasText: 'Laplacian' }).locator('.tile-note');
  assert.equal(await note.textContent(), '0 is grey, gain 4');
  assert.deepEqual(problems, []);
  await page.close();
});

test('links of earlier versions restore their kernels', async () => {
  // Twelve numbers a kernel: a plane, and the weights of red, green and blue.
  const identity = [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0];
  const emboss = [-2, -1, 0, -1, 1, 1, 0, 1, 2, 0.299, 0.587, 0.114];
  const numbers = [...Array(5).fill(identity), emboss].flat();
  const { page, problems } = await openWorkshop(site, `#?lab-w=${numbers}`);
  assert.deepEqual(await readNames(page), [
    'Vertical edges, edited',
    'Horizontal edges, edited',
    'Laplacian, edited',
    'Gaussian, edited',
    'Sharpen, edited',
    'Emboss',
  ]);
  await edit(page, 'Vertical edges, edited').click();
  assert.equal(await weight(page, 'Red').inputValue(), '1');
  assert.equal(await weight(page, 'Green').inputValue(), '0');
  await page.close();

  for (const hash of ['#?lab-w=1,2', '#?lab-w=9:1', '#?lab=stack&lab-w=x', '#?lab=none']) {
    const { page, problems } = await openWorkshop(site, hash);
    assert.ok(
      (await readNames(page)).every((name) => !name.includes('edited')),
      hash,
    );
    assert.deepEqual(problems, [], hash);
    await page.close();
  }
  assert.deepEqual(problems, []);
});

for (const [device, options] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
  test(`Edit opens the editor in the viewport on a ${device}`, async () => {
    const { page, problems } = await openWorkshop(site, '', options);
    for (const kernel of ['Vertical edges', 'Red minus green', 'Laplacian']) {
      const control = edit(page, kernel);
      await control.scrollIntoViewIfNeeded();
      if (options.hasTouch) await control.tap();
      else await control.click();
      const editor = page.locator('#workshop').getByRole('group', { name: `Weights of ${kernel}` });
      await editor.waitFor();
      const { y, height } = await editor.boundingBox();
      const top = await page.$eval('.top', (header) => header.getBoundingClientRect().bottom);
      assert.ok(y >= top && y + height <= options.viewport.height, `${kernel}: ${y}, ${height}`);
      assert.ok(await editor.evaluate((element) => element === document.activeElement));
    }
    // The keyboard opens and closes it too, and Tab leads to the first weight.
    await page.locator('#workshop').getByRole('button', { name: 'Done' }).press('Enter');
    assert.equal(await page.locator('.kernel-editor').count(), 0);
    await edit(page, 'Laplacian').press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(
      await page.evaluate(() => document.activeElement.ariaLabel),
      'Red slice, first row, first column',
    );
    assert.deepEqual(problems, []);
    await page.close();
  });

  test(`numbers are never cut off on a ${device}, and nothing scrolls sideways`, async () => {
    const { page, problems } = await openWorkshop(site, '', options);
    const section = await page.$eval('#workshop', (element) => element.offsetHeight);
    assert.ok(section <= (options === PHONE ? 1550 : 1000), `${section} px tall`);
    for (const mode of ['Kernels', /Colours/, 'Stack']) {
      await chooseMode(page, mode);
      if (mode === 'Kernels') await edit(page, 'Vertical edges').click();
      const inputs = page.locator('.mode:not([hidden]) .numbers input');
      for (const [i, number] of ['1000000', '-0.123456', '-123456.7', '0.00012'].entries()) {
        await inputs.nth(i).fill(number);
      }
      await inputs.nth(0).focus();
      assert.equal(await inputs.nth(0).inputValue(), '1000000');
      await inputs.nth(0).blur();
      const cut = await inputs.evaluateAll((all) =>
        all.flatMap((input) => (input.scrollWidth > input.clientWidth ? [input.value] : [])),
      );
      assert.deepEqual(cut, [], String(mode));
      assert.equal(await inputs.nth(0).inputValue(), '1e6');
      const table = page.locator('.mode:not([hidden]) .numbers').last();
      const { x, width } = await table.boundingBox();
      assert.ok(x >= 0 && x + width <= options.viewport.width, `${mode}: ${x}, ${width}`);
      const pageWidth = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(pageWidth, options.viewport.width, String(mode));
    }
    assert.deepEqual(problems, []);
    await page.close();
  });
}

test('each 1×1 layer transforms colours as its name says', async () => {
  const { page, problems } = await openWorkshop(site, '#?lab=colours');
  await choosePicture(
    page,
    'colours.png',
    await drawColumns(page, ['rgb(200 0 0)', 'rgb(0 200 0)', 'rgb(0 0 200)']),
  );
  const mixed = async (preset) => {
    await page.locator('#workshop').getByRole('button', { name: preset, exact: true }).click();
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    const row = await readColours(page, 'Mixed picture');
    return [row[5], row[15], row[25]];
  };
  const grey = (value) => [value, value, value];
  assert.deepEqual(await mixed('Unchanged'), [
    [200, 0, 0],
    [0, 200, 0],
    [0, 0, 200],
  ]);
  assert.deepEqual(await mixed('Grey'), [grey(60), grey(117), grey(23)]);
  // A rotation by 120°: red becomes green, green blue, blue red.
  assert.deepEqual(await mixed('Rotation'), [
    [0, 200, 0],
    [0, 0, 200],
    [200, 0, 0],
  ]);
  assert.deepEqual(await mixed('Sepia'), [
    [79, 70, 54],
    [154, 137, 107],
    [38, 34, 26],
  ]);
  // ITU-R BT.601, full range.
  assert.deepEqual(await mixed('YCbCr'), [
    [60, 94, 228],
    [117, 61, 44],
    [23, 228, 111],
  ]);
  const headings = await page.locator('.mode-colours .numbers thead th').allTextContents();
  assert.deepEqual(headings, ['Red', 'Green', 'Blue', 'Bias']);
  await page.getByLabel('Weights, red out, Bias').fill('1');
  await eventually(async () => (await readColours(page, 'Mixed picture'))[5][0] === 255);
  await waitForHash(page, 'lab=colours&lab-w=0.299,0.587,0.114,');
  assert.deepEqual(problems, []);
  await page.close();
});

test('the hidden channels of the stack are named after their kernels', async () => {
  const { page, problems } = await openWorkshop(site, '#?lab=stack');
  await choosePicture(page, 'halves.png', await drawHalves(page));
  const random = page.locator('#workshop').getByRole('button', { name: 'Random weights' });
  const restore = page
    .locator('#workshop')
    .getByRole('button', { name: 'Restore the edge detectors' });
  const detectors = await readNames(page);
  assert.deepEqual(detectors.slice(0, 2), ['Edges at 0°', 'Edges at 60°']);
  assert.deepEqual(detectors.slice(6), ['Brightness', 'Red dominates']);
  assert.equal(await restore.isVisible(), false);
  // The edge stands out.
  await eventually(async () => {
    const row = await readColours(page, 'Mixed picture');
    return row.length === 120 && Math.max(...row[60]) > Math.max(...row[20]) + 20;
  });
  await random.click();
  const neutral = Array.from({ length: 8 }, (_, i) => `Channel ${i}`);
  assert.deepEqual(await readNames(page), neutral);
  assert.equal(await page.locator('canvas[aria-label="Channel 3"]').count(), 1);
  await waitForHash(page, 'lab-w=');

  const again = await openWorkshop(site, new URL(page.url()).hash);
  assert.deepEqual(await readNames(again.page), neutral);
  const numbers = (page) =>
    page.locator('.mode-stack input').evaluateAll((all) => all.map(({ value }) => value));
  assert.deepEqual(await numbers(again.page), await numbers(page));
  await again.page.close();

  await restore.click();
  assert.deepEqual(await readNames(page), detectors);
  await page.waitForFunction(() => !location.hash.includes('lab-w'));
  assert.equal(await restore.isVisible(), false);
  // Other weights of the second layer leave the detectors as they are.
  await page.getByLabel('The 1×1 layer, green, 4').fill('-1');
  assert.deepEqual(await readNames(page), detectors);
  assert.deepEqual(problems, []);
  await page.close();
});

test('a column of the 3×8 matrix marks the picture and the kernels of its channel', async () => {
  const { page, problems } = await openWorkshop(site, '#?lab=stack', DESKTOP);
  const readLit = () =>
    page.evaluate(() => {
      const all = (selector) => [...document.querySelectorAll(`.mode-stack ${selector}`)];
      return {
        pictures: all('.tile[data-lit] .tile-number').map(({ textContent }) => textContent),
        columns: all('th[data-lit]').map(({ textContent }) => textContent),
        kernels: all('.kernel-row[data-chosen] .kernel-name').map(({ textContent }) => textContent),
      };
    });
  const only = (channel) => ({ pictures: [channel], columns: [channel], kernels: [channel] });
  const none = { pictures: [], columns: [], kernels: [] };
  const numbers = await page.locator('.mode-stack .tile-number').allTextContents();
  assert.deepEqual(numbers, ['0', '1', '2', '3', '4', '5', '6', '7']);
  assert.deepEqual(await readLit(), none);
  await page.getByLabel('The 1×1 layer, green, 4').hover();
  assert.deepEqual(await readLit(), only('4'));
  await page.locator('canvas[aria-label="Edges at 120°"]').hover();
  assert.deepEqual(await readLit(), only('2'));
  await page.locator('#workshop').getByRole('button', { name: 'Random weights' }).hover();
  assert.deepEqual(await readLit(), none);
  await page.getByLabel('The 1×1 layer, red, 7').focus();
  assert.deepEqual(await readLit(), only('7'));
  await page.keyboard.press('Shift+Tab');
  assert.deepEqual(await readLit(), only('6'));
  await page.getByLabel('The 1×1 layer, green, 4').hover();
  assert.deepEqual(await readLit(), only('4'));
  await page.mouse.move(5, 5);
  assert.deepEqual(await readLit(), only('6'), 'the focused column');
  await page.close();

  const phone = await openWorkshop(site, '#?lab=stack', PHONE);
  await phone.page.getByLabel('The 1×1 layer, blue, 3').tap();
  assert.equal(
    await phone.page.locator('.mode-stack .tile[data-lit] .tile-number').textContent(),
    '3',
  );
  assert.deepEqual([...problems, ...phone.problems], []);
  await phone.page.close();
});
