// The page cannot print a value that was not computed: with kernels that are wrong on purpose its
// ticks turn to crosses, those of the exercises too.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildPackage, vite } from '../../tools/build.mjs';
import { VARIANTS } from '../../tools/lib/variants.mjs';
import { startServer } from '../../tools/serve.mjs';
import { ensureEmscripten } from '../../tools/setup/emscripten.mjs';
import { changedCopy, examplesOf, launch, openAnswers, openPage, root } from './helpers.mjs';

/** The variant that this page takes in this browser; in the others kernels stay right. */
const TAKEN = 'relaxed';

test('wrong kernels turn ticks to crosses', async () => {
  // Each in a way of its own, so that two that are compared are not wrong alike.
  const copy = changedCopy('corrupted', {
    'cpp/kernels/direct.hpp': [
      'wasm_v128_load32_splat(tile.bias + c)',
      'wasm_f32x4_splat(0.5f * static_cast<float>(tile.output.row_step))',
    ],
    'cpp/kernels/plane.hpp': [', w, sum[r][v]);', ', wasm_f32x4_neg(w), sum[r][v]);'],
    'cpp/kernels/gemm.hpp': ['    weight += kChannels;', '    weight += 0;'],
  });
  for (const variant of VARIANTS.filter((name) => name !== TAKEN)) {
    for (const name of ['corr2d.mjs', 'corr2d.wasm']) {
      const file = join('build', `wasm-${variant}`, name);
      cpSync(join(root, file), join(copy, file), { preserveTimestamps: true });
    }
  }
  const emscripten = await ensureEmscripten();
  await buildPackage({ emscripten, root: copy, variants: [TAKEN] });
  const web = join(copy, 'build/web');
  await vite({ CORR2D_PACKAGE_DIR: join(copy, 'dist'), CORR2D_WEB_OUT: web });

  const server = await startServer({ root: web, port: 8400 });
  const browser = await launch();
  try {
    const { page, troubles } = await openPage(browser, server.url);
    assert.equal(await page.getAttribute('html', 'data-page'), 'ready');
    await openAnswers(page);
    const examples = Object.entries(await examplesOf(page));
    assert.equal(examples.length, 18);
    for (const [id, { state, verdict, result }] of examples) {
      // The shape of the stacked kernels is the one answer that no kernel computes.
      const wanted = id === 'cell-stack' ? 'match' : 'mismatch';
      assert.equal(state, wanted, `${id}: ${result}`);
      if (wanted === 'mismatch') assert.match(verdict, /^✗/, id);
    }
    assert.deepEqual(troubles, []);
  } finally {
    await browser.close();
    await server.close();
  }
});
