// @ts-check
// Finds Emscripten, or fetches Debian 13's into the user's cache directory without touching the
// system. Debian's packages are unpacked with the C library that they were built for, so they run
// on older releases too.
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { info, step, warn } from '../lib/log.mjs';
import { CommandError, capture, SetupError, which } from '../lib/run.mjs';
import { debianSources } from './debian-sources.mjs';
import { aptProgress, ensureSystemTools, thisMachine } from './system-tools.mjs';

/**
 * @typedef {object} Emscripten
 * @property {Record<string, string>} env To be added to the environment of whatever calls emcc.
 * @property {string} emcc
 * @property {string} version
 * @property {string} llvmBin The directory of clang, wasm-ld, llvm-objdump.
 * @property {string} binaryenBin The directory of wasm-opt, wasm-dis.
 */

/**
 * @typedef {object} Options
 * @property {Record<string, string | undefined>} [env]
 * @property {string} [aptDir] Where the machine's own sources of packages are listed.
 * @property {NodeJS.Architecture} [arch]
 */

const MINIMUM = '3.1.69';
const PREFIX_NAME = `emscripten-${MINIMUM}`;
const READY_FILE = 'corr2d-ready.json';
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

const PACKAGES = [
  ...['emscripten', 'binaryen', 'node-acorn', 'patchelf'],
  ...['clang-19', 'libclang-cpp19', 'libclang-common-19-dev', 'lld-19', 'llvm-19', 'libllvm19'],
  ...['libc6', 'libgcc-s1', 'libstdc++6', 'zlib1g', 'libzstd1', 'libxml2', 'libedit2', 'libtinfo6'],
  ...['libffi8', 'libbsd0', 'libmd0', 'liblzma5', 'libicu76', 'libz3-4', 'libgmp10'],
];

// More than half of what is in the packages serves other ends: documentation, emscripten's own
// tests, and the sysroot built once more for dynamic linking.
const UNNEEDED = [
  ...['./usr/share/doc', './usr/share/man', './usr/share/locale', './usr/lib/*/gconv'],
  ...['./usr/share/emscripten/test', './usr/share/emscripten/docs', './usr/share/emscripten/media'],
  ...['*/wasm32-emscripten/pic', '*/wasm32-emscripten/lto-pic', '*/lib/wasm64-emscripten'],
];

/** The programs that emcc and the project's tools call; they must find the C library beside them. */
const PROGRAMS = {
  'usr/lib/llvm-19/bin': [
    ...['clang', 'lld', 'llvm-ar', 'llvm-nm', 'llvm-objcopy', 'llvm-objdump', 'llvm-dwarfdump'],
    ...['llvm-cxxfilt'],
  ],
  'usr/bin': [
    ...['wasm-opt', 'wasm-as', 'wasm-dis', 'wasm-metadce', 'wasm-emscripten-finalize'],
    ...['wasm-split', 'wasm-ctor-eval', 'wasm-merge'],
  ],
};

/** @type {Partial<Record<NodeJS.Architecture, { debian: string, libraries: string, loader: string }>>} */
const ARCHITECTURES = {
  x64: {
    debian: 'amd64',
    libraries: 'usr/lib/x86_64-linux-gnu',
    loader: 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
  },
  arm64: {
    debian: 'arm64',
    libraries: 'usr/lib/aarch64-linux-gnu',
    loader: 'usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1',
  },
};

const EMSDK_STEPS = `Emscripten ${MINIMUM} or newer is needed. To get it:

  git clone https://github.com/emscripten-core/emsdk.git
  ./emsdk/emsdk install ${MINIMUM}
  ./emsdk/emsdk activate ${MINIMUM}
  source ./emsdk/emsdk_env.sh

Then run the same command again in that shell.`;

/**
 * @param {Options} [options]
 * @returns {Promise<Emscripten>}
 */
export async function ensureEmscripten(options = {}) {
  const env = options.env ?? process.env;
  const installed = await findInstalled(env);
  if (installed) return installed;

  const cache = resolve(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'corr2d');
  const published = join(cache, PREFIX_NAME);
  const ready = readReady(published);
  if (ready) return describe(published, ready.version, env);

  const version = await fetchFromDebian(published, options);
  return describe(published, version, env);
}

/**
 * An emcc of $EMSDK or PATH, if it is new enough.
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<Emscripten | null>}
 */
async function findInstalled(env) {
  const ofEmsdk = env.EMSDK ? join(env.EMSDK, 'upstream/emscripten/emcc') : null;
  const candidates = [which('emcc', env), ofEmsdk && existsSync(ofEmsdk) ? ofEmsdk : null];
  for (const emcc of candidates) {
    if (!emcc) continue;
    const dir = dirname(emcc);
    const toolEnv = { PATH: `${dir}:${env.PATH}`, EM_NODE_JS: process.execPath };
    const callEnv = { ...env, ...toolEnv };
    try {
      const version = await versionOf(emcc, callEnv);
      if (compareVersions(version, MINIMUM) < 0) {
        info(`  ${emcc} is ${version}; ${MINIMUM} or newer is needed, so it is not used.`);
        continue;
      }
      const [llvmBin, binaryen] = await Promise.all(
        ['LLVM_ROOT', 'BINARYEN_ROOT'].map((key) =>
          capture(join(dir, 'em-config'), [key], { env: callEnv }),
        ),
      );
      const binaryenBin = join(binaryen.trim(), 'bin');
      return { env: toolEnv, emcc, version, llvmBin: llvmBin.trim(), binaryenBin };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      warn(`${emcc} does not work, so it is not used.\n${error.message}`);
    }
  }
  return null;
}

/** @param {string} emcc @param {Record<string, string | undefined>} env */
async function versionOf(emcc, env) {
  const text = await capture(emcc, ['--version'], { env });
  const version = /\b\d+\.\d+\.\d+\b/.exec(text.split('\n')[0]);
  if (!version) throw new CommandError(`${emcc} --version`, 'printed no version', text);
  return version[0];
}

/** @param {string} a @param {string} b */
function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const index = left.findIndex((part, i) => part !== right[i]);
  return index < 0 ? 0 : left[index] - right[index];
}

/** @param {string} prefix @param {string} version @param {Record<string, string | undefined>} env */
function describe(prefix, version, env) {
  const dir = join(prefix, 'usr/share/emscripten');
  return {
    env: {
      PATH: `${dir}:${env.PATH}`,
      EM_CONFIG: join(prefix, 'emscripten.config'),
      EM_NODE_JS: process.execPath,
    },
    emcc: join(dir, 'emcc'),
    version,
    llvmBin: join(prefix, 'usr/lib/llvm-19/bin'),
    binaryenBin: join(prefix, 'usr/bin'),
  };
}

/**
 * The programs hold the absolute path of their own loader, so a prefix that was copied or moved is
 * not ready where it is now.
 * @param {string} published
 * @returns {{ prefix: string, version: string } | null}
 */
function readReady(published) {
  try {
    const ready = JSON.parse(readFileSync(join(published, READY_FILE), 'utf8'));
    return ready.prefix === realpathSync(published) ? ready : null;
  } catch {
    return null;
  }
}

/**
 * Everything happens in a directory of this process's own, which becomes the published one by a
 * link put in place in one step. So whatever ends this process leaves nothing half done in use, and
 * two processes at once do not meet.
 *
 * @param {string} published @param {Options} options
 */
async function fetchFromDebian(published, { env = process.env, aptDir, arch = process.arch }) {
  const names = ARCHITECTURES[arch];
  const hasTools = ['apt-get', 'dpkg-deb', 'tar', 'bash'].every((name) => which(name, env));
  const sources = names && hasTools ? debianSources(aptDir) : [];
  if (!names || sources.length === 0) throw new SetupError(EMSDK_STEPS);
  await ensureSystemTools(['python3'], { machine: { ...thisMachine(), env } });

  mkdirSync(dirname(published), { recursive: true });
  removeAbandoned(published);
  const owner = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const prefix = join(realpathSync(dirname(published)), `${basename(published)}.${owner}`);
  mkdirSync(prefix);
  info(`Fetching Emscripten ${MINIMUM} (about 340 MB) into ${dirname(published)}`);
  try {
    const debs = await download(prefix, sources, names.debian, env);
    await unpack(prefix, debs, env);
    const version = await step('Setting up Emscripten', async () => {
      await makeRelocatedProgramsRun(prefix, names, env);
      return tryOut(prefix, env);
    });
    writeFileSync(join(prefix, READY_FILE), JSON.stringify({ prefix, version }));
    publish(prefix, published);
    removeAbandoned(published);
    return version;
  } catch (error) {
    rmSync(prefix, { recursive: true, force: true });
    if (!(error instanceof CommandError)) throw error;
    throw new SetupError(`Emscripten could not be fetched.\n${error.message}\n\n${EMSDK_STEPS}`);
  }
}

/**
 * Removes what processes that are no more have left behind.
 * @param {string} published
 */
function removeAbandoned(published) {
  const parent = dirname(published);
  for (const name of readdirSync(parent)) {
    const [, host, pid] = /^\.(.+)-(\d+)-[0-9a-f]{8}(?:\.link)?$/.exec(
      name.startsWith(PREFIX_NAME) ? name.slice(PREFIX_NAME.length) : '',
    ) ?? ['', '', ''];
    if (!pid || isOwnerAlive(join(parent, name), host, Number(pid))) continue;
    // Only after its owner is known to be gone: a living one may be about to publish it.
    if (linkTarget(published) === name && readReady(published)) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // A program that the process had started may still be writing there. A later run removes it.
    }
  }
}

/** @param {string} path @param {string} host @param {number} pid */
function isOwnerAlive(path, host, pid) {
  // The processes of another machine or container that shares this directory cannot be seen.
  if (host !== hostname()) return Date.now() - lstatSync(path).mtimeMs < ABANDONED_AFTER_MS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} link */
function linkTarget(link) {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}

/** @param {string} prefix @param {string} published */
function publish(prefix, published) {
  // Another process may have been faster; builds may already be using its directory.
  if (readReady(published)) {
    rmSync(prefix, { recursive: true, force: true });
    return;
  }
  if (existsSync(published) && linkTarget(published) === null) {
    rmSync(published, { recursive: true, force: true });
  }
  symlinkSync(basename(prefix), `${prefix}.link`);
  renameSync(`${prefix}.link`, published);
}

/**
 * Downloads by apt with a state of its own; apt checks the signatures.
 *
 * @param {string} prefix @param {import('./debian-sources.mjs').DebianSource[]} sources
 * @param {string} architecture @param {Record<string, string | undefined>} env
 * @returns {Promise<string[]>} The packages' files, the largest first.
 */
async function download(prefix, sources, architecture, env) {
  const apt = join(prefix, 'apt');
  for (const dir of ['sources', 'lists/partial', 'cache/archives/partial', 'packages']) {
    mkdirSync(join(apt, dir), { recursive: true });
  }
  const settings = [
    'Dir::Etc::sourcelist=/dev/null',
    `Dir::Etc::sourceparts=${join(apt, 'sources')}`,
    `Dir::State::lists=${join(apt, 'lists')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    'Dir::State::status=/dev/null',
    'Debug::NoLocking=1',
    `APT::Architecture=${architecture}`,
    // apt's own user may not write below a home directory.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((setting) => ['-o', setting]);
  const packages = join(apt, 'packages');

  // Some of a machine's sources only look like a mirror of Debian; the first that has it all is it.
  for (const [index, source] of sources.entries()) {
    writeFileSync(join(apt, 'sources/debian.sources'), source.stanza('trixie'));
    try {
      await step(`Downloading from ${source.uri}`, async (progress) => {
        const options = { cwd: packages, env };
        await capture('apt-get', [...settings, 'update', '--error-on=any'], options);
        await capture('apt-get', [...settings, '-o', 'APT::Status-Fd=3', 'download', ...PACKAGES], {
          ...options,
          onStatus: aptProgress(progress),
        });
      });
      break;
    } catch (error) {
      if (index === sources.length - 1) throw error;
    }
  }
  return readdirSync(packages)
    .map((name) => join(packages, name))
    .sort((a, b) => statSync(b).size - statSync(a).size);
}

/**
 * @param {string} prefix @param {string[]} debs @param {Record<string, string | undefined>} env
 */
async function unpack(prefix, debs, env) {
  const excluded = UNNEEDED.map((pattern) => `--exclude=${pattern}`);
  const script = 'set -o pipefail; deb=$1; shift; dpkg-deb --fsys-tarfile "$deb" | tar -x "$@"';
  const queue = [...debs];
  let finished = 0;
  await step(`Unpacking ${debs.length} packages`, async (progress) => {
    const worker = async () => {
      for (let deb = queue.shift(); deb; deb = queue.shift()) {
        const args = ['-c', script, 'unpack', deb, '--no-same-owner', ...excluded];
        await capture('bash', args, { cwd: prefix, env });
        finished += 1;
        progress(`${finished} of ${debs.length}`);
      }
    };
    // The largest package takes as long as all others together.
    await Promise.all([worker(), worker()]);
    rmSync(join(prefix, 'apt'), { recursive: true });
  });
}

/**
 * @param {string} prefix @param {{ libraries: string, loader: string }} names
 * @param {Record<string, string | undefined>} env
 */
async function makeRelocatedProgramsRun(prefix, names, env) {
  const loader = join(prefix, names.loader);
  const libraries = join(prefix, names.libraries);
  const programs = Object.entries(PROGRAMS).flatMap(([dir, files]) =>
    files.map((file) => join(prefix, dir, file)),
  );
  // patchelf itself is one of them that cannot start yet, so the loader is told to start it.
  const patchelf = ['--library-path', libraries, join(prefix, 'usr/bin/patchelf')];
  const change = ['--set-interpreter', loader, '--force-rpath', '--set-rpath', libraries];
  await capture(loader, [...patchelf, ...change, ...programs], { env });

  // Where emscripten's own scripts look for acorn.
  symlinkSync('../nodejs', join(prefix, 'usr/share/emscripten/node_modules'));
  const config = {
    LLVM_ROOT: join(prefix, 'usr/lib/llvm-19/bin'),
    BINARYEN_ROOT: join(prefix, 'usr'),
    NODE_JS: process.execPath,
    CACHE: join(prefix, 'usr/share/emscripten/cache'),
  };
  const lines = Object.entries(config).map(([key, path]) => `${key} = ${JSON.stringify(path)}\n`);
  writeFileSync(join(prefix, 'emscripten.config'), lines.join(''));
}

/**
 * Compiles and runs a small program with SIMD, and returns emcc's version.
 * @param {string} prefix @param {Record<string, string | undefined>} env
 */
async function tryOut(prefix, env) {
  const emscripten = describe(prefix, '', env);
  const options = { cwd: prefix, env: { ...env, ...emscripten.env } };
  const version = await versionOf(emscripten.emcc, options.env);
  if (compareVersions(version, MINIMUM) < 0) {
    throw new CommandError(`${emscripten.emcc} --version`, `is ${version}, too old`, '');
  }
  const source = [
    '#include <wasm_simd128.h>',
    '#include <cstdio>',
    'int main(int argc, char**) {',
    '  v128_t v = wasm_f32x4_splat(argc + 41.0f);',
    '  std::printf("%g\\n", wasm_f32x4_extract_lane(v, 3));',
    '}',
  ];
  writeFileSync(join(prefix, 'smoke.cpp'), source.join('\n'));
  await capture(emscripten.emcc, ['-O2', '-msimd128', 'smoke.cpp', '-o', 'smoke.mjs'], options);
  const call = "import('./smoke.mjs').then((smoke) => smoke.default())";
  const printed = await capture(process.execPath, ['-e', call], options);
  if (printed.trim() !== '42') {
    throw new CommandError('a small program compiled by emcc', 'printed something else', printed);
  }
  for (const file of ['smoke.cpp', 'smoke.mjs', 'smoke.wasm']) rmSync(join(prefix, file));
  return version;
}
