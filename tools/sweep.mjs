// @ts-check
// npm run sweep: builds the sweep of small problems (tests/sweep) and runs it.
//   -- --variant simd        a WebAssembly variant, in Node; default native
//   -- --algorithm gemm      only this algorithm
//   -- --stratum NAME        only this stratum
//   -- --part 1/4            only this part of the problems
//   -- --sample N --seed S   only a random sample
//   -- --problem STRATUM:N   only one problem
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildNative, buildSweep } from './build.mjs';
import { relaxedFlags } from './lib/relaxed-simd.mjs';
import { ROOT } from './lib/root.mjs';
import { readArguments, reportFailure, run, SetupError } from './lib/run.mjs';
import { isRelaxed, VARIANTS } from './lib/variants.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

const PROGRAMS = ['native', ...VARIANTS];

/**
 * Divides a part such as '1/2' of all problems among processes.
 * @param {string} part @param {number} jobs
 */
export function divide(part, jobs) {
  const [, index, count] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(part)?.map(Number) ?? [];
  if (!count || index > count)
    throw new SetupError(`--part is ${part}; expected INDEX/COUNT, such as 1/4`);
  // Part i of n has the problems i, i + n, i + 2n, …
  return Array.from({ length: jobs }, (_, job) => `${index + job * count}/${count * jobs}`);
}

/**
 * Builds the sweep and returns the command that runs it.
 * @param {string} variant
 */
async function buildProgram(variant) {
  if (variant === 'native') {
    await ensureSystemTools(['cmake', 'ninja', 'compiler', 'simde', 'gtest']);
    await buildNative('native-release', 'corr2d_sweep');
    return [join(ROOT, 'build', 'native-release', 'tests', 'sweep', 'corr2d_sweep')];
  }
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  const program = await buildSweep({ emscripten: await ensureEmscripten(), variant });
  return [process.execPath, ...(isRelaxed(variant) ? await relaxedFlags() : []), program];
}

async function main() {
  const { values } = readArguments({
    options: {
      variant: { type: 'string', default: 'native' },
      algorithm: { type: 'string' },
      stratum: { type: 'string' },
      part: { type: 'string' },
      problem: { type: 'string' },
      sample: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const { variant, part = '1/1', ...rest } = values;
  if (!PROGRAMS.includes(variant)) {
    throw new SetupError(`--variant is ${variant}; expected one of ${PROGRAMS.join(', ')}`);
  }
  const isWhole = !values.problem && !values.sample;
  const parts = divide(part, isWhole ? availableParallelism() : 1);
  const [command, ...first] = await buildProgram(variant);
  const args = Object.entries(rest).flatMap(([name, value]) => [`--${name}`, value]);
  const runs = parts.map((each) =>
    run(command, [...first, ...args, ...(isWhole ? ['--part', each] : [])]),
  );
  const failed = (await Promise.allSettled(runs)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
