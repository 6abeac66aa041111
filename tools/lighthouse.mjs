// @ts-check
// npm run lighthouse: builds and serves the page and audits it with Lighthouse on an emulated phone and
// desktop. Fails if a category scores below the minimum. npx downloads Lighthouse, because nothing
// else needs it. Run it on an idle machine, because load lowers the performance scores.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackage, buildWeb } from './build.mjs';
import { info } from './lib/log.mjs';
import { ROOT } from './lib/root.mjs';
import { capture, reportFailure, SetupError } from './lib/run.mjs';
import { startServer } from './serve.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureBrowser, ensureSystemTools } from './setup/system-tools.mjs';

const PAGE = join(ROOT, 'build', 'web');
// The last major version that runs on Node 20.
const LIGHTHOUSE = 'lighthouse@12';
const MINIMUM_SCORE = 0.95;

/**
 * Audits the page and returns the categories that score too low.
 * @param {string} url @param {string} form @param {string} browser
 */
async function audit(url, form, browser) {
  const dir = mkdtempSync(join(tmpdir(), 'corr2d-lighthouse-'));
  const report = join(dir, 'report.json');
  const args = [LIGHTHOUSE, url, '--quiet', '--output=json', `--output-path=${report}`];
  if (form === 'desktop') args.push('--preset=desktop');
  args.push('--chrome-flags=--headless=new --no-sandbox');
  try {
    await capture('npx', ['--yes', ...args], { env: { ...process.env, CHROME_PATH: browser } });
    const { categories, audits } = JSON.parse(readFileSync(report, 'utf8'));
    /** @type {{ title: string, score: number }[]} */
    const scores = Object.values(categories);
    info(`${form}: ${scores.map(({ title, score }) => `${title} ${100 * score}`).join(', ')}`);
    info(`  total blocking time ${audits['total-blocking-time'].displayValue}`);
    return scores
      .filter(({ score }) => score < MINIMUM_SCORE)
      .map(({ title }) => `${form}: ${title}`);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function main() {
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  const browser = await ensureBrowser();
  if (!browser.path) throw new SetupError(`Lighthouse needs a browser: ${browser.help}`);
  await buildPackage({ emscripten: await ensureEmscripten() });
  await buildWeb();
  const server = await startServer({ root: PAGE, port: 8600 });
  try {
    const low = [];
    for (const form of ['phone', 'desktop'])
      low.push(...(await audit(server.url, form, browser.path)));
    if (low.length > 0)
      throw new SetupError(`Scores below ${100 * MINIMUM_SCORE}: ${low.join('; ')}`);
  } finally {
    await server.close();
  }
}

main().catch(reportFailure);
