// The section “Use it”: README's recipes, the command to copy, sizes, and links to the documents.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  collectProblems,
  launchFirefox,
  openPage,
  root,
  servePage,
  skipFirefox,
  useSite,
} from './helpers.mjs';

/** The recipes of README.md: the code, and what its comments say that it prints. */
const recipes = readFileSync(join(root, 'README.md'), 'utf8')
  .split('\n## Recipes\n')[1]
  .split('\n## ')[0]
  .split('\n### ')
  .slice(1)
  .map((text) => {
    const [, code] = /```js\n([\s\S]+?)\n```/.exec(text);
    const printed = [...code.matchAll(/console\.log\(.*\/\/ (.+)/g)].map(([, output]) => output);
    const repetitions = Number(/i < (\d+)/.exec(code)?.[1] ?? 1);
    return {
      title: text.split('\n')[0],
      code,
      printed: Array.from({ length: repetitions }, () => printed).flat(),
    };
  });

const site = useSite();

/** Scrolls to the section and waits until its recipes can run. */
async function openUsage(page) {
  await page.$eval('#usage', (section) => section.scrollIntoView({ behavior: 'instant' }));
  await page.waitForSelector('.recipe-choices button');
}

/** Selects the recipe with this number and runs it. Returns what it prints, or its error. */
async function runRecipe(page, index) {
  await page.evaluate((index) => {
    document.querySelectorAll('.recipe-choices button')[index].click();
    document.querySelector('.recipe[data-current] .run').click();
  }, index);
  await page.waitForSelector('.recipe[data-current] .run:enabled', { timeout: 60_000 });
  return page.$$eval('.recipe[data-current] :is([data-role=printed], [data-role=error])', (lines) =>
    lines.map(({ textContent }) => textContent),
  );
}

const isReady = () => document.documentElement.dataset.page === 'ready';

test('every recipe runs the code of README.md and prints what its comments say', async () => {
  assert.equal(recipes.length, 4);
  const { page, problems } = await openPage(site.browser, site.url);
  await openUsage(page);
  for (const [index, { title, code, printed }] of recipes.entries()) {
    for (let i = 0; i < 2; i++) assert.deepEqual(await runRecipe(page, index), printed, title);
    const recipe = page.locator('.recipe[data-current]');
    assert.equal(await recipe.locator('.code').textContent(), code);
    assert.equal(await page.locator('.recipe:visible').count(), 1);
  }
  assert.deepEqual(problems, []);
  await page.close();
});

test('the first recipe blurs the canvas, as plain loops do', async () => {
  const { page } = await openPage(site.browser, site.url);
  await openUsage(page);
  await runRecipe(page, 0);
  const difference = await page.evaluate(() => {
    const [before, after] = [...document.querySelectorAll('.recipe[data-current] canvas')].map(
      (canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height),
    );
    const row = [1, 4, 6, 4, 1];
    let largest = 0;
    for (let y = 2; y < before.height - 2; y++) {
      for (let x = 2; x < before.width - 2; x++) {
        for (let channel = 0; channel < 3; channel++) {
          let sum = 0;
          for (let i = 0; i < 5; i++) {
            for (let j = 0; j < 5; j++) {
              const at = 4 * ((y + i - 2) * before.width + x + j - 2) + channel;
              sum += (row[i] * row[j] * before.data[at]) / 256;
            }
          }
          const actual = after.data[4 * (y * before.width + x) + channel];
          largest = Math.max(largest, Math.abs(actual - sum));
        }
      }
    }
    return largest;
  });
  assert.ok(difference <= 0.51, `${difference}`);
  await page.close();
});

test('a recipe shows its error', async () => {
  const context = await site.browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await page.goto(site.url);
  await openUsage(page);
  assert.match((await runRecipe(page, 1)).join(), /^Corr2dError: LOAD_FAILED: load: /);
  await context.close();
});

test('the link names the recipe, and the command can be copied', async () => {
  const context = await site.browser.newContext({
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const { page } = await openPage(context, site.url);
  await openUsage(page);
  await page.getByRole('button', { name: 'Do the same in a worker' }).press('Enter');
  await page.waitForFunction(() => /recipe=do-the-same/.test(location.hash));
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, 'npm install corr2d');

  const { page: other } = await openPage(context, page.url());
  await openUsage(other);
  assert.ok(await other.getByText('await createClient();').isVisible());
  await context.close();
});

test('the page states how much of it is corr2d, and whether that came from a cache', async () => {
  const context = await site.browser.newContext();
  const { page } = await openPage(context, site.url);
  const transfer = async () => {
    await openUsage(page);
    return page.textContent('.transfer');
  };
  const fetched = /fetched corr2d in [\d.]+ m?s: ([\d.]+) kB, compressed from [\d.]+ kB\.$/;
  const [, size] = fetched.exec(await transfer());
  // README's size of the default variants is that of another bundler.
  assert.ok(Math.abs(Number(size) - 87) < 3, size);
  assert.match(await page.textContent('.sizes table'), /corr2d\s*86 kB\s*SIMD: Chrome 91/);

  await page.waitForFunction(
    async () => (await navigator.serviceWorker.ready).active?.state === 'activated',
  );
  await page.reload();
  await page.waitForFunction(isReady);
  assert.match(await transfer(), /offline cache, where it is not compressed: \d+ kB in/);
  await context.close();

  // Other browsers and servers.
  for (const [sizes, expected] of [
    [{ encodedBodySize: 0, decodedBodySize: 0 }, /does not report/],
    [{ encodedBodySize: 5e4, transferSize: 6e4 }, /100 kB\. The server did not compress it\.$/],
    [{ encodedBodySize: 3e4, transferSize: 0 }, /from your browser’s cache: 60 kB, compressed/],
  ]) {
    const page = await site.browser.newPage();
    await page.addInitScript((sizes) => {
      const common = { decodedBodySize: 5e4, transferSize: 0, workerStart: 0, duration: 5 };
      performance.getEntriesByType = () =>
        ['corr2d-l8ex7p6m', 'variant-relaxed-threads-BJMKDNm1', 'main-De6NGxxD'].map((name) => ({
          name: `https://example.org/assets/${name}.js`,
          ...common,
          ...sizes,
        }));
    }, sizes);
    await page.goto(site.url);
    await openUsage(page);
    assert.match(await page.textContent('.transfer'), expected);
    await page.close();
  }
});

test('the links to the documents and the API reference work', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const links = await page.$$eval('a[href^="./"]', (all) => all.map(({ href }) => href));
  for (const name of ['guide.html', 'comparison.html', 'api/index.html']) {
    assert.ok(
      links.some((link) => link.endsWith(name)),
      name,
    );
  }
  for (const link of links) assert.equal((await fetch(link)).status, 200, link);
  assert.deepEqual(problems, []);
  await page.click('#usage a[href$="comparison.html"]');
  await page.waitForURL('**/comparison.html');
  await page.getByRole('heading', { name: 'Comparison', level: 1 }).waitFor();
  await page.close();
});

test('a link to the page has a preview with a title, a description and a picture', async () => {
  const { page } = await openPage(site.browser, site.url);
  const tags = await page.$$eval('meta[property^="og:"]', (all) =>
    Object.fromEntries(all.map((tag) => [tag.getAttribute('property').slice(3), tag.content])),
  );
  assert.equal(tags.title, await page.title());
  assert.equal(tags.description, await page.getAttribute('meta[name=description]', 'content'));
  assert.match(tags['image:alt'], /photograph/);
  assert.equal(
    await page.getAttribute('meta[name="twitter:card"]', 'content'),
    'summary_large_image',
  );
  const { bytes, ...size } = await page.evaluate(async (url) => {
    const picture = await (await fetch(url)).blob();
    const { width, height } = await createImageBitmap(picture);
    return { bytes: picture.size, width, height };
  }, tags.image);
  assert.deepEqual(size, {
    width: Number(tags['image:width']),
    height: Number(tags['image:height']),
  });
  assert.ok(bytes < 100_000, `${bytes} bytes`);
  await page.close();
});

test('without scripts and on paper all recipes and sizes can be read', async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false });
  const still = await context.newPage();
  await still.goto(site.url);
  for (const { title } of recipes) {
    assert.ok(await still.getByRole('heading', { name: title }).isVisible(), title);
  }
  assert.deepEqual(
    await still.locator('.recipe .code:visible').allTextContents(),
    recipes.map(({ code }) => code),
  );
  assert.ok(await still.getByText('npm install corr2d').isVisible());
  assert.ok(await still.getByRole('cell', { name: 'SIMD: Chrome 91' }).isVisible());
  assert.equal(await still.locator('#usage button:visible').count(), 0);
  await context.close();

  const { page } = await openPage(site.browser, site.url);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.recipe:visible').count(), recipes.length);
  await page.close();
});

test('the recipes run in Firefox, also offline', { skip: skipFirefox }, async () => {
  const server = await servePage();
  const browser = await launchFirefox();
  try {
    const page = await browser.newPage();
    const problems = collectProblems(page);
    await page.goto(server.url);
    await page.waitForFunction(isReady, { timeout: 60_000 });
    await page.waitForFunction(() => navigator.serviceWorker.controller, { timeout: 60_000 });
    await server.close();
    await page.reload();
    await page.waitForFunction(isReady, { timeout: 60_000 });
    await openUsage(page);
    for (const [index, { title, printed }] of recipes.entries()) {
      assert.deepEqual(await runRecipe(page, index), printed, title);
    }
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    await server.close();
  }
});
