// The names of the page's sliders in Chromium's accessibility tree.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAnswers, openPage, scrollToSection, useSite } from './helpers.mjs';

const site = useSite();

/** The names and spoken values of the sliders of a section in the accessibility tree. */
async function readSliders(session, selector) {
  const { root } = await session.send('DOM.getDocument');
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector });
  const { nodes } = await session.send('Accessibility.queryAXTree', { nodeId, role: 'slider' });
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ name, properties, value }) => ({
      name: name?.value ?? '',
      value: properties.find((property) => property.name === 'valuetext')?.value.value ?? value,
    }));
}

test('every slider has the name of its label in the accessibility tree, in every state', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  for (const section of ['workshop', 'cost']) await scrollToSection(page, section);
  await openAnswers(page);
  for (const name of ['Colours, 1×1', 'Rotation']) {
    await page.locator('#workshop').getByRole('button', { name }).click();
  }
  const session = await page.context().newCDPSession(page);
  await session.send('Accessibility.enable');
  const assertNamed = async (section) => {
    await page.$eval(section, (element) => element.scrollIntoView({ behavior: 'instant' }));
    const labels = await page.$$eval(`${section} input[type=range]`, (inputs) =>
      inputs
        .filter((input) => input.checkVisibility())
        .map((input) => [...input.labels].map((label) => label.textContent).join(' ')),
    );
    const sliders = await readSliders(session, section);
    assert.deepEqual(
      sliders.map(({ name }) => name),
      labels,
    );
    for (const { name, value } of sliders) {
      assert.match(name, /[a-z]/i);
      assert.notEqual(name, value);
    }
    return sliders.length;
  };
  const sections = await page.$$eval('main > section', (all) => all.map(({ id }) => `#${id}`));
  let count = 0;
  for (const section of sections) {
    await page.$$eval(`${section} details`, (all) => {
      for (const details of all) details.open = true;
    });
    count += await assertNamed(section);
    for (const tab of await page.locator(`${section} [role=tab]`).all()) {
      await tab.click();
      count += await assertNamed(section);
    }
    for (const key of ['End', 'Home']) {
      for (const input of await page.locator(`${section} input[type=range]:enabled`).all()) {
        if ((await input.isVisible()) && (await input.isEnabled())) await input.press(key);
      }
      await assertNamed(section);
    }
  }
  assert.ok(count > 20, `${count} sliders`);
  assert.deepEqual(problems, []);
  await page.close();
});
