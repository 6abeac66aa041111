// @ts-check
// Chromium, with pages in which the benchmark's modules and its peers can be imported.
import { fileURLToPath } from 'node:url';
import { SetupError } from '../tools/lib/run.mjs';
import { startServer } from '../tools/serve.mjs';
import { ensureBrowser } from '../tools/setup/system-tools.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Where a page finds the peers' packages. */
export const ASSETS = '/bench/node_modules';

export async function openBrowser() {
  const { path, help } = await ensureBrowser();
  if (!path) throw new SetupError(`This needs a browser: ${help}`);
  const { chromium } = await import('playwright-core');
  const server = await startServer({ root: ROOT, port: 0 });
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];
  const browser = await chromium.launch({ executablePath: path, args });
  return {
    version: browser.version(),
    /** A page in a process of its own, in which nothing has been compiled yet. */
    async openPage() {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(new URL('bench/page.html', server.url).href);
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
