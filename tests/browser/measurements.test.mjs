// The cost explorer and the benchmark of the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, scrollToSection, useSite } from './helpers.mjs';
import { controlMeasurements, holdMeasurements, readTimedMacs } from './measurement-worker.mjs';

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

/** Milliseconds above which the page asks before it measures, and the speed that the tests set. */
const ASK_ABOVE_MS = 2000;
const SPEED = 4e6;

const SLIDERS = ['h', 'w', 'k', 'ci', 'co', 'stride', 'groups'];
const LARGEST = '#cost?cost=224,224,7,512,512,1,1';
const costButton = (page, name) => page.locator('.cost').getByRole('button', { name });

test('sliders moved to their ends and back leave no queue of measurements', async () => {
  const prepare = controlMeasurements({ speed: SPEED });
  const { page, problems } = await openPage(site.browser, site.url, { prepare });
  await scrollToSection(page, 'cost');
  for (const to of ['max', 'min', 'max', 'min']) {
    for (const name of SLIDERS) await setSlider(page, name, to);
  }
  await waitForMeasurement(page, 7 * 7);
  // Only layers that the page could measure within two seconds were measured, and the small one last.
  const timed = await readTimedMacs(page);
  assert.equal(timed.at(-1), 7 * 7);
  for (const macs of timed) assert.ok(macs / SPEED <= ASK_ABOVE_MS, `${macs} multiply-adds`);
  assert.ok(timed.length <= 4 * SLIDERS.length + 1, `${timed.length} measurements`);
  assert.deepEqual(problems, []);
  await page.close();
});

test('a layer that takes long is measured only on request, and the measurement can be cancelled', async () => {
  const prepare = controlMeasurements({ speed: SPEED, holds: true });
  const { page, problems } = await openPage(site.browser, `${site.url}${LARGEST}`, { prepare });
  await scrollToSection(page, 'cost');
  // 224 × 224 × 512 × 512 × 49 multiply-adds at the speed that is assumed before any measurement.
  assert.equal(await readFact(page, 'Time, estimated'), 'about 160 s');
  const measure = costButton(page, 'Measure it (about 3 min)');
  await measure.click();
  await costButton(page, 'Cancel: measuring the layer').click();
  await page.locator('.cost').getByText('Cancelled.').waitFor();
  assert.equal(await page.evaluate(() => globalThis.endedWorkers), 1);
  // Twice the channels would not fit in memory.
  assert.ok(await costButton(page, 'Double the channels').isDisabled());
  await page
    .getByText('Doubling the channels needs 784 MiB of memory; this page uses at most 512 MiB.')
    .waitFor();

  // A newer layer ends the measurement of the older one.
  await measure.click();
  await costButton(page, 'Cancel: measuring the layer').waitFor();
  await setSlider(page, 'h', 'min');
  assert.equal(await page.evaluate(() => globalThis.endedWorkers), 2);
  await holdMeasurements(page, false);
  for (const name of SLIDERS) await setSlider(page, name, 'min');
  await waitForMeasurement(page, 7 * 7);
  for (const macs of (await readTimedMacs(page)).slice(2)) {
    assert.ok(macs / SPEED <= ASK_ABOVE_MS, `${macs} multiply-adds`);
  }
  await costButton(page, 'Repeat').waitFor();

  await page.evaluate((hash) => {
    location.hash = hash;
  }, LARGEST);
  await measure.click();
  await waitForMeasurement(page, 224 * 224 * 512 * 512 * 49);
  assert.deepEqual(problems, []);
  await page.close();
});

test('doubled channels and curves are measured, cancelled, and superseded by another layer', async () => {
  const url = `${site.url}#?cost=56,56,3,256,256,1,1`;
  const prepare = controlMeasurements({ speed: SPEED });
  const { page, problems } = await openPage(site.browser, url, { prepare });
  await scrollToSection(page, 'cost');
  await waitForMeasurement(page, 56 * 56 * 256 * 256 * 9);
  for (const [label, what, pending, slider, macs] of [
    ['Double the channels', 'doubling the channels', 'Measuring…', 'h', 7 * 56 * 256 * 256 * 9],
    ['Measure the curves', 'measuring the curves', /1 of 11: channels 4$/, 'w', 49 * 256 * 256 * 9],
  ]) {
    const start = costButton(page, new RegExp(`^${label}( \\(about [\\d.]+ s\\))?$`));
    const cancel = costButton(page, `Cancel: ${what}`);
    await holdMeasurements(page, true);
    await start.click();
    await page.locator('.cost').getByText(pending).waitFor();
    await cancel.click();
    await page.locator('.cost').getByText('Cancelled.').waitFor();
    await start.click();
    await cancel.waitFor();
    await setSlider(page, slider, 'min');
    await start.waitFor();
    await holdMeasurements(page, false);
    await waitForMeasurement(page, macs);
  }
  assert.deepEqual(problems, []);
  await page.close();
});

test('the cost explorer measures doubled channels and draws curves', async () => {
  const url = `${site.url}#?cost=14,14,3,16,16,1,1`;
  const { page, problems } = await openPage(site.browser, url);
  await scrollToSection(page, 'cost');
  await costButton(page, /^Double the channels/).click();
  await page.waitForFunction(() =>
    /16→16: .*32→32: .* for 4 times/.test(document.querySelector('#cost-double').textContent),
  );
  assert.equal(await page.locator('.plot:visible').count(), 0);
  await costButton(page, /^Measure the curves/).click();
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
  // The curves belong to one layer.
  await setSlider(page, 'stride', 'max');
  assert.equal(await page.locator('.plot:visible').count(), 0);
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
