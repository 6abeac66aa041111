// @ts-check
// Installs the packages of package-lock.json if they are missing or outdated.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { step } from '../lib/log.mjs';
import { ROOT } from '../lib/root.mjs';
import { capture } from '../lib/run.mjs';

// Written last, so that an interrupted installation is repeated.
const STAMP = 'node_modules/.corr2d-lock-hash';

/**
 * @param {{ root?: string, env?: Record<string, string | undefined> }} [options]
 * @returns {Promise<boolean>} Whether packages were installed.
 */
export async function ensureNodePackages({ root = ROOT, env = process.env } = {}) {
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
