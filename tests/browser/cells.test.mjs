// The code cells of the chapter: running, editing, stopping and sharing them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPage, root, useSite } from './helpers.mjs';

const { examples: chapter } = JSON.parse(
  readFileSync(join(root, 'tests/fixtures/chapter/torch-1.13.json'), 'utf8'),
);
/** PyTorch's output for an example of the chapter. */
const printed = (name) => chapter.find((example) => example.name === name).Y.text;

const site = useSite();

const cell = (page, id) => page.locator(`[data-cell="${id}"]`);
const result = (page, id) => cell(page, id).locator('[data-role=result]').textContent();
const runOf = (page, id) => cell(page, id).getByRole('button', { name: /^Run:/ });

/** Replaces the code of a cell. */
async function type(page, id, code) {
  await cell(page, id).locator('.code.editable, .cm-content').first().click();
  await cell(page, id).locator('.cm-content').waitFor();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(code);
}

/** Runs a cell with the keyboard and waits until it has ended. */
async function run(page, id) {
  await cell(page, id).locator('.cm-content').press('Control+Enter');
  await waitForEnd(page, id);
}

/** Waits until a cell has ended. */
const waitForEnd = (page, id) =>
  page.waitForFunction(
    (id) => {
      const { dataset, querySelector } = document.querySelector(`[data-cell="${id}"]`);
      return dataset.running === undefined && querySelector !== undefined;
    },
    id,
    { timeout: 60_000 },
  );

test('all cells print what PyTorch prints, also when run a second time', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  for (const again of [false, true]) {
    if (again) {
      await page.getByRole('button', { name: 'Run all' }).click();
      await waitForEnd(page, 'one-by-one');
      await cell(page, 'one-by-one').locator('.timing').getByText(/s$/).waitFor();
    }
    assert.equal(await result(page, 'multi-in'), printed('7.4.1'));
    assert.equal(await result(page, 'one-call'), printed('7.4.1 with the extra axis'));
    assert.equal(await result(page, 'stack'), '[3, 2, 2, 2]');
    assert.equal(await result(page, 'multi-in-out'), printed('7.4.2'));
    assert.ok(Number(await result(page, 'one-by-one')) < 1e-6);
    for (const id of ['multi-in', 'one-call', 'stack', 'multi-in-out', 'one-by-one']) {
      const verdict = await cell(page, id).locator('.verdict').textContent();
      assert.match(verdict, /^✓/, id);
    }
  }
  assert.deepEqual(problems, []);
  await page.close();
});

test('an edited cell shares variables with the other cells and can run repeatedly', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await type(
    page,
    'multi-in-out',
    `const { shape: [depth], size = 1 } = K3, twice = K3.mul(2);
class Counter { static count = 0; }
print('kernels', depth, size, hoisted());
function hoisted() { return Counter.name; }
corr2dMultiInOut(X, twice).at(0)`,
  );
  for (let i = 0; i < 2; i++) {
    await run(page, 'multi-in-out');
    assert.equal(
      await result(page, 'multi-in-out'),
      'tensor([[112., 144.],\n        [208., 240.]])',
    );
    const said = await cell(page, 'multi-in-out').locator('[data-role=printed]').textContent();
    assert.equal(said, 'kernels 3 24 Counter');
  }
  // A changed cell is not compared with the chapter's value.
  const verdict = await cell(page, 'multi-in-out').locator('.verdict').textContent();
  assert.doesNotMatch(verdict, /[✓✗]/);

  // Earlier cells see its declarations, and functions see later assignments.
  await type(
    page,
    'one-call',
    'const factor = 10;\nfunction scaled() { return depth * factor; }\nscaled()',
  );
  await run(page, 'one-call');
  assert.equal(await result(page, 'one-call'), '30');
  await type(page, 'stack', 'factor = 20;\nlet waited = await Promise.resolve(scaled());\nwaited');
  await run(page, 'stack');
  assert.equal(await result(page, 'stack'), '60');

  await cell(page, 'stack')
    .getByRole('button', { name: /^Reset/ })
    .click();
  await runOf(page, 'stack').click();
  await waitForEnd(page, 'stack');
  assert.equal(await result(page, 'stack'), '[3, 2, 2, 2]');
  assert.deepEqual(problems, []);
  await page.close();
});

test('an error in a cell is shown with its line', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const wrong = async (id, code) => {
    await type(page, id, code);
    await run(page, id);
    return cell(page, id).locator('[data-role=error]').innerText();
  };
  assert.match(
    await wrong('multi-in', 'const a = 1;\nconst b = ;'),
    /Line 2: SyntaxError[\s\S]*Unexpected token[\s\S]*const b = ;/,
  );
  assert.match(
    await wrong('multi-in', '\n// here\nc.conv2d(X, c.ones([3, 5, 2, 2]));\n1'),
    /Line 3: SHAPE_MISMATCH[\s\S]*conv2d: weight[\s\S]*c\.conv2d\(X/,
  );
  assert.match(
    await wrong('multi-in', 'let x = 1;\n\n\nmissing + x'),
    /Line 4: ReferenceError[\s\S]*missing/,
  );
  assert.match(await wrong('multi-in', 'if (true) {\n  throw 5;\n}'), /Thrown[\s\S]*5/);
  assert.match(await wrong('multi-in', "import fs from 'fs';"), /Line 1: TypeError[\s\S]*corr2d/);
  assert.match(await wrong('multi-in', 'export const a = 1;'), /Line 1: SyntaxError[\s\S]*export/);
  // An error in a function of another cell is shown at the call.
  assert.match(
    await wrong('multi-in-out', '// first line\ncorr2dMultiIn(X, c.ones([2, 9, 9]))'),
    /Line 2: SHAPE_MISMATCH/,
  );
  // The cell still works.
  await type(page, 'multi-in', 'c.corr2dMultiIn(X, K).shape');
  await run(page, 'multi-in');
  assert.equal(await result(page, 'multi-in'), '[2, 2]');
  assert.deepEqual(problems, []);
  await page.close();
});

test('an endless loop can be stopped, and then the cells above can run again', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  await type(page, 'multi-in-out', 'for (;;) {}');
  await cell(page, 'multi-in-out').locator('.cm-content').press('Control+Enter');
  const stop = cell(page, 'multi-in-out').getByRole('button', { name: /^Stop/ });
  await stop.waitFor();
  // Meanwhile the page responds, and another cell waits.
  const sum = await page.textContent('#windows-sum');
  await page.locator('#windows td[aria-selected=true]').press('ArrowRight');
  assert.notEqual(await page.textContent('#windows-sum'), sum);
  await runOf(page, 'stack').click();
  await stop.click();
  for (const id of ['multi-in-out', 'stack']) {
    assert.match(
      await cell(page, id).locator('.cell-output').innerText(),
      /Stopped.*variables.*gone/,
    );
  }

  await runOf(page, 'one-call').click();
  await cell(page, 'one-call').locator('[data-role=error]').waitFor();
  assert.match(
    await cell(page, 'one-call').locator('[data-role=error]').innerText(),
    /ReferenceError/,
  );

  await cell(page, 'multi-in-out')
    .getByRole('button', { name: 'Run the cells above again' })
    .click();
  await cell(page, 'stack').locator('[data-role=result]').waitFor();
  assert.equal(await result(page, 'stack'), '[3, 2, 2, 2]');
  await type(page, 'multi-in-out', 'c.corr2dMultiInOut(X, K3).shape');
  await run(page, 'multi-in-out');
  assert.equal(await result(page, 'multi-in-out'), '[3, 2, 2]');
  assert.deepEqual(problems, []);
  await page.close();
});

test('code from a link is marked and does not run by itself', async () => {
  const { page } = await openPage(site.browser, site.url);
  await type(page, 'stack', "globalThis.foreign = 'ran';\nforeign");
  await page.waitForFunction(() => location.hash.includes('cell-stack='));
  const link = page.url();
  await page.close();

  const { page: other, problems } = await openPage(site.browser, link);
  assert.ok(await other.isVisible('#linked'));
  const note = cell(other, 'stack').locator('.cell-note');
  assert.match(await note.textContent(), /From the link/);
  assert.match(
    await cell(other, 'stack').locator('.code').first().textContent(),
    /foreign = 'ran'/,
  );
  // The cells above it have run; it and the cells below have not.
  assert.equal(await result(other, 'multi-in'), printed('7.4.1'));
  assert.equal(await cell(other, 'stack').locator('[data-role=result]').count(), 0);
  assert.equal(await cell(other, 'multi-in-out').locator('[data-role=result]').count(), 0);
  await other.getByRole('button', { name: 'Run all' }).click();
  await other.getByText('Press Run in that cell').waitFor();
  assert.equal(await cell(other, 'stack').locator('[data-role=result]').count(), 0);

  // "Run the cells above again" does not run it either.
  await type(other, 'multi-in-out', 'for (;;) {}');
  await cell(other, 'multi-in-out').locator('.cm-content').press('Control+Enter');
  await cell(other, 'multi-in-out').getByRole('button', { name: /^Stop/ }).click();
  await cell(other, 'multi-in-out')
    .getByRole('button', { name: 'Run the cells above again' })
    .click();
  await other.getByText('Press Run in that cell').waitFor();
  assert.equal(await cell(other, 'stack').locator('[data-role=result]').count(), 0);

  await runOf(other, 'stack').click();
  await cell(other, 'stack').locator('[data-role=result]').waitFor();
  assert.equal(await result(other, 'stack'), 'ran');
  assert.equal(await note.textContent(), 'changed');
  assert.equal(await other.isVisible('#linked'), false);

  // An invalid link changes nothing.
  const broken = await openPage(
    site.browser,
    `${site.url}#?cell-stack=%F0%9F&cell-one-call=AAAA&fig=9,9,9&lab=x&cost=1,2`,
  );
  assert.equal(await result(broken.page, 'stack'), '[3, 2, 2, 2]');
  assert.equal(await broken.page.isVisible('#linked'), false);
  assert.deepEqual([...problems, ...broken.problems], []);
  await broken.page.close();
  await other.close();
});

test('only the worker of the cells can evaluate strings as code', async () => {
  const { page } = await openPage(site.browser, site.url);
  // In a timer, because code that a debugger evaluates directly is exempt from the policy.
  const refused = await page.evaluate(
    () =>
      new Promise((done) => {
        setTimeout(() => {
          try {
            done(globalThis.Function('return 1')());
          } catch (error) {
            done(error.name);
          }
        });
      }),
  );
  assert.equal(refused, 'EvalError');
  // The editor works under the same policy, with syntax colours.
  await type(page, 'one-call', "globalThis.Function('return 7')()");
  await run(page, 'one-call');
  assert.equal(await result(page, 'one-call'), '7');
  const colours = await page.evaluate(() => {
    const { shadowRoot } = document.querySelector('.editor-host');
    return new Set(
      [...shadowRoot.querySelectorAll('.cm-line span')].map((word) => getComputedStyle(word).color),
    ).size;
  });
  assert.ok(colours > 1, 'the editor shows no syntax colours');
  await page.close();
});

test('the chapter’s Python is shown on request, also with the keyboard', async () => {
  const { page, problems } = await openPage(site.browser, site.url);
  const toggle = cell(page, 'stack').getByRole('button', { name: /the chapter’s Python$/ });
  const python = page.locator('#python-stack');
  assert.equal(await python.isVisible(), false);
  await toggle.press('Enter');
  assert.ok(await python.getByText('torch.stack((K, K + 1, K + 2), 0)').isVisible());
  assert.equal(await toggle.getAttribute('aria-expanded'), 'true');
  await toggle.press('Space');
  assert.equal(await python.isVisible(), false);
  assert.equal(await toggle.textContent(), 'Show the chapter’s Python');

  // On a phone it is below the JavaScript.
  await page.setViewportSize({ width: 360, height: 740 });
  await toggle.click();
  const [code, below] = await Promise.all(
    [cell(page, 'stack').locator('.code.editable'), python].map((part) => part.boundingBox()),
  );
  assert.ok(below.y >= code.y + code.height);
  assert.deepEqual(problems, []);
  await page.close();
});

test('the code is in the page without scripts and on paper, and mounting a cell does not move it', async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false });
  const still = await context.newPage();
  await still.goto(site.url);
  const code = cell(still, 'multi-in-out').locator('.code');
  assert.match(await code.nth(0).textContent(), /function corr2dMultiInOut\(X, K\) \{/);
  assert.match(await code.nth(1).textContent(), /def corr2d_multi_in_out\(X, K\):/);
  assert.ok((await code.locator('.tok-keyword').count()) > 3, 'the code is not highlighted');
  assert.match(await cell(still, 'multi-in-out').textContent(), /The chapter’s value\s+tensor/);
  assert.equal(await cell(still, 'multi-in-out').locator('button:visible').count(), 0);
  await context.close();

  const height = (page) => page.$eval('#inputs .cells', ({ offsetHeight }) => offsetHeight);
  const held = await site.browser.newPage();
  await held.route(/assets\/main-.*\.js$/, () => {});
  await held.goto(site.url, { waitUntil: 'commit' });
  await held.locator('[data-cell=one-call] .run').waitFor();
  await held.evaluate(() => document.fonts.load('1em "IBM Plex Mono"'));
  const before = await height(held);
  await held.close();

  const { page } = await openPage(site.browser, site.url);
  assert.ok(
    Math.abs((await height(page)) - before) < 10,
    `from ${before} to ${await height(page)}`,
  );
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('#python-multi-in').isVisible());
  await page.close();
});
