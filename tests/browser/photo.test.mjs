// The photographs that are split by colour: partial results and their sum, kernels, links and sizes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  collectProblems,
  launchFirefox,
  openPage,
  PHOTOS,
  servePage,
  showFigure,
  skipFirefox,
  useSite,
  waitUntil,
  waitUntilReady,
} from './helpers.mjs';

const site = useSite();
const COLOURS = ['Red', 'Green', 'Blue'];

/** Runs in the page: the bytes of the red component of every canvas that matches `selector`. */
const readPictures = (selector) =>
  [...document.querySelectorAll(selector)].map((canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]);
  });

/** Runs in the page: which colours of a figure are switched on. */
const readSwitches = (figure) =>
  [...document.querySelectorAll(`${figure} .photo-switch`)].map(
    (button) => button.getAttribute('aria-pressed') === 'true',
  );

/**
 * Asserts that the picture of the sum is the sum of the partial results that are switched on, wherever
 * no byte is clipped. `zero` is the byte of zero; the sum is drawn with a gain.
 */
function assertSum([...partials], sum, isOn, { zero, gain }, name) {
  const isClipped = (byte) => byte === 0 || byte === 255;
  let compared = 0;
  sum.forEach((byte, i) => {
    const parts = partials.filter((_, channel) => isOn[channel]).map((picture) => picture[i]);
    if (isClipped(byte) || parts.some(isClipped)) return;
    const expected = zero + gain * parts.reduce((total, part) => total + part - zero, 0);
    assert.ok(
      Math.abs(byte - expected) <= 0.5 + 1.5 * gain,
      `${name}: pixel ${i} is ${byte}, not ${expected}`,
    );
    compared++;
  });
  return compared;
}

/** The gain with which the sum is drawn, as the figure names it. */
async function readGain(page, figure) {
  const name = await page.$eval(`${figure} .photo-result`, ({ textContent }) => textContent);
  return Number(/^Sum(?:, gain (\d))?$/.exec(name)?.[1] ?? 1);
}

const SUBSETS = Array.from({ length: 8 }, (_, bits) =>
  COLOURS.map((_, i) => Boolean((bits >> i) & 1)),
);

for (const figure of ['#photo-start', '#photo-inputs']) {
  test(`${figure}: the sum adds up the channels that are switched on, with every kernel`, async () => {
    const { page, problems } = await openPage(site.browser, site.url);
    const root = page.locator(figure);
    const choices = root.getByRole('group', { name: 'Kernel' }).getByRole('button');
    assert.ok((await choices.count()) >= 3);
    const seen = new Set();
    for (const choice of await choices.all()) {
      await choice.click();
      const name = await choice.textContent();
      const zero = name === 'Blur' ? 0 : 127.5;
      const gain = await readGain(page, figure);
      for (const isOn of SUBSETS) {
        const before = await page.evaluate(readSwitches, figure);
        for (const [i, colour] of COLOURS.entries()) {
          if (before[i] !== isOn[i])
            await root.getByRole('button', { name: colour, exact: true }).click();
        }
        assert.deepEqual(await page.evaluate(readSwitches, figure), isOn);
        const partials = await page.evaluate(readPictures, `${figure} .photo-cell canvas`);
        const [sum] = await page.evaluate(readPictures, `${figure} .photo-result canvas`);
        const compared = assertSum(partials, sum, isOn, { zero, gain }, `${name} ${isOn}`);
        // With all channels off, the blurred picture is black: every byte is clipped.
        if (isOn.some(Boolean))
          assert.ok(compared > sum.length / 8, `${name} ${isOn}: ${compared}`);
        else assert.ok(new Set(sum).size === 1, `${name}: the sum of nothing is not flat`);
        assert.equal(await root.getAttribute('data-state'), 'match', `${name} ${isOn}`);
        seen.add(sum.join());
      }
    }
    // Every choice gives another picture, except that no channels give mid-grey for most kernels.
    assert.ok(seen.size > 6 * (await choices.count()), `${seen.size} pictures`);
    assert.match(await root.locator('.verdict').textContent(), /✓1,536 values match plain loops/);
    assert.deepEqual(problems, []);
    await page.close();
  });
}

test('a photograph can be used with the keyboard, and its controls have names', async () => {
  const { page } = await openPage(site.browser, site.url);
  const root = page.locator('#photo-start');
  const green = root.getByRole('button', { name: 'Green', pressed: true });
  await green.focus();
  await page.keyboard.press('Space');
  await root.getByRole('button', { name: 'Green', pressed: false }).waitFor();
  assert.equal(await root.getByRole('button', { pressed: true }).count(), 3);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await root.getByRole('button', { name: 'Blue', pressed: false }).waitFor();
  for (const photo of PHOTOS) {
    const unnamed = await page
      .locator(photo)
      .evaluate((figure) =>
        [...figure.querySelectorAll('canvas:not([aria-hidden]), [role=img], input, img')].filter(
          (element) => !(element.getAttribute('aria-label') || element.getAttribute('alt')),
        ),
      );
    assert.deepEqual(unnamed, [], photo);
  }
  await page.close();
});

test('links restore kernels and switches; other texts give the initial state', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await page.locator('#photo-inputs').getByRole('button', { name: 'Red − green' }).click();
  await page.locator('#photo-inputs').getByRole('button', { name: 'Blue' }).click();
  await page.locator('#photo-groups').getByRole('button', { name: 'groups = 1' }).click();
  await page.waitForFunction(() => location.hash.includes('photo-groups=1.rgb'));
  const link = page.url();
  assert.match(link, /photo-inputs=red-green\.rg(&|$)/);

  const again = await openPage(site.browser, link);
  assert.deepEqual(await again.page.evaluate(readSwitches, '#photo-inputs'), [true, true, false]);
  const chosen = (figure) =>
    again.page.locator(`${figure} .photo-choices [aria-pressed=true]`).textContent();
  assert.equal(await chosen('#photo-inputs'), 'Red − green');
  assert.equal(await chosen('#photo-groups'), 'groups = 1');
  for (const text of ['edges.', 'nothing.rgb', 'edges.bgr', 'edges', '.', '1,2.rgb']) {
    await again.page.evaluate((text) => {
      location.hash = `#inputs?photo-inputs=${text}`;
    }, text);
    const expected = text === 'edges.' ? [false, false, false] : [true, true, true];
    await waitUntil(
      async () =>
        JSON.stringify(await again.page.evaluate(readSwitches, '#photo-inputs')) ===
        JSON.stringify(expected),
      () => `${text} does not give ${expected}`,
    );
    assert.equal(await chosen('#photo-inputs'), text === 'edges.' ? 'Edges' : 'Warm');
  }
  assert.deepEqual([...problems, ...again.problems], []);
  await again.page.close();
  await page.close();
});

/** The colours of some pixels of a canvas. */
const readColours = (page, selector) =>
  page.$eval(selector, (canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    return [10, 40, 70, 130].map((x) => [...context.getImageData(x, 50, 1, 1).data.slice(0, 3)]);
  });

test('a 1×1 layer mixes the colours as its numbers say, which can be edited', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const root = page.locator('#photo-pointwise');
  const mixed = async (preset) => {
    await root.getByRole('button', { name: preset, exact: true }).click();
    return readColours(page, '#photo-pointwise .photo-colour canvas');
  };
  const same = await mixed('Unchanged');
  const isNear = (a, b) => a.flat().every((value, i) => Math.abs(value - b.flat()[i]) <= 1);
  assert.ok(
    isNear(
      await mixed('Swap'),
      same.map(([r, g, b]) => [g, b, r]),
    ),
  );
  const luma = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b;
  assert.ok(
    isNear(
      await mixed('Grey'),
      same.map((pixel) => [luma(pixel), luma(pixel), luma(pixel)]),
    ),
  );

  await mixed('Unchanged');
  const field = root.getByLabel('Weight to red out, from blue');
  await field.fill('−0,5');
  await page.waitForFunction(() =>
    decodeURIComponent(location.hash).includes('photo-pointwise=1,0,-0.5'),
  );
  const edited = await readColours(page, '#photo-pointwise .photo-colour canvas');
  assert.ok(
    isNear(
      edited,
      same.map(([r, g, b]) => [Math.max(0, r - b / 2), g, b]),
    ),
  );
  await field.fill('much');
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.deepEqual(await readColours(page, '#photo-pointwise .photo-colour canvas'), edited);
  assert.equal(await root.getAttribute('data-state'), 'match');
  await field.blur();
  assert.equal(await field.inputValue(), '−0.5');
  assert.notEqual(await field.getAttribute('aria-invalid'), 'true');

  const again = await openPage(site.browser, page.url());
  assert.equal(await again.page.getByLabel('Weight to red out, from blue').inputValue(), '−0.5');
  assert.deepEqual([...problems, ...again.problems], []);
  await again.page.close();
  await page.close();
});

for (const width of [360, 1440]) {
  test(`no edited weight is wider than its cell (${width} px)`, async () => {
    const { page } = await openPage(site.browser, site.url, { viewport: { width, height: 800 } });
    const field = page.getByLabel('Weight to red out, from blue');
    await showFigure(page, '#photo-pointwise');
    for (const [typed, shown, exact] of [
      ['-1000000', '−1e6', '−1000000'],
      ['999999', '1e6', '999999'],
      ['12345', '12345', '12345'],
      ['-0.123456', '−0.123', '−0.123456'],
      ['12345.678', '12346', '12345.68'],
    ]) {
      await field.fill(typed);
      await field.blur();
      assert.equal(await field.inputValue(), shown);
      const isWhole = ({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth;
      assert.ok(await field.evaluate(isWhole), shown);
      await field.focus();
      assert.equal(await field.inputValue(), exact);
      await field.blur();
    }
    await page.close();
  });
}

test('with three groups a colour reaches only its own output; with one group, every output', async () => {
  const { page } = await openPage(site.browser, site.url);
  const root = page.locator('#photo-groups');
  const outputs = '#photo-groups .photo-result canvas';
  for (const [groups, empty, changed] of [
    ['groups = 3', 6, [true, false, false]],
    ['groups = 1', 0, [true, true, true]],
  ]) {
    await root.getByRole('button', { name: groups }).click();
    assert.equal(await root.locator('.photo-cell[data-empty]').count(), empty);
    const before = await page.evaluate(readPictures, outputs);
    await root.getByRole('button', { name: 'Red' }).click();
    const after = await page.evaluate(readPictures, outputs);
    assert.deepEqual(
      after.map((picture, i) => picture.join() !== before[i].join()),
      changed,
      groups,
    );
    assert.equal(await root.getAttribute('data-state'), 'match');
    await root.getByRole('button', { name: 'Red' }).click();
  }
  await page.close();
});

for (const [width, height] of [
  [1440, 900],
  [360, 740],
]) {
  test(`at ${width}×${height} the first screen shows the photograph up to its sum`, async () => {
    const { page } = await openPage(site.browser, site.url, { viewport: { width, height } });
    const sum = await page.locator('#photo-start .photo-result canvas').boundingBox();
    // At least half of the picture.
    assert.ok(sum.y + sum.height / 2 <= height, `the sum is at ${sum.y}`);
    assert.equal(await page.locator('#start .primary').count(), 1);
    for (const photo of PHOTOS) {
      await showFigure(page, photo);
      const { left, right } = await page.$eval(photo, (figure) => figure.getBoundingClientRect());
      for (const part of await page
        .locator(`${photo} :is(button, canvas, img, input, svg)`)
        .all()) {
        const box = await part.boundingBox();
        if (!box) continue; // the choices of a figure that has only one
        assert.ok(box.x >= left && box.x + box.width <= right, `${photo}: ${JSON.stringify(box)}`);
      }
      for (const button of await page.locator(`${photo} .photo-switch`).all()) {
        const box = await button.boundingBox();
        assert.ok(Math.min(box.width, box.height) >= 44, `${photo}: ${JSON.stringify(box)}`);
      }
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    await page.close();
  });
}

test('on paper all photographs are there, without scripts a still picture of each', async () => {
  const page = await site.browser.newPage({ viewport: { width: 1000, height: 400 } });
  await page.goto(site.url);
  await waitUntilReady(page);
  await page.locator('#photo-start canvas').first().waitFor();
  assert.equal(await page.locator('#photo-groups canvas').count(), 0);
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  for (const photo of PHOTOS) {
    assert.ok(await page.locator(`${photo} .photo-switch canvas`).first().isVisible(), photo);
    assert.ok(await page.locator(`${photo} .photo-result canvas`).first().isVisible(), photo);
  }
  await page.close();

  for (const [width, file] of [
    [1000, /still-\w+\.webp$/],
    [360, /still-\w+-narrow\.webp$/],
  ]) {
    const context = await site.browser.newContext({
      javaScriptEnabled: false,
      viewport: { width, height: 700 },
    });
    const still = await context.newPage();
    await still.goto(site.url);
    for (const photo of PHOTOS) {
      const image = still.locator(`${photo} img:visible`);
      assert.equal(await image.count(), 1, photo);
      await image.scrollIntoViewIfNeeded();
      const { source, loaded, alt } = await image.evaluate((image) => ({
        source: image.currentSrc,
        loaded: image.naturalWidth > 0,
        alt: image.alt,
      }));
      assert.match(source, file);
      assert.ok(loaded && alt.length > 80, `${photo}: ${alt}`);
    }
    await context.close();
  }
});

test('without the photograph the checks of the figures fail, and the page says why', async () => {
  const context = await site.browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.route(/dandelion-small/, (route) => route.fulfill({ body: 'no picture' }));
  await page.goto(site.url);
  await waitUntilReady(page);
  await page.locator('#photo-start[data-state=error]').waitFor();
  assert.match(await page.textContent('#photo-start .verdict'), /photograph could not be read/);
  await context.close();
});

test('the photographs work in Firefox', { skip: skipFirefox }, async () => {
  const server = await servePage();
  const browser = await launchFirefox();
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1200, height: 900 });
    const problems = collectProblems(page);
    await page.goto(`${server.url}#inputs?photo-inputs=warm.rgb`);
    for (const photo of PHOTOS) {
      await page.waitForFunction(
        (photo) => {
          const figure = document.querySelector(photo);
          figure.scrollIntoView({ behavior: 'instant' });
          return figure.dataset.state === 'match';
        },
        { timeout: 60_000 },
        photo,
      );
    }
    const figure = '#photo-inputs';
    await page.$eval(`${figure} [data-colour=green].photo-switch`, (button) => button.click());
    const isOn = await page.evaluate(readSwitches, figure);
    assert.deepEqual(isOn, [true, false, true]);
    const partials = await page.evaluate(readPictures, `${figure} .photo-cell canvas`);
    const [sum] = await page.evaluate(readPictures, `${figure} .photo-result canvas`);
    const scale = { zero: 127.5, gain: await readGain(page, figure) };
    assert.ok(assertSum(partials, sum, isOn, scale, 'Firefox') > sum.length / 8);
    await page.waitForFunction(() => location.hash.includes('photo-inputs=warm.rb'));
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    await server.close();
  }
});
