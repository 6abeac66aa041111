// @ts-check
// npm run bench:tfjs: measures a model with MobileNet's layers in tfjs, with the kernels of its backends
// and with corr2d's (corr2d/tfjs), which includes the copies between the heaps. In Node it also measures a
// training step.
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { buildPackage } from '../tools/build.mjs';
import { info, step } from '../tools/lib/log.mjs';
import { readArguments, reportFailure, SetupError } from '../tools/lib/run.mjs';
import { ensureEmscripten } from '../tools/setup/emscripten.mjs';
import { ensureNodePackages } from '../tools/setup/node-packages.mjs';
import { ensureSystemTools } from '../tools/setup/system-tools.mjs';
import { ASSETS, openBrowser } from './chromium.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** @typedef {{ backend: string, size: number, rounds: number, threads: number }} Task */

async function main() {
  const { values } = readArguments({
    options: {
      runtime: { type: 'string', default: 'node' },
      threads: { type: 'string', default: '1' },
      size: { type: 'string', default: '224' },
      rounds: { type: 'string', default: '9' },
    },
  });
  if (!['node', 'chromium'].includes(values.runtime)) {
    throw new SetupError(`--runtime is ${values.runtime}; expected node or chromium`);
  }
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  await ensureNodePackages({ root: HERE });
  await buildPackage({ emscripten: await ensureEmscripten() });

  const [threads, size] = [Number(values.threads), Number(values.size)];
  info(`${values.runtime}, ${cpus()[0]?.model}, image ${size}×${size}×3, medians in ms`);
  for (const backend of ['wasm', 'cpu']) {
    const rounds = backend === 'cpu' ? 2 : Number(values.rounds);
    const task = { backend, size, rounds, threads };
    const result = await step(`tfjs on ${backend}`, () => measureIn(values.runtime, task));
    const { tfjs, corr2d, copies, features, version } = result;
    info(
      `${backend}: tfjs ${version} ${tfjs.toFixed(1)}, with corr2d (${features.variant}, ` +
        `${features.threads} threads) ${corr2d.toFixed(1)}, of which copies ${copies.toFixed(1)}: ` +
        `ratio ${(tfjs / corr2d).toFixed(2)}`,
    );
  }
  if (values.runtime !== 'node') return;
  const { measureTraining } = await import('./tfjs/training.mjs');
  const training = await step('training', () => measureTraining({ threads, steps: 40 }));
  const { prediction, ownPrediction, cpu, batch } = training;
  info(
    `a training step of ${batch} images 28×28, minima: cpu ${cpu.toFixed(1)}, wasm with corr2d ` +
      `${training.step.toFixed(1)}: ratio ${(cpu / training.step).toFixed(1)}; prediction: wasm ` +
      `${ownPrediction.toFixed(1)}, with corr2d ${prediction.toFixed(1)}`,
  );
}

/** @param {string} runtime @param {Task} task */
async function measureIn(runtime, task) {
  if (runtime === 'node') return (await import('./tfjs/page.mjs')).measure(task);
  const browser = await openBrowser();
  try {
    const page = await browser.openPage();
    return await page.evaluate(
      async (given) => {
        const { measure } = await import('./tfjs/page.mjs');
        return measure(given);
      },
      /** @type {any} */ ({ ...task, assets: ASSETS }),
    );
  } finally {
    await browser.close();
  }
}

main().catch(reportFailure);
