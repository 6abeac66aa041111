// The page in Firefox: figures, cells, the workshop with a camera, costs, answers, and offline use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectProblems, launchFirefox, PHOTOS, servePage, skipFirefox } from './helpers.mjs';

test('the page works in Firefox', { skip: skipFirefox }, async () => {
  const server = await servePage();
  const browser = await launchFirefox({
    'media.navigator.streams.fake': true,
    'media.navigator.permission.disabled': true,
  });
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1200, height: 900 });
    const problems = collectProblems(page);
    await page.goto(server.url);
    const until = (what, ...args) => page.waitForFunction(what, { timeout: 60_000 }, ...args);
    const textOf = (selector) => page.$eval(selector, (element) => element.textContent);
    await until(() => document.documentElement.dataset.page === 'ready');
    for (const figure of ['#windows', '#outputs-figure', '#pointwise-figure', '#groups-figure']) {
      await page.$eval(figure, (element) => element.scrollIntoView());
      await until((figure) => document.querySelector(`${figure} [data-mounted]`), figure);
    }
    for (const photo of PHOTOS) {
      await page.$eval(photo, (element) => element.scrollIntoView());
      await until((photo) => document.querySelector(`${photo} canvas`), photo);
    }
    assert.match(await textOf('#tally'), /^(\d+) of \1 checks hold$/);

    // Fig. 1, with the keyboard.
    await page.focus('#windows td[aria-selected=true]');
    await page.keyboard.press('ArrowRight');
    assert.match(await textOf('#windows-sum'), /= 25$/);

    // A cell: edited, with an error, and with an endless loop.
    await page.locator('[data-cell=stack] .code.editable').click();
    await until(
      () => document.querySelector('[data-cell=stack] .editor-host')?.shadowRoot.activeElement,
    );
    const type = async (code) => {
      await page.keyboard.down('Control');
      await page.keyboard.press('a');
      await page.keyboard.up('Control');
      await page.keyboard.type(code);
      await page.keyboard.down('Control');
      await page.keyboard.press('Enter');
      await page.keyboard.up('Control');
    };
    const waitForText = (role, pattern) =>
      until(
        (role, pattern) =>
          new RegExp(pattern).test(
            document.querySelector(`[data-cell=stack] [data-role=${role}]`)?.textContent,
          ),
        role,
        pattern,
      );
    await type('K.add(1).shape');
    await waitForText('result', '^\\[2, 2, 2\\]$');
    await type('// first\nmissing;');
    await waitForText('error', 'Line 2: ReferenceError');
    await type('for (;;);');
    await until(() => document.querySelector('[data-cell=stack]').dataset.running !== undefined);
    await page.locator('[data-cell=stack] button[aria-label^=Stop]').click();
    await until(() =>
      /Stopped/.test(document.querySelector('[data-cell=stack] .cell-output').textContent),
    );

    // The workshop: the camera, the editor and the stack of layers.
    await page.$eval('#workshop', (section) => section.scrollIntoView());
    await until(() =>
      /computed and drawn/.test(document.querySelector('#workshop-times')?.textContent),
    );
    await page.locator('.source-controls button').click();
    await until(() => Number(document.querySelector('#workshop-times').dataset.frames) > 5);
    assert.match(await textOf('#workshop-times'), /from capture to drawn/);
    await page.locator('.source-controls button').click();

    await until(() =>
      /computed and drawn/.test(document.querySelector('#workshop-times').textContent),
    );
    await page.locator('button[aria-label="Edit the weights: Laplacian"]').click();
    await page.locator('input[aria-label^="Red slice, second row, second"]').fill('0.5');
    await until(() => document.querySelector('canvas[aria-label="Laplacian, edited"]'));
    await page.locator('button[data-mode=stack]').click();
    await page.focus('input[aria-label="The 1×1 layer, green, 4"]');
    assert.equal(await textOf('.tile[data-lit] .tile-number'), '4');

    // The cost explorer and the answers.
    await page.$eval('#cost', (section) => section.scrollIntoView());
    await until(() => /^The plan says/.test(document.querySelector('#cost-why')?.textContent));
    await page.$eval('#exercises', (section) => section.scrollIntoView());
    await until(() => document.querySelector('#exercises [data-mounted]'));
    await page.$$eval('.exercise', (all) => {
      for (const exercise of all) {
        exercise.open = true;
        exercise.querySelector('[data-unknown]').click();
        exercise.querySelector('.guess button').click();
      }
    });
    await until(() =>
      [...document.querySelectorAll('.exercise [data-example]')].every(
        ({ dataset }) => dataset.state === 'match',
      ),
    );

    // Offline.
    await until(() => navigator.serviceWorker.controller);
    await server.close();
    await page.reload();
    await until(() => document.documentElement.dataset.page === 'ready');
    assert.match(await textOf('#tally'), /^\d+ of \d+ checks hold/);
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    await server.close();
  }
});
