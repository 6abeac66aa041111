// The folders of examples/, each copied to an empty place, with the packed tarball installed in it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from '../../tools/serve.mjs';
import { pack, root } from '../package/helpers.mjs';

/** What every example shows: Fig. 7.4.1 of the chapter. */
export const expected = 'tensor([[ 56.,  72.],\n        [104., 120.]])';

/** The strictest policy under which WebAssembly can be compiled. */
export const strictPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

// Nothing here asks a network for anything but packages.
const env = {
  ...process.env,
  CI: 'true',
  NEXT_TELEMETRY_DISABLED: '1',
  NODE_OPTIONS: '',
  NODE_TEST_CONTEXT: undefined,
  WRANGLER_SEND_METRICS: 'false',
};

const archive = pack();
const folders = [archive.folder];
after(() => {
  // What a program has just left may still be changing.
  for (const folder of folders) rmSync(folder, { recursive: true, maxRetries: 5 });
});

/** Runs a program and gives what it printed on stdout; its error says what it printed in all. */
export async function runIn(folder, program, args) {
  try {
    return (await promisify(execFile)(program, args, { cwd: folder, env, maxBuffer: 2 ** 26 }))
      .stdout;
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}`, { cause: error });
  }
}

/** Installs packages in a folder; npm keeps what it has downloaded. */
export async function installIn(folder, packages) {
  const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await runIn(folder, 'npm', ['install', ...options, ...packages]);
}

/**
 * A copy of the example, with the tarball and whatever else is named installed. It is removed when
 * the tests of the file are done.
 */
export async function installExample(name, more = []) {
  const folder = mkdtempSync(join(tmpdir(), `corr2d-${name}-`));
  folders.push(folder);
  cpSync(join(root, 'examples', name), folder, {
    recursive: true,
    filter: (source) => !/[/\\](node_modules|dist)$/.test(source),
  });
  await installIn(folder, [archive.tarball, ...more]);
  return folder;
}

export const runScript = (folder, script) => runIn(folder, 'npm', ['run', '--silent', script]);

/** Holds the example's modules against the package's types, as strictly as TypeScript can. */
export async function assertTypes(folder, files, options = []) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const strict = ['--strict', '--noEmit', '--allowJs', '--checkJs', '--target', 'es2022'];
  const resolution = ['--module', 'esnext', '--moduleResolution', 'bundler', '--types', ''];
  // The older library does not know Symbol.dispose.
  for (const lib of ['es2022,dom', 'esnext,dom']) {
    const args = [tsc, ...strict, ...resolution, '--lib', lib, ...options, ...files];
    await runIn(folder, process.execPath, args);
  }
}

/** What a page shows, once there is something in it, and what goes wrong in it. */
async function visit(browser, url, selector, strip) {
  const page = await browser.newPage();
  const troubles = [];
  page.on('console', (message) => {
    const { url } = message.location();
    if (!['error', 'warning'].includes(message.type())) return;
    // Browsers ask for an icon, which no example has.
    if (url.endsWith('/favicon.ico')) return;
    // Vite's development server has bundled a dependency again, and reloads the page.
    if (message.text().includes('504 (Outdated Optimize Dep)')) return;
    troubles.push(`${message.text()} ${url}`);
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  if (strip) {
    await page.route(url, async (route) => {
      const response = await route.fetch();
      const headers = Object.entries(response.headers());
      const kept = headers.filter(([name]) => !name.startsWith('cross-origin-'));
      await route.fulfill({ response, headers: Object.fromEntries(kept) });
    });
  }
  try {
    await page.goto(url);
    const shown = (chosen) => /tensor\(|\}$/.test(document.querySelector(chosen)?.innerText);
    await page.waitForFunction(shown, selector, { timeout: 60_000 }).catch(() => {});
    const read = (chosen) => [
      document.querySelector(chosen)?.textContent.trim(),
      navigator.hardwareConcurrency,
    ];
    const [text, cores] = await page.evaluate(read, selector);
    return { text, cores, troubles };
  } finally {
    await page.close();
  }
}

/** Asserts that a page shows the result, and that nothing goes wrong in it. */
export async function assertShows(browser, url, selector = 'body') {
  const { text, troubles } = await visit(browser, url, selector);
  assert.deepEqual({ text, troubles }, { text: expected, troubles: [] });
}

/**
 * Asserts of a page with a program of tests/examples/programs that it computes on every core, or, where
 * it is not to be cross-origin isolated, on one.
 */
export async function assertThreads(browser, url, { selector = 'body', isIsolated = true } = {}) {
  const { text, cores, troubles } = await visit(browser, url, selector, !isIsolated);
  const one = isIsolated ? 'there is one core' : 'the page is not cross-origin isolated';
  const wanted =
    isIsolated && cores > 1 ? { threads: cores } : { threads: 1, reason: `one thread: ${one}` };
  const found = text?.startsWith('{') ? JSON.parse(text) : text;
  assert.deepEqual({ found, troubles }, { found: { ...wanted, isRight: true }, troubles: [] });
}

/** `check(url)` for a folder of files, under the strictest policy; the server's pages are isolated. */
async function withFolder(folder, page, policy, check) {
  const headers = { 'Content-Security-Policy': policy };
  const server = await startServer({ root: folder, port: 0, headers });
  try {
    await check(new URL(page, server.url).href);
  } finally {
    await server.close();
  }
}

/** `assertShows` for a folder of files. */
export const assertFolderShows = (browser, folder, page = '', policy = strictPolicy) =>
  withFolder(folder, page, policy, (url) => assertShows(browser, url));

/** `assertThreads` for a folder of files, isolated and not. */
export const assertFolderThreads = (browser, folder, page = '', policy = strictPolicy) =>
  withFolder(folder, page, policy, async (url) => {
    for (const isIsolated of [true, false]) await assertThreads(browser, url, { isIsolated });
  });

/** Puts a program of tests/examples/programs in the place of the example's own. */
export function useProgram(folder, program) {
  cpSync(join(root, 'tests/examples/programs', `${program}.js`), join(folder, 'main.js'));
}

/** The scripts of workers, for bundlers that leave them where they are. */
export function copyWorkers(folder) {
  for (const name of ['client-worker.js', 'thread-worker.js']) {
    cpSync(join(folder, 'node_modules/corr2d/dist', name), join(folder, 'dist', name));
  }
}

/** A port that is free. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a program that serves `url`, and waits until it answers: a function that ends it. */
export async function startProgram(folder, program, args, url) {
  // In a group of its own, for it may start others.
  const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const ended = new Promise((resolve) => child.on('close', resolve));
  const stop = async () => {
    try {
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
    await ended;
  };
  const last = Date.now() + 60_000;
  while (child.exitCode === null && Date.now() < last) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return stop;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await stop();
  throw new Error(`${program} ${args.join(' ')} does not serve ${url}\n${output}`);
}
