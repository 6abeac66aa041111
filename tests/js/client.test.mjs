// corr2d/worker: a client has every function of an instance, with the same results and errors.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createSharedClient, createVariantClient } from './client-support.mjs';
import { assertSameBits, createRandom, expectRejection, loadVariant, variant } from './helpers.mjs';
import { assertResult, call, readCases } from './operator-cases.mjs';

const c = await loadVariant();
after(() => c.dispose());
const client = await createSharedClient();

const methods = (one) =>
  Object.getOwnPropertyNames(Object.getPrototypeOf(one)).filter((name) => /^[a-z]/.test(name));

test('a client has the methods and features of an instance', async () => {
  assert.deepEqual(client.features, { ...c.features });
  assert.equal(client.features.variant, variant);
  assert.equal(client.version, c.version);
  const own = ['image', 'keep', 'tidy'];
  assert.deepEqual(methods(client).sort(), [...new Set([...methods(c), ...own])].sort());
  const { heapBytes, ...rest } = await client.memory();
  assert.ok(heapBytes > 0);
  assert.deepEqual(rest, { liveTensors: 0, liveBytes: 0 });
});

test('every PyTorch and SciPy case is correct and leaves no tensor in the worker', async () => {
  for (const file of ['torch-1.13.json', 'scipy-1.10.json']) {
    const cases = readCases(file);
    assert.ok(cases.length > 50);
    await Promise.all(
      cases.map(async (one) => assertResult(await call(client, one), one, 'by a client')),
    );
  }
  const { liveTensors } = await client.memory();
  assert.equal(liveTensors, 0);
});

test('an argument after one that is undefined reaches the worker', async () => {
  const { shape, data } = await client.pad([[1]], [1, 0, 0, 0], undefined, 5);
  assert.deepEqual(
    [shape, [...data]],
    [
      [1, 2],
      [5, 1],
    ],
  );
});

test('stack accepts numbers and tensors of an instance in one list', async () => {
  const scalar = c.tensor(2);
  const result = await client.stack([1, scalar]);
  assert.deepEqual([...result.data], [1, 2]);
  scalar.dispose();
});

test('functions that create tensors, and those of the chapter, give the bits of an instance', async () => {
  const { uniform } = createRandom(3);
  const [X, K, stack] = [uniform(3, 9, 8), uniform(4, 3, 2, 3), [uniform(2, 3), uniform(2, 3)]];
  const of = (tensor, i) => {
    const size = tensor.data.length / tensor.shape[0];
    const data = tensor.data.subarray(i * size, (i + 1) * size);
    return { data, shape: tensor.shape.slice(1) };
  };
  const each = {
    zeros: [[2, 3]],
    ones: [[]],
    full: [[2, 0, 2], 7],
    arange: [5],
    normal: [1, 2, [3, 4], { seed: 7 }],
    stack: [stack, -1],
    matmul: [uniform(3, 5), uniform(5, 2)],
    corr2d: [of(X, 0), of(of(K, 0), 0)],
    corr2dMultiIn: [X, of(K, 0)],
    corr2dMultiInOut: [X, K],
    corr2dMultiInOut1x1: [X, uniform(5, 3, 1, 1)],
    leakyRelu: [X, 0.3],
    elu: [X, 0.3],
    mish: [X],
    pad: [X, [1, -1, 2, 0], 'constant', 3],
    fromImageData: [
      { data: Uint8ClampedArray.from({ length: 24 }, (_, i) => i * 9), width: 3, height: 2 },
      { channels: 4 },
    ],
  };
  for (const [name, args] of Object.entries(each)) {
    const expected = c[name](...args);
    assertSameBits(await client[name](...args), expected, name);
    expected.dispose();
  }
});

test('the functions of SciPy take an algorithm and deterministic, with the bits of an instance', async () => {
  const { uniform } = createRandom(4);
  const calls = [
    ['correlate2d', uniform(90, 80), uniform(15, 15)],
    ['convolve2d', uniform(90, 80), uniform(15, 15)],
    ['correlate1d', uniform(900), uniform(40)],
    ['convolve1d', uniform(900), uniform(40)],
  ];
  const bits = ({ data }) => Buffer.from(data.slice().buffer);
  for (const [name, ...operands] of calls) {
    for (const options of [{}, { algorithm: 'gemm' }, { deterministic: true }]) {
      const expected = c[name](...operands, options);
      assert.deepEqual(bits(await client[name](...operands, options)), bits(expected), name);
      expected.dispose();
    }
  }
});

test('pictures are returned as pictures', async () => {
  const data = Uint8ClampedArray.from({ length: 4 * 6 * 5 }, (_, i) => (i * 37) % 256);
  const picture = { data, width: 6, height: 5 };
  const taps = [
    [0, -1, 0],
    [-1, 5, -1],
    [0, -1, 0],
  ];
  assert.deepEqual(await client.filter2d(picture, taps), c.filter2d(picture, taps));
  const planes = await client.fromImageData(picture);
  assert.deepEqual(await client.toImageData(planes), c.toImageData(planes));
});

test('pictures keep their colour space in both directions', async () => {
  const data = Uint8ClampedArray.from({ length: 4 * 3 * 2 }, (_, i) => i * 9);
  const wide = { data, width: 3, height: 2, colorSpace: 'display-p3' };
  assert.deepEqual(await client.filter2d(wide, [[1]]), wide);
  const options = { colorSpace: 'display-p3' };
  assert.deepEqual(await client.toImageData([[0, 1]], options), c.toImageData([[0, 1]], options));
  assertSameBits(await client.fromImage(wide, options), c.fromImage(wide, options));
  assertSameBits(await client.fromImageAsync(wide), c.fromImage(wide));
  await expectRejection(
    'INVALID_ARGUMENT',
    /^fromImage: source\.colorSpace is "display-p3"; expected 'srgb'/,
    client.fromImage(wide, { colorSpace: 'srgb' }),
  );
});

test('a kernel that is not finite is rejected, and the message names the element', async () => {
  const picture = { data: new Uint8ClampedArray(24), width: 3, height: 2 };
  await expectRejection(
    'INVALID_ARGUMENT',
    /^filter2d: kernel\[0\]\[1\] is NaN; expected a finite/,
    client.filter2d(picture, [[0, NaN]]),
  );
});

/** A fake canvas, and the versions of it that `createImageBitmap` has been called with, which rejects. */
function fakeCanvas(t) {
  const seen = [];
  const original = globalThis.createImageBitmap;
  t.after(() => {
    globalThis.createImageBitmap = original;
  });
  globalThis.createImageBitmap = async ({ version }) => {
    seen.push(version);
    throw new Error('no bitmaps here');
  };
  const canvas = { [Symbol.toStringTag]: 'HTMLCanvasElement', width: 2, height: 2, version: 1 };
  return { canvas, seen };
}

test('a canvas is read before the caller can change it', async (t) => {
  const { canvas, seen } = fakeCanvas(t);
  for (const name of ['image', 'fromImage', 'fromImageAsync']) {
    canvas.version = name;
    const result = client[name](canvas);
    canvas.version = 'changed';
    await expectRejection('INVALID_ARGUMENT', new RegExp(`^${name}: source cannot be `), result);
    assert.equal(seen.at(-1), name);
  }
});

test('a call with an unreadable canvas and another wrong argument rejects only once', async (t) => {
  const { canvas } = fakeCanvas(t);
  const unhandled = [];
  const listen = (error) => unhandled.push(error);
  process.on('unhandledRejection', listen);
  t.after(() => process.off('unhandledRejection', listen));
  await expectRejection(
    'INVALID_ARGUMENT',
    /^filter2d: argument 2 is a symbol; expected /,
    client.filter2d(canvas, Symbol('kernel')),
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(unhandled, []);
});

test('conv2dBackward returns three tensors', async () => {
  const { uniform } = createRandom(8);
  const args = [uniform(4, 5, 5), uniform(3, 7, 7), uniform(4, 3, 3, 3)];
  const expected = c.conv2dBackward(...args);
  const found = await client.conv2dBackward(...args);
  assert.deepEqual(Object.keys(found), Object.keys(expected));
  for (const name of Object.keys(expected)) assertSameBits(found[name], expected[name], name);
});

test('kernels are those of the instance', async () => {
  assertSameBits(await client.gaussianKernel(1.5, [3, 4]), c.gaussianKernel(1.5, [3, 4]));
  assertSameBits(await client.gaussianKernel(0.7), c.gaussianKernel(0.7));
  assertSameBits(await client.boxKernel(3), c.boxKernel(3));
  assertSameBits(await client.laplacianKernel(), c.laplacianKernel());
  const [found, expected] = [await client.sobelKernels(), c.sobelKernels()];
  assertSameBits(found.x, expected.x);
  assertSameBits(found.y, expected.y);
  const image = c.ones([3, 6, 7]);
  const { x } = await client.sobelKernels({ keep: true });
  const options = { groups: 3, padding: 'same' };
  assertSameBits(await client.conv2d(image, x, options), c.conv2d(image, expected.x, options));
  x.dispose();
});

test('a plan stays in the worker and can run repeatedly', async () => {
  const { uniform } = createRandom(4);
  const [input, weight, bias] = [uniform(2, 8, 20, 30), uniform(6, 8, 3, 3), uniform(6)];
  const options = { inputShape: input.shape, weight, bias, padding: 1, activation: 'relu6' };
  const own = c.planConv2d(options);
  const plan = await client.planConv2d(options);
  for (const name of Object.keys(own)) assert.deepEqual(plan[name], own[name], name);
  assert.ok(plan.tasks > 0 && plan.macs > 0 && plan.weightBytes > 0);
  assert.equal(plan.describe(), own.describe());
  assert.equal(plan.client, client);
  await plan.warmup();
  const y = await plan.run(input);
  assertSameBits(y, own.run(input), 'plan.run');
  const progress = [];
  const z = await plan.run(input, { onProgress: (...report) => progress.push(report) });
  assertSameBits(z, y, 'in batches of tasks');
  assert.deepEqual(progress.at(-1), [plan.tasks, plan.tasks]);
  await expectRejection(
    'SHAPE_MISMATCH',
    'run: input is 1×1×1×1; expected 2×8×20×30, the shape of the plan',
    plan.run([[[[1]]]]),
  );
  // A run requested before the disposal is completed.
  const last = plan.run(input);
  plan.dispose();
  plan.dispose();
  assertSameBits(await last, y, 'requested before the disposal');
  await expectRejection('DISPOSED', 'run: the plan has been disposed', plan.run(input));
  await expectRejection('DISPOSED', 'warmup: the plan has been disposed', plan.warmup());
});

test('conv2d and plans add a tensor, at once or a few tasks at a time', async () => {
  const { uniform } = createRandom(5);
  const [x, weight, add] = [uniform(3, 9, 10), uniform(4, 3, 3, 3), uniform(4, 7, 8)];
  const options = { activation: 'relu' };
  const expected = c.conv2d(x, weight, { ...options, add });
  const plan = await client.planConv2d({ inputShape: x.shape, weight, add: true, ...options });
  const handle = await client.tensor(add.data, add.shape);
  const observed = { onProgress() {} };
  for (const [how, call] of Object.entries({
    conv2d: client.conv2d(x, weight, { ...options, add }),
    'conv2d, handle': client.conv2d(x, weight, { ...options, add: handle }),
    'conv2d, observed': client.conv2d(x, weight, { ...options, add, ...observed }),
    run: plan.run(x, { add }),
    'run, observed': plan.run(x, { add: handle, ...observed }),
  })) {
    assertSameBits(await call, expected, how);
  }
  expected.dispose();
  const message = 'conv2d: add is 3×9×10; expected 4×7×8, the shape of the output';
  for (const more of [{}, observed]) {
    const call = client.conv2d(x, weight, { add: x, ...more });
    await expectRejection('SHAPE_MISMATCH', message, call);
  }
  await expectRejection('INVALID_ARGUMENT', /^run: add is undefined; expected 4×7×8/, plan.run(x));
  handle.dispose();
  plan.dispose();
});

test('conv2d with onProgress reports growing progress and gives the bits of an instance', async () => {
  const script = new URL('once/stepped-worker.mjs', import.meta.url);
  const stepped = await createVariantClient({ worker: () => new Worker(script) });
  const { uniform } = createRandom(9);
  const [input, weight] = [uniform(48, 160, 160), uniform(48, 48, 5, 5)];
  const options = { deterministic: true, padding: 2 };
  const reports = [];
  const y = await stepped.conv2d(input, weight, {
    ...options,
    onProgress: (done, tasks) => reports.push([done, tasks]),
  });
  assertSameBits(y, c.conv2d(input, weight, options), 'conv2d');
  assert.ok(reports.length >= 2);
  reports.forEach(([done, tasks], i) => {
    assert.ok(done > (reports[i - 1]?.[0] ?? 0) && done <= tasks, `${reports}`);
  });
  assert.equal(reports.at(-1)[0], reports.at(-1)[1]);
  assert.equal((await stepped.memory()).liveTensors, 0);
  stepped.dispose();
});

test('errors have the codes and messages of an instance', async () => {
  const image = { data: new Float32Array(9), shape: [1, 3, 3] };
  const weight = { data: new Float32Array(8), shape: [1, 2, 2, 2] };
  const wrong = [
    ['INVALID_ARGUMENT', 'corr2d', [[[1], [2, 3]], [[1]]]],
    ['INVALID_ARGUMENT', 'conv2d', [image, weight, { strides: 2 }]],
    ['INVALID_ARGUMENT', 'full', [[2], 'text']],
    ['INVALID_ARGUMENT', 'stack', [[]]],
    ['SHAPE_MISMATCH', 'conv2d', [image, weight]],
    ['SHAPE_MISMATCH', 'corr2d', [{ data: [1, 2], shape: [3] }, [[1]]]],
    ['UNSUPPORTED', 'conv2d', [image, [[[[1]]]], { algorithm: 'winograd' }]],
    ['OUT_OF_MEMORY', 'zeros', [[2 ** 15, 2 ** 15]]],
  ];
  for (const [code, name, args] of wrong) {
    let expected;
    try {
      c[name](...args);
    } catch (error) {
      expected = error;
    }
    assert.equal(expected?.code, code);
    const isMemory = code === 'OUT_OF_MEMORY';
    await expectRejection(
      code,
      isMemory ? /^zeros: not enough memory/ : expected.message,
      client[name](...args),
    );
  }
  // With onProgress the worker runs a plan, but errors still name conv2d.
  await expectRejection(
    'SHAPE_MISMATCH',
    'conv2d: weight has 2 input channels; expected 1, since input has 1 (groups = 1)',
    client.conv2d(image, weight, { onProgress() {} }),
  );
  const y = await client.corr2d([[1, 2]], [[3]]);
  assert.deepEqual(y, { shape: [1, 2], data: Float32Array.of(3, 6) });
});
