// The cost explorer and the benchmark of the page.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { goTo, launch, openPage, root } from './helpers.mjs';

let browser;
let server;

before(async () => {
  browser = await launch();
  server = await startServer({ root: join(root, 'build/web'), port: 8230 });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

const fact = (page, name) =>
  page
    .locator('.facts > div', { has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .textContent();
const set = (page, name, to) =>
  page.locator(`.cost [data-setting=${name}]`).evaluate((input, to) => {
    input.value = to === 'max' ? input.max : input.min;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, to);
/** Waits until the layer that is chosen now has been measured. */
const measured = (page, macs) =>
  page.waitForFunction(
    (macs) =>
      document.querySelector('#cost-why').dataset.macs === String(macs) &&
      /^The plan says/.test(document.querySelector('#cost-why').textContent),
    macs,
    { timeout: 60_000 },
  );

test('the cost of a layer is counted, planned and measured', async () => {
  const { page, troubles } = await openPage(browser, server.url);
  await goTo(page, 'cost');
  await measured(page, 56 * 56 * 64 * 64 * 9);
  assert.equal(await fact(page, 'Multiply-adds'), '116 million');
  assert.equal(await fact(page, 'Parameters'), '36,864');
  assert.equal(await fact(page, 'Output'), '64×56×56');
  assert.match(await fact(page, 'Time here'), /^[\d.,]+ (µs|ms|s)$/);
  const algorithm = await fact(page, 'Algorithm');
  assert.ok(
    (await page.textContent('#cost-why')).startsWith(`The plan says: ${algorithm}, as it`),
    algorithm,
  );

  // To their ends: groups follow the channels, and every layer is valid.
  await set(page, 'groups', 'max');
  await measured(page, 56 * 56 * 64 * 9);
  assert.equal(await fact(page, 'Parameters'), '576');
  assert.equal(await fact(page, 'Algorithm'), 'depthwise');
  await set(page, 'h', 'min');
  await set(page, 'k', 'max');
  await set(page, 'stride', 'max');
  await set(page, 'ci', 'min');
  // One channel in has one group; 7×56, 7×7, a step of 4.
  await measured(page, 2 * 14 * 64 * 49);
  await set(page, 'co', 'min');
  await set(page, 'w', 'min');
  await set(page, 'k', 'min');
  await measured(page, 2 * 2);
  assert.equal(await page.isVisible('.cost [role=alert]'), false);

  const again = await openPage(browser, page.url());
  await goTo(again.page, 'cost');
  await measured(again.page, 2 * 2);
  assert.deepEqual([...troubles, ...again.troubles], []);
  await again.page.close();
  await page.close();
});

test('doubling the channels is answered by measuring, and curves are drawn', async () => {
  const { page, troubles } = await openPage(browser, `${server.url}#?cost=14,14,3,16,16,1,1`);
  await goTo(page, 'cost');
  await page.getByRole('button', { name: 'Double the channels' }).click();
  await page.waitForFunction(() =>
    /16→16: .*32→32: .*\(4×\)/.test(document.querySelector('#cost-double').textContent),
  );
  const curves = page.getByRole('button', { name: 'Measure the curves' });
  await curves.click();
  await page.getByRole('button', { name: 'Cancel: measuring the curves' }).click();
  await page.waitForFunction(() => document.querySelector('.cost .progress').hidden);
  assert.ok(await curves.isEnabled());
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
  assert.deepEqual(troubles, []);
  await page.close();
});

test('the benchmark says what runs, can be cancelled, and holds results against the loops', async () => {
  const { page, troubles } = await openPage(browser, server.url);
  await goTo(page, 'speed');
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
  await rows.first().waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Cancel: the benchmark' }).click();
  await page.getByText(/Cancelled after \d+ of \d+ shapes/).waitFor();

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
  assert.deepEqual(troubles, []);
  await page.close();
});

test('with developer tools that debug, the benchmark warns', async () => {
  const { page, troubles } = await openPage(browser, server.url);
  const tools = await page.context().newCDPSession(page);
  tools.on('Target.attachedToTarget', ({ sessionId }) => {
    const message = JSON.stringify({ id: 1, method: 'Debugger.enable' });
    void tools.send('Target.sendMessageToTarget', { sessionId, message });
  });
  await tools.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: false,
    flatten: false,
  });
  await goTo(page, 'speed');
  await page.locator('.speed').getByRole('button', { name: 'Measure', exact: true }).click();
  await page.locator('.speed .warning').waitFor({ timeout: 60_000 });
  assert.match(await page.textContent('.speed .warning'), /developer tools/);
  await page.getByRole('button', { name: 'Cancel: the benchmark' }).click();
  await page.getByText(/Cancelled after/).waitFor();
  assert.deepEqual(troubles, []);
  await page.close();
});
