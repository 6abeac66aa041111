// @ts-check
// node tools/screenshot.mjs: builds the demo page and saves the README's picture of its workshop as
// docs/images/demo.jpg. The photograph is the page's own (CC0).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage, buildWeb } from './build.mjs';
import { info } from './lib/log.mjs';
import { ROOT } from './lib/root.mjs';
import { reportFailure, SetupError } from './lib/run.mjs';
import { startServer } from './serve.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureBrowser, ensureSystemTools } from './setup/system-tools.mjs';

const FOLDER = join(ROOT, 'docs', 'images');
/** Tall enough that nothing has to be scrolled into view. */
const VIEWPORT = { width: 1120, height: 2000 };

async function buildPage() {
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  await buildPackage({ emscripten: await ensureEmscripten() });
  await buildWeb();
}

/** @param {string} url @param {string} executablePath */
async function takePicture(url, executablePath) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const options = /** @type {const} */ ({ colorScheme: 'light', reducedMotion: 'reduce' });
    const page = await browser.newPage({ viewport: VIEWPORT, ...options });
    await page.goto(url);
    const workshop = page.locator('#workshop');
    await workshop.scrollIntoViewIfNeeded();
    await workshop.getByText(/computed and drawn/).waitFor();
    await page.waitForLoadState('networkidle');
    const clip = await workshop.evaluate((section) => {
      section.scrollIntoView({ behavior: 'instant' });
      const panel = section.querySelector('.panel')?.getBoundingClientRect();
      if (!panel) throw new Error('the workshop is not on the page');
      return panel.toJSON();
    });
    await page.screenshot({ path: join(FOLDER, 'demo.jpg'), quality: 75, clip });
  } finally {
    await browser.close();
  }
}

async function main() {
  await buildPage();
  const browser = await ensureBrowser();
  if (!browser.path) throw new SetupError(`A screenshot needs Chromium: ${browser.help}`);
  mkdirSync(FOLDER, { recursive: true });
  const server = await startServer({ root: join(ROOT, 'build', 'web'), port: 0 });
  try {
    await takePicture(server.url, browser.path);
  } finally {
    await server.close();
  }
  info('Saved docs/images/demo.jpg');
}

main().catch(reportFailure);
