// The workshop of the page: its picture, from files, clipboard and camera, and its tools.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scrollToSection, useSite, waitUntil, waitUntilReady } from './helpers.mjs';
import { chooseMode, choosePicture, drawHalves, openWorkshop, readGrey } from './workshop-page.mjs';

const site = useSite({
  args: ['--use-fake-device-for-media-stream=fps=60', '--use-fake-ui-for-media-stream'],
});

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
  const { page, problems } = await openWorkshop(site);
  const back = page.locator('#workshop').getByRole('button', { name: 'Use the photograph' });
  assert.equal(await back.isVisible(), false);
  const halves = await drawHalves(page);
  const dropOrPaste = (kind) =>
    page.evaluate(
      ([bytes, kind]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], `${kind}.png`, { type: 'image/png' }));
        const event =
          kind === 'drop'
            ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
        document.querySelector(kind === 'drop' ? '.workshop' : 'body').dispatchEvent(event);
      },
      [[...halves], kind],
    );
  for (const kind of ['drop', 'paste']) {
    await dropOrPaste(kind);
    await page.getByText(`“${kind}.png”`).waitFor();
    await assertHalves(page);
  }
  // The action leads back to the photograph and disappears.
  await back.click();
  await page.getByText('Clemens Engelhardt').waitFor();
  assert.equal(await back.isVisible(), false);

  await choosePicture(page, 'halves.png', halves);
  await assertHalves(page);
  await page.setInputFiles('#workshop-file', {
    name: 'no.png',
    mimeType: 'image/png',
    buffer: Buffer.from('no picture'),
  });
  await page.locator('.workshop [role=alert]').waitFor();
  assert.match(await page.textContent('.workshop [role=alert]'), /no\.png.*not a picture/);
  await assertHalves(page);
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
        }).observe(document.querySelector('#workshop-times'), { childList: true });
      }),
    count,
  );

test('the camera is filtered live in every mode, and can be frozen', async (t) => {
  const { page, problems } = await openWorkshop(site);
  await page.locator('#workshop').getByRole('button', { name: 'Use the camera' }).click();
  const medians = {};
  for (const mode of ['Kernels', 'Colours', 'Stack']) {
    await chooseMode(page, new RegExp(mode));
    await waitForFrames(page, 10);
    medians[mode] = Number(await page.getAttribute('#workshop-times', 'data-median'));
  }
  // A measurement of this machine, which the test only reports.
  t.diagnostic(`from capture to drawn: ${JSON.stringify(medians)} ms`);
  assert.match(await page.textContent('#workshop-times'), /capture to drawn.*frames a second/);
  for (const [mode, median] of Object.entries(medians)) assert.ok(median > 0, mode);
  const size = await page.$eval('canvas[aria-label="The picture"]', ({ width, height }) => [
    width,
    height,
  ]);
  assert.deepEqual(size, [640, 480]);
  // A frozen frame can be edited; the camera resumes.
  await page.locator('#workshop').getByRole('button', { name: 'Freeze' }).click();
  await page.locator('#workshop').getByRole('button', { name: 'Random weights' }).click();
  await page.getByText(/3×480×640, computed and drawn/).waitFor();
  await page.locator('#workshop').getByRole('button', { name: 'Resume' }).click();
  await waitForFrames(page, 3);
  await page.locator('#workshop').getByRole('button', { name: 'Freeze' }).waitFor();
  await page.locator('#workshop').getByRole('button', { name: 'Stop the camera' }).click();
  await page.getByText('Clemens Engelhardt').waitFor();
  assert.deepEqual(problems, []);
  await page.close();
});

test('the workshop distinguishes a missing photograph from an unreadable one', async () => {
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
    await page.locator('.workshop [role=alert]').waitFor();
    assert.match(await page.textContent('.workshop [role=alert]'), message);
    await context.close();
  }
});

test('on paper the pictures and the names of the kernels are shown, and controls are not', async () => {
  const { page, problems } = await openWorkshop(site);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.mode:not([hidden]) canvas:visible').count(), 6);
  const names = page.locator('.mode:not([hidden]) .kernel-row > .kernel-name:visible');
  assert.equal(await names.count(), 6);
  const controls = '#workshop :is(.choices, .tile-edit, .source-controls button, [for])';
  assert.equal(await page.locator(`${controls}:visible`).count(), 0);
  assert.deepEqual(problems, []);
  await page.close();
});

test('the row Speed is closed, says what it compares with, and is mounted when it is opened', async () => {
  const { page, problems } = await openWorkshop(site);
  const row = page.locator('#speed');
  await row.scrollIntoViewIfNeeded();
  assert.equal(await row.getAttribute('open'), null);
  assert.equal(await row.locator('button').count(), 0);
  await row.locator('summary').press('Enter');
  await row.getByRole('button', { name: 'Measure' }).waitFor();
  const text = await row.textContent();
  assert.match(text, /against plain JavaScript loops.*comparison with opencv/s);
  assert.deepEqual(problems, []);
  await page.close();
});

test('a camera that is asked for and given up is switched off', async () => {
  const { page, problems } = await openWorkshop(site, '', { permissions: ['camera'] });
  // The browser answers the first of two requests last.
  await page.evaluate(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    const { promise, resolve } = Promise.withResolvers();
    globalThis.streams = [];
    globalThis.answer = resolve;
    mediaDevices.getUserMedia = async (options) => {
      const isFirst = globalThis.streams.push(null) === 1;
      const at = globalThis.streams.length - 1;
      const stream = await ask(options);
      globalThis.streams[at] = stream;
      if (isFirst) await promise;
      return stream;
    };
  });
  const live = () =>
    page.evaluate(() => globalThis.streams.map((stream) => stream?.active ?? null).join());
  const camera = page.locator('#workshop').getByRole('button', { name: 'Use the camera' });
  await camera.click();
  await camera.click();
  await page.locator('#workshop').getByRole('button', { name: 'Stop the camera' }).waitFor();
  await page.evaluate(() => globalThis.answer());
  await waitUntil(async () => (await live()) === 'false,true', live);
  await page.locator('#workshop').getByRole('button', { name: 'Stop the camera' }).click();
  await waitUntil(async () => (await live()) === 'false,false', live);
  // A picture that is chosen while the browser asks for the permission is kept, whatever the answer.
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => {
      const { promise, reject } = Promise.withResolvers();
      globalThis.deny = () => reject(new DOMException('', 'NotAllowedError'));
      return promise;
    };
  });
  await camera.click();
  await choosePicture(page, 'edge.png', await drawHalves(page));
  await page.evaluate(() => globalThis.deny());
  await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.equal(await page.locator('#workshop').getByRole('alert').isVisible(), false);
  assert.deepEqual(problems, []);
  await page.close();
});
