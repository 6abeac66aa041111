// Copies the folders of examples/, installs the packed tarball in them, and checks what they show.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from '../../tools/serve.mjs';
import { STRICT_POLICY } from '../browser/helpers.mjs';
import { pack, root } from '../package/helpers.mjs';

/** The output of every example: Fig. 7.4.1 of the chapter. */
export const expected = 'tensor([[ 56.,  72.],\n        [104., 120.]])';

// No tool may send telemetry.
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
  // Programs that have just ended may still write files.
  for (const folder of folders) rmSync(folder, { recursive: true, maxRetries: 5 });
});

/** Runs a program and returns what it prints. The error of a failure contains its output. */
async function run(folder, program, args) {
  try {
    return await promisify(execFile)(program, args, { cwd: folder, env, maxBuffer: 2 ** 26 });
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}`, { cause: error });
  }
}

/** Runs a program and returns its stdout. */
export const runIn = async (...command) => (await run(...command)).stdout;

/** Installs packages in a folder, from npm's cache if possible. */
export async function installIn(folder, packages) {
  const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await runIn(folder, 'npm', ['install', ...options, ...packages]);
}

/**
 * Copies an example and installs the tarball and the packages `more` in it. The copy is removed after the
 * tests of the file.
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

/** Runs the script `build` and expects no warning about the package. */
export async function assertBuildsSilently(folder) {
  const { stdout, stderr } = await run(folder, 'npm', ['run', '--silent', 'build']);
  // Bundlers print the file that a warning is about.
  const warnings = (stdout + stderr).split('\n').filter((line) => /\bcorr2d\b/.test(line));
  assert.deepEqual(warnings, []);
}

/** Type-checks modules of an example in strict mode. */
export async function assertTypes(folder, files, options = []) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const strict = ['--strict', '--noEmit', '--allowJs', '--checkJs', '--target', 'es2022'];
  const resolution = ['--module', 'esnext', '--moduleResolution', 'bundler', '--types', ''];
  // The older library has no Symbol.dispose.
  for (const lib of ['es2022,dom', 'esnext,dom']) {
    const args = [tsc, ...strict, ...resolution, '--lib', lib, ...options, ...files];
    await runIn(folder, process.execPath, args);
  }
}

/** Returns a list to which every error and warning of an example's page is appended. */
export function watchProblems(page) {
  const problems = [];
  page.on('console', (message) => {
    const { url } = message.location();
    if (!['error', 'warning'].includes(message.type())) return;
    // No example has an icon.
    if (url.endsWith('/favicon.ico')) return;
    // Vite's development server reloads the page after bundling a dependency again.
    if (message.text().includes('504 (Outdated Optimize Dep)')) return;
    problems.push(`${message.text()} ${url}`);
  });
  page.on('pageerror', (error) => problems.push(error.message));
  return problems;
}

/**
 * Opens a page and returns the text of `selector` when it shows a result, the number of cores, and the
 * page's problems. `strip` removes the headers that isolate the page.
 */
async function visit(browser, url, selector, strip) {
  const page = await browser.newPage();
  const problems = watchProblems(page);
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
    return { text, cores, problems };
  } finally {
    await page.close();
  }
}

/** Expects a page to show the result, without problems. */
export async function assertShows(browser, url, selector = 'body') {
  const { text, problems } = await visit(browser, url, selector);
  assert.deepEqual({ text, problems }, { text: expected, problems: [] });
}

/** Expects a page to show a result that the server has computed, and one that the page computes. */
export async function assertBothShow(browser, url) {
  const html = await (await fetch(url)).text();
  assert.match(html, /<pre id="server">tensor\(\[\[ 56\.,/, 'computed on the server');
  assert.match(html, /<pre id="browser"><\/pre>/, 'not computed on the server');
  for (const id of ['server', 'browser']) await assertShows(browser, url, `#${id}`);
}

/**
 * Expects a page with a program of tests/examples/programs to compute with a thread per core, or with one
 * thread if it is not cross-origin isolated.
 */
export async function assertThreads(browser, url, { selector = 'body', isIsolated = true } = {}) {
  const { text, cores, problems } = await visit(browser, url, selector, !isIsolated);
  const one = isIsolated ? 'the machine has one core' : 'the page is not cross-origin isolated';
  const expectedFeatures =
    isIsolated && cores > 1 ? { threads: cores } : { threads: 1, reason: `one thread: ${one}` };
  const found = text?.startsWith('{') ? JSON.parse(text) : text;
  assert.deepEqual(
    { found, problems },
    { found: { ...expectedFeatures, isRight: true }, problems: [] },
  );
}

/** Calls `check(url)` while a folder is served under a policy, with headers that isolate its pages. */
export async function serveFolder(folder, page, policy, check) {
  const headers = { 'Content-Security-Policy': policy };
  const server = await startServer({ root: folder, port: 0, headers });
  try {
    await check(new URL(page, server.url).href);
  } finally {
    await server.close();
  }
}

/** `assertShows` for a folder of files. */
export const assertFolderShows = (browser, folder, page = '', policy = STRICT_POLICY) =>
  serveFolder(folder, page, policy, (url) => assertShows(browser, url));

/** `assertThreads` for a folder of files, with and without isolation. */
export const assertFolderThreads = (browser, folder, page = '', policy = STRICT_POLICY) =>
  serveFolder(folder, page, policy, async (url) => {
    for (const isIsolated of [true, false]) await assertThreads(browser, url, { isIsolated });
  });

/** Calls `check(url)` while a program serves `url`; `argsFor(port)` are its arguments. */
export async function serveProgram(folder, program, argsFor, check) {
  const port = await freePort();
  const url = `http://localhost:${port}/`;
  const stop = await startProgram(folder, program, argsFor(port), url);
  try {
    await check(url);
  } finally {
    await stop();
  }
}

/** Calls `check(url)` while Vite's development server runs. */
export const serveVite = (folder, check) =>
  serveProgram(
    folder,
    join(folder, 'node_modules', '.bin', 'vite'),
    (port) => ['--port', `${port}`, '--strictPort'],
    check,
  );

/** Replaces main.js of an example with a program of tests/examples/programs. */
export function useProgram(folder, program) {
  cpSync(join(root, 'tests/examples/programs', `${program}.js`), join(folder, 'main.js'));
}

/** Copies the scripts of workers next to the bundle, for bundlers that do not. */
export function copyWorkers(folder) {
  for (const name of ['client-worker.js', 'thread-worker.js']) {
    cpSync(join(folder, 'node_modules/corr2d/dist', name), join(folder, 'dist', name));
  }
}

/** Finds a free TCP port. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a program that serves `url` and waits until it responds. Returns a function that ends it. */
export async function startProgram(folder, program, args, url) {
  // The program gets its own process group, so that `stop` also ends the processes that it starts.
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
      // It has already ended.
    }
    await ended;
  };
  const deadline = Date.now() + 120_000;
  while (child.exitCode === null && Date.now() < deadline) {
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
