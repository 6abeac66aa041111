// @ts-check
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { logTo } from '../../tools/lib/log.mjs';
import { ensureBrowser, ensureSystemTools } from '../../tools/setup/system-tools.mjs';

logTo({ write: () => {} });

/** @type {string} */
let base;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corr2d-tools-'));
});
afterEach(() => rmSync(base, { recursive: true }));

/** @param {string} path @param {string} script */
function program(path, script) {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), `#!/bin/sh\n${script}\n`);
  chmodSync(join(base, path), 0o755);
}

/** Installs a stub of apt-get that records its calls and installs a browser, Ninja and SIMDe. */
function stubAptGet({ fails = 'false' } = {}) {
  const install = [
    `echo "$DEBIAN_FRONTEND: $*" >> ${base}/calls`,
    `if ${fails}; then echo "E: cannot" >&2; exit 100; fi`,
    'case "$*" in *install*)',
    `  printf '#!/bin/sh\\n' | /usr/bin/tee ${base}/bin/ninja > ${base}/bin/chromium`,
    `  /bin/chmod +x ${base}/bin/ninja ${base}/bin/chromium`,
    `  /bin/mkdir -p ${base}/include/simde/wasm`,
    `  : > ${base}/include/simde/wasm/simd128.h`,
    'esac',
  ];
  program('bin/apt-get', install.join('\n'));
}

/** @param {Partial<import('../../tools/setup/system-tools.mjs').Machine>} [changes] */
function machine({ env = {}, ...changes } = {}) {
  return {
    isRoot: false,
    family: ['debian'],
    includeDirs: [join(base, 'include')],
    ...changes,
    env: { PATH: join(base, 'bin'), CI: undefined, ...env },
  };
}

function aptCalls() {
  const path = join(base, 'calls');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

test('without root, the error contains the command that installs the missing tools', async () => {
  stubAptGet();
  program('bin/cmake', 'echo cmake version 3.25.1');
  await assert.rejects(ensureSystemTools(['cmake', 'ninja', 'simde'], { machine: machine() }), {
    name: 'SetupError',
    message: /^ {2}sudo apt-get install -y --no-install-recommends ninja-build libsimde-dev$/m,
  });
  assert.deepEqual(aptCalls(), []);
});

test('as root, one apt-get call installs all missing tools', async () => {
  stubAptGet();
  const options = { optional: ['chromium'], machine: machine({ isRoot: true }) };
  await ensureSystemTools(['ninja', 'simde'], options);
  const install = 'install -y --no-install-recommends ninja-build libsimde-dev chromium';
  assert.deepEqual(aptCalls(), [
    'noninteractive: -o APT::Status-Fd=3 update',
    `noninteractive: -o APT::Status-Fd=3 ${install}`,
  ]);
  await ensureSystemTools(['ninja', 'simde'], options);
  assert.equal(aptCalls().length, 2, 'a second run installs nothing');
});

test('required tools are installed even if an optional package fails', async () => {
  stubAptGet({ fails: 'case "$*" in *chromium*) true;; *) false;; esac' });
  const options = { optional: ['chromium'], machine: machine({ isRoot: true }) };
  await ensureSystemTools(['ninja'], options);
  assert.match(aptCalls().at(-1) ?? '', /recommends ninja-build$/);
});

test('the error of a failing apt-get contains its output', async () => {
  stubAptGet({ fails: 'true' });
  await assert.rejects(ensureSystemTools(['ninja'], { machine: machine({ isRoot: true }) }), {
    name: 'CommandError',
    message: /install -y .*ninja-build\nended with status 100\nE: cannot/,
  });
});

test('an old CMake counts as missing', async () => {
  stubAptGet();
  program('bin/cmake', 'echo cmake version 3.18.4');
  await assert.rejects(
    ensureSystemTools(['cmake'], { machine: machine() }),
    /CMake 3\.21 or newer/,
  );
});

test('without apt, the error names the missing tools', async () => {
  const fedora = machine({ isRoot: true, family: ['fedora'] });
  await assert.rejects(ensureSystemTools(['ninja', 'simde'], { machine: fedora }), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, /Ninja, SIMDe/);
    assert.doesNotMatch(error.message, /apt-get/);
    return true;
  });
});

test('ensureBrowser finds a browser on PATH or in CHROMIUM_PATH', async () => {
  program('bin/google-chrome', '');
  program('elsewhere/browser', '');
  const onPath = await ensureBrowser({ machine: machine() });
  assert.equal(onPath.path, join(base, 'bin/google-chrome'));
  const CHROMIUM_PATH = join(base, 'elsewhere/browser');
  const named = await ensureBrowser({ machine: machine({ env: { CHROMIUM_PATH } }) });
  assert.equal(named.path, CHROMIUM_PATH);
});

test('ensureBrowser rejects a CHROMIUM_PATH that is not a program', async () => {
  const env = { CHROMIUM_PATH: join(base, 'nothing') };
  await assert.rejects(
    ensureBrowser({ machine: machine({ env }) }),
    /CHROMIUM_PATH is .*; expected the path of a program/,
  );
});

test('without a browser, ensureBrowser returns a hint, or throws in CI', async () => {
  stubAptGet();
  const { path, help } = await ensureBrowser({ machine: machine() });
  assert.equal(path, null);
  assert.match(help ?? '', /sudo apt-get install -y --no-install-recommends chromium/);
  await assert.rejects(ensureBrowser({ machine: machine({ env: { CI: 'true' } }) }), {
    name: 'SetupError',
  });
});

test("ensureBrowser does not install Ubuntu's chromium package, which needs snap", async () => {
  stubAptGet();
  const ubuntu = machine({ isRoot: true, family: ['ubuntu', 'debian'] });
  const { path, help } = await ensureBrowser({ machine: ubuntu });
  assert.equal(path, null);
  assert.match(help ?? '', /CHROMIUM_PATH/);
  assert.deepEqual(aptCalls(), []);
});
