// @ts-check
// System programs and libraries for building and testing. As root on Debian or Ubuntu, missing ones are
// installed with apt-get; otherwise the error contains the command that installs them.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { step, warn } from '../lib/log.mjs';
import { capture, isExecutable, SetupError, which } from '../lib/run.mjs';

/**
 * Properties of the machine. Tests pass their own.
 * @typedef {object} Machine
 * @property {Record<string, string | undefined>} env
 * @property {boolean} isRoot
 * @property {string[]} family ID and ID_LIKE of os-release, such as ['ubuntu', 'debian'].
 * @property {string[]} includeDirs
 */

/**
 * @typedef {object} Need
 * @property {string} name For messages on systems without apt.
 * @property {(machine: Machine) => boolean} isPresent
 * @property {string} debianPackage
 * @property {string} [notOn] A distribution on which that package cannot be used.
 */

/** @param {string} program @returns {(machine: Machine) => boolean} */
const program = (program) => (machine) => which(program, machine.env) !== null;

/** @param {string} path @returns {(machine: Machine) => boolean} */
const header = (path) => (machine) =>
  machine.includeDirs.some((dir) => existsSync(join(dir, path)));

/** @type {Record<string, Need>} */
const NEEDS = {
  compiler: { name: 'a C++ compiler (g++)', isPresent: program('g++'), debianPackage: 'g++' },
  cmake: { name: 'CMake 3.21 or newer', isPresent: hasCmake, debianPackage: 'cmake' },
  ninja: { name: 'Ninja', isPresent: program('ninja'), debianPackage: 'ninja-build' },
  python3: { name: 'Python 3', isPresent: program('python3'), debianPackage: 'python3' },
  simde: {
    name: 'SIMDe (simde/wasm/simd128.h)',
    isPresent: header('simde/wasm/simd128.h'),
    debianPackage: 'libsimde-dev',
  },
  gtest: {
    name: 'GoogleTest (gtest/gtest.h)',
    isPresent: header('gtest/gtest.h'),
    debianPackage: 'libgtest-dev',
  },
  clang: { name: 'clang++', isPresent: program('clang++'), debianPackage: 'clang' },
  libfuzzer: {
    name: "clang's run-time libraries (libFuzzer)",
    isPresent: hasLibFuzzer,
    debianPackage: 'libclang-rt-dev',
  },
  llvm: {
    name: 'LLVM (llvm-cov, llvm-profdata)',
    isPresent: program('llvm-cov'),
    debianPackage: 'llvm',
  },
  'clang-format': {
    name: 'clang-format',
    isPresent: program('clang-format'),
    debianPackage: 'clang-format',
  },
  // Ubuntu's browser packages install a snap, which containers cannot run.
  chromium: {
    name: 'Chromium or Chrome',
    isPresent: (machine) => findBrowser(machine.env) !== null,
    debianPackage: 'chromium',
    notOn: 'ubuntu',
  },
  firefox: {
    name: 'Firefox',
    isPresent: (machine) => findFirefox(machine.env) !== null,
    debianPackage: 'firefox-esr',
    notOn: 'ubuntu',
  },
  webkit: {
    name: 'WebKitGTK and its WebDriver',
    isPresent: program('WebKitWebDriver'),
    debianPackage: 'webkit2gtk-driver',
  },
  xvfb: { name: 'xvfb-run', isPresent: program('xvfb-run'), debianPackage: 'xvfb' },
  xauth: { name: 'xauth', isPresent: program('xauth'), debianPackage: 'xauth' },
};

/** @returns {Machine} */
export function thisMachine() {
  return {
    env: process.env,
    isRoot: process.getuid?.() === 0,
    family: readFamily(),
    includeDirs: [
      ...(process.env.CPATH ?? '').split(':').filter(Boolean),
      '/usr/include',
      '/usr/local/include',
      '/opt/homebrew/include',
    ],
  };
}

function readFamily() {
  if (!existsSync('/etc/os-release')) return [process.platform];
  const fields = readFileSync('/etc/os-release', 'utf8').matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm);
  return [...fields].flatMap(([, value]) => value.split(' '));
}

/** @param {Machine} machine */
function hasLibFuzzer(machine) {
  const path = which('clang++', machine.env);
  if (!path) return false;
  const directory = execFileSync(path, ['-print-runtime-dir'], { encoding: 'utf8' }).trim();
  return (
    existsSync(directory) &&
    readdirSync(directory).some((name) => name.startsWith('libclang_rt.fuzzer'))
  );
}

/** @param {Machine} machine */
function hasCmake(machine) {
  const path = which('cmake', machine.env);
  if (!path) return false;
  const version = /(\d+)\.(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }));
  return version !== null && (+version[1] > 3 || (+version[1] === 3 && +version[2] >= 21));
}

/**
 * Installs missing tools, or throws. Optional tools are installed if possible.
 *
 * @param {string[]} needs Keys of the table above.
 * @param {{ optional?: string[], machine?: Machine }} [options]
 */
export async function ensureSystemTools(needs, { optional = [], machine = thisMachine() } = {}) {
  const missing = needs.filter((need) => !NEEDS[need].isPresent(machine));
  const missingOptional = optional.filter((need) => !NEEDS[need].isPresent(machine));
  const canInstall = machine.isRoot && usesApt(machine);

  if (canInstall && missingOptional.some((need) => packageOf(need, machine))) {
    try {
      await install([...missing, ...missingOptional], machine);
    } catch (error) {
      warn(
        `${error instanceof Error ? error.message : error}\nContinuing without the optional packages.`,
      );
    }
  }
  let stillMissing = missing.filter((need) => !NEEDS[need].isPresent(machine));
  if (stillMissing.length > 0 && canInstall) {
    await install(stillMissing, machine);
    stillMissing = stillMissing.filter((need) => !NEEDS[need].isPresent(machine));
  }
  if (stillMissing.length > 0) {
    throw new SetupError(`Missing tools: ${installHint(stillMissing, machine)}`);
  }
}

/**
 * The path of the browser for the browser tests, or null and a hint on how to install one. If CI=true,
 * tests may not be skipped, so a missing browser is an error.
 *
 * @param {{ machine?: Machine }} [options]
 * @returns {Promise<{ path: string, help: null } | { path: null, help: string }>}
 */
export async function ensureBrowser({ machine = thisMachine() } = {}) {
  if (machine.env.CI === 'true') await ensureSystemTools(['chromium'], { machine });
  else await ensureSystemTools([], { optional: ['chromium'], machine });
  const path = findBrowser(machine.env);
  return path ? { path, help: null } : { path: null, help: installHint(['chromium'], machine) };
}

/** @param {Record<string, string | undefined>} [env] */
export function findBrowser(env = process.env) {
  if (env.CHROMIUM_PATH) {
    if (isExecutable(env.CHROMIUM_PATH)) return env.CHROMIUM_PATH;
    throw new SetupError(`CHROMIUM_PATH is ${env.CHROMIUM_PATH}; expected the path of a program`);
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const onPath = names.map((name) => which(name, env)).find((path) => path !== null);
  const onMacOs = ['Google Chrome', 'Chromium']
    .map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`)
    .find(isExecutable);
  return onPath ?? onMacOs ?? null;
}

/** @param {Record<string, string | undefined>} [env] */
export function findFirefox(env = process.env) {
  if (env.FIREFOX_PATH) {
    if (isExecutable(env.FIREFOX_PATH)) return env.FIREFOX_PATH;
    throw new SetupError(`FIREFOX_PATH is ${env.FIREFOX_PATH}; expected the path of a program`);
  }
  const names = ['firefox-esr', 'firefox'];
  const onPath = names.map((name) => which(name, env)).find((path) => path !== null);
  const onMacOs = '/Applications/Firefox.app/Contents/MacOS/firefox';
  return onPath ?? (isExecutable(onMacOs) ? onMacOs : null);
}

/** @param {Machine} machine */
function usesApt(machine) {
  const known = machine.family.includes('debian') || machine.family.includes('ubuntu');
  return known && which('apt-get', machine.env) !== null;
}

/** @param {string} need @param {Machine} machine */
function packageOf(need, machine) {
  const { debianPackage, notOn } = NEEDS[need];
  return notOn && machine.family.includes(notOn) ? null : debianPackage;
}

/** @param {string[]} needs @param {Machine} machine */
function installHint(needs, machine) {
  const names = needs.map((need) => NEEDS[need].name).join(', ');
  const packages = needs.map((need) => packageOf(need, machine));
  const lines = [names];
  if (usesApt(machine) && packages.some(Boolean)) {
    lines.push(
      `sudo apt-get install -y --no-install-recommends ${packages.filter(Boolean).join(' ')}`,
    );
  }
  if (needs.includes('chromium')) {
    lines.push('(For a browser elsewhere, set CHROMIUM_PATH to its path.)');
  }
  return lines.join('\n  ');
}

/** @param {string[]} needs @param {Machine} machine */
async function install(needs, machine) {
  const packages = needs.map((need) => packageOf(need, machine)).filter((name) => name !== null);
  if (packages.length === 0) return;
  const env = { ...machine.env, DEBIAN_FRONTEND: 'noninteractive' };
  await step(`Installing ${packages.join(', ')} (apt-get)`, async (progress) => {
    const options = { env, onStatus: aptProgress(progress) };
    const status = ['-o', 'APT::Status-Fd=3'];
    try {
      await capture('apt-get', [...status, 'update'], options);
    } catch (error) {
      // The packages may be available although one source is unreachable.
      warn(error instanceof Error ? error.message : String(error));
    }
    const args = ['install', '-y', '--no-install-recommends', ...packages];
    await capture('apt-get', [...status, ...args], options);
  });
}

/**
 * Converts apt's status lines ("dlstatus:3:41.5:Retrieving file…") to progress.
 * @param {(state: string) => void} progress
 */
export function aptProgress(progress) {
  /** @param {string} line */
  return (line) => {
    const [, kind, percent] = /^(dlstatus|pmstatus):[^:]*:([\d.]+):/.exec(line) ?? [];
    if (percent)
      progress(`${kind === 'dlstatus' ? 'download' : 'install'} ${Math.round(+percent)} %`);
  };
}
