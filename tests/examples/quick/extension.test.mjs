// Tests the extension for Chromium: its service worker filters the pictures of pages.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchWithExtension } from '../../browser/helpers.mjs';
import { assertTypes, installExample, runScript, serveFolder, watchProblems } from '../helpers.mjs';

const SIZE = 16;

let context;
let folder;
let profile;
before(async () => {
  folder = await installExample('extension');
  await runScript(folder, 'build');
  profile = mkdtempSync(join(tmpdir(), 'corr2d-profile-'));
  context = await launchWithExtension(join(folder, 'dist'), profile);
});
after(async () => {
  await context?.close();
  rmSync(profile, { recursive: true, maxRetries: 5 });
});

/** Whether a pixel of the picture is white. The nearest pixel stands for one outside. */
const isWhite = (x, y) => x >= 4 && x < 9 && y >= 0 && y < 7;

/** The grey levels of the picture's edges. */
const edges = Array.from({ length: SIZE ** 2 }, (_, i) => {
  const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
  const inside = (position) => Math.min(Math.max(position, 0), SIZE - 1);
  let sum = 9 * isWhite(x, y);
  for (const dy of [-1, 0, 1]) {
    for (const dx of [-1, 0, 1]) sum -= isWhite(inside(x + dx), inside(y + dy));
  }
  return Math.min(Math.max(sum, 0), 1) * 255;
});

/** The first picture of a page as RGBA. */
const readPicture = (page) =>
  page.$eval('img', async (image) => {
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d');
    canvas.drawImage(image, 0, 0);
    return Array.from(canvas.getImageData(0, 0, canvas.canvas.width, canvas.canvas.height).data);
  });

test('Alt+click replaces a picture by its edges, in a page that forbids WebAssembly', async () => {
  const page = await context.newPage();
  const problems = watchProblems(page);
  const white = edges.flatMap((_, i) => (isWhite(i % SIZE, Math.floor(i / SIZE)) ? [i] : []));
  const picture = await page.evaluate(
    ([size, pixels]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
      const drawing = canvas.getContext('2d');
      drawing.fillRect(0, 0, size, size);
      drawing.fillStyle = 'white';
      for (const i of pixels) drawing.fillRect(i % size, Math.floor(i / size), 1, 1);
      return canvas.toDataURL().split(',')[1];
    },
    [SIZE, white],
  );
  const site = join(folder, 'site');
  mkdirSync(site);
  writeFileSync(join(site, 'picture.png'), Buffer.from(picture, 'base64'));
  writeFileSync(join(site, 'index.html'), '<!doctype html><img src="picture.png">');
  await serveFolder(site, '', "default-src 'none'; img-src 'self' data:", async (url) => {
    await page.goto(url);
    await page.click('img');
    assert.equal(await page.getAttribute('img', 'src'), 'picture.png', 'without Alt');
    await page.click('img', { modifiers: ['Alt'] });
    await page.locator('img[src^="data:"]').waitFor();
    const expected = edges.flatMap((grey) => [grey, grey, grey, 255]);
    assert.deepEqual(await readPicture(page), expected);
  });
  assert.deepEqual(problems, []);
});

test('the policy of the extension allows WebAssembly but not eval', () => {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const policy = manifest.content_security_policy.extension_pages;
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
  assert.doesNotMatch(policy, /'unsafe-eval'/);
});

test('the example has no type errors', () =>
  assertTypes(folder, ['service-worker.js', 'content.js'], ['--types', 'chrome']));
