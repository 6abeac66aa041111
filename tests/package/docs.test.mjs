// Tests the API reference: every export of the package is documented.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as corr2d from '../../dist/index.js';
import { createClient } from '../../dist/worker.js';
import { buildApiReference, buildDocs, vite } from '../../tools/build.mjs';

test('the reference contains every method and option, with shapes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-docs-'));
  try {
    // This fails if an export has no doc comment.
    await buildDocs(folder);
    const page = (name) => readFileSync(join(folder, name), 'utf8');
    const c = await corr2d.load();
    const methods = (one) =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(one)).filter((name) => /^[a-z]/.test(name));
    const reference = {
      Corr2d: page('interfaces/corr2d.Corr2d.html'),
      Tensor: page('classes/corr2d.Tensor.html'),
      Client: page('classes/corr2d_worker.Client.html'),
      RemotePlan: page('classes/corr2d_worker.RemotePlan.html'),
    };
    const internal = ['constructor', 'heap', 'address', 'elements', 'assertUsable'];
    const client = await createClient();
    const RemotePlan = await client.planConv2d({ inputShape: [1, 1, 1], weight: [[[[1]]]] });
    const all = { Corr2d: c, Tensor: c.ones([1]), Client: client, RemotePlan };
    for (const [name, one] of Object.entries(all)) {
      for (const method of methods(one)) {
        if (internal.includes(method)) continue;
        assert.ok(reference[name].includes(`id="${method.toLowerCase()}"`), `${name}.${method}`);
      }
    }
    assert.match(reference.Corr2d, /Co×\(C\/groups\)×kh×kw/);
    assert.match(page('interfaces/corr2d.LoadOptions.html'), /LOAD_FAILED/);
    assert.match(page('types/corr2d.Corr2dErrorCode.html'), /SHAPE_MISMATCH/);
    assert.match(page('documents/migration.html'), /<table>/);
    assert.match(page('functions/corr2d_worker.createClient.html'), /WORKER_FAILED/);
    assert.match(page('functions/corr2d_tfjs.register.html'), /FusedDepthwiseConv2D/);
    client.dispose();
    c.dispose();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the page contains the API reference and links to it, but does not cache it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-page-'));
  const CORR2D_WEB_OUT = join(folder, 'page');
  try {
    await vite({ CORR2D_API: await buildApiReference(), CORR2D_WEB_OUT });
    const page = (name) => readFileSync(join(CORR2D_WEB_OUT, name), 'utf8');
    const links = [...page('index.html').matchAll(/href="\.\/(api\/[^"#]*)/g)];
    const linked = links.map(([, path]) => path);
    for (const wanted of ['api/index.html', 'api/documents/guide.html']) {
      assert.ok(linked.includes(wanted), wanted);
    }
    for (const path of linked) assert.match(page(path), /<title>/, path);
    assert.match(page('service-worker.js'), /"\.\/"/);
    assert.doesNotMatch(page('service-worker.js'), /api\//);

    // Without the reference there are no links. The URL of the site is used for previews.
    await vite({ CORR2D_API: '', CORR2D_SITE: 'https://example.org/corr2d', CORR2D_WEB_OUT });
    assert.doesNotMatch(page('index.html'), /href="(docs:|\.\/api)/);
    for (const path of ['', 'preview.jpg']) {
      assert.ok(page('index.html').includes(`content="https://example.org/corr2d/${path}"`), path);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
