// Tensors that stay in the worker of a client: every function gives them with `keep: true` and accepts them.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { RemoteImage, RemoteTensor } from 'corr2d/worker';
import { createSharedClient, createVariantClient } from './client-support.mjs';
import { declaredMethods } from './declarations.mjs';
import {
  assertSameBits,
  createRandom,
  expectError,
  expectRejection,
  loadVariant,
} from './helpers.mjs';
import { assertResult, readCases } from './operator-cases.mjs';

const c = await loadVariant();
after(() => c.dispose());
const client = await createSharedClient();

const liveTensors = async () => (await client.memory()).liveTensors;
const isTensor = (value) => value?.data !== undefined && value.shape !== undefined;
const isObject = (value) => typeof value === 'object' && value !== null;

/** Applies `change` to the tensors in a value, also within arrays and plain objects. */
async function mapTensors(value, change, is = isTensor) {
  if (is(value)) return change(value);
  if (Array.isArray(value)) return Promise.all(value.map((one) => mapTensors(one, change, is)));
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const members = Object.entries(value).map(async ([name, one]) => [
    name,
    await mapTensors(one, change, is),
  ]);
  return Object.fromEntries(await Promise.all(members));
}

const isHandle = (value) => value instanceof RemoteTensor;

/** Calls a function with handles in place of all tensors, and returns the data of the handles it gives. */
async function callWithHandles(name, args, options = {}) {
  return client.tidy(async (view) => {
    const handle = ({ data, shape }) => view.tensor(data, shape);
    const [given, all] = [await mapTensors(args, handle), await mapTensors(options, handle)];
    const result = await view[name](...given, { ...all, keep: true });
    const data = async (kept) => ({ shape: kept.shape, data: await kept.data() });
    return mapTensors(result, data, isHandle);
  });
}

test('every PyTorch and SciPy case is right with handles, which leave no tensor in the worker', async () => {
  for (const file of ['torch-1.13.json', 'scipy-1.10.json']) {
    for (const one of readCases(file)) {
      const result = await callWithHandles(one.function, one.args, one.options);
      assertResult(result, one, 'by a client, with handles');
    }
  }
  assert.equal(await liveTensors(), 0);
});

const { uniform } = createRandom(3);
const x = uniform(3, 9, 8);
const weight = uniform(4, 3, 2, 3);
const picture = {
  data: Uint8ClampedArray.from({ length: 24 }, (_, i) => i * 9),
  width: 3,
  height: 2,
};

/** Arguments of each function that returns tensors. */
const calls = {
  zeros: [[2, 3]],
  ones: [[]],
  full: [[2, 0, 2], 7],
  arange: [5],
  normal: [1, 2, [3, 4], { seed: 7 }],
  stack: [[uniform(2, 3), uniform(2, 3)], -1],
  concat: [[uniform(2, 3), uniform(2, 4)], -1],
  split: [uniform(2, 5), [2, 3], 1],
  pixelShuffle: [uniform(4, 2, 3), 2],
  pixelUnshuffle: [uniform(1, 4, 6), 2],
  where: [uniform(2, 1), uniform(3), uniform(2, 3)],
  softmax: [x, 0],
  logSoftmax: [x],
  batchNorm: [uniform(2, 3, 4), uniform(3), [1, 2, 3], { weight: uniform(3) }],
  instanceNorm: [uniform(2, 3, 4), { bias: uniform(3) }],
  layerNorm: [uniform(2, 3, 4), [3, 4], { weight: uniform(3, 4) }],
  interpolate: [uniform(2, 3, 4), { size: [5, 3], mode: 'bilinear' }],
  groupNorm: [uniform(2, 4, 3), 2, { eps: 0.1 }],
  matmul: [uniform(3, 5), uniform(5, 2)],
  linear: [uniform(3, 5), uniform(2, 5), uniform(2)],
  corr2d: [uniform(9, 8), uniform(2, 3)],
  corr2dMultiIn: [x, uniform(3, 2, 3)],
  corr2dMultiInOut: [x, weight],
  corr2dMultiInOut1x1: [x, uniform(5, 3, 1, 1)],
  conv2d: [x, weight, { bias: uniform(4) }],
  conv1d: [uniform(3, 9), uniform(2, 3, 4), { bias: uniform(2) }],
  conv3d: [uniform(3, 4, 5, 4), uniform(2, 3, 2, 3, 2), { padding: 1 }],
  convTranspose1d: [uniform(2, 4), uniform(2, 3, 3), { stride: 2 }],
  convTranspose2d: [uniform(4, 3, 3), weight, { bias: uniform(3) }],
  convTranspose3d: [uniform(2, 2, 3, 3), uniform(2, 3, 3, 2, 2), { stride: [2, 1, 1] }],
  conv2dBackward: [uniform(4, 8, 6), x, weight],
  correlate2d: [uniform(5, 6), uniform(2, 3)],
  convolve2d: [uniform(5, 6), uniform(2, 3)],
  correlate1d: [uniform(5), uniform(3)],
  convolve1d: [uniform(5), uniform(3)],
  unfold: [x, 2],
  fold: [uniform(12, 4), [3, 3], 2],
  maxPool1d: [uniform(3, 9), 2],
  avgPool1d: [uniform(3, 9), 2],
  maxPool2d: [x, 2],
  avgPool2d: [x, 2],
  maxPool3d: [uniform(2, 3, 4, 5), 2],
  avgPool3d: [uniform(2, 3, 4, 5), 2],
  globalMaxPool: [x],
  globalAvgPool: [x, { layout: 'nhwc' }],
  maxPool2dBackward: [uniform(3, 4, 4), x, 2],
  avgPool2dBackward: [uniform(3, 4, 4), [3, 9, 8], 2],
  pad: [x, [1, -1, 2, 0], 'constant', 3],
  relu: [x],
  relu6: [x],
  leakyRelu: [x, 0.3],
  sigmoid: [x],
  tanh: [x],
  silu: [x],
  hardSwish: [x],
  gelu: [x],
  elu: [x, 0.3],
  selu: [x],
  hardSigmoid: [x],
  softplus: [x],
  mish: [x],
  prelu: [x, [0.3]],
  gaussianKernel: [1.5, [5, 7]],
  boxKernel: [[3, 2]],
  sobelKernels: [],
  laplacianKernel: [],
  matchTemplate: [uniform(3, 9, 8), uniform(3, 4, 5), { mask: uniform(4, 5) }],
  fromImageData: [picture, { channels: 4 }],
};
/** Functions of the client that return no tensors, and those that other tests call. */
const others = ['dispose', 'filter2d', 'fromImage', 'fromImageAsync', 'image', 'keep', 'memory'];
others.push(
  'findTemplate',
  'phaseCorrelate',
  'planConv1d',
  'planConv2d',
  'planMatchTemplate',
  'tensor',
  'tidy',
  'toImageData',
);

test('every function gives the bits of an instance, with and without handles', async () => {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(client));
  const tested = [...Object.keys(calls), ...others, 'constructor'];
  assert.deepEqual(
    names.filter((name) => typeof client[name] === 'function').sort(),
    tested.sort(),
  );
  for (const [name, given] of Object.entries(calls)) {
    const { length, [length - 1]: last } = given;
    const hasOptions =
      isObject(last) && !isTensor(last) && last !== picture && !Array.isArray(last);
    const [args, options] = hasOptions ? [given.slice(0, -1), last] : [given, undefined];
    const data = await client[name](...given);
    const kept = await callWithHandles(name, args, options);
    const expected = c[name](...given);
    for (const part of isTensor(expected) ? [undefined] : Object.keys(expected)) {
      const [a, b, e] = [data, kept, expected].map((one) => (part ? one[part] : one));
      assertSameBits(a, e, name);
      assertSameBits(b, e, `${name} with handles`);
      e.dispose();
    }
  }
  assert.equal(await liveTensors(), 0);
});

test('a handle has a shape and a size, and gives its data as often as it is asked', async () => {
  const t = await client.tensor([1, 2, 3, 4, 5, 6], [2, 3]);
  assert.ok(t instanceof RemoteTensor);
  assert.deepEqual([t.shape, t.size], [[2, 3], 6]);
  assert.ok(Object.isFrozen(t) && Object.isFrozen(t.shape));
  assert.equal(String(t), '[object RemoteTensor]');
  assert.deepEqual(await client.memory().then(({ liveBytes }) => liveBytes), 24);
  const first = await t.data();
  first.fill(0);
  assert.deepEqual(await t.data(), Float32Array.of(1, 2, 3, 4, 5, 6));
  const scalar = await client.tensor(7);
  assert.deepEqual([scalar.shape, scalar.size, [...(await scalar.data())]], [[], 1, [7]]);
  for (const one of [t, scalar]) one.dispose();
  assert.equal(await liveTensors(), 0);
});

test('images stay in the worker: filter2d and fromImageData accept them and keep their results', async () => {
  const wide = { ...picture, colorSpace: 'display-p3' };
  const kernel = [[0.25, 0.5, 0.25]];
  await client.tidy(async (view) => {
    const image = await view.image(wide);
    assert.ok(image instanceof RemoteImage);
    const { width, height, colorSpace } = image;
    assert.deepEqual([width, height, colorSpace], [3, 2, 'display-p3']);
    assert.deepEqual(await image.imageData(), wide);
    assert.deepEqual(await view.filter2d(image, kernel), c.filter2d(wide, kernel));
    const blurred = await view.filter2d(image, await view.tensor(kernel), { keep: true });
    const twice = c.filter2d(c.filter2d(wide, kernel), kernel);
    assert.deepEqual(await view.filter2d(blurred, kernel), twice);
    const planes = await view.fromImageData(image, { keep: true });
    const expected = c.fromImageData(wide);
    assertSameBits(await view.fromImage(image), expected);
    assertSameBits({ shape: planes.shape, data: await planes.data() }, expected, 'fromImageData');
    const back = await view.toImageData(planes, { keep: true });
    assert.deepEqual(await back.imageData(), c.toImageData(expected));
    expected.dispose();
    image.dispose();
    const where = 'argument 1, the image (3×2 pixels), has been disposed';
    await expectRejection('DISPOSED', `filter2d: ${where}`, view.filter2d(image, kernel));
    await expectRejection('DISPOSED', /^imageData: the image/, image.imageData());
    // Images are not in the heap.
    assert.equal(await liveTensors(), 2);
    await expectRejection(
      'INVALID_ARGUMENT',
      /^relu: tensor is an object/,
      view.relu(await view.image(picture)),
    );
  });
  assert.equal(await liveTensors(), 0);
  const bytes = { ...picture, data: Buffer.from(picture.data) };
  const image = await client.image(bytes);
  assert.deepEqual((await image.imageData()).data, picture.data);
  image.dispose();
  const wrong = {
    'image: source is 5; expected an ImageData': () => client.image(5),
    'image: unknown option "size"; expected one of colorSpace': () =>
      client.image(picture, { size: 1 }),
    'image: keep is': () => client.image(picture, { keep: 1 }),
    'image: the number of arguments is 3; expected at most 2': () => client.image(picture, {}, 1),
  };
  for (const [message, attempt] of Object.entries(wrong)) {
    const { message: actual } = await expectRejection('INVALID_ARGUMENT', /./, attempt());
    assert.ok(actual.startsWith(message), actual);
  }
});

test('the options of a call may follow fewer arguments than the function has', async () => {
  const kept = [
    await client.stack([[1], [2]], { keep: true }),
    await client.leakyRelu([-1], { keep: true, latest: false }),
    await client.pad([[1]], [1, 0, 0, 0], { keep: true }),
    await client.conv2d([[[1]]], [[[[2]]]], { keep: true }),
    await client.tensor([1], { signal: new AbortController().signal }),
  ];
  const all = await Promise.all(kept.map((one) => one.data()));
  assert.deepEqual(
    all.map((data) => [...data]),
    [[1, 2], [Math.fround(-0.01)], [0, 1], [2], [1]],
  );
  for (const one of kept) one.dispose();
});

test('plans take the weight and inputs as handles, and keep their results', async () => {
  await client.tidy(async (view) => {
    const [input, w, bias] = [
      await view.tensor(x.data, x.shape),
      await view.tensor(weight.data, weight.shape),
      await view.tensor([1, 2, 3, 4]),
    ];
    const plan = await view.planConv2d({ inputShape: input.shape, weight: w, bias });
    // The plan has copied them.
    for (const one of [w, bias]) one.dispose();
    const y = await plan.run(input, { keep: true });
    const expected = c.conv2d(x, weight, { bias: [1, 2, 3, 4] });
    assertSameBits({ shape: y.shape, data: await y.data() }, expected, 'plan.run');
    const observed = await plan.run(input, { keep: true, onProgress() {} });
    assertSameBits({ shape: y.shape, data: await observed.data() }, expected, 'with onProgress');
    expected.dispose();
    plan.dispose();
    const line = await view.planConv1d({
      inputShape: [1, 3],
      weight: await view.tensor([[[1, 1]]]),
    });
    assert.deepEqual([...(await line.run([[1, 2, 3]])).data], [3, 5]);
    line.dispose();
  });
  assert.equal(await liveTensors(), 0);
});

test('a disposed handle throws DISPOSED, but calls that were made before still use it', async () => {
  const t = await client.tensor([[1, -2]]);
  const calls = [client.relu(t), client.relu(t), t.data()];
  t.dispose();
  t.dispose();
  const [a, b, data] = await Promise.all(calls);
  assert.deepEqual(
    [[...a.data], [...b.data], [...data]],
    [
      [1, 0],
      [1, 0],
      [1, -2],
    ],
  );
  const tensor = 'tensor (shape 1×2)';
  await expectRejection('DISPOSED', `data: the ${tensor} has been disposed`, t.data());
  await expectRejection(
    'DISPOSED',
    `relu: argument 1, the ${tensor}, has been disposed`,
    client.relu(t),
  );
  await expectRejection(
    'DISPOSED',
    `stack: argument 1[1], the ${tensor}, has been disposed`,
    client.stack([[[1, 2]], t]),
  );
  await expectRejection(
    'DISPOSED',
    `conv2d: bias, the ${tensor}, has been disposed`,
    client.conv2d([[[1]]], [[[[1]]]], { bias: t }),
  );
  assert.equal(await liveTensors(), 0);
});

test('`using` frees a handle', async () => {
  const t = await client.tensor([1]);
  // Engines without the symbol do not support the declaration.
  if (Symbol.dispose === undefined) t.dispose();
  else t[Symbol.dispose]();
  await expectRejection('DISPOSED', /^data: /, t.data());
});

test('errors that name a handle are those of an instance', async () => {
  const [t, one] = [await client.tensor([[1, 2]]), await client.tensor(1)];
  await expectRejection(
    'SHAPE_MISMATCH',
    'matmul: a is 1×2 and b is 1×2; expected b to have 2 rows, one for each column of a',
    client.matmul(t, t),
  ).catch((error) => assert.match(error.message, /matmul: /));
  await expectRejection('SHAPE_MISMATCH', /^corr2d: K is a single number/, client.corr2d(t, one));
  for (const handle of [t, one]) handle.dispose();
});

test('a handle of another client or with unknown options is refused', async () => {
  const other = await createVariantClient();
  const t = await other.tensor([1, 2]);
  await expectRejection(
    'INVALID_ARGUMENT',
    'relu: argument 1 is the tensor (shape [2]) of another client; expected one of this client',
    client.relu(t),
  );
  const wrong = {
    'data: options is 5; expected an object': () => t.data(5),
    'data: unknown option "type"; expected one of signal, transfer, latest, keep, onProgress': () =>
      t.data({ type: 'f32' }),
    'data: keep is not supported; the result is neither a tensor nor an image': () =>
      t.data({ keep: true }),
    'data: the number of arguments is 2; expected at most 1': () => t.data({}, 1),
    'memory: keep is not supported; the result is neither a tensor nor an image': () =>
      client.memory({ keep: true }),
    'relu: keep is 1; expected true or false': () => client.relu([1], { keep: 1 }),
    'relu: latest is "yes"; expected true or false': () => client.relu([1], { latest: 'yes' }),
  };
  for (const [message, attempt] of Object.entries(wrong)) {
    await expectRejection('INVALID_ARGUMENT', message, attempt());
  }
  const code = 'INVALID_ARGUMENT';
  const isRemote = 'the tensor (shape [2]) is in the worker; copy it with await data() first';
  assert.throws(() => JSON.stringify({ t }), { code, message: `toJSON: ${isRemote}` });
  const { toJSON } = t;
  assert.throws(toJSON, { code, message: `toJSON: ${isRemote}` });
  assert.throws(() => t + 1, { code, message: `conversion to a number: ${isRemote}` });
  assert.equal(`${t}`, '[object RemoteTensor]');
  other.dispose();
  await expectRejection('DISPOSED', 'data: this corr2d client has been disposed', t.data());
  t.dispose();
});

test('methods of a client, a handle and a plan work when they are destructured', async () => {
  const { conv2d, memory, tensor, planConv2d, tidy } = client;
  const { data, dispose } = await tensor([1, 2]);
  assert.deepEqual([...(await data())], [1, 2]);
  dispose();
  await expectRejection('DISPOSED', /^data: /, data());
  assert.deepEqual([...(await conv2d([[[1, 2, 3]]], [[[[1, 1]]]])).data], [3, 5]);
  assert.equal((await memory()).liveTensors, 0);
  const {
    run,
    describe,
    dispose: end,
  } = await planConv2d({
    inputShape: [1, 1, 2],
    weight: [[[[1, 1]]]],
  });
  assert.deepEqual([...(await run([[[1, 2]]])).data], [3]);
  assert.match(describe(), /^conv2d of 1×1×2/);
  end();
  assert.equal(await tidy(async ({ relu }) => (await relu([5])).data[0]), 5);
});

/** The number of parameters of a client's method: those of the instance's, and options. */
function limitOf(name) {
  const parameters = declaredMethods('Corr2d').get(name);
  return parameters.length + (parameters.at(-1)?.name === 'options' ? 0 : 1);
}

test('a plan in the worker converts to JSON like one of an instance', async () => {
  const plan = await client.planConv2d({ inputShape: [1, 1, 2], weight: [[[[1, 1]]]] });
  const { algorithm, outputShape } = JSON.parse(JSON.stringify(plan));
  assert.deepEqual([algorithm, outputShape], [plan.algorithm, [1, 1, 1]]);
  plan.dispose();
});

test('an image in the worker does not convert to JSON', async () => {
  const image = await client.toImageData([[0, 1]], { keep: true });
  const message =
    'toJSON: the image (2×1 pixels) is in the worker; copy it with await imageData() first';
  assert.throws(() => JSON.stringify({ image }), { code: 'INVALID_ARGUMENT', message });
  image.dispose();
});

test('a disposed tensor of an instance is named as the argument of the call', async () => {
  const x = c.ones([2]);
  x.dispose();
  const rejects = (message, promise) => expectRejection('DISPOSED', message, promise);
  await rejects('relu: argument 1: the tensor (shape [2]) has been disposed', client.relu(x));
  await rejects(
    'conv2d: bias: the tensor (shape [2]) has been disposed',
    client.conv2d([[[1]]], [[[[1]]]], { bias: x }),
  );
});

test('a handle is not data', async () => {
  const t = await client.tensor([2]);
  const { data, shape } = t;
  await expectRejection(
    'INVALID_ARGUMENT',
    'relu: argument 1.data is a function; expected a value that can be sent to a worker',
    client.relu({ data, shape }),
  );
  expectError(
    c,
    'INVALID_ARGUMENT',
    'relu: tensor.data is a function; expected a flat array of numbers (await data() copies a tensor of a client)',
    () => c.relu(t),
  );
  t.dispose();
});

test('every method of a client and of what it returns refuses surplus arguments', async () => {
  const [t, plan] = [
    await client.tensor([1]),
    await client.planConv2d({ inputShape: [1, 1, 2], weight: [[[[1, 1]]]] }),
  ];
  const limits = {
    image: 2,
    tidy: 1,
    keep: 1,
    dispose: 0,
    describe: 0,
    warmup: 1,
    run: 2,
    data: 1,
  };
  for (const owner of [client, t, plan]) {
    for (let at = owner; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      for (const name of Object.getOwnPropertyNames(at)) {
        if (name === 'constructor' || name === 'toJSON' || typeof owner[name] !== 'function')
          continue;
        const limit = limits[name] ?? limitOf(name);
        const message = `${name}: the number of arguments is ${limit + 1}; expected ${limit === 0 ? 'none' : `at most ${limit}`}`;
        const attempt = async () => owner[name](...new Array(limit + 1).fill(undefined));
        await expectRejection('INVALID_ARGUMENT', message, attempt());
      }
    }
  }
  for (const one of [t, plan]) one.dispose();
});

test('a result that cannot be kept or copied leaves no tensors', async () => {
  await expectRejection(
    'OUT_OF_MEMORY',
    /^zeros: not enough memory/,
    client.zeros([2 ** 15, 2 ** 15], { keep: true }),
  );
  assert.equal(await liveTensors(), 0);
});
