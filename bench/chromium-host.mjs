// @ts-check
// Runs the benchmark in a page in Chromium.
import { cpus } from 'node:os';
import { ASSETS, openBrowser } from './chromium.mjs';

/** @param {import('./session.mjs').SessionOptions} options */
export async function openChromium({ sendRequest, ...options }) {
  const browser = await openBrowser();
  /** @param {readonly string[]} contenders */
  const openSession = async (contenders) => {
    const page = await browser.openPage();
    if (sendRequest) await page.exposeFunction('sendNativeRequest', sendRequest);
    const opened = await page.evaluate(
      async (given) => {
        const { openSession } = await import('./session.mjs');
        const session = await openSession(given);
        Object.assign(globalThis, { session });
        return session.contenders;
      },
      { ...options, contenders, assets: ASSETS },
    );
    return { page, opened };
  };
  const { page, opened } = await openSession(options.contenders);
  return {
    runtime: `Chromium ${browser.version}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    contenders: opened,
    /** @param {import('./shapes.mjs').Shape} shape @param {object} budget */
    run: (shape, budget) =>
      page.evaluate(
        ([shape, budget]) => /** @type {any} */ (globalThis).session.run(shape, budget),
        /** @type {const} */ ([shape, budget]),
      ),
    /** @param {import('./shapes.mjs').Shape} shape @param {string} contender */
    async cold(shape, contender) {
      const { page } = await openSession([contender]);
      const times = await page.evaluate(
        (shape) => /** @type {any} */ (globalThis).session.firstCall(shape),
        shape,
      );
      await page.context().close();
      return times;
    },
    close: browser.close,
  };
}
