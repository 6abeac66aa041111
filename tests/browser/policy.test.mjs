// The strictest Content-Security-Policy under which WebAssembly can be compiled.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { launch, root } from './helpers.mjs';

const files = {
  'index.html': `<!doctype html><title>policy</title>
    <script src="first.js"></script><script type="module" src="main.js"></script>`,
  'first.js': `
    globalThis.violations = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      violations.push(violatedDirective + ' ' + blockedURI);
    });`,
  'compute.js': `
    import { load } from './dist/index.js';
    export async function compute(simd) {
      try {
        const c = await load({ simd });
        return c.corr2d([[1, 2]], [[3]]).toArray();
      } catch ({ code, message }) {
        return code + ' ' + message;
      }
    }`,
  'main.js': `
    import { compute } from './compute.js';
    const found = { simd: await compute('simd'), relaxed: await compute('relaxed') };
    const worker = new Worker('worker.js', { type: 'module' });
    found.worker = await new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data); });
    globalThis.found = { ...found, violations };`,
  'worker.js': `
    import { compute } from './compute.js';
    postMessage(await compute('auto'));`,
};

/** What the page above finds under a policy, and what Chromium says on its console. */
async function visit(policy) {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-policy-'));
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const headers = { 'Content-Security-Policy': policy };
  const server = await startServer({ root: folder, port: 0, headers });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const said = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    await page.goto(server.url);
    await page.waitForFunction(() => globalThis.found);
    return { ...(await page.evaluate(() => globalThis.found)), said };
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

test('no violation under the strictest policy, in a page and in a worker', async () => {
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
  const computed = [[3, 6]];
  assert.deepEqual(await visit(policy), {
    simd: computed,
    relaxed: computed,
    worker: computed,
    violations: [],
    said: [],
  });
});

test('a policy that forbids WebAssembly: LOAD_FAILED says what it needs', async () => {
  const found = await visit("default-src 'none'; script-src 'self'; worker-src 'self'");
  for (const outcome of [found.simd, found.relaxed, found.worker]) {
    assert.match(outcome, /^LOAD_FAILED load: .*needs script-src 'wasm-unsafe-eval'/);
  }
  assert.ok(found.violations.length > 0, 'the test sees violations');
});
