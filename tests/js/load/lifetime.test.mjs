// The end of an instance: disposal, a trap of the module, and running out of address space.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Corr2dError, Tensor, version } from 'corr2d';
import { Client, RemoteImage, RemotePlan, RemoteTensor } from 'corr2d/worker';
import {
  assertStillComputes,
  expectError,
  loadVariant,
  moduleFunctions,
  runNodeJson,
  simd,
  threads,
} from '../helpers.mjs';

/** Every use of an instance `c` and of its tensor `t`. */
const uses = (c, t) => ({
  memory: () => c.memory(),
  tensor: () => c.tensor([1]),
  'tensor of a tensor': () => c.tensor(t),
  zeros: () => c.zeros([1]),
  ones: () => c.ones([1]),
  full: () => c.full([1], 1),
  arange: () => c.arange(1),
  normal: () => c.normal(0, 1, [1]),
  stack: () => c.stack([[1]]),
  matmul: () => c.matmul([1], [1]),
  linear: () => c.linear([1], [[1]]),
  corr2d: () => c.corr2d([[1]], [[1]]),
  corr2dMultiIn: () => c.corr2dMultiIn([[[1]]], [[[1]]]),
  corr2dMultiInOut: () => c.corr2dMultiInOut([[[1]]], [[[[1]]]]),
  corr2dMultiInOut1x1: () => c.corr2dMultiInOut1x1([[[1]]], [[[[1]]]]),
  conv2d: () => c.conv2d([[[1]]], [[[[1]]]]),
  conv1d: () => c.conv1d([[1]], [[[1]]]),
  maxPool1d: () => c.maxPool1d([[1, 2]], 2),
  avgPool1d: () => c.avgPool1d([[1, 2]], 2),
  maxPool3d: () => c.maxPool3d([[[[1, 2]]]], 1),
  avgPool3d: () => c.avgPool3d([[[[1, 2]]]], 1),
  globalMaxPool: () => c.globalMaxPool([[[1, 2]]]),
  globalAvgPool: () => c.globalAvgPool([[[1, 2]]]),
  conv3d: () => c.conv3d([[[[1]]]], [[[[[1]]]]]),
  convTranspose1d: () => c.convTranspose1d([[1]], [[[1]]]),
  convTranspose2d: () => c.convTranspose2d([[[1]]], [[[[1]]]]),
  convTranspose3d: () => c.convTranspose3d([[[[1]]]], [[[[[1]]]]]),
  conv2dBackward: () => c.conv2dBackward([[[1]]], [[[1]]], [[[[1]]]]),
  concat: () => c.concat([[1]]),
  split: () => c.split([1], 1),
  pixelShuffle: () => c.pixelShuffle([[[1]]], 1),
  pixelUnshuffle: () => c.pixelUnshuffle([[[1]]], 1),
  where: () => c.where(1, 2, 3),
  softmax: () => c.softmax([1]),
  logSoftmax: () => c.logSoftmax([1]),
  batchNorm: () => c.batchNorm([[1]], [1], [1]),
  instanceNorm: () => c.instanceNorm([[[1]]]),
  layerNorm: () => c.layerNorm([1], 1),
  interpolate: () => c.interpolate([[[1]]], { size: 2 }),
  groupNorm: () => c.groupNorm([[1]], 1),
  planConv2d: () => c.planConv2d({ inputShape: [1, 1, 1], weight: [[[[1]]]] }),
  matchTemplate: () => c.matchTemplate([[1]], [[1]]),
  findTemplate: () => c.findTemplate([[1]], [[1]]),
  planMatchTemplate: () => c.planMatchTemplate({ imageShape: [1, 1], template: [[1]] }),
  gaussianKernel: () => c.gaussianKernel(1),
  boxKernel: () => c.boxKernel(3),
  sobelKernels: () => c.sobelKernels(),
  laplacianKernel: () => c.laplacianKernel(),
  planConv1d: () => c.planConv1d({ inputShape: [1, 1], weight: [[[1]]] }),
  correlate1d: () => c.correlate1d([1], [1]),
  convolve1d: () => c.convolve1d([1], [1]),
  correlate2d: () => c.correlate2d([[1]], [[1]]),
  convolve2d: () => c.convolve2d([[1]], [[1]]),
  phaseCorrelate: () => c.phaseCorrelate([[1]], [[1]]),
  unfold: () => c.unfold([[[1]]], 1),
  fold: () => c.fold([[1]], 1, 1),
  maxPool2d: () => c.maxPool2d([[[1]]], 1),
  avgPool2d: () => c.avgPool2d([[[1]]], 1),
  maxPool2dBackward: () => c.maxPool2dBackward([[[1]]], [[[1]]], 1),
  avgPool2dBackward: () => c.avgPool2dBackward([[[1]]], [1, 1, 1], 1),
  pad: () => c.pad([[1]], [1, 1, 1, 1]),
  relu: () => c.relu([1]),
  relu6: () => c.relu6([1]),
  leakyRelu: () => c.leakyRelu([1]),
  sigmoid: () => c.sigmoid([1]),
  tanh: () => c.tanh([1]),
  silu: () => c.silu([1]),
  hardSwish: () => c.hardSwish([1]),
  gelu: () => c.gelu([1]),
  elu: () => c.elu([1]),
  selu: () => c.selu([1]),
  hardSigmoid: () => c.hardSigmoid([1]),
  softplus: () => c.softplus([1]),
  mish: () => c.mish([1]),
  prelu: () => c.prelu([1], [1]),
  filter2d: () => c.filter2d({ data: new Uint8ClampedArray(4), width: 1, height: 1 }, [[1]]),
  fromImage: () => c.fromImage({}),
  fromImageAsync: () => c.fromImageAsync({}),
  fromImageData: () => c.fromImageData({ data: new Uint8ClampedArray(4), width: 1, height: 1 }),
  toImageData: () => c.toImageData([[1]]),
  'with a bad argument': () => c.zeros('bad'),
  data: () => t.data,
  toArray: () => t.toArray(),
  item: () => t.item(),
  toString: () => t.toString(),
  toJSON: () => t.toJSON(),
  tidy: () => c.tidy(() => 1),
  keep: () => c.keep(t),
  'Number()': () => Number(t),
  reshape: () => t.reshape([1, 1]),
  at: () => t.at(0),
  add: () => t.add(1),
  sub: () => t.sub(1),
  mul: () => t.mul(t),
  div: () => t.div(t),
  pow: () => t.pow(2),
  maximum: () => t.maximum(0),
  minimum: () => t.minimum(0),
  clamp: () => t.clamp(0, 1),
  neg: () => t.neg(),
  exp: () => t.exp(),
  log: () => t.log(),
  sqrt: () => t.sqrt(),
  mean: () => t.mean(),
  max: () => t.max(),
  min: () => t.min(),
  argMax: () => t.argMax(),
  argMin: () => t.argMin(),
  permute: () => t.permute([0]),
  slice: () => t.slice([0]),
  abs: () => t.abs(),
  sum: () => t.sum(),
  clone: () => t.clone(),
});

/** Expects every use to throw this code and message, and every method to be listed in `uses`. */
async function assertAllThrow(c, t, code, message) {
  const methods = [c, t].flatMap((one) => {
    const { prototype } = one.constructor;
    return Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  });
  const all = uses(c, t);
  for (const [name, use] of Object.entries(all)) {
    // A method that is declared async rejects.
    await assert.rejects(
      async () => use(),
      (error) => {
        assert.ok(error instanceof Corr2dError, `${name}: ${error.stack}`);
        assert.equal(error.code, code, name);
        assert.match(error.message, message, name);
        // The message names the function, or one that it calls.
        const pattern = /^[a-z]\w+$/i.test(name) ? name : '\\w+';
        assert.match(error.message, new RegExp(`^${pattern}: this corr2d instance`));
        return true;
      },
    );
  }
  // These methods do not use the heap, or are internal.
  const exempt = ['dispose', 'heap', 'address', 'elements', 'assertUsable'];
  const missing = methods.filter((name) => !(name in all) && !exempt.includes(name));
  assert.deepEqual(missing, []);
}

test('after dispose every use throws DISPOSED, and other instances still compute', async () => {
  const [c, other] = await Promise.all([loadVariant(), loadVariant()]);
  const t = c.tensor([5]);
  const view = t.data;
  const kept = other.tensor([7]);
  assert.equal(c.dispose(), undefined);
  await assertAllThrow(c, t, 'DISPOSED', /this corr2d instance has been disposed/);
  c.dispose();
  t.dispose();
  t.dispose();
  // Values that were read before remain readable.
  assert.equal(typeof view[0], 'number');
  assert.deepEqual(t.shape, [1]);
  assert.equal(c.version, version);
  assert.equal(kept.item(), 7);
  assertStillComputes(other);
  other.dispose();
});

test('after a trap every use throws CRASHED, and other instances still compute', async () => {
  const [c, other] = await Promise.all([loadVariant(), loadVariant()]);
  const t = c.tensor([5]);
  const kept = other.tensor([7]);
  let error;
  try {
    moduleFunctions(c).readImage(0xffff0000, 1000, 4, 1, 0xffff8000);
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof Corr2dError, error?.stack);
  assert.equal(error.code, 'CRASHED');
  assert.match(error.message, /^the WebAssembly module has trapped: RuntimeError: memory access/);
  assert.ok(error.cause instanceof WebAssembly.RuntimeError);
  await assertAllThrow(
    c,
    t,
    'CRASHED',
    /: this corr2d instance has crashed .* load\(\) creates a new one$/,
  );
  t.dispose();
  c.dispose();
  await assertAllThrow(c, t, 'CRASHED', /crashed/);
  assert.equal(kept.item(), 7);
  assertStillComputes(other);
  const fresh = await loadVariant();
  assertStillComputes(fresh);
  fresh.dispose();
  other.dispose();
});

test('a function that traps throws CRASHED itself', async () => {
  const c = await loadVariant();
  const t = c.tensor([
    [1, 2],
    [3, 4],
  ]);
  // Makes the function read far beyond the end of the memory.
  const heap = c[Symbol.for('corr2d.heap')];
  const { writeImage } = heap.call;
  heap.call.writeImage = (planes, ...rest) => writeImage(planes + 0xf0000000, ...rest);
  assert.throws(() => c.toImageData(t), { name: 'Corr2dError', code: 'CRASHED' });
  assert.throws(() => c.toImageData(t), { name: 'Corr2dError', code: 'CRASHED' });
  assert.throws(() => t.item(), { name: 'Corr2dError', code: 'CRASHED' });
});

test('load rejects with OUT_OF_MEMORY without address space for a heap, and works again later', {
  skip: process.platform === 'linux' ? false : 'address space cannot be limited on this system',
}, async () => {
  const flags = [...process.execArgv.filter((flag) => /relaxed/.test(flag)), '--expose-gc'];
  const code = `
    import { load } from 'corr2d';
    const all = [];
    const loadAll = async () => {
      try {
        while (all.length < 100) all.push(await load(${JSON.stringify({ simd, threads })}));
      } catch ({ name, code, message, cause }) {
        return { name, code, message, cause: cause.name };
      }
    };
    const failure = await loadAll();
    const { length } = all;
    const numbers = all.map((c) => c.corr2d([[1, 2]], [[3]]).data[1]);
    // The engine returns address space some time after a collection. The time limit of this process
    // guards against address space that stays in use.
    do {
      for (const c of all.splice(0)) c.dispose();
      await new Promise((resolve) => setTimeout(resolve, 20));
      gc();
      await loadAll();
    } while (all.length < length);
    console.log(JSON.stringify({ failure, numbers, length, again: all.length }));
    for (const c of all) c.dispose();`;
  const found = await runNodeJson(code, flags, 60_000, 30 * 2 ** 30);
  const { failure, numbers, length, again } = found;
  const { message, ...rest } = failure;
  assert.deepEqual(rest, { name: 'Corr2dError', code: 'OUT_OF_MEMORY', cause: 'RangeError' });
  assert.match(message, /^load: not enough memory for a heap: RangeError/);
  assert.ok(length > 0);
  assert.deepEqual(numbers, new Array(length).fill(6));
  assert.equal(again, length);
});

test('constructors name what creates their objects', async () => {
  const c = await loadVariant();
  const plan = c.planConv2d({ inputShape: [1, 3, 3], weight: c.ones([1, 1, 2, 2]) });
  for (const [Class, instead] of [
    [Tensor, 'Tensor is not supported; use c.tensor(values, shape)'],
    [c.constructor, 'Corr2d is not supported; use load()'],
    [plan.constructor, 'Plan is not supported; use c.planConv2d(options)'],
    [Client, 'Client is not supported; use createClient()'],
    [RemoteTensor, 'RemoteTensor is not supported; use the methods of a client'],
    [RemoteImage, 'RemoteImage is not supported; use the methods of a client'],
    [RemotePlan, 'RemotePlan is not supported; use the methods of a client'],
  ]) {
    for (const args of [[], [[1, 2]], ['float32', new Float32Array(2), [2]]]) {
      expectError(c, 'INVALID_ARGUMENT', `new ${instead}`, () => new Class(...args));
    }
  }
  c.dispose();
});
