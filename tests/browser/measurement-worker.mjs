// Controls the page's measurement worker, so that no test depends on the speed of the machine.

/**
 * Returns a function that prepares a page before it is loaded. The measurement worker answers the request
 * for the speed-up with `speedup`, if given. It times layers at `speed` multiply-adds per millisecond, if
 * given, without measuring them. While `globalThis.holdsMeasurements` is true, it gets no requests for
 * measurements. `globalThis.measurements` lists these requests, and `globalThis.endedWorkers` counts the
 * terminated workers.
 */
export const controlMeasurements =
  ({ speedup, speed, holds = false } = {}) =>
  (page) =>
    page.addInitScript(
      ([speedup, speed, holds]) => {
        globalThis.holdsMeasurements = holds;
        globalThis.measurements = [];
        globalThis.heldMeasurements = [];
        globalThis.endedWorkers = 0;
        const sizeAfter = (size, { k, stride, padding }) =>
          Math.floor((size + 2 * padding - k) / stride) + 1;
        const macsOf = (problem) =>
          sizeAfter(problem.h, problem) *
          sizeAfter(problem.w, problem) *
          problem.co *
          (problem.ci / problem.groups) *
          problem.k ** 2;
        const timingOf = (macs) => ({
          milliseconds: macs / speed,
          algorithm: 'gemm',
          description: 'algorithm: gemm, because the test says so',
          macs,
          weightBytes: 1024,
          workspaceBytes: 1024,
        });
        globalThis.Worker = class extends Worker {
          #answer(id, result) {
            const data = { id, result };
            setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data })));
          }

          postMessage(message, ...rest) {
            const { kind, request } = message ?? {};
            const isMeasured = ['time', 'bench', 'strips'].includes(kind);
            const deliver = () => this.#deliver(message, ...rest);
            if (isMeasured) {
              const macs = kind === 'time' ? macsOf(request.problem) : 0;
              globalThis.measurements.push({ kind, macs });
            }
            if (isMeasured && globalThis.holdsMeasurements) {
              globalThis.heldMeasurements.push(deliver);
            } else deliver();
          }

          #deliver(message, ...rest) {
            const { kind, id, request } = message ?? {};
            if (kind === 'speedup' && speedup !== null) this.#answer(id, speedup);
            else if (kind === 'time' && speed !== null) {
              this.#answer(id, timingOf(macsOf(request.problem)));
            } else super.postMessage(message, ...rest);
          }

          terminate() {
            globalThis.endedWorkers += 1;
            super.terminate();
          }
        };
      },
      [speedup ?? null, speed ?? null, holds],
    );

/** Keeps the requests for measurements from the worker of a page, or delivers them. */
export const holdMeasurements = (page, holds) =>
  page.evaluate((holds) => {
    globalThis.holdsMeasurements = holds;
    if (!holds) for (const deliver of globalThis.heldMeasurements.splice(0)) deliver();
  }, holds);

/** The multiply-adds of the layers that the page's measurement worker was asked to time. */
export const readTimedMacs = (page) =>
  page.evaluate(() =>
    globalThis.measurements.filter(({ kind }) => kind === 'time').map(({ macs }) => macs),
  );
