// The image lab: pictures from files, clipboard and camera, and what is computed from them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, scrollToSection, useSite, waitUntil, waitUntilReady } from './helpers.mjs';

const site = useSite({
  args: ['--use-fake-device-for-media-stream=fps=60', '--use-fake-ui-for-media-stream'],
});

async function openLab(hash = '') {
  const opened = await openPage(site.browser, site.url + hash);
  await scrollToSection(opened.page, 'workshop');
  return opened;
}

/** A PNG whose left half is black and whose right half is white: one vertical edge. */
const drawHalves = (page) =>
  page.evaluate(async () => {
    const canvas = new OffscreenCanvas(120, 80);
    const context = canvas.getContext('2d');
    context.fillRect(0, 0, 60, 80);
    context.fillStyle = 'white';
    context.fillRect(60, 0, 60, 80);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });

/** The colours of row 40 of one of the lab's pictures. */
const readColours = (page, name) =>
  page.evaluate((name) => {
    const canvas = document.querySelector(`.mode:not([hidden]) canvas[aria-label="${name}"]`);
    const copy = new OffscreenCanvas(canvas.width, 1);
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(canvas, 0, -40);
    const { data } = context.getImageData(0, 0, canvas.width, 1);
    return Array.from({ length: canvas.width }, (_, x) => [...data.slice(4 * x, 4 * x + 3)]);
  }, name);

/** The grey values of row 40. */
const readGrey = async (page, name) => (await readColours(page, name)).map(([grey]) => grey);

/** Waits until a drawn picture meets a condition; the lab draws pictures in the next frame. */
const eventually = (isReached) => waitUntil(isReached, () => `never: ${isReached}`);

async function assertHalves(page) {
  const vertical = await readGrey(page, 'Vertical edges');
  const horizontal = await readGrey(page, 'Horizontal edges');
  assert.equal(vertical.length, 120);
  // Zero is shown as mid-grey, which lies between two bytes.
  const isGrey = (value) => value === 127 || value === 128;
  assert.ok(horizontal.every(isGrey), `horizontal edges found: ${horizontal}`);
  const edges = vertical.flatMap((value, x) => (isGrey(value) ? [] : [x]));
  assert.deepEqual(edges, [59, 60]);
}

test('a picture can be dropped, pasted or chosen; a file that is not a picture is rejected', async () => {
  const { page, problems } = await openLab();
  const bytes = await drawHalves(page);
  const dropOrPaste = (kind) =>
    page.evaluate(
      ([bytes, kind]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], `${kind}.png`, { type: 'image/png' }));
        const event =
          kind === 'drop'
            ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
        document.querySelector(kind === 'drop' ? '.lab' : 'body').dispatchEvent(event);
      },
      [bytes, kind],
    );
  for (const kind of ['drop', 'paste']) {
    await dropOrPaste(kind);
    await page.getByText(`“${kind}.png”`).waitFor();
    await assertHalves(page);
  }
  await page.getByRole('button', { name: 'The photograph' }).click();
  await page.getByText('Clemens Engelhardt').waitFor();

  const file = (name, buffer) => ({ name, mimeType: 'image/png', buffer: Buffer.from(buffer) });
  await page.setInputFiles('#lab-file', file('halves.png', bytes));
  await page.getByText('“halves.png”').waitFor();
  await assertHalves(page);
  await page.setInputFiles('#lab-file', file('no.png', 'no picture'));
  await page.locator('.lab [role=alert]').waitFor();
  assert.match(await page.textContent('.lab [role=alert]'), /no\.png.*not a picture/);
  await assertHalves(page);
  assert.deepEqual(problems, []);
  await page.close();
});

test('weights can be edited and are saved in the link; pictures can be saved as PNG', async () => {
  const { page, problems } = await openLab();
  await page.setInputFiles('#lab-file', {
    name: 'halves.png',
    mimeType: 'image/png',
    buffer: Buffer.from(await drawHalves(page)),
  });
  await page.getByText('“halves.png”').waitFor();
  await page.getByRole('button', { name: 'Edit the weights: Gaussian' }).click();
  await page.getByLabel('Weights of the neighbours, second row, second column').fill('0');
  await page.waitForFunction(() => location.hash.includes('lab-w='));
  // Three quarters of the weights are left, so white becomes 0.75 · 255.
  await eventually(async () => (await readGrey(page, 'Gaussian'))[100] === 191);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as PNG: Gaussian' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'corr2d-gaussian.png');

  const again = await openLab(new URL(page.url()).hash);
  await again.page.getByRole('button', { name: 'Edit the weights: Gaussian' }).click();
  assert.equal(
    await again.page
      .getByLabel('Weights of the neighbours, second row, second column')
      .inputValue(),
    '0',
  );
  assert.deepEqual([...problems, ...again.problems], []);
  await again.page.close();
  await page.close();
});

test('each 1×1 layer transforms colours as its name says', async () => {
  const { page, problems } = await openLab();
  const png = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(30, 80);
    const context = canvas.getContext('2d');
    for (const [x, colour] of [
      [0, 'rgb(200 0 0)'],
      [10, 'rgb(0 200 0)'],
      [20, 'rgb(0 0 200)'],
    ]) {
      context.fillStyle = colour;
      context.fillRect(x, 0, 10, 80);
    }
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await page.setInputFiles('#lab-file', {
    name: 'colours.png',
    mimeType: 'image/png',
    buffer: Buffer.from(png),
  });
  await page.getByText('“colours.png”').waitFor();
  await page.getByRole('tab', { name: /Colours/ }).click();
  const mixed = async (preset) => {
    await page.getByRole('button', { name: preset, exact: true }).click();
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    const row = await readColours(page, 'Mixed picture');
    return [row[5], row[15], row[25]];
  };
  const grey = (value) => [value, value, value];
  assert.deepEqual(await mixed('Unchanged'), [
    [200, 0, 0],
    [0, 200, 0],
    [0, 0, 200],
  ]);
  assert.deepEqual(await mixed('Grey'), [grey(60), grey(117), grey(23)]);
  // A rotation by 120°: red becomes green, green blue, blue red.
  assert.deepEqual(await mixed('Rotation'), [
    [0, 200, 0],
    [0, 0, 200],
    [200, 0, 0],
  ]);
  assert.deepEqual(await mixed('Sepia'), [
    [79, 70, 54],
    [154, 137, 107],
    [38, 34, 26],
  ]);
  // ITU-R BT.601, full range.
  assert.deepEqual(await mixed('YCbCr'), [
    [60, 94, 228],
    [117, 61, 44],
    [23, 228, 111],
  ]);

  await page.getByRole('tab', { name: /stack/ }).click();
  // The edges between the colours stand out.
  await eventually(async () => {
    const row = await readColours(page, 'Mixed again');
    return row.length === 30 && Math.max(...row[9]) > Math.max(...row[5]) + 20;
  });
  await page.getByRole('button', { name: 'Random weights' }).click();
  await page.waitForFunction(
    () => location.hash.includes('lab=stack') && location.hash.includes('lab-w='),
  );
  assert.deepEqual(problems, []);
  await page.close();
});

/** Resolves when the camera has filtered and shown this many further frames. */
const waitForFrames = (page, count) =>
  page.evaluate(
    (count) =>
      new Promise((resolve) => {
        let frames = 0;
        new MutationObserver((_, observer) => {
          frames++;
          if (frames < count) return;
          observer.disconnect();
          resolve();
        }).observe(document.querySelector('#lab-times'), { childList: true });
      }),
    count,
  );

test('the camera is filtered live in every mode', async (t) => {
  const { page, problems } = await openLab();
  await page.getByRole('button', { name: 'Use the camera' }).click();
  const medians = {};
  for (const mode of ['Kernels', 'Colours', 'stack']) {
    await page.getByRole('tab', { name: new RegExp(mode) }).click();
    await waitForFrames(page, 10);
    medians[mode] = Number(await page.getAttribute('#lab-times', 'data-median'));
  }
  // A measurement of this machine, which the test only reports.
  t.diagnostic(`from capture to drawn: ${JSON.stringify(medians)} ms`);
  assert.match(await page.textContent('#lab-times'), /capture to drawn.*frames a second/);
  for (const [mode, median] of Object.entries(medians)) assert.ok(median > 0, mode);
  const size = await page.$eval('canvas[aria-label="The picture"]', ({ width, height }) => [
    width,
    height,
  ]);
  assert.deepEqual(size, [640, 480]);
  await page.getByRole('button', { name: 'Stop the camera' }).click();
  await page.getByText('Clemens Engelhardt').waitFor();
  assert.deepEqual(problems, []);
  await page.close();
});

test('the lab distinguishes a missing photograph from an unreadable one', async () => {
  for (const [answer, message] of [
    [{ status: 404, body: 'Not found' }, /“dandelion\.jpg” could not be fetched: .*404/],
    [{ status: 200, contentType: 'text/html', body: '<p>Hello' }, /is not a picture/],
  ]) {
    const context = await site.browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    await page.route(/dandelion\.jpg/, (route) => route.fulfill(answer));
    await page.goto(site.url);
    await waitUntilReady(page);
    await scrollToSection(page, 'workshop');
    await page.locator('.lab [role=alert]').waitFor();
    assert.match(await page.textContent('.lab [role=alert]'), message);
    await context.close();
  }
});
