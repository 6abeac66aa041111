// Tests the React example: workers under StrictMode, and a slider whose next position replaces a call.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, STRICT_POLICY, waitForWorkers } from '../../browser/helpers.mjs';
import {
  assertBuildsSilently,
  assertTypes,
  installExample,
  serveFolder,
  serveVite,
  watchProblems,
} from '../helpers.mjs';

let browser;
let folder;
before(async () => {
  const types = ['@types/react@19.3.0', '@types/react-dom@19.3.0'];
  [browser, folder] = await Promise.all([launch(), installExample('react', types)]);
});
after(() => browser.close());

/** Lets a test hold back the messages that the page sends to its worker, and count calls. */
function holdMessages() {
  const { postMessage } = Worker.prototype;
  const waiting = [];
  let isHeld = false;
  window.calls = 0;
  window.hold = () => {
    isHeld = true;
  };
  window.release = () => {
    isHeld = false;
    for (const send of waiting.splice(0)) send();
  };
  Worker.prototype.postMessage = function (...args) {
    if (args[0]?.name === 'filter2d') window.calls++;
    const send = () => postMessage.apply(this, args);
    if (isHeld) waiting.push(send);
    else send();
  };
}

const shows = (page, size) => page.getByText(`mean of ${size}×${size} pixels`).waitFor();

/** The red values of the middle row of the picture, which crosses the white square. */
const readRow = (page) =>
  page.$eval('canvas', (canvas) => {
    // Reading the canvas itself several times would cause a warning.
    const copy = new OffscreenCanvas(200, 1).getContext('2d');
    copy.drawImage(canvas, 0, -50);
    const { data } = copy.getImageData(0, 0, 200, 1);
    return Array.from({ length: 200 }, (_, x) => data[4 * x]);
  });

/** The result of `readRow` for means of size×size pixels, which lie between the upper and lower edge. */
const expectedRow = (size) =>
  Array.from({ length: 200 }, (_, x) => {
    const columns = Array.from({ length: size }, (_, i) => x + i - (size - 1) / 2);
    return Math.round((255 * columns.filter((i) => i >= 75 && i < 125).length) / size);
  });

/** Uses the slider, removes the component, and shows it again. */
async function assertWorks(url) {
  const page = await browser.newPage();
  try {
    await page.addInitScript(holdMessages);
    const problems = watchProblems(page);
    await page.goto(url);
    await shows(page, 1);
    assert.deepEqual(await readRow(page), expectedRow(1));
    await waitForWorkers(page, 1);

    const before = await page.evaluate(() => window.calls);
    await page.evaluate(() => window.hold());
    await page.focus('input');
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowRight');
    await page.evaluate(() => window.release());
    await shows(page, 13);
    assert.deepEqual(await readRow(page), expectedRow(13));
    const calls = await page.evaluate(() => window.calls);
    assert.equal(calls - before, 2, 'only the first and the last position reached the worker');

    for (let i = 0; i < 3; i++) {
      await page.getByRole('button', { name: 'Remove' }).click();
      await waitForWorkers(page, 0);
      await page.getByRole('button', { name: 'Show' }).click();
      await shows(page, 1);
      await waitForWorkers(page, 1);
    }
    // A component may be removed before its worker has started.
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await waitForWorkers(page, 0);
    assert.deepEqual(problems, []);
  } finally {
    await page.close();
  }
}

test('with StrictMode, which mounts twice in development, one worker computes', () =>
  serveVite(folder, assertWorks));

test('the build works and prints no warning about the package', async () => {
  await assertBuildsSilently(folder);
  await serveFolder(join(folder, 'dist'), '', STRICT_POLICY, assertWorks);
});

test('the example has no type errors', () =>
  assertTypes(folder, ['main.jsx'], ['--jsx', 'react-jsx']));
