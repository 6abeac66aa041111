import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { PACKAGE_SOURCES } from '../../tools/build.mjs';
import { findBrowser } from '../../tools/setup/system-tools.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The headers that isolate a page. */
export const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Chromium without what it does by itself over the network; `args` are more of its switches. */
export function launch(args = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? findBrowser() ?? undefined,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
}

/** A page with its figures, and the list of all that went wrong in it. */
export async function openPage(browser, url, options = {}) {
  const page = await browser.newPage(options);
  const troubles = [];
  page.on('console', (message) => troubles.push(`console: ${message.text()}`));
  page.on('worker', (worker) => {
    worker.on('console', (message) => troubles.push(`console of a worker: ${message.text()}`));
  });
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => troubles.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(url).origin) {
      troubles.push(`outside: ${request.url()}`);
    }
  });
  await page.goto(url);
  await page.waitForFunction(
    () => ['ready', 'failed'].includes(document.documentElement.dataset.page),
    null,
    { timeout: 60_000 },
  );
  await meetFigures(page);
  return { page, troubles };
}

/** Goes to the figures, which are computed when a visitor comes near to them, and back again. */
export async function meetFigures(page) {
  for (const figure of ['#windows', '#pointwise-figure']) {
    await page.$eval(figure, (element) => element.scrollIntoView({ behavior: 'instant' }));
    await page.locator(`${figure} .figure-body > *`).first().waitFor();
  }
  await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
}

/** An empty page at `url` with these headers, in a context of its own, and what went wrong in it. */
export async function openWatched(browser, url, headers = {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const body = '<!doctype html><title>empty</title>';
  await page.route(url, (route) => route.fulfill({ contentType: 'text/html', headers, body }));
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => troubles.push(message.text()));
  await page.goto(url);
  return { page, troubles, close: () => context.close() };
}

/** An empty page of the server's, to import the project's own modules into. */
export async function openEmpty(browser, server) {
  const { page } = await openWatched(browser, new URL('empty', server.url).href);
  return page;
}

/** Every check of the page that has been computed: its state, its result, and what it says of it. */
export function examplesOf(page) {
  return page.evaluate(() => {
    const textOf = (element) => element?.textContent ?? '';
    return Object.fromEntries(
      [...document.querySelectorAll('[data-example]')]
        .filter((element) => element.dataset.state !== 'unopened')
        .map((element) => [
          element.dataset.example,
          {
            state: element.dataset.state,
            result: textOf(element.querySelector('[data-role=result]')),
            expected: textOf(element.querySelector('[data-role=expected]')),
            verdict: textOf(element.querySelector('.verdict')),
          },
        ]),
    );
  });
}

/** Scrolls to a section that is fetched when it is near, and waits until it is there. */
export async function goTo(page, section) {
  await page.$eval(`#${section}`, (element) => element.scrollIntoView({ behavior: 'instant' }));
  await page.waitForSelector(`#${section} [data-lazy][data-mounted]`, { timeout: 30_000 });
}

/** Opens the answers of all exercises, and waits until their checks are computed. */
export async function openAnswers(page) {
  await goTo(page, 'exercises');
  for (const summary of await page.locator('.exercise summary').all()) await summary.click();
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('.exercise [data-example]')].every(
        ({ dataset }) => !['unopened', 'pending'].includes(dataset.state),
      ),
    null,
    { timeout: 60_000 },
  );
}

/**
 * A copy of the project's sources under build/ in which some files are changed, each in one place:
 * `changes` tells for a file what is there and what takes its place. What has not changed since the
 * last time keeps its date, so that little of it is built again.
 */
export function changedCopy(name, changes) {
  const copy = join(root, 'build', name);
  const files = Object.keys(changes).map((file) => join(root, file));
  for (const part of PACKAGE_SOURCES) {
    cpSync(join(root, part), join(copy, part), {
      recursive: true,
      preserveTimestamps: true,
      filter: (source) => !files.includes(source),
    });
  }
  for (const [file, [from, to]] of Object.entries(changes)) {
    const text = readFileSync(join(root, file), 'utf8');
    if (text.split(from).length !== 2) {
      throw new Error(`${file} has not one place that says ${from}`);
    }
    const changed = text.replace(from, to);
    const target = join(copy, file);
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target) || readFileSync(target, 'utf8') !== changed) {
      writeFileSync(target, changed);
    }
  }
  return copy;
}
