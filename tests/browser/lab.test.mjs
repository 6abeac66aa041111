// The image lab: pictures from everywhere, the camera, and what is computed of them.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { goTo, launch, openPage, root } from './helpers.mjs';

/** What a live filter may take from capture to drawn, in milliseconds, by the median. */
const FRAME_BUDGET = 33;

let browser;
let server;

before(async () => {
  browser = await launch([
    '--use-fake-device-for-media-stream=fps=60',
    '--use-fake-ui-for-media-stream',
  ]);
  server = await startServer({ root: join(root, 'build/web'), port: 8220 });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

async function openLab(hash = '') {
  const opened = await openPage(browser, server.url + hash);
  await goTo(opened.page, 'lab');
  return opened;
}

/** A picture of two halves, black and white, drawn by the browser itself: one upright edge. */
const halves = (page) =>
  page.evaluate(async () => {
    const canvas = new OffscreenCanvas(120, 80);
    const context = canvas.getContext('2d');
    context.fillRect(0, 0, 60, 80);
    context.fillStyle = 'white';
    context.fillRect(60, 0, 60, 80);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });

/** The colours of a row of one of the lab's pictures. */
const colours = (page, name) =>
  page.evaluate((name) => {
    const canvas = document.querySelector(`.mode:not([hidden]) canvas[aria-label="${name}"]`);
    const copy = new OffscreenCanvas(canvas.width, 1);
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(canvas, 0, -40);
    const { data } = context.getImageData(0, 0, canvas.width, 1);
    return Array.from({ length: canvas.width }, (_, x) => [...data.slice(4 * x, 4 * x + 3)]);
  }, name);

/** A row of grey values. */
const row = async (page, name) => (await colours(page, name)).map(([grey]) => grey);

/** Asks again and again, as a picture is drawn with the next frame. */
async function eventually(ask) {
  for (let i = 0; i < 50; i++) {
    if (await ask()) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`not so within 5 s: ${ask}`);
}

async function assertHalves(page) {
  const vertical = await row(page, 'Vertical edges');
  const horizontal = await row(page, 'Horizontal edges');
  assert.equal(vertical.length, 120);
  // Nothing is mid-grey, which lies between two bytes.
  const isGrey = (value) => value === 127 || value === 128;
  assert.ok(horizontal.every(isGrey), `horizontal edges see nothing: ${horizontal}`);
  const seen = vertical.flatMap((value, x) => (isGrey(value) ? [] : [x]));
  assert.deepEqual(seen, [59, 60]);
}

test("a picture is dropped, pasted or chosen, and another's file is refused", async () => {
  const { page, troubles } = await openLab();
  const bytes = await halves(page);
  const hand = (kind) =>
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
    await hand(kind);
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
  assert.deepEqual(troubles, []);
  await page.close();
});

test('weights can be changed, saved in the link, and pictures as PNG', async () => {
  const { page, troubles } = await openLab();
  await page.setInputFiles('#lab-file', {
    name: 'halves.png',
    mimeType: 'image/png',
    buffer: Buffer.from(await halves(page)),
  });
  await page.getByText('“halves.png”').waitFor();
  await page.getByRole('button', { name: 'Edit the weights: Gaussian' }).click();
  await page.getByLabel('Weights of the neighbours, second row, second column').fill('0');
  await page.waitForFunction(() => location.hash.includes('lab-w='));
  // Three quarters of the weights are left, and white becomes three quarters of it.
  await eventually(async () => (await row(page, 'Gaussian'))[100] === 191);
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
  assert.deepEqual([...troubles, ...again.troubles], []);
  await again.page.close();
  await page.close();
});

test('1×1 layers do to colours what they are named for', async () => {
  const { page, troubles } = await openLab();
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
    const row = await colours(page, 'Mixed picture');
    return [row[5], row[15], row[25]];
  };
  const grey = (value) => [value, value, value];
  assert.deepEqual(await mixed('Unchanged'), [
    [200, 0, 0],
    [0, 200, 0],
    [0, 0, 200],
  ]);
  assert.deepEqual(await mixed('Grey'), [grey(60), grey(117), grey(23)]);
  // A third of a turn: red becomes green, green blue, blue red.
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
  // By ITU-R BT.601, full range.
  assert.deepEqual(await mixed('YCbCr'), [
    [60, 94, 228],
    [117, 61, 44],
    [23, 228, 111],
  ]);

  await page.getByRole('tab', { name: /stack/ }).click();
  // The edges between the colours are coloured, and stand out.
  await eventually(async () => {
    const row = await colours(page, 'Mixed again');
    return row.length === 30 && Math.max(...row[9]) > Math.max(...row[5]) + 20;
  });
  await page.getByRole('button', { name: 'Random weights' }).click();
  await page.waitForFunction(
    () => location.hash.includes('lab=stack') && location.hash.includes('lab-w='),
  );
  assert.deepEqual(troubles, []);
  await page.close();
});

test('the camera is filtered live, in time', async (t) => {
  const { page, troubles } = await openLab();
  await page.getByRole('button', { name: 'Use the camera' }).click();
  const medians = {};
  for (const mode of ['Kernels', 'Colours', 'stack']) {
    await page.getByRole('tab', { name: new RegExp(mode) }).click();
    // The median is that of the last 60 frames. A machine that others use as well has its moments.
    medians[mode] = Number.POSITIVE_INFINITY;
    const end = Date.now() + 20_000;
    for (let n = 0; n === 0 || (medians[mode] > FRAME_BUDGET && Date.now() < end); n++) {
      await page.waitForTimeout(3000);
      const median = Number(await page.getAttribute('#lab-times', 'data-median'));
      medians[mode] = Math.min(medians[mode], median);
    }
  }
  t.diagnostic(`from capture to drawn: ${JSON.stringify(medians)} ms`);
  assert.match(await page.textContent('#lab-times'), /capture to drawn.*frames a second/);
  for (const [mode, median] of Object.entries(medians)) {
    assert.ok(median > 0 && median <= FRAME_BUDGET, `${mode}: ${median} ms`);
  }
  const size = await page.$eval('canvas[aria-label="The picture"]', ({ width, height }) => [
    width,
    height,
  ]);
  assert.deepEqual(size, [640, 480]);
  await page.getByRole('button', { name: 'Stop the camera' }).click();
  await page.getByText('Clemens Engelhardt').waitFor();
  assert.deepEqual(troubles, []);
  await page.close();
});

test('a missing photograph is told from one that cannot be read', async () => {
  for (const [answer, message] of [
    [{ status: 404, body: 'Not found' }, /“dandelion\.jpg” could not be fetched: .*404/],
    [{ status: 200, contentType: 'text/html', body: '<p>Hello' }, /is not a picture/],
  ]) {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    await page.route(/dandelion\.jpg/, (route) => route.fulfill(answer));
    await page.goto(server.url);
    await page.waitForSelector('[data-page=ready]', { state: 'attached' });
    await goTo(page, 'lab');
    await page.locator('.lab [role=alert]').waitFor();
    assert.match(await page.textContent('.lab [role=alert]'), message);
    await context.close();
  }
});
