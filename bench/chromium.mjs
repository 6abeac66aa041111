// @ts-check
// Opens pages in Chromium that can import the benchmark's modules and the peers.
import { ROOT } from '../tools/lib/root.mjs';
import { SetupError } from '../tools/lib/run.mjs';
import { startServer } from '../tools/serve.mjs';
import { ensureBrowser } from '../tools/setup/system-tools.mjs';

/** The URL path of the peers' packages. */
export const ASSETS = '/bench/node_modules';

export async function openBrowser() {
  const { path, help } = await ensureBrowser();
  if (!path) throw new SetupError(`The benchmark needs a browser: ${help}`);
  const { chromium } = await import('playwright-core');
  const server = await startServer({ root: ROOT, port: 0 });
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];
  const browser = await chromium.launch({ executablePath: path, args });
  return {
    version: browser.version(),
    /** Opens a page in a new process, without compiled code in its caches. */
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
