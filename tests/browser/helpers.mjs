// Shared by the browser tests: servers, browsers, pages and their problems, and changed copies of the
// sources.

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { PACKAGE_SOURCES } from '../../tools/build.mjs';
import { startServer } from '../../tools/serve.mjs';
import { findBrowser, findFirefox } from '../../tools/setup/system-tools.mjs';
import { extendStartLimit } from '../js/long-start-limit.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The headers that make a page cross-origin isolated. */
export const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The strictest Content-Security-Policy under which WebAssembly can be compiled. */
export const STRICT_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

const launchOptions = (args) => ({
  executablePath: process.env.CHROMIUM_PATH ?? findBrowser() ?? undefined,
  args: [
    '--no-sandbox',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    ...args,
  ],
});

/** Starts Chromium without background network traffic; `args` are further command-line switches. */
export const launch = (args = []) => chromium.launch(launchOptions(args));

/** Starts Chromium with an extension and a profile in these folders. Returns the browser's context. */
export const launchWithExtension = (extension, profile) =>
  chromium.launchPersistentContext(
    profile,
    launchOptions([`--disable-extensions-except=${extension}`, `--load-extension=${extension}`]),
  );

/** Whether to skip the tests in Firefox, and why. */
export const skipFirefox = findFirefox() ? false : 'Firefox is not installed';

/** Starts Firefox; `preferences` are those of about:config. */
export function launchFirefox(preferences = {}) {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: findFirefox() ?? undefined,
    extraPrefsFirefox: preferences,
  });
}

/**
 * Starts a server and a browser before the tests of a file or a `describe` block, and stops them after.
 * Returns an object whose `url` and `browser` are set when the tests run. `serve` starts the server; by
 * default it serves the built page. `start` starts the browser, by default Chromium with `args`.
 * `prepare(site)` runs last before the tests.
 */
export function useSite({ serve = servePage, args, start = () => launch(args), prepare } = {}) {
  const site = {};
  before(async () => {
    site.server = await serve();
    site.url = site.server.url;
    site.browser = await start();
    await prepare?.(site);
  });
  after(async () => {
    await site.browser?.close();
    await site.server?.close();
  });
  return site;
}

/** Opens a page at the root of a site, as `site.page`. */
export async function openRoot(site) {
  site.page = await site.browser.newPage();
  await site.page.goto(site.url);
}

/** Serves the built page. */
export const servePage = () => startServer({ root: join(root, 'build/web'), port: 0 });

/** Serves the repository, so that pages can import dist/ and tests/. */
export const serveRepository = () => startServer({ root, port: 0 });

/** Serves a temporary folder with dist/ and `files` (texts by name), which is removed on `close()`. */
export async function serveFiles(files, headers) {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-site-'));
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const server = await startServer({ root: folder, port: 0, headers });
  return {
    ...server,
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Returns a list to which every console message and uncaught error of a page is appended. */
export function collectProblems(page) {
  const problems = [];
  page.on('console', (message) => problems.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  return problems;
}

/** Waits until the built page has loaded corr2d, or shows why it could not. */
export const waitUntilReady = (page) =>
  page.waitForFunction(
    () => ['ready', 'failed'].includes(document.documentElement.dataset.page),
    null,
    { timeout: 60_000 },
  );

/**
 * Opens the built page with its figures computed. Returns the page and a list of its problems: console
 * messages, errors, failed requests, and requests to other origins. `prepare(page)` runs before the page
 * is loaded; other options are Playwright's.
 */
export async function openPage(browser, url, { prepare, ...options } = {}) {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(60_000);
  const problems = collectProblems(page);
  page.on('worker', (worker) => {
    worker.on('console', (message) => problems.push(`console of a worker: ${message.text()}`));
  });
  page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(url).origin) {
      problems.push(`outside: ${request.url()}`);
    }
  });
  await prepare?.(page);
  await page.goto(url);
  await waitUntilReady(page);
  await showFigures(page);
  return { page, problems };
}

/** The photographs that are split by colour. */
export const PHOTOS = ['start', 'inputs', 'outputs', 'pointwise', 'groups'].map(
  (name) => `#photo-${name}`,
);

/** Scrolls to a figure, which phones may show in turn with another one. */
export const showFigure = (page, figure) =>
  page.$eval(figure, (element) => {
    const choices = element.closest('.pair')?.querySelectorAll('.pair-choices button') ?? [];
    [...choices].find(({ textContent }) => textContent === element.dataset.tab)?.click();
    element.scrollIntoView({ behavior: 'instant' });
  });

/** Scrolls to the figures, which are computed when they come near the viewport, and back to the top. */
export async function showFigures(page) {
  for (const photo of PHOTOS) {
    await showFigure(page, photo);
    await page.locator(`${photo} canvas`).first().waitFor();
  }
  for (const figure of ['#windows', '#outputs-figure', '#pointwise-figure', '#groups-figure']) {
    await showFigure(page, figure);
    await page.locator(`${figure} .figure-body > *`).first().waitFor();
  }
  await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
}

/** Opens an empty page at `url` with these headers, in its own context. Returns its problems too. */
export async function openEmptyPage(browser, url, headers = {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(extendStartLimit);
  const body = '<!doctype html><title>empty</title>';
  await page.route(url, (route) => route.fulfill({ contentType: 'text/html', headers, body }));
  const problems = collectProblems(page);
  await page.goto(url);
  return { page, problems, close: () => context.close() };
}

/** Waits until a page has this many workers. */
export async function waitForWorkers(page, count) {
  const isReached = () => page.workers().length === count;
  await waitUntil(isReached, () => `${page.workers().length} workers, not ${count}`);
}

/** Calls `isReached` every 50 ms until it returns true; throws `describe()` after a minute. */
export async function waitUntil(isReached, describe) {
  for (let i = 0; i < 1200; i++) {
    if (await isReached()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(describe());
}

/** Ways in which a worker's script can be unusable, each with Playwright's answer to its request. */
export const UNUSABLE_SCRIPTS = {
  missing: (route) => route.fulfill({ status: 404 }),
  'an HTML page': (route) =>
    route.fulfill({ contentType: 'text/html', body: '<h1>Not found</h1>' }),
  'a script that throws': (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      headers: ISOLATED,
      body: 'throw new Error("broken")',
    }),
  'never answered': () => {},
};

/** The state, result, expected value and verdict of each computed check of the page, by name. */
export function readChecks(page) {
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

/** Scrolls to a section that is loaded when it comes near the viewport, and waits until it is mounted. */
export async function scrollToSection(page, section) {
  await page.$eval(`#${section}`, (element) => {
    if (element instanceof HTMLDetailsElement) element.open = true;
    element.scrollIntoView({ behavior: 'instant' });
  });
  await page.waitForSelector(`#${section} [data-lazy][data-mounted]`, { timeout: 60_000 });
}

/** Opens an exercise, and shows its answer after the guess “I don’t know”. */
export async function openAnswer(page, name) {
  const exercise = page.locator(`#exercise-${name}`);
  if (!(await exercise.evaluate(({ open }) => open))) await exercise.locator('h3').click();
  await exercise.locator('.guess [data-unknown]').check();
  await exercise.getByRole('button', { name: 'Show the answer' }).click();
}

/** Shows the answers of all exercises and waits until their checks are computed and visible. */
export async function openAnswers(page) {
  await scrollToSection(page, 'exercises');
  const names = await page.$$eval('.exercise', (all) => all.map(({ dataset }) => dataset.exercise));
  for (const name of names) {
    await openAnswer(page, name);
    await page.locator(`#exercise-${name} .checked > summary`).click();
  }
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('.exercise [data-example]')].every(
        ({ dataset }) => !['unopened', 'pending'].includes(dataset.state),
      ),
    null,
    { timeout: 60_000 },
  );
}

/** Opens everything that is hidden or loaded later, and an editor. */
export async function openEverything(page) {
  for (const section of ['workshop', 'cost', 'speed']) await scrollToSection(page, section);
  await openAnswers(page);
  await page.$$eval('details', (rows) => {
    for (const row of rows) row.open = true;
  });
  await page.locator('[data-cell] .code.editable:visible').last().click();
  await page.locator('[data-cell] .cm-content').waitFor();
}

/**
 * Copies the project's sources to build/`name` and changes some files: `changes` maps a file to
 * [text, replacement], and the text must occur exactly once. Unchanged files keep their dates, so that
 * little is rebuilt.
 */
export function copyWithChanges(name, changes) {
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
      throw new Error(`${file} must contain exactly once: ${from}`);
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
