// Links: places in the page, state in the URL, Copy link, and the header's list of sections.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  launchFirefox,
  openPage,
  readChecks,
  scrollToSection,
  servePage,
  showFigures,
  skipFirefox,
  useSite,
  waitUntilReady,
} from './helpers.mjs';

const site = useSite();

const SECTIONS = [
  'inputs',
  'outputs',
  'pointwise',
  'groups',
  'workshop',
  'cost',
  'exercises',
  'usage',
];
/** Largest distance, in pixels, of a heading from its place. */
const TOLERANCE = 10;

/**
 * Waits until the heading of a place is just below the header, or the page is scrolled to its end, and
 * has not moved for 30 frames.
 */
async function waitForPlace(page, id) {
  const isInPlace = ([id, tolerance]) => {
    const place = document.getElementById(id);
    const heading = place.querySelector(':scope > h2') ?? place;
    const { bottom } = document.querySelector('.top').getBoundingClientRect();
    const { top } = heading.getBoundingClientRect();
    const isStart = id === 'start';
    const distance = top - bottom - (isStart ? 0 : heading === place ? 12 : 20);
    const isAtEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 1;
    const { at, frames } = globalThis.lastPosition ?? {};
    globalThis.lastPosition = { at: top, distance, frames: at === top ? frames + 1 : 0 };
    const isNear = Math.abs(distance) <= tolerance || (isAtEnd && distance > 0);
    return globalThis.lastPosition.frames >= 30 && isNear;
  };
  const options = { polling: 'raf', timeout: 120_000 };
  const argument = [id, TOLERANCE];
  const waiting = page.browserContext
    ? page.waitForFunction(isInPlace, options, argument)
    : page.waitForFunction(isInPlace, argument, options);
  await waiting.catch(async (cause) => {
    const { distance } = await page.evaluate(() => globalThis.lastPosition);
    throw new Error(`${id} is ${distance} px from its place`, { cause });
  });
}

/** Clicks a link of the header, in the list of sections if the screen is narrow. */
async function clickInHeader(page, id) {
  if (await page.isVisible('#menu')) await page.click('#menu');
  await page.click(`.top nav a[href="#${id}"]`);
}

const SCREENS = [
  { viewport: { width: 1440, height: 800 }, reducedMotion: 'no-preference' },
  { viewport: { width: 360, height: 800 }, reducedMotion: 'reduce' },
];
const nameOf = ({ viewport, reducedMotion }) => `${viewport.width} px, motion ${reducedMotion}`;

for (const screen of SCREENS) {
  test(`links in the header, Back and Forward land on headings (${nameOf(screen)})`, async () => {
    const page = await site.browser.newPage(screen);
    await page.goto(site.url);
    await waitUntilReady(page);
    for (const id of ['exercises', ...SECTIONS.toReversed()]) {
      await clickInHeader(page, id);
      await waitForPlace(page, id);
      // A second click on the same link comes back to the place.
      await page.evaluate(() => scrollBy({ top: 333, behavior: 'instant' }));
      await clickInHeader(page, id);
      await waitForPlace(page, id);
    }
    for (const id of ['outputs', 'pointwise', 'groups']) {
      await page.goBack();
      await waitForPlace(page, id);
    }
    await page.goForward();
    await waitForPlace(page, 'pointwise');
    await page.close();
  });

  test(`a link that is opened directly lands on its heading (${nameOf(screen)})`, async () => {
    const context = await site.browser.newContext(screen);
    const page = await context.newPage();
    for (const [i, id] of SECTIONS.entries()) {
      await page.goto('about:blank');
      await page.goto(`${site.url}#${id}${i % 2 === 0 ? '?fig=4,3,2,2,1,1,1' : ''}`);
      await waitForPlace(page, id);
    }
    await context.close();
  });
}

test('links work and land on headings in Firefox', { skip: skipFirefox }, async () => {
  const server = await servePage();
  const browser = await launchFirefox();
  try {
    for (const width of [1440, 360]) {
      const page = await browser.newPage();
      page.setDefaultTimeout(120_000);
      page.setDefaultNavigationTimeout(120_000);
      await page.setViewport({ width, height: 800 });
      for (const id of SECTIONS) {
        await page.goto('about:blank');
        await page.goto(`${server.url}#${id}`);
        await waitForPlace(page, id);
      }
      for (const id of SECTIONS) {
        if (width < 900) await page.click('#menu');
        await page.click(`.top nav a[href="#${id}"]`);
        await waitForPlace(page, id);
      }
      if (width === 1440) await checkEveryLink(page, server.url);
      await page.close();
    }
  } finally {
    await browser.close();
    await server.close();
  }
});

/** Checks every link of the page: places by a click and when opened directly, files by their answer. */
async function checkEveryLink(page, url) {
  await page.evaluate(() => {
    for (const row of document.querySelectorAll('details')) row.open = true;
  });
  const links = await page.$$eval('a[href]', (links) =>
    links.map((link) => link.getAttribute('href')),
  );
  const [places, others] = [true, false].map((isPlace) =>
    [...new Set(links)].filter((link) => link.startsWith('#') === isPlace && link !== '#content'),
  );
  assert.ok(places.length >= 12, `${places.length} links to places`);
  const statusOf = async (link) => (await fetch(link)).status;
  for (const link of others.filter((link) => !/^https?:/.test(link))) {
    assert.equal(await page.evaluate(statusOf, link), 200, link);
  }
  for (const link of places) {
    const [id] = link.slice(1).split('?', 1);
    await page.$$eval(
      'a[href]',
      (links, link) => links.find((other) => other.getAttribute('href') === link).click(),
      link,
    );
    await waitForPlace(page, id);
    await page.goto('about:blank');
    await page.goto(`${url}${link}`);
    await waitForPlace(page, id);
  }
}

for (const width of [1440, 360]) {
  test(`every link of the page works (Chromium, ${width} px)`, async () => {
    const page = await site.browser.newPage({ viewport: { width, height: 800 } });
    await page.goto(site.url);
    await waitUntilReady(page);
    await checkEveryLink(page, site.url);
    await page.close();
  });
}

test('former ids lead to their new places, and closed rows open', async () => {
  const page = await site.browser.newPage();
  for (const [former, id] of [
    ['lab', (await hasPlace(page, 'filter')) ? 'filter' : 'workshop'],
    ['discussion', 'groups'],
    ['speed', 'speed'],
  ]) {
    await page.goto('about:blank');
    await page.goto(`${site.url}#${former}`);
    await waitUntilReady(page);
    await waitForPlace(page, id);
  }
  assert.equal(await page.getAttribute('#speed', 'open'), '');
  await page.close();
});

async function hasPlace(page, id) {
  await page.goto(site.url);
  await scrollToSection(page, 'workshop');
  return (await page.locator(`#${id}`).count()) > 0;
}

test('Back and Reload return to where the reader was', async () => {
  const page = await site.browser.newPage();
  await page.goto(`${site.url}#outputs`);
  await waitUntilReady(page);
  await waitForPlace(page, 'outputs');
  await page.mouse.wheel(0, 250);
  const distance = () =>
    page.evaluate(() =>
      Math.round(document.querySelector('#outputs h2').getBoundingClientRect().top),
    );
  const isSaved = () => Math.abs(history.state?.offset ?? 0) > 1;
  await page.waitForFunction(isSaved);
  const before = await distance();
  assert.ok(before < -100);
  const isBack = (before) =>
    Math.abs(document.querySelector('#outputs h2').getBoundingClientRect().top - before) <= 2;
  await clickInHeader(page, 'cost');
  await waitForPlace(page, 'cost');
  await page.goBack();
  await page.waitForFunction(isBack, before);
  await page.reload();
  await waitUntilReady(page);
  await page.waitForFunction(isBack, before);
  await page.close();
});

test('a place is let go when the visitor scrolls', async () => {
  const page = await site.browser.newPage();
  await page.goto(`${site.url}#outputs`);
  await waitUntilReady(page);
  await waitForPlace(page, 'outputs');
  await page.waitForLoadState('load');
  // As by the scroll bar, which causes no other events.
  await page.evaluate(() => scrollBy({ top: 400, behavior: 'instant' }));
  const before = await page.evaluate(() => scrollY);
  await page.evaluate(() => {
    document.querySelector('#outputs .cells').style.paddingBottom = '300px';
  });
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  assert.equal(await page.evaluate(() => scrollY), before);
  await page.close();
});

test('a link restores changed settings, and a link within the page keeps them', async () => {
  const page = await site.browser.newPage();
  await page.goto(`${site.url}#cost?fig=4,3,2,2,1,1,1`);
  await waitForPlace(page, 'cost');
  await showFigures(page);
  assert.equal(await page.locator('#windows .kernel-column').count(), 3);
  await clickInHeader(page, 'outputs');
  await page.waitForFunction(() => location.hash === '#outputs?fig=4,3,2,2,1,1,1');
  await waitForPlace(page, 'outputs');
  await page.close();
});

test('unknown, broken and very long values of a link are ignored', async () => {
  const long = '1,'.repeat(50_000);
  const broken = [
    'unknown=1&fig=3,2,1,x,1,1,1&fig-x=1,,2&fig-k=NaN&cost=9e99&lab=%3Cscript%3E&lab-w=%E0%A4%A',
    `fig=${long}&cell-load=${long}&hide=${long}&cost=${long}`,
    'fig&=&&fig-x==&cell-load=!!!&hide=,start,content,,nothing,__proto__',
    'fig=99,2,1,2,1,1,1&fig-x=1e999&out=-1&out-x=&out-at=5,5,5&fig-at=9,9,9',
  ];
  for (const values of broken) {
    const { page, problems } = await openPage(site.browser, `${site.url}#inputs?${values}`);
    const { 'first-window': figure } = await readChecks(page);
    assert.equal(figure.state, 'match');
    assert.equal(await page.isVisible('#linked'), false);
    assert.equal(await page.locator('main > section[hidden]').count(), 0);
    assert.deepEqual(problems, []);
    await page.close();
  }
});

test('a place that the page does not have opens its top', async () => {
  for (const place of ['nowhere', '__proto__', 'constructor', 'toString', '%00', '<b>']) {
    const { page, problems } = await openPage(site.browser, `${site.url}#${place}`);
    assert.equal(await page.getAttribute('html', 'data-page'), 'ready', place);
    assert.equal(await page.evaluate(() => scrollY), 0);
    assert.deepEqual(problems, []);
    await page.close();
  }
});

test('Copy link keeps the place and the changes', async () => {
  const context = await site.browser.newContext({
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const { page } = await openPage(context, `${site.url}#cost?fig=4,3,2,2,1,1,1`);
  for (const id of ['exercises', 'windows', 'groups']) {
    await clickInHeader(page, 'exercises');
    await waitForPlace(page, 'exercises');
    await page.$eval(`#${id}`, (place) => {
      dispatchEvent(new Event('wheel')); // the visitor scrolls
      place.scrollIntoView({ behavior: 'instant' });
    });
    await page.click('#share');
    await page.getByText('Link to this place copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, `${site.url}#${id}?fig=4,3,2,2,1,1,1`);
    const other = await context.newPage();
    await other.goto(copied);
    await waitUntilReady(other);
    await waitForPlace(other, id);
    await other.close();
  }
  await context.close();
});

for (const [what, prepare] of [
  ['missing', () => Object.defineProperty(navigator, 'clipboard', { value: undefined })],
  [
    'refused',
    () => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    },
  ],
]) {
  test(`Copy link shows the URL if the clipboard is ${what}`, async () => {
    const { page, problems } = await openPage(site.browser, `${site.url}#outputs`, {
      prepare: (page) => page.addInitScript(prepare),
    });
    await page.click('#share');
    assert.equal(await page.inputValue('#share-url'), site.url);
    const selected = () =>
      document.activeElement.selectionEnd - document.activeElement.selectionStart;
    assert.equal(await page.evaluate(selected), site.url.length);
    await page.keyboard.press('Escape');
    assert.equal(await page.isVisible('#share-url'), false);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'share');
    assert.deepEqual(problems, []);
    await page.close();
  });
}

test('the header is one row, and its list of sections works with mouse and keyboard', async () => {
  const page = await site.browser.newPage({ viewport: { width: 360, height: 740 } });
  await page.goto(site.url);
  await waitUntilReady(page);
  const list = page.locator('#sections');
  const current = () => page.textContent('.top nav a[aria-current]');
  await page.click('#menu');
  assert.equal(await page.getAttribute('#menu', 'aria-expanded'), 'true');
  assert.equal(await list.getByRole('link').count(), SECTIONS.length);
  await page.mouse.click(340, 600);
  assert.equal(await list.isVisible(), false);
  await page.focus('#menu');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  assert.equal(await list.isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'menu');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await list.isVisible(), false);
  await waitForPlace(page, 'outputs');
  assert.equal(await current(), 'Outputs');
  assert.equal(await page.textContent('#current-section'), 'Outputs');
  for (const width of [320, 360, 414, 768, 1000, 1440]) {
    await page.setViewportSize({ width, height: 740 });
    const height = await page.$eval('.top', (header) => header.getBoundingClientRect().height);
    assert.ok(height <= 52, `${height} px at ${width} px`);
    assert.equal(await current(), 'Outputs', `at ${width} px`);
  }
  await page.close();
});

test('a browser that refuses changes of the history causes no error', async () => {
  const page = await site.browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript(() => {
    history.replaceState = () => {
      throw new DOMException('too many calls', 'SecurityError');
    };
  });
  await page.goto(`${site.url}#outputs`);
  await waitUntilReady(page);
  await waitForPlace(page, 'outputs');
  await page.locator('#outputs-figure [role=grid] td').nth(3).click();
  await page.click('.top nav a[href="#inputs"]');
  await waitForPlace(page, 'inputs');
  assert.deepEqual(errors, []);
  await page.close();
});
