// @ts-check
// Runs the benchmark in a page of Chromium.
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { startServer } from '../tools/serve.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKAGES = '/bench/node_modules';

/**
 * @param {import('./session.mjs').SessionOptions} options
 * @param {string} executablePath
 */
export async function openChromium(options, executablePath) {
  const { chromium } = await import('playwright-core');
  const server = await startServer({ root: ROOT, port: 0 });
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];
  const browser = await chromium.launch({ executablePath, args });
  /** @param {readonly string[]} contenders */
  const openPage = async (contenders) => {
    // A context of its own is a process of its own, in which nothing has been compiled yet.
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(new URL('bench/page.html', server.url).href);
    const known = await page.evaluate(
      async (given) => {
        const { openSession } = await import('./session.mjs');
        const session = await openSession(given);
        Object.assign(globalThis, { session });
        return session.contenders;
      },
      { ...options, contenders, assets: PACKAGES },
    );
    return { context, page, known };
  };
  const { page, known } = await openPage(options.contenders);
  return {
    runtime: `Chromium ${browser.version()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    contenders: known,
    /** @param {import('./shapes.mjs').Shape} shape @param {object} budget */
    run: (shape, budget) =>
      page.evaluate(
        ([shape, budget]) => /** @type {any} */ (globalThis).session.run(shape, budget),
        /** @type {const} */ ([shape, budget]),
      ),
    /** @param {import('./shapes.mjs').Shape} shape @param {string} contender */
    async cold(shape, contender) {
      const { context, page } = await openPage([contender]);
      const times = await page.evaluate(
        (shape) => /** @type {any} */ (globalThis).session.firstCall(shape),
        shape,
      );
      await context.close();
      return times;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
