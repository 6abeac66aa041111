// @ts-check
// npm run check: checks formatting, lint rules, includes and imports, and types.
//   -- --fix  repair formatting and lint problems instead (npm run format)
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildPackage } from './build.mjs';
import { checkLayers } from './check/layers.mjs';
import { info, warn } from './lib/log.mjs';
import { ROOT } from './lib/root.mjs';
import { CommandError, capture, readArguments, reportFailure, run, which } from './lib/run.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

const CPP_FOLDERS = [
  'cpp',
  'bindings',
  'tests/cpp',
  'tests/fuzz',
  'tests/sweep',
  'tools/calibrate',
];
// Versions of clang-format format the same style differently. This version is the reference.
const CLANG_FORMAT_MAJOR = 14;

/** A check that failed; the message lists the problems. */
class CheckError extends Error {}

/** Files that are tracked by git or could be added. @param {string[]} folders */
async function listFiles(folders) {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...folders];
  const files = (await capture('git', args, { cwd: ROOT })).split('\0').filter(Boolean);
  return files.filter((file) => existsSync(join(ROOT, file)));
}

/** @param {boolean} fix */
async function checkCpp(fix) {
  const files = (await listFiles(CPP_FOLDERS)).filter((file) => /\.(cpp|cc|h|hpp|inc)$/.test(file));
  if (files.length === 0) return;
  const program = which(`clang-format-${CLANG_FORMAT_MAJOR}`) ?? 'clang-format';
  const version = /version (\d+)/.exec(await capture(program, ['--version']))?.[1];
  const isReference = Number(version) === CLANG_FORMAT_MAJOR;
  const args = fix ? ['-i'] : ['--dry-run', '-Werror'];
  try {
    await run(program, ['--style=file', ...args, ...files], { cwd: ROOT });
  } catch (error) {
    if (isReference || fix || process.env.CI === 'true') throw error;
    warn(
      `clang-format ${version} reports differences. The reference is version ${CLANG_FORMAT_MAJOR}.`,
    );
  }
}

/** @param {boolean} fix */
async function checkJs(fix) {
  const args = fix ? ['check', '--write'] : ['ci'];
  // Biome writes colours even if the output is a file.
  if (!process.stdout.isTTY) args.push('--colors=off');
  await run(join(ROOT, 'node_modules/.bin/biome'), args, { cwd: ROOT });
}

async function checkImports() {
  const problems = checkLayers(ROOT, await listFiles(['.']));
  if (problems.length > 0) throw new CheckError(problems.join('\n'));
}

async function checkTypes() {
  // The page is checked against the declarations in dist/.
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  const emscripten = await ensureEmscripten();
  await buildPackage({ emscripten });
  const projects = (await listFiles(['.'])).filter((file) => basename(file) === 'tsconfig.json');
  for (const project of projects) {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    await run(tsc, ['--noEmit', '--project', project], { cwd: ROOT });
  }
}

async function main() {
  const { values } = readArguments({ options: { fix: { type: 'boolean', default: false } } });
  await ensureSystemTools(['clang-format']);
  await ensureNodePackages();

  /** @type {[string, () => Promise<void>][]} */
  const checks = [
    ['C++ formatting (clang-format)', () => checkCpp(values.fix)],
    ['JavaScript and TypeScript (biome)', () => checkJs(values.fix)],
  ];
  if (!values.fix) {
    checks.push(['Includes and imports (layers and cycles)', checkImports]);
    checks.push(['Types (tsc)', checkTypes]);
  }
  const failed = [];
  for (const [title, check] of checks) {
    info(title);
    try {
      await check();
    } catch (error) {
      if (!(error instanceof CommandError || error instanceof CheckError)) throw error;
      info(error.message);
      failed.push(title);
    }
  }
  if (failed.length > 0) {
    info(`\nFailed: ${failed.join(', ')}. To repair formatting: npm run format`);
    process.exitCode = 1;
  }
}

main().catch(reportFailure);
