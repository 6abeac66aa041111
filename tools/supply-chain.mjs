// @ts-check
// npm run supply-chain: what comes into the package and what goes out of it. The lockfile installs
// without running anybody's scripts; nothing known to be vulnerable is shipped; who installs the
// package runs nothing; two builds in different folders give the same bytes; a list of parts (SBOM)
// in build/sbom.json.
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
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildPackage, PACKAGE_SOURCES } from './build.mjs';
import { info, step } from './lib/log.mjs';
import { capture, reportFailure } from './lib/run.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** npm runs these on the machine of whoever installs a package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare', 'dependencies'];

/** @template T @param {(dir: string) => Promise<T>} use */
async function withFolder(use) {
  const dir = mkdtempSync(join(tmpdir(), 'corr2d-supply-'));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The lockfile is all that is needed, and nobody's scripts. */
function checkLockfile() {
  return withFolder(async (dir) => {
    for (const name of ['package.json', 'package-lock.json'])
      cpSync(join(ROOT, name), join(dir, name));
    await capture('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: dir });
    const lock = JSON.parse(readFileSync(join(dir, 'package-lock.json'), 'utf8'));
    const open = Object.entries(lock.packages).filter(
      ([path, { integrity, link }]) => path !== '' && !integrity && !link,
    );
    if (open.length > 0) throw new Error(`without a checksum: ${open.map(([path]) => path)}`);
    return `${Object.keys(lock.packages).length - 1} packages, each with its checksum`;
  });
}

async function checkPublished() {
  const { scripts = {}, dependencies = {} } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  const run = INSTALL_SCRIPTS.filter((name) => name in scripts);
  if (run.length > 0) throw new Error(`the package has install scripts: ${run.join(', ')}`);
  await capture('npm', ['audit', '--omit=dev'], { cwd: ROOT });
  return `${Object.keys(dependencies).length} dependencies, no install scripts, nothing known to be vulnerable`;
}

async function writeSbom() {
  const text = await capture('npm', ['sbom', '--sbom-format=cyclonedx'], { cwd: ROOT });
  const { components } = JSON.parse(text);
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  writeFileSync(join(ROOT, 'build', 'sbom.json'), text);
  return `${components.length} components in build/sbom.json (CycloneDX)`;
}

/** The checksum of each file of a folder, by its path. @param {string} folder */
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

/** The same sources in another folder give the same dist/. */
function checkReproducible() {
  return withFolder(async (dir) => {
    await ensureSystemTools(['cmake', 'ninja', 'python3']);
    await ensureNodePackages();
    const emscripten = await ensureEmscripten();
    const copy = join(dir, 'elsewhere', 'a longer name');
    for (const part of PACKAGE_SOURCES) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
    await buildPackage({ emscripten });
    await buildPackage({ emscripten, root: copy });
    const [here, there] = [ROOT, copy].map((root) => checksums(join(root, 'dist')));
    const differing = [...new Set([...Object.keys(here), ...Object.keys(there)])].filter(
      (name) => here[name] !== there[name],
    );
    if (differing.length > 0) throw new Error(`differ between folders: ${differing.join(', ')}`);
    return `${Object.keys(here).length} files of dist/, the same bytes from two folders`;
  });
}

/** All of it: what was found, or what is wrong. */
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
      results.push({ name, detail: await step(`Checking the ${name}`, check), isRight: true });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      results.push({ name, detail, isRight: false });
    }
  }
  return results;
}

async function main() {
  const results = await checkSupplyChain();
  for (const { name, detail, isRight } of results) {
    info(`${isRight ? 'right' : 'WRONG'}: ${name}: ${detail}`);
    if (!isRight) process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
