// @ts-check
// node web/tools/pictures.mjs [name…]: takes pictures of the built page (build/web) in Chromium, all of them or those
// whose file names contain one of the names. `npm run docs` builds the page.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { info } from '../../tools/lib/log.mjs';
import { ROOT } from '../../tools/lib/root.mjs';
import { reportFailure, SetupError } from '../../tools/lib/run.mjs';
import { startServer } from '../../tools/serve.mjs';
import { ensureBrowser } from '../../tools/setup/system-tools.mjs';

/**
 * A picture of a part of the page.
 *
 * @typedef {object} Picture
 * @property {string} file where it is saved: a .webp or .jpg file, from the project's root
 * @property {{ width: number, height: number }} viewport
 * @property {string} selector the element that the picture shows; waited for until `ready` exists
 * @property {string} ready a selector of what must exist before the picture is taken
 * @property {{ width: number, height: number }} [size] in CSS pixels, from the top of the element, in the middle of
 *   the viewport; default the element's
 * @property {string} [hash] the link's section and state
 * @property {number} [scale] device pixels per CSS pixel
 * @property {number} quality from 0 to 100
 * @property {number} maxBytes
 */

/** Space around an element, in CSS pixels: outlines are drawn outside it. */
const MARGIN = 4;

/** The photographs as still pictures, for readers without scripts. @type {Picture[]} */
const STILLS = ['start', 'inputs', 'outputs', 'pointwise', 'groups'].flatMap((name) =>
  [
    { suffix: '', width: 560, scale: 2 },
    { suffix: '-narrow', width: 360, scale: 1.75 },
  ].map(({ suffix, width, scale }) => ({
    file: `web/public/photos/still-${name}${suffix}.webp`,
    viewport: { width, height: 900 },
    hash: `#photo-${name}`, // phones show some figures only if a link leads to them
    selector: `#photo-${name} .photo-matrix`,
    ready: `#photo-${name}[data-state=match]`,
    scale,
    quality: 55,
    maxBytes: 30_000,
  })),
);

/** The preview of links to the page, of 1200×630 pixels; web/plugins/open-graph.ts names it. @type {Picture} */
const PREVIEW = {
  file: 'web/public/preview.jpg',
  viewport: { width: 960, height: 900 },
  selector: '.top',
  ready: '#photo-start[data-state=match]',
  size: { width: 960, height: 504 },
  scale: 1.25,
  quality: 80,
  maxBytes: 100_000,
};

/** README's picture: the first screen. @type {Picture} */
const DEMO = {
  file: 'docs/images/demo.jpg',
  viewport: { width: 1200, height: 900 },
  selector: '#start',
  ready: '#photo-start[data-state=match]',
  size: { width: 1200, height: 442 },
  scale: 1.4,
  quality: 75,
  maxBytes: 120_000,
};

const PICTURES = [...STILLS, PREVIEW, DEMO];

/** @param {import('playwright-core').Browser} browser @param {string} url @param {Picture} picture */
async function takePicture(browser, url, picture) {
  const { file, viewport, selector, ready, size, hash = '', scale = 1 } = picture;
  const { quality, maxBytes } = picture;
  const page = await browser.newPage({
    viewport,
    deviceScaleFactor: scale,
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  try {
    await page.goto(url + hash);
    const element = page.locator(selector);
    await page.waitForFunction(
      ([selector = '', ready = '']) => {
        document.querySelector(selector.split(' ')[0] ?? '')?.scrollIntoView();
        return document.querySelector(ready) !== null;
      },
      [selector, ready],
    );
    await page.evaluate(() => document.fonts.ready);
    const box = await element.evaluate(async (element) => {
      // Sections outside the viewport are not painted.
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: left + scrollX, y: top + scrollY, width, height };
    });
    const clip = size
      ? { ...size, x: (viewport.width - size.width) / 2, y: box.y }
      : {
          x: box.x - MARGIN,
          y: box.y - MARGIN,
          width: box.width + 2 * MARGIN,
          height: box.height + 2 * MARGIN,
        };
    // Playwright itself does not encode WebP.
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send('Page.captureScreenshot', {
      format: file.endsWith('.webp') ? 'webp' : 'jpeg',
      quality,
      clip: { ...clip, scale },
    });
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length > maxBytes)
      throw new Error(`${file} has ${bytes.length} bytes; expected at most ${maxBytes}`);
    mkdirSync(dirname(join(ROOT, file)), { recursive: true });
    writeFileSync(join(ROOT, file), bytes);
    info(`${file}: ${Math.round(clip.width)}×${Math.round(clip.height)}, ${bytes.length} bytes`);
  } finally {
    await page.close();
  }
}

async function main() {
  const names = process.argv.slice(2);
  const wanted = PICTURES.filter(
    ({ file }) => names.length === 0 || names.some((name) => file.includes(name)),
  );
  if (wanted.length === 0) throw new SetupError(`No picture is called ${names.join(' or ')}.`);
  const { path: executablePath, help } = await ensureBrowser();
  if (!executablePath) throw new SetupError(`Pictures need Chromium: ${help}`);
  const server = await startServer({ root: join(ROOT, 'build', 'web'), port: 0 });
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    for (const picture of wanted) await takePicture(browser, server.url, picture);
  } finally {
    await browser.close();
    await server.close();
  }
}

main().catch(reportFailure);
