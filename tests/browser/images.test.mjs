// Every source of pictures in Chromium, read by an instance, and pictures that come back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEmptyPage, serveRepository, useSite } from './helpers.mjs';
import { EXPECTED_SOURCES } from './image-sources.mjs';

const site = useSite({ serve: serveRepository });

test('every source of pictures gives the same tensor, and pictures come back unchanged', async () => {
  const { page } = await openEmptyPage(site.browser, new URL('empty', site.url).href);
  const result = await page.evaluate(async () => {
    const { load } = await import('/dist/index.js');
    const { readEverySource } = await import('/tests/browser/image-sources.mjs');
    return readEverySource(await load());
  });
  assert.deepEqual(result, EXPECTED_SOURCES);
});
