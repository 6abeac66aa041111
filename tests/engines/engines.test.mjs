// Tests Chromium, Firefox and WebKit, with default settings and with features disabled: load(), the
// chapter's example, the conformance cases and image sources, under the strictest policy.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { which } from '../../tools/lib/run.mjs';
import { startServer } from '../../tools/serve.mjs';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';
import { findFirefox } from '../../tools/setup/system-tools.mjs';
import { STRICT_POLICY } from '../browser/helpers.mjs';
import { install, pack, root } from '../package/helpers.mjs';
import { inChromium, inFirefox, inWebkit } from './drivers.mjs';

let folder;
let strict;
let lax;
before(async () => {
  await ensureNodePackages({ root: join(root, 'tests/engines') });
  const archive = pack();
  folder = install(archive.tarball);
  rmSync(archive.folder, { recursive: true });
  cpSync(join(root, 'tests/engines/page'), folder, { recursive: true });
  for (const file of ['tests/js/conformance-runner.mjs', 'tests/browser/image-sources.mjs']) {
    cpSync(join(root, file), join(folder, file.split('/').at(-1)));
  }
  const suites = ['webnn-baseline', 'nnapi-cts'].map((name) =>
    readFileSync(join(root, `tests/fixtures/conformance/${name}.json`), 'utf8'),
  );
  writeFileSync(join(folder, 'cases.js'), `export const cases = [${suites.join(',\n')}];\n`);
  const headers = { 'Content-Security-Policy': STRICT_POLICY };
  strict = await startServer({ root: folder, port: 0, headers });
  lax = await startServer({ root: folder, port: 0 });
});
after(async () => {
  await Promise.all([strict.close(), lax.close()]);
  rmSync(folder, { recursive: true });
});

const CASES = 74;
const noSimd = /^load: this engine has no WebAssembly SIMD; corr2d needs Chrome 91, /;
const noWebAssembly = /^load: this engine has no WebAssembly$/;
const noRelaxed = /^load: this engine has no relaxed SIMD; simd: 'auto' uses/;

/** Expects this variant to be loaded and to compute correctly. */
function assertLoaded(outcome, variant, name) {
  const { features, computed, count, failures } = outcome;
  assert.equal(features?.variant, variant, `${name}: ${outcome.message}`);
  assert.deepEqual(
    computed,
    [
      [56, 72],
      [104, 120],
    ],
    name,
  );
  assert.deepEqual([count, failures], [CASES, []], name);
}

/** Expects LOAD_FAILED with this message. */
function assertLoadFailed({ code, message }, pattern, name) {
  assert.equal(code, 'LOAD_FAILED', name);
  assert.match(message, pattern, name);
}

/** Expects the results of an engine whose best variant is `best`, or that fails with the message `best`. */
function assertFound(found, best) {
  const { violations, worker, client, ...outcomes } = found;
  assert.deepEqual(violations, []);
  if (best instanceof RegExp) {
    for (const [name, outcome] of Object.entries(outcomes)) assertLoadFailed(outcome, best, name);
    assertLoadFailed(worker, best, 'worker');
    assertLoadFailed(client, best, 'client');
    return;
  }
  assertLoaded(outcomes.auto, best, 'auto');
  assertLoaded(outcomes.simd, 'simd', 'simd');
  assertLoaded(outcomes.static, 'simd', 'corr2d/simd');
  if (best === 'relaxed') assertLoaded(outcomes.relaxed, 'relaxed', 'relaxed');
  else {
    assertLoadFailed(outcomes.relaxed, noRelaxed, 'relaxed');
    assert.equal(
      outcomes.auto.features.reason,
      'this engine has no relaxed SIMD, which is normal for Node 20 and Safari',
    );
  }
  assert.equal(client.features?.variant, best, client.message);
  assert.deepEqual(client.computed, [19, 25, 37, 43]);
  assert.equal(worker.features?.variant, best, worker.message);
  assert.deepEqual(worker.computed, [
    [56, 72],
    [104, 120],
  ]);
}

/** @type {Record<string, { visit: typeof inChromium, isInstalled: boolean, settings: object }>} */
const engines = {
  Chromium: {
    visit: inChromium,
    isInstalled: true,
    settings: {
      'with default settings': { best: 'relaxed' },
      // V8 has no SIMD for WebAssembly on processors without SSSE3.
      'without SIMD': { args: ['--js-flags=--no-enable-ssse3'], best: noSimd },
    },
  },
  Firefox: {
    visit: inFirefox,
    isInstalled: findFirefox() !== null,
    settings: {
      'with default settings': { best: 'relaxed' },
      'without relaxed SIMD': {
        prefs: { 'javascript.options.wasm_relaxed_simd': false },
        best: 'simd',
      },
      'without WebAssembly': { prefs: { 'javascript.options.wasm': false }, best: noWebAssembly },
    },
  },
  WebKit: {
    visit: inWebkit,
    isInstalled: which('WebKitWebDriver') !== null && which('xvfb-run') !== null,
    settings: {
      'with default settings': { best: 'simd' },
      'with relaxed SIMD': { env: { JSC_useWasmRelaxedSIMD: '1' }, best: 'relaxed' },
      'without SIMD': { env: { JSC_useWasmSIMD: '0' }, best: noSimd },
    },
  },
};

for (const [name, { visit, isInstalled, settings }] of Object.entries(engines)) {
  describe(name, { skip: !isInstalled && `${name} is not installed` }, () => {
    for (const [how, { best, ...options }] of Object.entries(settings)) {
      const outcome = best instanceof RegExp ? 'rejects' : `chooses the variant ${best}`;
      test(`load() ${outcome} ${how}`, async (context) => {
        const { version, found } = await visit(new URL('index.html', strict.url).href, options);
        context.diagnostic(`${version}: ${JSON.stringify(found.auto.features ?? found.auto)}`);
        assertFound(found, best);
      });
    }

    test('every image source is read, and images are converted back', async (context) => {
      const { found } = await visit(new URL('images.html', lax.url).href);
      const absent = Object.keys(found.differences).filter(
        (one) => found.differences[one] === 'absent',
      );
      if (absent.length > 0) context.diagnostic(`absent: ${absent.join(', ')}`);
      for (const one of absent) delete found.differences[one];
      for (const [one, read] of Object.entries(found.differences)) {
        assert.deepEqual(read, ['3×3×4', 0], one);
      }
      assert.ok(
        'HTMLImageElement' in found.differences && 'HTMLCanvasElement' in found.differences,
      );
      assert.deepEqual(found.differing, []);
      for (const code of found.codes) assert.equal(code, 'INVALID_ARGUMENT');
      assert.deepEqual([found.isReturned, found.isFiltered], [true, true]);
    });
  });
}
