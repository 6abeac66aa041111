// corr2d under Content-Security-Policies: the strictest that allows WebAssembly, and one that does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectProblems, launch, STRICT_POLICY, serveFiles } from './helpers.mjs';

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

/** Opens the page above under a policy. Returns what it finds, and its problems. */
async function visit(policy) {
  const server = await serveFiles(files, { 'Content-Security-Policy': policy });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const problems = collectProblems(page);
    await page.goto(server.url);
    await page.waitForFunction(() => globalThis.found);
    return { ...(await page.evaluate(() => globalThis.found)), problems };
  } finally {
    await browser.close();
    await server.close();
  }
}

test('the strictest policy is not violated in a page or in a worker', async () => {
  const computed = [[3, 6]];
  assert.deepEqual(await visit(STRICT_POLICY), {
    simd: computed,
    relaxed: computed,
    worker: computed,
    violations: [],
    problems: [],
  });
});

test('load rejects with LOAD_FAILED under a policy without WebAssembly and names what it needs', async () => {
  const found = await visit("default-src 'none'; script-src 'self'; worker-src 'self'");
  for (const outcome of [found.simd, found.relaxed, found.worker]) {
    assert.match(outcome, /^LOAD_FAILED load: .*needs script-src 'wasm-unsafe-eval'/);
  }
  assert.ok(found.violations.length > 0, 'no violation was recorded');
});
