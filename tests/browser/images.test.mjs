// Conversions of every kind of image source in Chromium to tensors and back, by an instance.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEmptyPage, serveRepository, useSite } from './helpers.mjs';
import { EXPECTED_SOURCES } from './image-sources.mjs';

const site = useSite({ serve: serveRepository });

test('every kind of image source gives the same tensor, and converting back gives the same picture', async () => {
  const { page } = await openEmptyPage(site.browser, new URL('empty', site.url).href);
  const result = await page.evaluate(async () => {
    const { load } = await import('/dist/index.js');
    const { readEverySource } = await import('/tests/browser/image-sources.mjs');
    return readEverySource(await load());
  });
  assert.deepEqual(result, EXPECTED_SOURCES);
});
