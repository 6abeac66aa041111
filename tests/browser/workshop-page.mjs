// Shared by the tests of the workshop: opens it, draws pictures for it and reads its pictures.
import { openPage, scrollToSection, waitUntil } from './helpers.mjs';

export const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
export const DESKTOP = { viewport: { width: 1440, height: 900 } };

/** Opens the page and mounts the workshop, with the photograph processed. */
export async function openWorkshop(site, hash = '', options = {}) {
  const opened = await openPage(site.browser, site.url + hash, {
    reducedMotion: 'reduce',
    ...options,
  });
  await scrollToSection(opened.page, 'workshop');
  await opened.page.getByText(/computed and drawn/).waitFor();
  return opened;
}

/** A PNG of 80 rows whose columns have these colours, ten pixels each. */
export const drawColumns = async (page, colours) =>
  Buffer.from(
    await page.evaluate(async (colours) => {
      const canvas = new OffscreenCanvas(10 * colours.length, 80);
      const context = canvas.getContext('2d');
      colours.forEach((colour, i) => {
        context.fillStyle = colour;
        context.fillRect(10 * i, 0, 10, 80);
      });
      const blob = await canvas.convertToBlob({ type: 'image/png' });
      return [...new Uint8Array(await blob.arrayBuffer())];
    }, colours),
  );

/** The left half is black and the right half is white: one vertical edge. */
export const drawHalves = (page) =>
  drawColumns(page, [...Array(6).fill('black'), ...Array(6).fill('white')]);

export async function choosePicture(page, name, buffer) {
  await page.setInputFiles('#workshop-file', { name, mimeType: 'image/png', buffer });
  await page.getByText(`“${name}”`).waitFor();
}

/** The colours of row 40 of one of the workshop's pictures. */
export const readColours = (page, name) =>
  page.evaluate((name) => {
    const canvas = document.querySelector(`.mode:not([hidden]) canvas[aria-label="${name}"]`);
    const copy = new OffscreenCanvas(canvas.width, 1);
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(canvas, 0, -40);
    const { data } = context.getImageData(0, 0, canvas.width, 1);
    return Array.from({ length: canvas.width }, (_, x) => [...data.slice(4 * x, 4 * x + 3)]);
  }, name);

/** The grey values of row 40. */
export const readGrey = async (page, name) => (await readColours(page, name)).map(([grey]) => grey);

/** Waits until a drawn picture meets a condition; the workshop draws pictures in the next frame. */
export const eventually = (isReached) => waitUntil(isReached, () => `never: ${isReached}`);

export const waitForHash = (page, text) =>
  page.waitForFunction((text) => decodeURIComponent(location.hash).includes(text), text);

export const chooseMode = (page, name) =>
  page
    .locator('#workshop')
    .getByRole('group', { name: 'Kind of layer' })
    .getByRole('button', { name })
    .click();

export const edit = (page, kernel) =>
  page.locator('#workshop').getByRole('button', { name: `Edit the weights: ${kernel}` });

export const weight = (page, colour, row = 'second', column = 'second') =>
  page.getByLabel(`${colour} slice, ${row} row, ${column} column`);

/** The names of the pictures that the mode shows. */
export const readNames = (page) =>
  page.locator('.mode:not([hidden]) .tiles .tile-name').allTextContents();
