// @ts-check
// Downloads and unpacks the Debian packages of Emscripten and of everything it needs.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { step } from '../../lib/log.mjs';
import { capture } from '../../lib/run.mjs';
import { aptProgress } from '../system-tools.mjs';

const PACKAGES = [
  ...['emscripten', 'binaryen', 'node-acorn', 'patchelf'],
  ...['clang-19', 'libclang-cpp19', 'libclang-common-19-dev', 'lld-19', 'llvm-19', 'libllvm19'],
  ...['libc6', 'libgcc-s1', 'libstdc++6', 'zlib1g', 'libzstd1', 'libxml2', 'libedit2', 'libtinfo6'],
  ...['libffi8', 'libbsd0', 'libmd0', 'liblzma5', 'libicu76', 'libz3-4', 'libgmp10'],
];

// Excluded files are more than half of the packages: documentation, Emscripten's own tests, and the
// copies of the sysroot for dynamic linking and 64-bit memory.
const EXCLUDED = [
  ...['./usr/share/doc', './usr/share/man', './usr/share/locale', './usr/lib/*/gconv'],
  ...['./usr/share/emscripten/test', './usr/share/emscripten/docs', './usr/share/emscripten/media'],
  ...['*/wasm32-emscripten/pic', '*/wasm32-emscripten/lto-pic', '*/lib/wasm64-emscripten'],
];

/**
 * Downloads the packages with apt, which checks their signatures. apt keeps its state below the
 * prefix, so the system's package lists do not change.
 *
 * @param {string} prefix @param {import('../debian-sources.mjs').DebianSource[]} sources
 * @param {string} architecture @param {Record<string, string | undefined>} env
 * @returns {Promise<string[]>} The files of the packages, largest first.
 */
export async function download(prefix, sources, architecture, env) {
  const apt = join(prefix, 'apt');
  for (const folder of ['sources', 'lists/partial', 'cache/archives/partial', 'packages']) {
    mkdirSync(join(apt, folder), { recursive: true });
  }
  const packages = join(apt, 'packages');
  const settings = aptSettings(apt, architecture);
  // Some sources only look like a Debian mirror; the first that has all packages is used.
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

/** Command-line options that keep apt's state in a folder. @param {string} apt @param {string} architecture */
function aptSettings(apt, architecture) {
  return [
    'Dir::Etc::sourcelist=/dev/null',
    `Dir::Etc::sourceparts=${join(apt, 'sources')}`,
    `Dir::State::lists=${join(apt, 'lists')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    'Dir::State::status=/dev/null',
    'Debug::NoLocking=1',
    `APT::Architecture=${architecture}`,
    // As root, apt downloads as the user _apt, who cannot write below a home directory.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((setting) => ['-o', setting]);
}

/**
 * Unpacks the packages into the prefix and deletes them.
 * @param {string} prefix @param {string[]} debs @param {Record<string, string | undefined>} env
 */
export async function unpack(prefix, debs, env) {
  const excluded = EXCLUDED.map((pattern) => `--exclude=${pattern}`);
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
    // Two are enough: the largest package takes as long as all others together.
    await Promise.all([worker(), worker()]);
    rmSync(join(prefix, 'apt'), { recursive: true });
  });
}
