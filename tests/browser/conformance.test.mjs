// The conformance cases of WebNN, by both variants in a browser, with no bundler between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { launch, openEmpty, root } from './helpers.mjs';

test('the conformance cases hold in Chromium, in both variants', async () => {
  const server = await startServer({ root, port: 8500 });
  const browser = await launch();
  try {
    const page = await openEmpty(browser, server);
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
  } finally {
    await browser.close();
    await server.close();
  }
});
