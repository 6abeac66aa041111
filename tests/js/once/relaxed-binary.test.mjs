// The relaxed binaries multiply-add with relaxed_madd: the instructions of each hot loop are counted.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ensureEmscripten } from '../../../tools/setup/emscripten.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const emscripten = await ensureEmscripten();

/** Parses an S-expression, `(a (b) c)`, into nested arrays. Strings are dropped. */
function parse(text) {
  const top = [];
  const open = [top];
  for (const [token] of text.replace(/"(\\.|[^"\\])*"/g, '').matchAll(/[()]|[^\s()]+/g)) {
    if (token === '(') {
      const list = [];
      open.at(-1).push(list);
      open.push(list);
    } else if (token === ')') open.pop();
    else open.at(-1).push(token);
  }
  return top[0];
}

function count(tree, instruction) {
  let found = tree[0] === instruction ? 1 : 0;
  for (const part of tree) if (Array.isArray(part)) found += count(part, instruction);
  return found;
}

/** The loops that contain no other loop. */
function innermostLoops(tree) {
  const inside = tree.filter(Array.isArray).flatMap(innermostLoops);
  return inside.length === 0 && tree[0] === 'loop' ? [tree] : inside;
}

/** The functions of a variant by C++ name. */
function functionsOf(variant) {
  const emConfig = join(dirname(emscripten.emcc), 'em-config');
  const env = { ...process.env, ...emscripten.env };
  const binaryen = execFileSync(emConfig, ['BINARYEN_ROOT'], { encoding: 'utf8', env }).trim();
  // The symbol map numbers the functions of the linked binary; dist/ has them in another order.
  const wasm = join(root, 'build', `wasm-${variant}`, 'corr2d.wasm');
  const disassembler = join(binaryen, 'bin', 'wasm-dis');
  const module = parse(
    execFileSync(disassembler, [wasm], { encoding: 'utf8', maxBuffer: 2 ** 28 }),
  );
  const imports = module.filter(
    (part) => part[0] === 'import' && part.some(([kind]) => kind === 'func'),
  ).length;
  const defined = module.filter((part) => part[0] === 'func');
  const map = readFileSync(join(root, 'build', `wasm-${variant}`, 'corr2d.mjs.symbols'), 'utf8');
  const functions = new Map();
  for (const line of map.trim().split('\n')) {
    const [, index, encoded] = /^(\d+):(.*)$/.exec(line);
    const name = encoded.replace(/\\([0-9a-f]{2})/g, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (Number(index) >= imports) functions.set(name, defined[Number(index) - imports]);
  }
  assert.equal(
    functions.size <= defined.length,
    true,
    'the symbol map does not belong to the binary',
  );
  return functions;
}

/** The kernels that compute a tile: f32_gemm<Relaxed, rows, vectors>. */
function tileKernelsOf(functions) {
  const kernels = [];
  for (const [name, body] of functions) {
    const found = /f32_\w+<corr2d::(\w+), (\d+), (\d+)>/.exec(name);
    if (!found) continue;
    const [, madd, rows, vectors] = found;
    kernels.push({ madd, accumulators: rows * vectors, body, name });
  }
  return kernels;
}

/** The other kernels whose name matches: f32_fft_forward<Relaxed, radix>. */
function stepKernelsOf(functions, pattern) {
  return [...functions]
    .filter(([name]) => pattern.test(/(f32_\w+)<corr2d::\w+, \d+>/.exec(name)?.[1] ?? ''))
    .map(([name, body]) => ({ name, body }));
}

/** The innermost loop with the most `instruction`s. */
function hotLoop(body, instruction) {
  return innermostLoops(body).sort((a, b) => count(b, instruction) - count(a, instruction))[0];
}

/** If a loop calls a function, its sums are in memory and stored in every iteration. */
function assertSumsInRegisters(loop, body, name) {
  assert.equal(count(loop, 'v128.store'), 0, `${name} stores in its loop`);
  assert.equal(count(body, 'call'), 0, `${name} calls`);
}

test('the hot loops of the relaxed binaries multiply-add with relaxed_madd only', () => {
  const [relaxedKernels, threadedKernels] = ['relaxed', 'relaxed-threads'].map((variant) =>
    tileKernelsOf(functionsOf(variant)),
  );
  assert.deepEqual(
    threadedKernels.map(({ name }) => name).sort(),
    relaxedKernels.map(({ name }) => name).sort(),
  );
  const kernels = [...relaxedKernels, ...threadedKernels];
  const relaxed = kernels.filter(({ madd }) => madd === 'Relaxed');
  const unfused = kernels.filter(({ madd }) => madd === 'Unfused');
  assert.equal(relaxed.length, unfused.length, 'a kernel lacks its fused or its unfused form');
  assert.ok(relaxed.length >= 6, `${relaxed.length} relaxed kernels`);
  for (const { name, body, accumulators } of relaxed) {
    const loop = hotLoop(body, 'f32x4.relaxed_madd');
    const madds = count(loop, 'f32x4.relaxed_madd');
    assert.ok(madds >= accumulators && madds % accumulators === 0, `${name}: ${madds} madds`);
    // A sum that starts with a product instead of the bias needs one plain multiplication.
    assert.ok(count(loop, 'f32x4.mul') <= madds / 8, name);
    assert.equal(count(loop, 'f32x4.add'), 0, name);
    assertSumsInRegisters(loop, body, name);
  }
  for (const { name, body, accumulators } of unfused) {
    assert.equal(count(body, 'f32x4.relaxed_madd'), 0, name);
    const loop = hotLoop(body, 'f32x4.mul');
    assert.equal(count(loop, 'f32x4.mul') % accumulators, 0, name);
    assertSumsInRegisters(loop, body, name);
  }
});

test('depthwise streams use relaxed_madd in the relaxed binary and keep weights in registers', () => {
  for (const variant of ['simd', 'relaxed']) {
    const streams = stepKernelsOf(functionsOf(variant), /^f32_\w+_stream/);
    assert.equal(streams.length, 4, `${variant}: NCHW and NHWC, stride 1 and 2`);
    const madd = variant === 'relaxed' ? 'f32x4.relaxed_madd' : 'f32x4.mul';
    for (const { name, body } of streams) {
      const loop = hotLoop(body, madd);
      // The NHWC kernel starts its sums with the bias, the other one with a product.
      const additions = name.includes('nhwc') ? 9 : 8;
      assert.equal(count(loop, madd), variant === 'relaxed' ? additions : 9, name);
      assert.equal(count(loop, 'f32x4.add'), variant === 'relaxed' ? 0 : additions, name);
      assert.equal(count(loop, 'v128.load32_splat'), 0, `${name} loads weights in its loop`);
      assert.equal(count(body, 'call'), 0, `${name} calls`);
    }
  }
});

test('the FFT kernels use relaxed_madd in the relaxed binary', () => {
  const kernels = stepKernelsOf(functionsOf('relaxed'), /^f32_fft/);
  assert.equal(kernels.length, 3, 'forward, inverse and multiply');
  for (const { name, body } of kernels) {
    const [madds, nmadds] = ['madd', 'nmadd'].map((one) => count(body, `f32x4.relaxed_${one}`));
    assert.ok(madds >= 3 && nmadds >= 1, `${name}: ${madds} and ${nmadds}`);
    assert.equal(count(body, 'call'), 0, `${name} calls`);
  }
});

for (const variant of ['simd', 'threads']) {
  test(`the ${variant} binary has no relaxed SIMD instructions`, () => {
    for (const [name, body] of functionsOf(variant)) {
      const text = JSON.stringify(body);
      assert.equal(text.includes('relaxed_'), false, name);
    }
  });
}
