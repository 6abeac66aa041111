// Controls the page's measurement worker, so that no test depends on the speed of the machine.

/**
 * Returns a function that prepares a page before it is loaded: the measurement worker answers the request
 * for the speed-up with `speedup`, if given, and measures nothing while `globalThis.holdsMeasurements` is
 * true.
 */
export const controlMeasurements =
  ({ speedup, holds = false } = {}) =>
  (page) =>
    page.addInitScript(
      ([speedup, holds]) => {
        globalThis.holdsMeasurements = holds;
        globalThis.Worker = class extends Worker {
          postMessage(message, ...rest) {
            const { kind, id } = message ?? {};
            if (kind === 'speedup' && speedup !== null) {
              const data = { id, result: speedup };
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
      [speedup ?? null, holds],
    );
