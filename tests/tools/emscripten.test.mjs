// @ts-check
// Tests the set-up of Emscripten with stubs: apt-get "downloads" one package, and all programs,
// including those in the package, are shell scripts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { logTo } from '../../tools/lib/log.mjs';
import { ensureEmscripten } from '../../tools/setup/emscripten.mjs';

logTo({ write: () => {} });

const SETUP_URL = new URL('../../tools/setup/emscripten.mjs', import.meta.url).href;
const RUN_URL = new URL('../../tools/lib/run.mjs', import.meta.url).href;
const LOADER = 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2';
const EMSDK_STEPS = /emsdk install 3\.1\.69\n.*emsdk activate 3\.1\.69\n {2}source .*emsdk_env\.sh/;

/** @type {string} */
let base;
/** @type {{ env: Record<string, string>, aptDir: string, arch: 'x64' }} */
let options;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'corr2d-emscripten-')));
  const aptDir = join(base, 'etc-apt');
  mkdirSync(aptDir);
  writeFileSync(join(aptDir, 'sources.list'), 'deb http://mirror.invalid/debian bookworm main\n');
  options = { env: { PATH: join(base, 'bin'), HOME: join(base, 'home') }, aptDir, arch: 'x64' };

  script('bin/python3', '');
  script('bin/bash', 'exec /bin/bash "$@"');
  script('bin/tar', 'exec /bin/tar "$@"');
  stubAptGet();
  script('bin/dpkg-deb', `exec /bin/tar -c -C ${base}/package .`);

  stubEmcc('package/usr/share/emscripten/emcc', '3.1.69');
  script(`package/${LOADER}`, `echo "$*" > ${base}/loader-call`);
  mkdirSync(join(base, 'package/usr/share/nodejs'));
  mkdirSync(join(base, 'package/usr/share/doc/emscripten'), { recursive: true });
});

afterEach(() => rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));

/** @param {string} path @param {string} text */
function script(path, text) {
  const full = join(base, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, `#!/bin/sh\n${text}\n`);
  chmodSync(full, 0o755);
}

/** @param {string} [before] Shell commands that run before the download. */
function stubAptGet(before = '') {
  const download = `case "$*" in *download*) ${before} : > emscripten.deb;; esac`;
  script('bin/apt-get', `echo "$*" >> ${base}/apt-calls\n${download}`);
}

/** @param {string} path @param {string} version @param {string} [printed] */
function stubEmcc(path, version, printed = '42') {
  const lines = [
    'case "$*" in',
    `  --version) echo "emcc (Emscripten gcc/clang-like replacement) ${version} (abc)";;`,
    `  *) echo "export default () => console.log('${printed}')" > smoke.mjs; : > smoke.wasm;;`,
    'esac',
  ];
  script(path, lines.join('\n'));
}

/** A shell condition: the test is still running and has not created its gate file. */
const isClosed = () => `[ -d ${base} ] && ! [ -e ${base}/gate ]`;

/** The lines of a text file; none if it does not exist. @param {string} path */
function linesOf(path) {
  const full = join(base, path);
  return existsSync(full) ? readFileSync(full, 'utf8').trim().split('\n') : [];
}

function cacheEntries() {
  const cache = join(base, 'home/.cache/corr2d');
  return existsSync(cache) ? readdirSync(cache).sort() : [];
}

/** Asserts that the cache contains the link and its target only. */
function assertOnlyPublished() {
  const entries = cacheEntries();
  assert.equal(entries.length, 2, entries.join());
  assert.equal(entries[0], 'emscripten-3.1.69');
  assert.equal(
    realpathSync(join(base, 'home/.cache/corr2d', entries[0])),
    join(base, 'home/.cache/corr2d', entries[1]),
  );
}

/** Runs the set-up in a separate process. */
function startSetUp() {
  const code = `import { ensureEmscripten } from ${JSON.stringify(SETUP_URL)};
    import { reportFailure } from ${JSON.stringify(RUN_URL)};
    ensureEmscripten(${JSON.stringify(options)}).catch(reportFailure);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  child.stdout.resume();
  const ended = new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, stderr }));
  });
  const exited = new Promise((resolve) => {
    child.on('exit', resolve);
  });
  return { child, ended, exited };
}

/** Waits up to two minutes for a file. @param {string} path */
async function waitFor(path) {
  for (let i = 0; i < 6000 && !existsSync(join(base, path)); i += 1) await sleep(20);
  assert.ok(existsSync(join(base, path)), `${path} does not exist`);
}

test("ensureEmscripten downloads Debian's packages once into the cache folder", async () => {
  const prefix = join(base, 'home/.cache/corr2d/emscripten-3.1.69');
  const first = await ensureEmscripten(options);
  assert.deepEqual(first, {
    env: {
      PATH: `${prefix}/usr/share/emscripten:${options.env.PATH}`,
      EM_CONFIG: `${prefix}/emscripten.config`,
      EM_NODE_JS: process.execPath,
    },
    emcc: `${prefix}/usr/share/emscripten/emcc`,
    version: '3.1.69',
    llvmBin: `${prefix}/usr/lib/llvm-19/bin`,
    binaryenBin: `${prefix}/usr/bin`,
  });
  assertOnlyPublished();
  assert.equal(existsSync(join(prefix, 'usr/share/doc')), false, 'documentation is excluded');
  assert.equal(existsSync(join(prefix, 'apt')), false, 'the packages are deleted');

  const calls = linesOf('apt-calls');
  assert.equal(calls.length, 2);
  assert.match(calls[0], /Dir::State::status=\/dev\/null .* update/);
  assert.match(calls[1], / download .*\bemscripten\b.*\bbinaryen\b.*\bclang-19\b/);
  assert.deepEqual(await ensureEmscripten(options), first);
  assert.equal(linesOf('apt-calls').length, 2, 'a second run downloads nothing');
});

test('ensureEmscripten uses XDG_CACHE_HOME', async () => {
  options.env.XDG_CACHE_HOME = join(base, 'xdg');
  const { emcc } = await ensureEmscripten(options);
  assert.ok(emcc.startsWith(join(base, 'xdg/corr2d/emscripten-3.1.69/')), emcc);
  assert.deepEqual(cacheEntries(), []);
});

test('downloaded programs use the downloaded loader and libraries', async () => {
  await ensureEmscripten(options);
  const prefix = realpathSync(join(base, 'home/.cache/corr2d/emscripten-3.1.69'));
  const libraries = `${prefix}/usr/lib/x86_64-linux-gnu`;
  const [call] = linesOf('loader-call');
  assert.ok(
    call.startsWith(
      `--library-path ${libraries} ${prefix}/usr/bin/patchelf --set-interpreter ${prefix}/${LOADER} ` +
        `--force-rpath --set-rpath ${libraries} `,
    ),
    call,
  );
  assert.match(call, /usr\/lib\/llvm-19\/bin\/clang .*usr\/bin\/wasm-opt/);
  const config = readFileSync(join(prefix, 'emscripten.config'), 'utf8');
  assert.match(config, new RegExp(`^CACHE = "${prefix}/usr/share/emscripten/cache"$`, 'm'));
});

test('ensureEmscripten uses the file names of arm64 on arm64', async () => {
  const loader = 'usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1';
  script(`package/${loader}`, `echo "$*" > ${base}/loader-call`);
  await ensureEmscripten({ ...options, arch: 'arm64' });
  assert.match(linesOf('loader-call')[0], new RegExp(`--set-interpreter \\S+/${loader} `));
  assert.match(linesOf('apt-calls')[0], /APT::Architecture=arm64/);
});

for (const version of ['3.1.69', '3.1.100', '4.0.2', '10.0.0']) {
  test(`ensureEmscripten uses emcc ${version} on PATH`, async () => {
    stubEmcc('bin/emcc', version);
    script('bin/em-config', `echo ${base}/$1`);
    assert.deepEqual(await ensureEmscripten(options), {
      env: { PATH: `${base}/bin:${options.env.PATH}`, EM_NODE_JS: process.execPath },
      emcc: join(base, 'bin/emcc'),
      version,
      llvmBin: join(base, 'LLVM_ROOT'),
      binaryenBin: join(base, 'BINARYEN_ROOT/bin'),
    });
    assert.deepEqual(linesOf('apt-calls'), []);
  });
}

test('ensureEmscripten uses $EMSDK if emcc is not on PATH', async () => {
  stubEmcc('emsdk/upstream/emscripten/emcc', '3.1.69');
  script('emsdk/upstream/emscripten/em-config', `echo ${base}/$1`);
  options.env.EMSDK = join(base, 'emsdk');
  const { emcc } = await ensureEmscripten(options);
  assert.equal(emcc, join(base, 'emsdk/upstream/emscripten/emcc'));
  assert.deepEqual(linesOf('apt-calls'), []);
});

for (const version of ['3.1.6', '3.1.68', '2.9.99']) {
  test(`ensureEmscripten does not use emcc ${version}, which is too old`, async () => {
    stubEmcc('bin/emcc', version);
    const { emcc } = await ensureEmscripten(options);
    assert.notEqual(emcc, join(base, 'bin/emcc'));
    assert.equal(linesOf('apt-calls').length, 2);
  });
}

test('ensureEmscripten does not use an emcc that fails', async () => {
  script('bin/emcc', 'echo broken >&2; exit 3');
  const { emcc } = await ensureEmscripten(options);
  assert.notEqual(emcc, join(base, 'bin/emcc'));
});

test('without apt, the steps for emsdk are printed and the exit status is 1', async () => {
  rmSync(join(base, 'bin/apt-get'));
  const { status, stderr } = await startSetUp().ended;
  assert.equal(status, 1);
  assert.match(stderr, EMSDK_STEPS);
  assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
  assert.deepEqual(cacheEntries(), []);
});

test('without a Debian mirror, or on an unsupported processor, the error has the steps for emsdk', async () => {
  await assert.rejects(
    ensureEmscripten({ ...options, arch: 'riscv64' }),
    (error) => error instanceof Error && EMSDK_STEPS.test(error.message),
  );
  writeFileSync(
    join(options.aptDir, 'sources.list'),
    'deb http://mirror.invalid/ubuntu noble main',
  );
  await assert.rejects(ensureEmscripten(options), { name: 'SetupError', message: EMSDK_STEPS });
  assert.deepEqual(linesOf('apt-calls'), []);
});

test('the next source is tried if one lacks packages', async () => {
  const lines = ['vendor.invalid/debian', 'mirror.invalid/debian'];
  const text = lines.map((uri) => `deb http://${uri} bookworm main\n`).join('');
  writeFileSync(join(options.aptDir, 'sources.list'), text);
  stubAptGet('if grep -q vendor ../sources/debian.sources; then exit 100; fi;');
  script('bin/grep', 'exec /bin/grep "$@"');
  await ensureEmscripten(options);
  assert.equal(linesOf('apt-calls').length, 4);
});

for (const [title, breakIt] of /** @type {[string, () => void][]} */ ([
  ['download', () => stubAptGet('echo "E: gone" >&2; exit 100;')],
  ['unpack', () => script('bin/dpkg-deb', `/bin/tar -c -C ${base}/package .; exit 2`)],
  ['relocation', () => script(`package/${LOADER}`, 'exit 1')],
  ['version check', () => stubEmcc('package/usr/share/emscripten/emcc', '3.1.60')],
  ['smoke test', () => stubEmcc('package/usr/share/emscripten/emcc', '3.1.69', '41')],
])) {
  test(`failure of the ${title} leaves nothing behind, and the next run works`, async () => {
    breakIt();
    await assert.rejects(ensureEmscripten(options), {
      name: 'SetupError',
      message: EMSDK_STEPS,
    });
    assert.deepEqual(cacheEntries(), []);

    stubAptGet();
    script('bin/dpkg-deb', `exec /bin/tar -c -C ${base}/package .`);
    script(`package/${LOADER}`, '');
    stubEmcc('package/usr/share/emscripten/emcc', '3.1.69');
    await ensureEmscripten(options);
    assertOnlyPublished();
  });
}

for (const stage of ['download', 'unpack']) {
  test(`the next run works after a process was killed during ${stage}`, async () => {
    const wait = `: > ${base}/reached; while ${isClosed()}; do /bin/sleep 0.05; done;`;
    if (stage === 'download') stubAptGet(wait);
    else
      script('bin/dpkg-deb', `/bin/tar -c -C ${base}/package . | /usr/bin/head -c 2000; ${wait}`);
    const { child, exited } = startSetUp();
    await waitFor('reached');
    child.kill('SIGKILL');
    await exited;
    const remains = cacheEntries();
    assert.equal(remains.length, 1, 'the killed process leaves its folder');

    stubAptGet();
    script('bin/dpkg-deb', `exec /bin/tar -c -C ${base}/package .`);
    await ensureEmscripten(options);
    assertOnlyPublished();
    assert.ok(!cacheEntries().includes(remains[0]));
    writeFileSync(join(base, 'gate'), '');
  });
}

test('the next run works while a child of a killed process still writes', async () => {
  // Removing this many files takes long enough for new ones to appear.
  const lines = [
    `i=0; while ${isClosed()}; do`,
    `  i=$((i+1)); [ $i != 500 ] || : > ${base}/reached`,
    '  [ -d d ] || /bin/mkdir -p d; echo > d/$i',
    'done 2> /dev/null',
    `: > ${base}/done`,
  ];
  script('bin/dpkg-deb', lines.join('\n'));
  const { child, exited } = startSetUp();
  await waitFor('reached');
  child.kill('SIGKILL');
  await exited;
  try {
    script('bin/dpkg-deb', `exec /bin/tar -c -C ${base}/package .`);
    const first = await ensureEmscripten(options);
    assert.deepEqual(await ensureEmscripten(options), first);
  } finally {
    writeFileSync(join(base, 'gate'), '');
    await waitFor('done');
  }
});

test('two concurrent set-ups succeed and leave one copy', async () => {
  const [first, second] = await Promise.all([ensureEmscripten(options), ensureEmscripten(options)]);
  assert.deepEqual(first, second);
  assertOnlyPublished();
});

test('a prefix that another process published meanwhile is used, and kept after that process ends', async () => {
  const cache = join(base, 'home/.cache/corr2d');
  const other = `emscripten-3.1.69.${hostname()}-999999999-00000000`;
  const ready = JSON.stringify({ prefix: join(cache, other), version: '3.1.69' });
  const publish = [
    `/bin/mkdir ${cache}/${other}`,
    `echo '${ready}' > ${cache}/${other}/corr2d-ready.json`,
    `/bin/ln -s ${other} ${cache}/emscripten-3.1.69`,
  ];
  stubAptGet(`${publish.join(';')};`);
  await ensureEmscripten(options);
  assertOnlyPublished();
  assert.ok(cacheEntries().includes(other));
});

test('prefixes of running processes and of other machines are kept', async () => {
  const cache = join(base, 'home/.cache/corr2d');
  const living = `emscripten-3.1.69.${hostname()}-${process.pid}-00000000`;
  const foreign = 'emscripten-3.1.69.some-other-host-1-00000000';
  for (const name of [living, foreign, 'something-else']) {
    mkdirSync(join(cache, name), { recursive: true });
  }
  await ensureEmscripten(options);
  for (const name of [living, foreign, 'something-else']) assert.ok(cacheEntries().includes(name));
});

test('a prefix that was moved is downloaded again, because programs contain its old path', async () => {
  await ensureEmscripten(options);
  renameSync(join(base, 'home'), join(base, 'moved'));
  options.env.HOME = join(base, 'moved');
  await ensureEmscripten(options);
  assert.equal(linesOf('apt-calls').length, 4);
  assert.equal(readdirSync(join(base, 'moved/.cache/corr2d')).length, 2 + 1);
});
