// @ts-check
// npm run supply-chain: checks the dependencies and the published package.
//   - The lockfile installs without running install scripts, and every package has a checksum.
//   - The published package has no install scripts and no known vulnerabilities.
//   - Two builds in different folders produce the same bytes.
//   - A list of components (SBOM) is written to build/sbom.json.
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildPackage, PACKAGE_SOURCES } from './build.mjs';
import { info, step } from './lib/log.mjs';
import { ROOT } from './lib/root.mjs';
import { capture, reportFailure } from './lib/run.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

/** Scripts that npm runs when the package is installed. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare', 'dependencies'];

/** Calls `use` with a temporary folder. @template T @param {(dir: string) => Promise<T>} use */
async function withTemporaryFolder(use) {
  const dir = mkdtempSync(join(tmpdir(), 'corr2d-supply-'));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function checkLockfile() {
  return withTemporaryFolder(async (dir) => {
    for (const name of ['package.json', 'package-lock.json'])
      cpSync(join(ROOT, name), join(dir, name));
    await capture('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: dir });
    const lock = JSON.parse(readFileSync(join(dir, 'package-lock.json'), 'utf8'));
    const unchecked = Object.entries(lock.packages).filter(
      ([path, { integrity, link }]) => path !== '' && !integrity && !link,
    );
    if (unchecked.length > 0) {
      throw new Error(`packages without a checksum: ${unchecked.map(([path]) => path).join(', ')}`);
    }
    return `${Object.keys(lock.packages).length - 1} packages, each with a checksum`;
  });
}

async function checkPublished() {
  const { scripts = {}, dependencies = {} } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  const installScripts = INSTALL_SCRIPTS.filter((name) => name in scripts);
  if (installScripts.length > 0) {
    throw new Error(`the package has install scripts: ${installScripts.join(', ')}`);
  }
  await capture('npm', ['audit', '--omit=dev'], { cwd: ROOT });
  return `${Object.keys(dependencies).length} dependencies, no install scripts, no known vulnerabilities`;
}

async function writeSbom() {
  const text = await capture('npm', ['sbom', '--sbom-format=cyclonedx'], { cwd: ROOT });
  const { components } = JSON.parse(text);
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  writeFileSync(join(ROOT, 'build', 'sbom.json'), text);
  return `${components.length} components in build/sbom.json (CycloneDX)`;
}

/** The checksum of each file in a folder, by its name. @param {string} folder */
function checksums(folder) {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

/** Builds the same sources in two folders and compares dist/. */
function checkReproducible() {
  return withTemporaryFolder(async (dir) => {
    await ensureSystemTools(['cmake', 'ninja', 'python3']);
    await ensureNodePackages();
    const emscripten = await ensureEmscripten();
    const copy = join(dir, 'copy', 'with a longer path');
    for (const part of PACKAGE_SOURCES) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
    await buildPackage({ emscripten });
    await buildPackage({ emscripten, root: copy });
    const [here, there] = [ROOT, copy].map((root) => checksums(join(root, 'dist')));
    const differing = [...new Set([...Object.keys(here), ...Object.keys(there)])].filter(
      (name) => here[name] !== there[name],
    );
    if (differing.length > 0)
      throw new Error(`files of dist/ that differ between two folders: ${differing.join(', ')}`);
    return `${Object.keys(here).length} files of dist/ are equal in two folders`;
  });
}

/** Runs all checks. `detail` is a summary, or the reason for the failure. */
export async function checkSupplyChain() {
  const checks = {
    lockfile: checkLockfile,
    'published package': checkPublished,
    SBOM: writeSbom,
    'reproducible build': checkReproducible,
  };
  const results = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      results.push({ name, detail: await step(`Checking the ${name}`, check), ok: true });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      results.push({ name, detail, ok: false });
    }
  }
  return results;
}

async function main() {
  const results = await checkSupplyChain();
  for (const { name, detail, ok } of results) {
    info(`${ok ? 'passed' : 'FAILED'}: ${name}: ${detail}`);
    if (!ok) process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
