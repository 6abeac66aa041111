// Tests that the code in README.md, docs/ and doc comments runs unchanged and prints what the comments
// beside it say.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { load } from '../../dist/index.js';
import { startServer } from '../../tools/serve.mjs';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';
import { findBrowser } from '../../tools/setup/system-tools.mjs';
import { install, node, pack, root } from './helpers.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const browserPath = process.env.CHROMIUM_PATH ?? findBrowser();

/** The first block of JavaScript below a heading. */
function codeBelow(heading, text = readme) {
  const section = text.split(`${heading}\n`)[1];
  assert.ok(section, `there is a section "${heading}"`);
  return /```js\n([\s\S]*?)```/.exec(section)[1];
}

/** The comments after console.log, which say what it prints. */
const printedBy = (code) =>
  [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, s]) => s);

let user;
before(async () => {
  const { folder, tarball } = pack();
  user = install(tarball);
  rmSync(folder, { recursive: true });
  // The example of register uses TensorFlow.js.
  await ensureNodePackages({ root: join(root, 'tests/package') });
  const packages = 'node_modules/@tensorflow';
  symlinkSync(join(root, 'tests/package', packages), join(user, packages));
});
after(() => rmSync(user, { recursive: true }));

// Node 20 has relaxed SIMD, which the examples of two entries use, behind an option.
const flags = process.version.startsWith('v20.') ? ['--experimental-wasm-relaxed-simd'] : [];

/** Runs a recipe in Node, expects it to print what its comments say, and returns the printed lines. */
async function runRecipe(code) {
  const expected = printedBy(code);
  assert.ok(expected.length > 0, 'the recipe prints something');
  const { status, stdout, stderr } = await node(user, code, { flags });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.deepEqual(stdout.trim().split('\n'), expected);
  return expected;
}

/** An output for an input of ones, if the window covers `rows` × `columns` pixels of its 3 channels. */
const sumOfWindow = (rows, columns, weight) => rows * columns * 3 * weight;

test('the README has at most 150 lines, and its first 40 name npm start and npm test', () => {
  const lines = readme.trimEnd().split('\n');
  assert.ok(lines.length <= 150, `${lines.length} lines`);
  const first = lines.slice(0, 40).join('\n');
  assert.match(first, /^npm start/m);
  assert.match(first, /^npm test/m);
});

test('the functions in the table of the README exist', async () => {
  const [, table] = readme.split('## Which function do I want?\n\n');
  const names = [...table.split('\n\n')[0].matchAll(/`c\.(\w+)/g)].map(([, name]) => name);
  assert.ok(names.length > 10);
  const c = await load();
  assert.deepEqual(
    names.filter((name) => typeof c[name] !== 'function'),
    [],
  );
  c.dispose();
});

test('the recipe for a convolution layer prints the sums that its comments give', async () => {
  const printed = await runRecipe(codeBelow('### Run a convolution layer'));
  // Padding 1 and stride 2: the first window has 2×2 pixels inside the
  // image, and the second window of the second row 3×3.
  const [corner, inner] = [sumOfWindow(2, 2, 0.5) - 1, sumOfWindow(3, 3, 0.5) - 1];
  assert.deepEqual(printed, ['8,16,16,16', `${corner} ${inner}`]);
});

test('the recipe for a worker prints the sums that its comments give, and its process ends', async () => {
  const printed = await runRecipe(codeBelow('### Do the same in a worker, with a way to cancel'));
  const [corner, inner] = [sumOfWindow(2, 2, 0.5), sumOfWindow(3, 3, 0.5)];
  assert.deepEqual(printed, ['8,16,32,32', `${corner} ${inner}`]);
});

test('aborting the controller of the recipe for a worker rejects the call', async () => {
  const code = codeBelow('### Do the same in a worker, with a way to cancel');
  const aborted = code.replace('const y =', "controller.abort('no longer needed');\nconst y =");
  assert.notEqual(aborted, code);
  const { status, stderr } = await node(user, aborted);
  assert.notEqual(status, 0);
  assert.match(stderr, /no longer needed/);
});

/** Runs a recipe in a page with this body, and calls `check(page)` when it has run. */
async function runInPage(body, code, check) {
  const imports = {
    corr2d: './node_modules/corr2d/dist/index.js',
    'corr2d/worker': './node_modules/corr2d/dist/worker.js',
  };
  writeFileSync(
    join(user, 'index.html'),
    `<!doctype html><meta charset="utf-8">${body}
      <script type="importmap">${JSON.stringify({ imports })}</script>
      <script type="module">await window.ready; ${code}; document.title = 'done';</script>`,
  );
  const server = await startServer({ root: user, port: 0 });
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${server.url}index.html`);
    await page.waitForFunction(() => document.title === 'done');
    await check(page);
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
    await server.close();
  }
}

const skip = !browserPath && 'no Chromium';

test('the recipe for a canvas blurs a white pixel to the binomial kernel', { skip }, async () => {
  const body = `<canvas width="16" height="16"></canvas>
    <script>
      const context = document.querySelector('canvas').getContext('2d');
      context.fillRect(0, 0, 16, 16);
      context.fillStyle = 'white';
      context.fillRect(8, 8, 1, 1);
    </script>`;
  await runInPage(body, codeBelow('### Blur a canvas'), async (page) => {
    const pixels = await page.evaluate(() => {
      const context = document.querySelector('canvas').getContext('2d');
      return Array.from(context.getImageData(0, 0, 16, 16).data);
    });
    const row = [1, 4, 6, 4, 1];
    const at = (i) => row[i - 6] ?? 0;
    const expected = Array.from({ length: 256 }, (_, i) => {
      const value = Math.round((255 * at(i % 16) * at(Math.floor(i / 16))) / 256);
      return [value, value, value, 255];
    });
    assert.deepEqual(pixels, expected.flat());
  });
});

test('the network of docs/pytorch.md has the probabilities that PyTorch prints', async () => {
  const pytorch = readFileSync(join(root, 'docs/pytorch.md'), 'utf8');
  const printed = await runRecipe(codeBelow('## The network in corr2d', pytorch));
  assert.deepEqual(printed, ['tensor([[0.3211, 0.2202, 0.1942, 0.2645]])']);
});

const matching = readFileSync(join(root, 'docs/matching.md'), 'utf8');
const [ICON, VIDEO] = ['## Find an icon in a screenshot', '## Follow a patch in a video'];

test('every recipe of docs/matching.md is run', () => {
  const recipes = [...matching.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
  assert.equal(recipes.length, 5);
  const inPages = recipes.filter((code) => printedBy(code).length === 0);
  assert.deepEqual(inPages, [codeBelow(ICON, matching), codeBelow(VIDEO, matching)]);
});

for (const heading of [
  '# Template matching and registration',
  '## Masks',
  '## Align two exposures',
]) {
  test(`the recipe "${heading.replace(/^#+ /, '')}" prints what its comments say`, async () => {
    await runRecipe(codeBelow(heading, matching));
  });
}

/** A script that draws an icon, 20×20, of blocks, and records the rectangles that are outlined. */
const drawIcon = `
  const drawIcon = (context, x, y) => {
    for (let i = 0; i < 25; i++) {
      context.fillStyle = ['#204080', '#e0b030', '#ffffff', '#a02040'][(i * i + (i >> 2)) % 4];
      context.fillRect(x + 4 * (i % 5), y + 4 * Math.floor(i / 5), 4, 4);
    }
  };
  window.outlines = [];
  const { strokeRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.strokeRect = function (...box) {
    outlines.push(box);
    strokeRect.apply(this, box);
  };`;

test('the recipe for a screenshot outlines every icon', { skip }, async () => {
  const places = [
    [24, 16],
    [90, 20],
    [40, 70],
  ];
  const body = `<canvas width="160" height="120"></canvas>
    <script>${drawIcon}
      const context = document.querySelector('canvas').getContext('2d');
      context.fillStyle = '#ddd';
      context.fillRect(0, 0, 160, 120);
      for (const [x, y] of ${JSON.stringify(places)}) drawIcon(context, x, y);
      context.fillStyle = '#e0b030';
      context.fillRect(110, 80, 20, 20);
    </script>`;
  await runInPage(body, codeBelow(ICON, matching), async (page) => {
    const boxes = await page.evaluate(() => window.outlines);
    const sorted = (all) => all.map(String).sort();
    assert.deepEqual(sorted(boxes), sorted(places.map(([x, y]) => [x - 0.5, y - 0.5, 21, 21])));
  });
});

test('the recipe for a video follows a patch that moves', { skip }, async () => {
  const body = `<video muted playsinline></video><canvas></canvas>
    <script>${drawIcon}
      const source = Object.assign(document.createElement('canvas'), { width: 200, height: 160 });
      const context = source.getContext('2d');
      let place = [66, 46];
      window.target = [66, 46];
      setInterval(() => {
        // At most 4 pixels along each axis and frame.
        place = place.map((from, i) => from + Math.min(Math.max(target[i] - from, -4), 4));
        context.fillStyle = '#9a9';
        context.fillRect(0, 0, 200, 160);
        context.fillStyle = '#686';
        for (let i = 0; i < 40; i++) context.fillRect((37 * i) % 200, (53 * i) % 160, 9, 5);
        drawIcon(context, ...place);
      }, 40);
      const video = document.querySelector('video');
      video.srcObject = source.captureStream(25);
      window.ready = new Promise((resolve) => {
        video.onloadeddata = resolve;
      }).then(() => video.play());
    </script>`;
  await runInPage(body, codeBelow(VIDEO, matching), async (page) => {
    for (const target of [
      [66, 46],
      [140, 100],
      [170, 10],
    ]) {
      await page.evaluate((to) => {
        window.target = to;
      }, target);
      // The patch of 32×32 pixels has the icon at [6, 6].
      const expected = target.map((coordinate) => coordinate - 6).join();
      await page.waitForFunction(
        (wanted) => window.outlines.at(-1)?.slice(0, 2).join() === wanted,
        expected,
      );
    }
  });
});

test("the guide's example of the chapter prints what PyTorch prints", async () => {
  const guide = readFileSync(join(root, 'docs/guide.md'), 'utf8');
  const [, output] = /It prints\n\n```\n([\s\S]*?)```/.exec(guide);
  const { status, stdout, stderr } = await node(user, codeBelow('### Follow the chapter', guide));
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.equal(stdout, output);
  const { examples } = JSON.parse(
    readFileSync(join(root, 'tests/fixtures/chapter/torch-1.13.json'), 'utf8'),
  );
  for (const name of ['7.4.1', '7.4.2']) {
    const { text } = examples.find((example) => example.name === name).Y;
    assert.ok(output.includes(`${text}\n`), name);
  }
});

for (const heading of [
  '## Loading',
  '## Images',
  '### Filter audio',
  '### Pass an image through a layer',
]) {
  test(`the guide's recipe "${heading.replace(/^#+ /, '')}" prints what its comment says`, async () => {
    await runRecipe(codeBelow(heading, readFileSync(join(root, 'docs/guide.md'), 'utf8')));
  });
}

test('the recipes for tensors that stay in the worker print what their comments say', async () => {
  const text = readFileSync(join(root, 'docs/workers.md'), 'utf8');
  const recipes = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
  const printing = recipes.filter((code) => printedBy(code).length > 0);
  assert.equal(printing.length, 2);
  for (const code of printing) await runRecipe(code);
});

test('the recipe for training TensorFlow.js computes in corr2d', async () => {
  await runRecipe(codeBelow('## Training', readFileSync(join(root, 'docs/tfjs.md'), 'utf8')));
});

/** The examples in the doc comments of a source file, by the name of what they document. */
function examplesIn(file) {
  const text = readFileSync(join(root, 'bindings/src', file), 'utf8');
  const examples = /@example\n *\* ```js\n([\s\S]*?)```[\s\S]*?\*\/\s*([^=(<{:]+)/g;
  return [...text.matchAll(examples)].map(([, code, declaration]) => [
    declaration.trim().split(' ').pop(),
    code.replace(/^ *\* ?/gm, ''),
  ]);
}

const instance = "import { load } from 'corr2d';\nconst c = await load();\n";
const client =
  "import { createClient } from 'corr2d/worker';\nconst client = await createClient();\n";
const families = readdirSync(join(root, 'bindings/src/operators')).map(
  (file) => `operators/${file}`,
);
for (const [file, prefix] of [
  ['entries/index.ts', ''],
  ...['simd', 'relaxed', 'threads', 'relaxed-threads', 'worker'].map((entry) => [
    `entries/${entry}.ts`,
    '',
  ]),
  ['tfjs/adapter.ts', ''],
  ['instance.ts', instance],
  ['tensor/tensor.ts', instance],
  ['worker/client.ts', client],
  ['worker/handles.ts', client],
  ...families.map((family) => [family, instance]),
]) {
  for (const [name, code] of examplesIn(file)) {
    test(`the example of ${name} in its doc comment prints what its comment says`, async () => {
      await runRecipe(prefix + code);
    });
  }
}

test('the example on the first page of the API reference prints what its comment says', async () => {
  await runRecipe(codeBelow('# corr2d', readFileSync(join(root, 'docs/index.md'), 'utf8')));
});
