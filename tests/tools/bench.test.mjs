// Tests the parts of the benchmark that need no peers.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gaussian1d, makeData, permute } from '../../bench/data.mjs';
import { measure, quantile, summarise } from '../../bench/measure.mjs';
import { encodeModel } from '../../bench/onnx-model.mjs';
import { peakModule } from '../../bench/peak.mjs';
import { plot } from '../../bench/plot.mjs';
import {
  formatClass,
  formatMs,
  geometricMean,
  gflopsOf,
  ratioOf,
  summaries,
} from '../../bench/report.mjs';
import { parseShape, parseShapes } from '../../bench/shapes.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('parseShape reads a line with a name, sizes and a mark', () => {
  const shape = parseShape('ResNet stem: 224x200 3->64 k7x5 s2 p3x2 main', 'stem');
  assert.deepEqual(shape, {
    name: 'ResNet stem: 7×5 s2 224×200 3→64',
    className: 'stem',
    kind: 'plan',
    isMain: true,
    batch: 1,
    ci: 3,
    co: 64,
    groups: 1,
    input: [224, 200],
    kernel: [7, 5],
    stride: [2, 2],
    dilation: [1, 1],
    pads: [3, 3, 2, 2],
    outputPadding: [0, 0],
    output: [112, 100],
    layout: 'nchw',
    paddingMode: 'zeros',
    bias: false,
    relu: false,
    gaussian: false,
    masked: false,
    macs: 112 * 100 * 64 * 3 * 7 * 5,
  });
});

test('parseShape reads every word', () => {
  const read = (line) => parseShape(line, 'any');
  assert.deepEqual(read('5x5 1->1 k3 p0,1,2,3').pads, [0, 1, 2, 3]);
  assert.deepEqual(read('5x5 1->1 k3 p0,1,2,3').output, [4, 8]);
  assert.deepEqual(read('9x9 1->1 k3 d2x1').output, [5, 7]);
  assert.equal(read('9x9 4->8 g4 k3').macs, 49 * 9 * 8);
  assert.equal(read('9x9 4->8 b2 k3 backward').macs, 2 * 2 * 49 * 9 * 32);
  const transposed = read('8x8 4->2 k4 s2 p1 op1x0 transposed');
  assert.deepEqual(transposed.output, [17, 16]);
  assert.equal(transposed.macs, 64 * 16 * 8);
  assert.deepEqual([read('8x9 k3 p1 rgba').ci, read('8x9 k3 p1 rgba').groups], [4, 4]);
  const match = read('48x64 3->1 k16 masked match');
  assert.deepEqual([match.kind, match.masked, match.output], ['match', true, [33, 49]]);
  assert.deepEqual([read('8x9 phase').name, read('8x9 phase').output], ['8×9 phase', [1, 1]]);
  const all = read('9x9 4->4 g4 k3 p1 d2 b8 nhwc reflect bias relu gaussian oneshot');
  assert.equal(all.name, '3×3 d2 9² 4→4 dw batch 8 nhwc reflect bias relu gaussian oneshot');
});

test('parseShapes rejects invalid lines with their number', () => {
  for (const [line, message] of [
    ['5x5 1->1', 'missing a kernel, such as k3'],
    ['5x5 k3', 'missing channels, such as 64->256'],
    ['1->1 k3', 'missing height × width, such as 56x56'],
    ['5x5 1->1 k3 fast', 'unknown word "fast"; expected one of those in bench/README.md'],
    ['5x5 1->1 k0', '"k0" has an invalid number; expected integers of at least 1'],
    ['5x5 1->1 k3x3x3', '"k3x3x3" has 3 numbers; expected 1 or 2'],
    ['5x5 1->1 k3 p1,2', '"p1,2" has 2 numbers; expected 4'],
    ['5x5 3->4 k3 g2', 'groups is 2; expected a divisor of the channels 3->4'],
    [
      '5x5 1->1 k7',
      'the output is -1×-1; expected at least 1×1: use more padding or a smaller kernel',
    ],
  ]) {
    assert.throws(() => parseShapes(`# one\n\n${line} # two`, 'own'), {
      message: `own, line 3: ${message}`,
    });
  }
});

test('bench/shapes contains distinct shapes, sixteen of them main', () => {
  const folder = join(root, 'bench/shapes');
  const all = readdirSync(folder).flatMap((name) =>
    parseShapes(readFileSync(join(folder, name), 'utf8'), name),
  );
  assert.equal(all.filter(({ isMain }) => isMain).length, 16);
  const names = all.map(({ className, name }) => `${className} ${name}`);
  assert.equal(new Set(names).size, names.length, 'a shape is listed twice');
});

test('makeData has the right sizes, gaussian1d is symmetric, and permute transposes', () => {
  const { input, weight } = makeData(parseShape('3x4 2->4 k3 p1', 'any'));
  assert.deepEqual([input.length, weight.length], [24, 72]);
  assert.ok(input.every((x) => x >= -1 && x < 1) && new Set(input).size > 20);
  const { image, weight: kernel } = makeData(parseShape('3x4 k3 p1 rgba', 'any'));
  assert.deepEqual([image.width, image.height, image.data[3]], [4, 3, 255]);
  assert.ok(Math.abs(kernel.reduce((sum, value) => sum + value, 0) - 1) < 1e-6);
  const match = makeData(parseShape('48x64 3->1 k16 masked match', 'any'));
  assert.deepEqual([match.picture.length, match.template.length], [3 * 48 * 64, 3 * 16 * 16]);
  assert.deepEqual(new Set(match.mask), new Set([0, 1]));
  const phase = makeData(parseShape('64x96 phase', 'any'));
  assert.equal(phase.shifted[17 * 96 + 30], phase.input[0]);
  const gaussian = gaussian1d(5);
  assert.equal(gaussian[0], gaussian[4]);
  assert.ok(gaussian[2] > gaussian[1] && gaussian[1] > gaussian[0]);
  const numbers = Float32Array.from({ length: 24 }, (_, i) => i);
  const permuted = permute(numbers, [2, 3, 4], [2, 0, 1]);
  assert.deepEqual([...permuted.subarray(0, 7)], [0, 4, 8, 12, 16, 20, 1]);
  assert.deepEqual(permute(permuted, [4, 2, 3], [1, 2, 0]), numbers);
});

test('measure runs the rounds of its budget and summarise computes quartiles', async () => {
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
  assert.equal(quantile([7], 0.25), 7);
  const timing = { median: 3, min: 1, q1: 2, q3: 4, rounds: 5 };
  assert.deepEqual(summarise([5, 1, 4, 2, 3]), timing);

  // A clock that only the measured functions advance, so that the result does not depend on the machine.
  let now = 0;
  mock.method(performance, 'now', () => now);
  const calls = { fast: 0, slow: 0 };
  const take = (name, milliseconds) => () => {
    calls[name] += 1;
    now += milliseconds;
  };
  const budget = { milliseconds: 0, minRounds: 4, maxRounds: 9, warmupMs: 1 };
  const runs = { fast: take('fast', 0.01), slow: async () => take('slow', 5)() };
  const { fast, slow } = await measure(runs, budget);
  mock.restoreAll();
  assert.deepEqual([fast.rounds, slow.rounds], [4, 4]);
  assert.ok(Math.abs(fast.median - 0.01) < 1e-9 && slow.median === 5, JSON.stringify([fast, slow]));
  // Two calls warm up; the rounds have batches of at least 2 ms.
  assert.equal(calls.slow, 2 + 4);
  assert.ok(calls.fast > 4 * 200, `${calls.fast}`);
});

test('encodeModel writes the bytes of a model with one node', () => {
  const model = encodeModel({
    nodes: [{ op: 'N', inputs: ['x', 'w'], outputs: ['y'], attributes: { k: [3, -1], m: 'a' } }],
    inputs: { x: [1, 300] },
    constants: { w: { shape: [1], data: Float32Array.of(1) } },
    outputs: ['y'],
  });
  const text = (string) => [string.length, ...new TextEncoder().encode(string)];
  const message = (field, ...bytes) => [(field << 3) | 2, bytes.length, ...bytes];
  const minusOne = [...Array(9).fill(0xff), 0x01];
  const node = [
    ...[0x0a, ...text('x'), 0x0a, ...text('w'), 0x12, ...text('y'), 0x22, ...text('N')],
    ...message(5, 0x0a, ...text('k'), 0x40, 3, 0x40, ...minusOne, 0xa0, 1, 7),
    ...message(5, 0x0a, ...text('m'), 0x22, ...text('a'), 0xa0, 1, 3),
  ];
  const dims = [...message(1, 0x08, 1), ...message(1, 0x08, 0xac, 2)];
  const graph = [
    ...message(1, ...node),
    ...[0x12, ...text('graph')],
    ...message(5, 0x08, 1, 0x10, 1, 0x42, ...text('w'), 0x4a, 4, 0, 0, 0x80, 0x3f),
    ...message(
      11,
      0x0a,
      ...text('x'),
      ...message(2, ...message(1, 0x08, 1, ...message(2, ...dims))),
    ),
    ...message(12, 0x0a, ...text('y'), ...message(2, ...message(1, 0x08, 1))),
  ];
  assert.deepEqual([...model], [0x08, 10, ...message(7, ...graph), ...message(8, 0x10, 21)]);
});

test('peakModule computes all chains', () => {
  for (const chains of [8, 13]) {
    const module = new WebAssembly.Module(peakModule('simd', chains));
    const { run, memory } = new WebAssembly.Instance(module).exports;
    run(100);
    // Each chain converges to 1, and the lanes hold the sum of the chains.
    assert.deepEqual([...new Float32Array(memory.buffer, 0, 4)], Array(4).fill(chains));
  }
});

const timing = (median) => ({
  median,
  min: median / 2,
  q1: 0.9 * median,
  q3: 1.1 * median,
  rounds: 9,
});

/** A result with these medians. */
function result(line, className, medians) {
  const entries = Object.entries(medians).map(([name, value]) => [
    name,
    typeof value === 'string'
      ? { unsupported: value }
      : { timing: timing(value), isUnranked: name === 'opencv-sep' },
  ]);
  const shape = parseShape(line, className);
  return { shape, entries: Object.fromEntries(entries), peak: 40e6, error: 0 };
}

const results = [
  result('10x10 100->100 k1 main', 'pointwise', { corr2d: 0.1, tfjs: 0.4, ort: 0.2 }),
  result('10x10 100->10 k1', 'pointwise', { corr2d: 0.1, tfjs: 0.8, ort: 1 }),
  result('9x9 1->1 k3 p1 gaussian', 'filter', { corr2d: 2, tfjs: 'is slow', 'opencv-sep': 1 }),
  result('9x9 1->1 k3 p1', 'filter', { corr2d: 2, tfjs: 'is slow', ort: 1 }),
];

test('ratioOf and gflopsOf use medians, and summaries groups ratios by class', () => {
  assert.deepEqual(
    results.map((one) => ratioOf(one)),
    [2, 8, null, 0.5],
  );
  assert.equal(gflopsOf(results[0]), 20);
  assert.equal(geometricMean([1, 4]), 2);
  const found = summaries(results).map((one) => [one.title, one.count, one.mean, one.min]);
  assert.equal(summaries(results)[0].meanOfMinima, 4);
  assert.deepEqual(found, [
    ['pointwise', 2, 4, 2],
    ['filter', 1, 0.5, 0.5],
    ['main (1)', 1, 2, 2],
  ]);
});

test('formatClass formats the table of a class', () => {
  assert.deepEqual([0.00123, 0.0456, 1.234, 12.34, 123.4].map(formatMs), [
    '0.0012',
    '0.0456',
    '1.23',
    '12.3',
    '123',
  ]);
  const lines = formatClass(results.slice(0, 1)).split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(/\s{2,}/)),
    [
      ['pointwise', 'corr2d', 'min', 'GFLOP/s', 'of peak', 'algorithm', 'tfjs', 'ort', 'ratio'],
      [
        '1×1 10² 100→100',
        '0.100',
        '±10 %',
        '0.0500',
        '20.0',
        '50 %',
        '0.400',
        '±10 %',
        '0.200',
        '±10 %',
        '2.00',
      ],
    ],
  );
  assert.match(formatClass(results.slice(2)), /no peer\n.*0\.50\n– tfjs is slow$/);
});

test('plot draws the shapes that have a peer, as well-formed SVG', () => {
  const contenders = [{ threads: 1 }, { threads: 2 }];
  const environment = { runtime: 'Node <20>', cpu: 'a CPU', variant: 'simd', contenders };
  const svg = plot({ environment, results });
  const count = (pattern) => svg.match(pattern)?.length ?? 0;
  assert.deepEqual([count(/class="faster"/g), count(/class="slower"/g)], [2, 1]);
  assert.match(svg, /prefers-color-scheme: dark/);
  assert.match(svg, /Node &#60;20&#62;, simd, 2 threads of a CPU/);
  assert.equal(count(/<text[^>]*>/g), count(/<\/text>/g));
});

test('wrong options print a message that names the expected values', () => {
  for (const [args, message] of [
    [['--prot'], /^Unknown option '--prot'\. The options are: --runtime/],
    [['--runtime', 'deno'], /^--runtime is deno; expected one of node, chromium$/],
    [['--class', 'fast'], /^--class is fast; expected one of .*, main$/],
    [['--threads', 'n'], /^--threads is n; expected a number from 1 to 99$/],
    [['--baseline', 'bench'], /^--baseline is bench; expected a folder with a built index\.js$/],
    [['--shapes', 'missing.txt'], /^ENOENT.*missing\.txt/],
  ]) {
    const run = spawnSync(process.execPath, ['bench/run.mjs', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(run.status, 1, run.stderr);
    assert.match(run.stderr.trim(), message);
  }
});
