// Control of the page's measuring worker, so that no test depends on how fast this machine computes.

/**
 * Prepares a page, before it is loaded: its measuring worker answers the probe of the engine's speed
 * with `advantage`, if given, and measures nothing while `globalThis.holdsMeasurements` is true.
 */
export const controlMeasurements =
  ({ advantage, holds = false } = {}) =>
  (page) =>
    page.addInitScript(
      ([advantage, holds]) => {
        globalThis.holdsMeasurements = holds;
        globalThis.Worker = class extends Worker {
          postMessage(message, ...rest) {
            const { kind, id } = message ?? {};
            if (kind === 'probe' && advantage !== null) {
              const data = { id, answer: advantage };
              setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data })));
            } else if (
              !globalThis.holdsMeasurements ||
              !['time', 'bench', 'strips'].includes(kind)
            ) {
              super.postMessage(message, ...rest);
            }
          }
        };
      },
      [advantage ?? null, holds],
    );
