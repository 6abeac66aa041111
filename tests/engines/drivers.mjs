// Opens a page in Chromium, Firefox or WebKit with given settings, and returns what the page reports.
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';
import { findBrowser, findFirefox } from '../../tools/setup/system-tools.mjs';

/** Pages report their result as JSON in `data-found` of the root element. */
const readResult = 'document.documentElement.dataset.found';
const TIMEOUT_MS = 120_000;

/** The result of the page at `url` in Chromium, and the browser's version. */
export async function inChromium(url, { args = [], timeoutMs } = {}) {
  const executablePath = findBrowser() ?? undefined;
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const found = await waitForResult(() => page.evaluate(readResult), timeoutMs);
    return { version: `Chromium ${browser.version()}`, found };
  } finally {
    await browser.close();
  }
}

/** The same in Firefox, with WebDriver BiDi. */
export async function inFirefox(url, { prefs = {}, timeoutMs } = {}) {
  const { default: puppeteer } = await import('puppeteer-core');
  const executablePath = findFirefox() ?? undefined;
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    extraPrefsFirefox: prefs,
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const found = await waitForResult(() => page.evaluate(readResult), timeoutMs);
    return { version: await browser.version(), found };
  } finally {
    await browser.close();
  }
}

/** The same in WebKitGTK, with WebDriver: https://www.w3.org/TR/webdriver2/ */
export async function inWebkit(url, { env = {}, timeoutMs } = {}) {
  // Imported here, because this module starts Node's test runner.
  const { freePort } = await import('../examples/helpers.mjs');
  const port = await freePort();
  // The driver and its display share a process group, so that one signal ends both.
  const driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`], {
    env: { ...process.env, ...env },
    detached: true,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => driver.on('close', resolve));
  const command = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  let session;
  try {
    await waitForResult(() => command('GET', '/status').catch(() => undefined));
    const capabilities = { alwaysMatch: { browserName: 'MiniBrowser' } };
    const made = await command('POST', '/session', { capabilities });
    session = `/session/${made.sessionId}`;
    await command('POST', `${session}/url`, { url });
    const script = `return ${readResult}`;
    const found = await waitForResult(
      () => command('POST', `${session}/execute/sync`, { script, args: [] }),
      timeoutMs,
    );
    return { version: `WebKitGTK ${made.capabilities.browserVersion}`, found };
  } finally {
    if (session) await command('DELETE', session).catch(() => {});
    process.kill(-driver.pid, 'SIGTERM');
    await ended;
  }
}

/** Calls `read` every 100 ms until it returns a result, and parses text as JSON. */
async function waitForResult(read, timeoutMs = TIMEOUT_MS) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== null && value !== undefined) {
      return typeof value === 'string' ? JSON.parse(value) : value;
    }
    if (Date.now() > deadline)
      throw new Error(`The page reported no result within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
