// @ts-check
// Runs the benchmark in this Node process.
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { hasRelaxedSimd } from '../tools/lib/relaxed-simd.mjs';
import { capture } from '../tools/lib/run.mjs';
import { openSession } from './session.mjs';

const COLD = fileURLToPath(new URL('cold.mjs', import.meta.url));

/** Whether corr2d chooses its relaxed variant in this process. */
export const nodeHasRelaxedSimd = hasRelaxedSimd;

/** @param {import('./session.mjs').SessionOptions} options */
export async function openNode(options) {
  const session = await openSession(options);
  return {
    runtime: `Node ${process.versions.node} (V8 ${process.versions.v8})`,
    cpu: cpus()[0]?.model ?? 'unknown',
    contenders: session.contenders,
    run: session.run,
    /** @param {import('./shapes.mjs').Shape} shape @param {string} contender */
    async cold(shape, contender) {
      const work = JSON.stringify({ options: { ...options, contenders: [contender] }, shape });
      const args = [...process.execArgv, COLD, work];
      return JSON.parse((await capture(process.execPath, args)).trim().split('\n').at(-1) ?? '');
    },
    close: async () => {},
  };
}
