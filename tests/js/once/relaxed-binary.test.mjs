// The relaxed binary does its work by relaxed_madd: counted in its machine code, loop by loop.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ensureEmscripten } from '../../../tools/setup/emscripten.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const emscripten = await ensureEmscripten();

/** `(a (b) c)` as nested arrays. Strings, the only other thing in the text, are left out. */
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

/** Loops that hold no other loop. */
function innermostLoops(tree) {
  const inside = tree.filter(Array.isArray).flatMap(innermostLoops);
  return inside.length === 0 && tree[0] === 'loop' ? [tree] : inside;
}

/** The functions of a variant, by their C++ names. */
function functionsOf(variant) {
  const emConfig = join(dirname(emscripten.emcc), 'em-config');
  const env = { ...process.env, ...emscripten.env };
  const binaryen = execFileSync(emConfig, ['BINARYEN_ROOT'], { encoding: 'utf8', env }).trim();
  // As it was linked: its functions have other places in dist/, and the map is of these.
  const wasm = join(root, 'build', `wasm-${variant}`, 'corr2d.wasm');
  const disassembler = join(binaryen, 'bin', 'wasm-dis');
  const module = parse(
    execFileSync(disassembler, [wasm], { encoding: 'utf8', maxBuffer: 2 ** 28 }),
  );
  const imports = module.filter(
    (part) => part[0] === 'import' && part.some((what) => what[0] === 'func'),
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
  assert.equal(functions.size <= defined.length, true, 'the symbol map fits the binary');
  return functions;
}

/**
 * The kernels that multiply and add: the templates of cpp/kernels, on their madd and tile. The
 * transforms of Winograd and FFT, which mostly add, and streams have one form in each binary.
 */
function kernelsOf(functions, which = /^(?!f32_(winograd|fft|\w+_stream))/) {
  const kernels = [];
  for (const [name, body] of functions) {
    const found = /(f32_\w+)<corr2d::(\w+), (\d+), (\d+)>/.exec(name);
    if (found && !which.test(found[1])) continue;
    if (found) {
      const [, kernel, madd, channels, vectors] = found;
      kernels.push({ kernel, madd, accumulators: channels * vectors, body, name });
    }
  }
  return kernels;
}

/** Of the kernel's innermost loops, the one with the most `instruction`s. */
function hotLoop(body, instruction) {
  return innermostLoops(body).sort((a, b) => count(b, instruction) - count(a, instruction))[0];
}

/** Sums that had to be in memory, for a call to find them, would be stored at every step. */
function assertInRegisters(loop, body, name) {
  assert.equal(count(loop, 'v128.store'), 0, `${name} stores in its loop`);
  assert.equal(count(body, 'call'), 0, `${name} calls`);
}

test('the hot loops of the relaxed binaries are relaxed_madd throughout', () => {
  const [alone, threaded] = ['relaxed', 'relaxed-threads'].map((one) =>
    kernelsOf(functionsOf(one)),
  );
  // Threads make no difference to the kernels, but for where they read and write.
  assert.deepEqual(threaded.map(({ name }) => name).sort(), alone.map(({ name }) => name).sort());
  const kernels = [...alone, ...threaded];
  const relaxed = kernels.filter(({ madd }) => madd === 'Relaxed');
  const unfused = kernels.filter(({ madd }) => madd === 'Unfused');
  assert.equal(relaxed.length, unfused.length, 'each kernel has both forms');
  assert.ok(relaxed.length >= 6, `${relaxed.length} relaxed kernels`);
  for (const { name, body, accumulators } of relaxed) {
    const loop = hotLoop(body, 'f32x4.relaxed_madd');
    const madds = count(loop, 'f32x4.relaxed_madd');
    assert.ok(madds >= accumulators && madds % accumulators === 0, `${name}: ${madds} madds`);
    // Sums that begin with a product and not with a bias have nothing to add it to.
    assert.ok(count(loop, 'f32x4.mul') <= madds / 8, name);
    assert.equal(count(loop, 'f32x4.add'), 0, name);
    assertInRegisters(loop, body, name);
  }
  for (const { name, body, accumulators } of unfused) {
    assert.equal(count(body, 'f32x4.relaxed_madd'), 0, name);
    const loop = hotLoop(body, 'f32x4.mul');
    assert.equal(count(loop, 'f32x4.mul') % accumulators, 0, name);
    assertInRegisters(loop, body, name);
  }
});

test('streams fuse in the relaxed binary, and keep their weights in registers', () => {
  for (const variant of ['simd', 'relaxed']) {
    const streams = kernelsOf(functionsOf(variant), /^f32_\w+_stream/);
    assert.equal(streams.length, 4, `${variant}: of planes and channels, of stride 1 and 2`);
    const madd = variant === 'relaxed' ? 'f32x4.relaxed_madd' : 'f32x4.mul';
    for (const { name, body } of streams) {
      const loop = hotLoop(body, madd);
      // Without a bias the first product of the sums that begin has nothing to be added to.
      const sums = name.includes('channels') ? 9 : 8;
      assert.equal(count(loop, madd), variant === 'relaxed' ? sums : 9, name);
      assert.equal(count(loop, 'f32x4.add'), variant === 'relaxed' ? 0 : sums, name);
      assert.equal(count(loop, 'v128.load32_splat'), 0, `${name} loads weights in its loop`);
      assert.equal(count(body, 'call'), 0, `${name} calls`);
    }
  }
});

test('the transforms of FFT fuse in the relaxed binary', () => {
  const transforms = kernelsOf(functionsOf('relaxed'), /^f32_fft/);
  assert.equal(transforms.length, 3, 'forward, back, and products');
  for (const { name, body } of transforms) {
    const [madds, nmadds] = ['madd', 'nmadd'].map((one) => count(body, `f32x4.relaxed_${one}`));
    assert.ok(madds >= 3 && nmadds >= 1, `${name}: ${madds} and ${nmadds}`);
    assert.equal(count(body, 'call'), 0, `${name} calls`);
  }
});

for (const variant of ['simd', 'threads']) {
  test(`the ${variant} binary has no relaxed instruction at all`, () => {
    for (const [name, body] of functionsOf(variant)) {
      const text = JSON.stringify(body);
      assert.equal(text.includes('relaxed_'), false, name);
    }
  });
}
