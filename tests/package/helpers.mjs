import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packs the package into a temporary folder. Returns the tarball's path and npm's list of its files. */
export function pack() {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-pack-'));
  // dist/ is already built.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const [packed] = JSON.parse(execFileSync('npm', args, options));
  return { folder, tarball: join(folder, packed.filename), packed };
}

/** Installs the tarball in a temporary folder, offline, because it has no dependencies. */
export function install(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-user-'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const args = ['install', '--offline', '--no-audit', '--no-fund', '--silent', tarball];
  execFileSync('npm', args, { cwd: folder, stdio: 'ignore' });
  return folder;
}

/** Runs a module in `folder` with Node. Returns its output and exit status. */
export async function node(folder, code, { flags = [], name = 'program.mjs' } = {}) {
  writeFileSync(join(folder, name), code);
  try {
    const ended = await promisify(execFile)(process.execPath, [...flags, name], { cwd: folder });
    return { status: 0, stdout: ended.stdout, stderr: ended.stderr };
  } catch (error) {
    return { status: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}
