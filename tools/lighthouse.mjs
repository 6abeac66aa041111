// @ts-check
// npm run lighthouse: builds the page, serves it, and has Lighthouse judge it, as a phone and as a
// desktop. It fails where a category is below what the page is to reach. Lighthouse itself is fetched
// by npx, as nothing else needs it. Times are only worth something on a machine that is idle.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { info } from './lib/log.mjs';
import { capture, reportFailure, SetupError } from './lib/run.mjs';
import { startServer } from './serve.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureBrowser, ensureSystemTools } from './setup/system-tools.mjs';

const PAGE = fileURLToPath(new URL('../build/web', import.meta.url));
// The last major version that runs on Node 20.
const LIGHTHOUSE = 'lighthouse@12';
const LEAST_SCORE = 0.95;

/** @param {string} url @param {string} form @param {string} browser */
async function judge(url, form, browser) {
  const dir = mkdtempSync(join(tmpdir(), 'corr2d-lighthouse-'));
  const report = join(dir, 'report.json');
  const args = [LIGHTHOUSE, url, '--quiet', '--output=json', `--output-path=${report}`];
  if (form === 'desktop') args.push('--preset=desktop');
  args.push('--chrome-flags=--headless=new --no-sandbox');
  try {
    await capture('npx', ['--yes', ...args], { env: { ...process.env, CHROME_PATH: browser } });
    const { categories, audits } = JSON.parse(readFileSync(report, 'utf8'));
    /** @type {{ title: string, score: number }[]} */
    const found = Object.values(categories);
    info(`${form}: ${found.map(({ title, score }) => `${title} ${100 * score}`).join(', ')}`);
    info(`  blocked for ${audits['total-blocking-time'].displayValue}`);
    return found.filter(({ score }) => score < LEAST_SCORE).map(({ title }) => `${form}: ${title}`);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function main() {
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  const browser = await ensureBrowser();
  if (!browser.path) throw new SetupError(`Lighthouse wants a browser: ${browser.help}`);
  const { buildPackage, buildWeb } = await import('./build.mjs');
  await buildPackage({ emscripten: await ensureEmscripten() });
  await buildWeb();
  const server = await startServer({ root: PAGE, port: 8600 });
  try {
    const low = [];
    for (const form of ['phone', 'desktop'])
      low.push(...(await judge(server.url, form, browser.path)));
    if (low.length > 0) throw new SetupError(`Below ${100 * LEAST_SCORE}: ${low.join('; ')}`);
  } finally {
    await server.close();
  }
}

main().catch(reportFailure);
