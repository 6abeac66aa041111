// The cost explorer and the benchmark of the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, scrollToSection, useSite } from './helpers.mjs';
import { controlMeasurements } from './measurement-worker.mjs';

const site = useSite();

/** The text of a fact about the chosen layer. */
const readFact = (page, name) =>
  page
    .locator('.facts > div', { has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .textContent();
/** Moves a slider to its minimum or maximum. */
const setSlider = (page, name, to) =>
  page.locator(`.cost [data-setting=${name}]`).evaluate((input, to) => {
    input.value = to === 'max' ? input.max : input.min;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, to);
/** Waits until the layer of `macs` multiply-adds has been measured. */
const waitForMeasurement = (page, macs) =>
  page.waitForFunction(
    (macs) =>
      document.querySelector('#cost-why').dataset.macs === String(macs) &&
      /^The plan says/.test(document.querySelector('#cost-why').textContent),
    macs,
    { timeout: 60_000 },
  );

test('the cost explorer counts, plans and measures a layer', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await scrollToSection(page, 'cost');
  await waitForMeasurement(page, 56 * 56 * 64 * 64 * 9);
  assert.equal(await readFact(page, 'Multiply-adds'), '116 million');
  assert.equal(await readFact(page, 'Parameters'), '36,864');
  assert.equal(await readFact(page, 'Output'), '64×56×56');
  assert.match(await readFact(page, 'Time here'), /^[\d.,]+ (µs|ms|s)$/);
  const algorithm = await readFact(page, 'Algorithm');
  assert.ok(
    (await page.textContent('#cost-why')).startsWith(`The plan says: ${algorithm}, `),
    algorithm,
  );

  // Sliders at their ends: groups follow the channels, and every layer is valid.
  await setSlider(page, 'groups', 'max');
  await waitForMeasurement(page, 56 * 56 * 64 * 9);
  assert.equal(await readFact(page, 'Parameters'), '576');
  assert.equal(await readFact(page, 'Algorithm'), 'depthwise');
  await setSlider(page, 'h', 'min');
  await setSlider(page, 'k', 'max');
  await setSlider(page, 'stride', 'max');
  await setSlider(page, 'ci', 'min');
  // One input channel has one group: a 7×56 input, a 7×7 kernel, stride 4.
  await waitForMeasurement(page, 2 * 14 * 64 * 49);
  await setSlider(page, 'co', 'min');
  await setSlider(page, 'w', 'min');
  await setSlider(page, 'k', 'min');
  await waitForMeasurement(page, 2 * 2);
  assert.equal(await page.isVisible('.cost [role=alert]'), false);

  const again = await openPage(site.browser, page.url());
  await scrollToSection(again.page, 'cost');
  await waitForMeasurement(again.page, 2 * 2);
  assert.deepEqual([...problems, ...again.problems], []);
  await again.page.close();
  await page.close();
});

test('the cost explorer measures doubled channels and draws curves, which can be cancelled', async () => {
  const url = `${site.url}#?cost=14,14,3,16,16,1,1`;
  const prepare = controlMeasurements();
  const { page, problems } = await openPage(site.browser, url, { prepare });
  await scrollToSection(page, 'cost');
  await page.getByRole('button', { name: 'Double the channels' }).click();
  await page.waitForFunction(() =>
    /16→16: .*32→32: .*\(4×\)/.test(document.querySelector('#cost-double').textContent),
  );
  const curves = page.getByRole('button', { name: 'Measure the curves' });
  const holdMeasurements = (holds) =>
    page.evaluate((holds) => {
      globalThis.holdsMeasurements = holds;
    }, holds);
  await holdMeasurements(true);
  await curves.click();
  await page.getByRole('button', { name: 'Cancel: measuring the curves' }).click();
  await page.waitForFunction(() => document.querySelector('.cost .progress').hidden);
  assert.ok(await curves.isEnabled());
  await holdMeasurements(false);
  await curves.click();
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('.plot')].every(
        (plot) => plot.ariaLabel && plot.querySelector('canvas'),
      ),
    null,
    { timeout: 60_000 },
  );
  const labels = await page.$$eval('.plot', (plots) => plots.map((plot) => plot.ariaLabel));
  assert.match(labels[0], /^Time against channels\. 4: .*, 256: /);
  assert.match(labels[1], /^Time against height and width\. 7: .*, 112: /);
  assert.deepEqual(problems, []);
  await page.close();
});

test('the benchmark names the variant, can be cancelled, and compares results with the loops', async () => {
  const prepare = controlMeasurements({ speedup: 12, holds: true });
  const { page, problems } = await openPage(site.browser, site.url, { prepare });
  await scrollToSection(page, 'speed');
  await page.waitForFunction(() =>
    /corr2d 0\.1\.0/.test(document.querySelector('.speed .features').textContent),
  );
  assert.match(
    await page.textContent('.speed .features'),
    /variant (simd|relaxed).*thread.*cross-origin isolated/,
  );
  const rows = page.locator('.speed tbody tr:not(.group)');

  await page
    .locator('.speed')
    .getByRole('button', { name: /^All \d+ shapes/ })
    .click();
  await page.getByRole('button', { name: 'Cancel: the benchmark' }).click();
  await page.getByText(/Cancelled after 0 of \d+ shapes/).waitFor();
  await page.evaluate(() => {
    globalThis.holdsMeasurements = false;
  });

  await page.locator('.speed').getByRole('button', { name: 'Measure', exact: true }).click();
  await page.waitForFunction(() => document.querySelector('#speed-summary').dataset.total, null, {
    timeout: 120_000,
  });
  const { agree, total } = await page.$eval('#speed-summary', ({ dataset }) => ({ ...dataset }));
  assert.equal(agree, total);
  assert.equal(await rows.count(), Number(total));
  assert.ok(Number(total) >= 10);
  for (const text of await rows.allInnerTexts()) assert.match(text, /✓$/);
  assert.equal(await page.isVisible('.speed .warning'), false);
  assert.deepEqual(problems, []);
  await page.close();
});

// Browsers run WebAssembly unoptimised while developer tools are open. The page can detect this only by the
// measured speed-up over plain JavaScript, so the test sets that measurement.
for (const [speedup, isWarned] of [
  [5.9, true],
  [6, false],
]) {
  test(`the benchmark ${isWarned ? 'warns' : 'does not warn'} at a speed-up of ${speedup}`, async () => {
    const prepare = controlMeasurements({ speedup, holds: true });
    const { page, problems } = await openPage(site.browser, site.url, { prepare });
    await scrollToSection(page, 'speed');
    const warning = page.locator('.speed .warning');
    await page.locator('.speed').getByRole('button', { name: 'Measure', exact: true }).click();
    await page.locator(`.speed .warning[data-speedup="${speedup.toFixed(1)}"]`).waitFor({
      state: 'attached',
    });
    assert.equal(await warning.isVisible(), isWarned);
    if (isWarned) assert.match(await warning.textContent(), /developer tools/);
    await page.getByRole('button', { name: 'Cancel: the benchmark' }).click();
    await page.getByText(/Cancelled after/).waitFor();
    assert.deepEqual(problems, []);
    await page.close();
  });
}

test('the benchmark measures the speed-up if the test does not set it', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await scrollToSection(page, 'speed');
  await page.locator('.speed').getByRole('button', { name: 'Measure', exact: true }).click();
  await page.locator('.speed .warning[data-speedup]').waitFor({ state: 'attached' });
  assert.ok(Number(await page.getAttribute('.speed .warning', 'data-speedup')) > 0);
  await page.close();
  assert.deepEqual(problems, []);
});
