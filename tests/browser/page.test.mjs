// The built page, as a visitor has it.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { examplesOf, launch, openPage, root } from './helpers.mjs';

const { examples: chapter } = JSON.parse(
  readFileSync(join(root, 'tests/fixtures/chapter/torch-1.13.json'), 'utf8'),
);
/** What real PyTorch prints for an example of the chapter. */
const printed = (name) => chapter.find((example) => example.name === name).Y.text;

let browser;
let server;

before(async () => {
  browser = await launch();
  server = await startServer({ root: join(root, 'build/web'), port: 8200 });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test('every example is computed and is right', async () => {
  const { page, troubles } = await openPage(browser, server.url);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.page), 'ready');
  const examples = await examplesOf(page);
  assert.equal(Object.keys(examples).length, 10);
  for (const [id, { state, verdict }] of Object.entries(examples)) {
    assert.equal(state, 'match', id);
    assert.match(verdict, /^✓/, id);
  }
  // Held against PyTorch by the test too, and not only by the page.
  assert.equal(examples['first-window'].result, '56');
  assert.equal(examples['multi-in'].result, printed('7.4.1'));
  assert.equal(examples['multi-in-leading-axis'].result, printed('7.4.1 with the extra axis'));
  assert.equal(examples['stack-shape'].result, '[3, 2, 2, 2]');
  assert.equal(examples['multi-in-out'].result, printed('7.4.2'));
  assert.equal(examples['one-by-one'].result, '0');
  assert.equal(examples['one-by-one-identical'].result, '18 of 18');
  assert.ok(Number(examples['one-by-one-float64'].result) < 1e-5);
  assert.match(
    await page.textContent('main'),
    /\(1·1 \+ 2·2 \+ 4·3 \+ 5·4\)\s*\+\s*\(0·0 \+ 1·1 \+ 3·2 \+ 4·3\)\s*=\s*56/,
  );
  assert.match(await page.textContent('#tally'), /10 of 10/);
  assert.deepEqual(troubles, []);
  await page.close();
});

test('it works under any path of a static host', async () => {
  const host = mkdtempSync(join(tmpdir(), 'corr2d-host-'));
  cpSync(join(root, 'build/web'), join(host, 'some/where/corr2d'), { recursive: true });
  const plain = await startServer({ root: host, port: 8300 });
  try {
    const url = new URL('some/where/corr2d/', plain.url).href;
    const { page, troubles } = await openPage(browser, url);
    for (const [id, { state }] of Object.entries(await examplesOf(page))) {
      assert.equal(state, 'match', id);
    }
    assert.deepEqual(troubles, []);
    await page.close();
  } finally {
    await plain.close();
    rmSync(host, { recursive: true });
  }
});

test('drawing again draws other numbers, and all agree again', async () => {
  const { page, troubles } = await openPage(browser, server.url);
  const before = await page.textContent('#pointwise');
  for (let i = 0; i < 5; i++) await page.click('#draw-again');
  assert.notEqual(await page.textContent('#pointwise'), before);
  for (const [id, { state }] of Object.entries(await examplesOf(page))) {
    assert.equal(state, 'match', id);
  }
  assert.deepEqual(troubles, []);
  await page.close();
});

test("the visitor's own picture goes through the same kernels", async () => {
  const { page, troubles } = await openPage(browser, server.url);
  // A picture of two halves, drawn by the browser itself: one upright edge, nothing else.
  const png = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(120, 80);
    const context = canvas.getContext('2d');
    context.fillStyle = 'black';
    context.fillRect(0, 0, 60, 80);
    context.fillStyle = 'white';
    context.fillRect(60, 0, 60, 80);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  const picture = { name: 'halves.png', mimeType: 'image/png', buffer: Buffer.from(png) };
  await page.setInputFiles('#photo-file', picture);
  await page.waitForFunction(() =>
    document.querySelector('#photo-numbers').textContent.includes('3×80×120'),
  );
  await page.waitForSelector('[data-example=photo][data-state=match]');
  // Vertical edges show it where it is; horizontal edges are mid-grey all over.
  const rows = await page.evaluate(() =>
    [...document.querySelectorAll('#photo-outputs canvas')].slice(0, 2).map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 40, canvas.width, 1);
      return [...data].filter((_, i) => i % 4 === 0);
    }),
  );
  const [vertical, horizontal] = rows;
  // Nothing is mid-grey, which lies between two bytes.
  const isGrey = (value) => value === 127 || value === 128;
  assert.ok(horizontal.every(isGrey), `horizontal edges see nothing: ${horizontal}`);
  const seen = vertical.map((value, x) => [value, x]).filter(([value]) => !isGrey(value));
  assert.ok(seen.length > 0, 'vertical edges see the edge');
  for (const [, x] of seen) assert.ok(x >= 54 && x <= 60, `an edge at column ${x}`);

  const text = { name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no picture') };
  await page.setInputFiles('#photo-file', text);
  await page.waitForSelector('#photo-error:not([hidden])');
  assert.match(await page.textContent('#photo-error'), /no\.png/);
  assert.deepEqual(troubles, []);
  await page.close();
});

test('narrow and tiny pictures fit in, and no pixel is checked twice', async () => {
  const { page, troubles } = await openPage(browser, server.url);
  const pick = async (width, height) => {
    const png = await page.evaluate(
      async ([width, height]) => {
        const canvas = new OffscreenCanvas(width, height);
        const context = canvas.getContext('2d');
        context.fillStyle = 'olive';
        context.fillRect(0, 0, width, height);
        const blob = await canvas.convertToBlob({ type: 'image/png' });
        return [...new Uint8Array(await blob.arrayBuffer())];
      },
      [width, height],
    );
    const name = `${width}x${height}.png`;
    await page.setInputFiles('#photo-file', {
      name,
      mimeType: 'image/png',
      buffer: Buffer.from(png),
    });
    await page.waitForFunction(
      (name) =>
        document.querySelector('#photo-caption').textContent.includes(name) &&
        document.querySelector('[data-example=photo]').dataset.state !== 'pending',
      name,
    );
    const { photo } = await examplesOf(page);
    assert.equal(photo.state, 'match', name);
    return { ...photo, numbers: await page.textContent('#photo-numbers') };
  };

  const usual = await page.evaluate(() => document.documentElement.scrollHeight);
  await pick(20, 3000);
  const high = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(high < usual + 1000, `the page is ${high} pixels high, and usually ${usual}`);

  const tiny = await pick(5, 5);
  assert.equal(tiny.result, '8 of 8');
  assert.equal(tiny.expected, '8 of 8');
  assert.match(tiny.numbers, /Multiply-adds600(?!\d)/);
  const small = await pick(20, 17);
  assert.equal(small.result, '1,664 of 1,664');
  assert.match(small.numbers, /Multiply-adds124,800/);
  const narrow = await pick(300, 5);
  assert.equal(narrow.result, '2,000 of 2,000');
  assert.deepEqual(troubles, []);
  await page.close();
});

test('where corr2d cannot start, the page says why and still shows the photograph', async () => {
  const context = await browser.newContext();
  const withoutSimd = () => {
    WebAssembly.validate = () => false;
  };
  const withoutWasm = () => {
    delete globalThis.WebAssembly;
  };
  for (const [what, needs, prepare] of [
    ['no SIMD', true, (page) => page.addInitScript(withoutSimd)],
    ['no WebAssembly', true, (page) => page.addInitScript(withoutWasm)],
    ['no network', false, (page) => page.route(/variant-/, (route) => route.abort())],
  ]) {
    const page = await context.newPage();
    await prepare(page);
    await page.goto(server.url);
    await page.waitForSelector('[data-page=failed]', { state: 'attached' });
    assert.ok(await page.isVisible('#failure'), what);
    assert.equal(await page.isVisible('#failure-needs'), needs, what);
    for (const [id, { state, result }] of Object.entries(await examplesOf(page))) {
      assert.equal(state, 'error', `${what}: ${id}`);
      assert.equal(result, '–', `${what}: ${id}`);
    }
    const photograph = await page.evaluate(() => {
      const canvas = document.querySelector('#photo-source');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return { width: canvas.width, colours: new Set(new Uint32Array(data.buffer)).size };
    });
    assert.equal(photograph.width, 960, what);
    assert.ok(photograph.colours > 1000, `${what}: a photograph is drawn`);
    assert.equal(await page.textContent('#photo-numbers'), 'In3×640×960Outnot computed', what);
    const outputs = page.locator('#photo-outputs .output');
    assert.equal(await outputs.locator('canvas:visible').count(), 0, what);
    assert.equal(await outputs.getByText('not computed').count(), 8, what);
    await page.close();
  }
  await context.close();
});

test('a missing photograph is told from one that cannot be read', async () => {
  for (const [answer, message] of [
    [{ status: 404, body: 'Not found' }, /“dandelion\.jpg” could not be fetched: .*404/],
    [{ status: 200, contentType: 'text/html', body: '<p>Hello' }, /is not a picture/],
  ]) {
    const page = await browser.newPage();
    await page.route(/dandelion\.jpg/, (route) => route.fulfill(answer));
    await page.goto(server.url);
    await page.waitForSelector('[data-page=ready]', { state: 'attached' });
    assert.match(await page.textContent('#photo-error'), message);
    assert.equal(await page.textContent('#photo-numbers'), 'PicturenoneOutnot computed');
    const { photo, ...others } = await examplesOf(page);
    assert.equal(photo.state, 'error');
    for (const [id, { state }] of Object.entries(others)) assert.equal(state, 'match', id);
    await page.close();
  }
});

for (const colorScheme of ['light', 'dark']) {
  test(`nothing is wider than a phone, ${colorScheme}`, async () => {
    const { page, troubles } = await openPage(browser, server.url, {
      viewport: { width: 360, height: 740 },
      colorScheme,
    });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    assert.deepEqual(troubles, []);
    await page.close();
  });
}
