import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packs the package into an empty folder: the tarball's path and the list of what is in it. */
export function pack() {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-pack-'));
  // dist/ is there already; the tests run on what was built.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const [packed] = JSON.parse(execFileSync('npm', args, options));
  return { folder, tarball: join(folder, packed.filename), packed };
}

/** Installs the tarball in an empty folder, offline: it may depend on nothing. */
export function install(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-user-'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const args = ['install', '--offline', '--no-audit', '--no-fund', '--silent', tarball];
  execFileSync('npm', args, { cwd: folder, stdio: 'ignore' });
  return folder;
}

/** Runs a module in `folder` with plain node: what it printed and how it ended. */
export async function node(folder, code, { flags = [], name = 'program.mjs' } = {}) {
  writeFileSync(join(folder, name), code);
  try {
    const ended = await promisify(execFile)(process.execPath, [...flags, name], { cwd: folder });
    return { status: 0, stdout: ended.stdout, stderr: ended.stderr };
  } catch (error) {
    return { status: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}
