// @ts-check
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { logTo } from '../../tools/lib/log.mjs';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';

logTo({ write: () => {} });

/** @type {string} */
let root;
const env = { PATH: '' };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'corr2d-npm-'));
  env.PATH = root;
  writeLock('1.0.0');
  stubNpm('exit 0');
});
afterEach(() => rmSync(root, { recursive: true }));

/** @param {string} version */
function writeLock(version) {
  const lock = { packages: { '': { devDependencies: { vite: version } } } };
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock));
}

/** Installs a stub of npm that records its calls and writes a package. @param {string} end Its last command. */
function stubNpm(end) {
  const script = [
    '#!/bin/sh',
    `echo "$*" >> ${root}/calls`,
    // Like npm ci, remove the existing packages first.
    '/bin/rm -rf node_modules && /bin/mkdir node_modules || exit 2',
    ': > node_modules/package',
    end,
  ];
  writeFileSync(join(root, 'npm'), `${script.join('\n')}\n`);
  chmodSync(join(root, 'npm'), 0o755);
}

function npmCalls() {
  const path = join(root, 'calls');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

test('ensureNodePackages installs once, without scripts', async () => {
  assert.equal(await ensureNodePackages({ root, env }), true);
  assert.equal(await ensureNodePackages({ root, env }), false);
  assert.deepEqual(npmCalls(), ['ci --ignore-scripts --no-audit --no-fund']);
});

test('ensureNodePackages installs again if the lockfile changed or node_modules is missing', async () => {
  await ensureNodePackages({ root, env });
  writeLock('2.0.0');
  assert.equal(await ensureNodePackages({ root, env }), true);
  rmSync(join(root, 'node_modules'), { recursive: true });
  assert.equal(await ensureNodePackages({ root, env }), true);
});

test('ensureNodePackages repeats an interrupted installation', async () => {
  stubNpm('exit 1');
  await assert.rejects(ensureNodePackages({ root, env }), /npm ci .*\nended with status 1/);
  stubNpm('kill -9 $$');
  await assert.rejects(ensureNodePackages({ root, env }), /ended by SIGKILL/);
  stubNpm('exit 0');
  assert.equal(await ensureNodePackages({ root, env }), true);
});
