// The page shows computed values only: with deliberately wrong kernels every tick becomes a cross, even in
// the exercises.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildPackage, vite } from '../../tools/build.mjs';
import { VARIANTS } from '../../tools/lib/variants.mjs';
import { startServer } from '../../tools/serve.mjs';
import { ensureEmscripten } from '../../tools/setup/emscripten.mjs';
import { copyWithChanges, launch, openAnswers, openPage, readChecks, root } from './helpers.mjs';

/** The variant that the page loads in this browser. The other variants keep correct kernels. */
const LOADED = 'relaxed';

test('the page shows a cross instead of every tick if the kernels are wrong', async () => {
  // Each kernel is wrong in a different way, so that comparing two of them still fails.
  const copy = copyWithChanges('corrupted', {
    'cpp/kernels/direct.hpp': [
      'wasm_v128_load32_splat(tile.bias + c)',
      'wasm_f32x4_splat(0.5f * static_cast<float>(tile.output.row_step))',
    ],
    'cpp/kernels/depthwise/tile.hpp': [', w, sum[r][v]);', ', wasm_f32x4_neg(w), sum[r][v]);'],
    'cpp/kernels/depthwise/stream.hpp': [
      'wasm_f32x4_mul(x.left, w[0][0])',
      'wasm_f32x4_neg(wasm_f32x4_mul(x.left, w[0][0]))',
    ],
    'cpp/kernels/gemm.hpp': ['    weight += kChannels;', '    weight += 0;'],
  });
  for (const variant of VARIANTS.filter((name) => name !== LOADED)) {
    for (const name of ['corr2d.mjs', 'corr2d.wasm']) {
      const file = join('build', `wasm-${variant}`, name);
      cpSync(join(root, file), join(copy, file), { preserveTimestamps: true });
    }
  }
  const emscripten = await ensureEmscripten();
  await buildPackage({ emscripten, root: copy, variants: [LOADED] });
  const web = join(copy, 'build/web');
  await vite({ CORR2D_PACKAGE_DIR: join(copy, 'dist'), CORR2D_WEB_OUT: web });

  const server = await startServer({ root: web, port: 0 });
  const browser = await launch();
  try {
    const { page, problems } = await openPage(browser, server.url);
    assert.equal(await page.getAttribute('html', 'data-page'), 'ready');
    await openAnswers(page);
    const examples = Object.entries(await readChecks(page));
    assert.equal(examples.length, 25);
    for (const [id, { state, verdict, result }] of examples) {
      // This cell shows a shape, which no kernel computes.
      const wanted = id === 'cell-stack' ? 'match' : 'mismatch';
      assert.equal(state, wanted, `${id}: ${result}`);
      if (wanted === 'mismatch') assert.match(verdict, /^✗/, id);
    }
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    await server.close();
  }
});
