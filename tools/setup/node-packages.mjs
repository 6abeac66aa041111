// @ts-check
// Installs the packages that package-lock.json names, when they are not there yet.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { step } from '../lib/log.mjs';
import { capture } from '../lib/run.mjs';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
// Written only at the end, so an installation that was interrupted is always done again.
const STAMP = 'node_modules/.corr2d-lock-hash';

/**
 * @param {{ root?: string, env?: Record<string, string | undefined> }} [options]
 * @returns {Promise<boolean>} Whether anything had to be installed.
 */
export async function ensureNodePackages({ root = REPOSITORY, env = process.env } = {}) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256')
    .update(lock)
    .update(process.platform + process.arch)
    .digest('hex');
  const stamp = join(root, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;

  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  await step('Installing npm packages', () => capture('npm', args, { cwd: root, env }));
  writeFileSync(stamp, hash);
  return true;
}
