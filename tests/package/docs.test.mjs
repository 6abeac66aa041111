// The API reference: all that the package exports, in words.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as corr2d from '../../dist/index.js';
import { buildDocs } from '../../tools/docs.mjs';

test('every function and every option is in the reference, with shapes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-docs-'));
  try {
    // It fails where something that is exported has no doc comment.
    await buildDocs(folder);
    const page = (name) => readFileSync(join(folder, name), 'utf8');
    const c = await corr2d.load();
    const methods = (one) =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(one)).filter((name) => /^[a-z]/.test(name));
    const reference = {
      Corr2d: page('interfaces/corr2d.Corr2d.html'),
      Tensor: page('classes/corr2d.Tensor.html'),
    };
    const internal = ['constructor', 'heap', 'address', 'elements', 'assertUsable'];
    for (const [name, one] of Object.entries({ Corr2d: c, Tensor: c.ones([1]) })) {
      for (const method of methods(one)) {
        if (internal.includes(method)) continue;
        assert.ok(reference[name].includes(`id="${method.toLowerCase()}"`), `${name}.${method}`);
      }
    }
    assert.match(reference.Corr2d, /Co×\(C\/groups\)×kh×kw/);
    assert.match(page('interfaces/corr2d.LoadOptions.html'), /LOAD_FAILED/);
    assert.match(page('types/corr2d.Corr2dErrorCode.html'), /SHAPE_MISMATCH/);
    assert.match(page('documents/From_other_libraries.html'), /<table>/);
    c.dispose();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
