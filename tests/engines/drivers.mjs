// Three engines behind one door: what a page of ours has found, in a browser set up in some way.
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';
import { findBrowser, findFirefox } from '../../tools/setup/system-tools.mjs';
import { freePort } from '../examples/helpers.mjs';

/** What pages leave, once they have it: the text of `data-found` on the root. */
const ask = 'document.documentElement.dataset.found';
const MOST_MS = 120_000;

/** What the page at `url` finds in Chromium, and which Chromium it is. */
export async function inChromium(url, { args = [] } = {}) {
  const executablePath = findBrowser() ?? undefined;
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const found = await answer(() => page.evaluate(ask));
    return { version: `Chromium ${browser.version()}`, found };
  } finally {
    await browser.close();
  }
}

/** The same in Firefox, by WebDriver BiDi. */
export async function inFirefox(url, { prefs = {} } = {}) {
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
    const found = await answer(() => page.evaluate(ask));
    return { version: await browser.version(), found };
  } finally {
    await browser.close();
  }
}

/** The same in WebKitGTK, by WebDriver: https://www.w3.org/TR/webdriver2/ */
export async function inWebkit(url, { env = {} } = {}) {
  const port = await freePort();
  // In a group of its own, with the display that is made for it.
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
    await answer(() => command('GET', '/status').catch(() => undefined));
    const capabilities = { alwaysMatch: { browserName: 'MiniBrowser' } };
    const made = await command('POST', '/session', { capabilities });
    session = `/session/${made.sessionId}`;
    await command('POST', `${session}/url`, { url });
    const script = `return ${ask}`;
    const found = await answer(() =>
      command('POST', `${session}/execute/sync`, { script, args: [] }),
    );
    return { version: `WebKitGTK ${made.capabilities.browserVersion}`, found };
  } finally {
    if (session) await command('DELETE', session).catch(() => {});
    process.kill(-driver.pid, 'SIGTERM');
    await ended;
  }
}

/** Asks again and again, until there is an answer. */
async function answer(question) {
  const last = Date.now() + MOST_MS;
  for (;;) {
    const value = await question();
    if (value !== null && value !== undefined) {
      return typeof value === 'string' ? JSON.parse(value) : value;
    }
    if (Date.now() > last) throw new Error(`No answer in ${MOST_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
