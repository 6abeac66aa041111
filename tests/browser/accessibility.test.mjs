// Accessibility of the whole page: axe-core, names of controls, touch targets, and narrow screens.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEverything, openPage, root, useSite } from './helpers.mjs';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const site = useSite();

/** The violations that axe-core finds in the current state of the page. */
async function findViolations(page) {
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await globalThis.axe.run(document, { runOnly: tags });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
}

test('axe-core finds no violation in either theme, and nothing overflows the window', async () => {
  const { page, problems } = await openPage(site.browser, site.url, {
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  await openEverything(page);
  await page.evaluate(axe);
  const shots = join(root, 'build/screenshots');
  mkdirSync(shots, { recursive: true });
  for (const theme of ['dark', 'light']) {
    assert.equal(await page.getAttribute('html', 'data-theme'), theme);
    assert.deepEqual(await findViolations(page), [], theme);
    for (const width of [768, 360, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(scrollWidth, width, `at ${width} px`);
      if (width === 768) continue;
      const path = join(shots, `${theme}-${width}.png`);
      await page.screenshot({ path, fullPage: true });
    }
    await page.click('#theme');
  }
  assert.deepEqual(problems, []);
  await page.close();
});

/** The controls without a name in the accessibility tree, and the number of all controls. */
async function findNamelessControls(page) {
  const client = await page.context().newCDPSession(page);
  const { nodes } = await client.send('Accessibility.getFullAXTree');
  const isControl = ({ ignored, role, properties }) =>
    !ignored &&
    !['RootWebArea', 'main', 'generic'].includes(role.value) &&
    properties?.some(({ name, value }) => name === 'focusable' && value.value);
  const controls = nodes.filter(isControl);
  const nameless = [];
  for (const { role, name, backendDOMNodeId } of controls) {
    if (name?.value.trim()) continue;
    const { outerHTML } = await client.send('DOM.getOuterHTML', {
      backendNodeId: backendDOMNodeId,
    });
    nameless.push(`${role.value}: ${outerHTML.slice(0, 200)}`);
  }
  await client.detach();
  return { nameless, total: controls.length };
}

for (const width of [1440, 360]) {
  test(`every control has a name in the accessibility tree at ${width} px`, async () => {
    const { page, problems } = await openPage(site.browser, site.url, {
      viewport: { width, height: 800 },
      prepare: (page) =>
        page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: null })),
    });
    const check = async (state) => {
      const { nameless, total } = await findNamelessControls(page);
      assert.deepEqual(nameless, [], state);
      return total;
    };
    const first = await check('at first');
    await openEverything(page);
    if (width < 900) await page.click('#menu');
    else await page.click('#share');
    const all = await check('with everything open');
    assert.ok(all > first && all > 100, `${all} controls`);
    for (const tab of await page.locator('[role=tab]').all()) {
      await tab.click();
      await check(`tab ${await tab.textContent()}`);
    }
    assert.deepEqual(problems, []);
    await page.close();
  });
}

/** Smallest sizes in pixels: of buttons, tabs, rows that open and sliders; and of everything. */
const LARGE = 44;
const SMALL = 24;

test('touch targets are large enough on a phone', async () => {
  const { page } = await openPage(site.browser, site.url, {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  await openEverything(page);
  await page.click('#menu');
  const measure = ([large, small]) => {
    const controls = 'a[href], button, input, select, summary, [tabindex], [contenteditable=true]';
    const isWithinText = (control) => control.matches('p a, li a, figcaption a, cite a, .inline');
    const targetOf = (control) =>
      control.matches('[type=checkbox], [type=radio]') ? control.closest('label') : control;
    return [...document.querySelectorAll(controls)]
      .filter((control) => control.checkVisibility() && !control.matches('.visually-hidden'))
      .filter((control) => !isWithinText(control))
      .map((control) => {
        const { width, height } = targetOf(control).getBoundingClientRect();
        const isLarge = control.matches('button, summary, [role=tab], [type=range], nav a');
        return { width, height, least: isLarge ? large : small, html: control.outerHTML };
      })
      .filter(({ width, height, least }) => width < small || height < least)
      .map(({ width, height, html }) => `${width}×${height}: ${html.slice(0, 120)}`);
  };
  assert.deepEqual(await page.evaluate(measure, [LARGE, SMALL]), []);
  await page.close();
});
