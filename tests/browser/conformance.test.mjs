// The conformance cases of WebNN in Chromium, for both variants, without a bundler.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEmptyPage, serveRepository, useSite } from './helpers.mjs';

const site = useSite({ serve: serveRepository });

test('the conformance cases hold in Chromium, in both variants', async () => {
  const { page } = await openEmptyPage(site.browser, new URL('empty', site.url).href);
  const results = await page.evaluate(async () => {
    const { load } = await import('/dist/index.js');
    const { runConformance } = await import('/tests/js/conformance-runner.mjs');
    const found = [];
    for (const simd of ['simd', 'relaxed']) {
      const c = await load({ simd });
      for (const name of ['webnn-baseline', 'nnapi-cts']) {
        const response = await fetch(`/tests/fixtures/conformance/${name}.json`);
        found.push({ simd, name, ...runConformance(c, await response.json()) });
      }
      c.dispose();
    }
    return found;
  });
  assert.deepEqual(results, [
    { simd: 'simd', name: 'webnn-baseline', count: 59, failures: [] },
    { simd: 'simd', name: 'nnapi-cts', count: 15, failures: [] },
    { simd: 'relaxed', name: 'webnn-baseline', count: 59, failures: [] },
    { simd: 'relaxed', name: 'nnapi-cts', count: 15, failures: [] },
  ]);
});
