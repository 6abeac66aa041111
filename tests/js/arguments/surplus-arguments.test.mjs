// Surplus arguments are refused by every method, and methods work when they are destructured.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { load } from 'corr2d';
import { declaredMethods } from '../declarations.mjs';
import { expectError, expectRejection, loadVariant } from '../helpers.mjs';

const c = await loadVariant();
const t = c.arange(6).reshape([2, 3]);
const plan = c.planConv2d({ inputShape: [1, 1, 2], weight: [[[[1, 1]]]] });
after(() => c.dispose());

const owners = { Corr2d: c, Tensor: t, Plan: plan };
/** These methods return promises. */
const isAsync = (name) => ['fromImageAsync', 'runAsync', 'warmup'].includes(name);
/** The engine calls these with arguments of its own. */
const exempt = ['toJSON'];

for (const [className, owner] of Object.entries(owners)) {
  for (const [name, parameters] of declaredMethods(className)) {
    if (exempt.includes(name)) continue;
    test(`${className}.${name} refuses ${parameters.length + 1} arguments`, async () => {
      const expected = parameters.length === 0 ? 'none' : `at most ${parameters.length}`;
      const message = `${name}: the number of arguments is ${parameters.length + 1}; expected ${expected}`;
      const args = new Array(parameters.length + 1).fill(undefined);
      if (isAsync(name)) await expectRejection('INVALID_ARGUMENT', message, owner[name](...args));
      else expectError(c, 'INVALID_ARGUMENT', message, () => owner[name](...args));
    });
  }
}

test('load refuses a second argument', async () => {
  const message = 'load: the number of arguments is 2; expected at most 1';
  await expectRejection('INVALID_ARGUMENT', message, load({}, {}));
});

test('reductions and activations do not ignore an argument', () => {
  const message = (name, limit) => `${name}: the number of arguments is ${limit + 1}`;
  expectError(c, 'INVALID_ARGUMENT', new RegExp(message('sum', 2)), () => t.sum(0, true, 1));
  expectError(c, 'INVALID_ARGUMENT', new RegExp(message('at', 1)), () => t.at(0, 1));
  const inplace = () => c.relu(t, { inplace: true });
  expectError(c, 'INVALID_ARGUMENT', new RegExp(message('relu', 1)), inplace);
});

test('methods of an instance, a tensor and a plan work when they are destructured', async () => {
  const { conv2d, memory } = c;
  assert.equal(c.conv2d, conv2d);
  assert.deepEqual(conv2d([[[1, 2, 3]]], [[[[1, 1]]]]).toArray(), [[[3, 5]]]);
  assert.equal(memory().liveTensors, c.memory().liveTensors);
  const { at, item } = c.tensor([4, 5]).at(1);
  assert.equal(item(), 5);
  expectError(c, 'SHAPE_MISMATCH', /^at: the tensor is a single number/, () => at(0));
  const { run, runAsync, describe } = plan;
  assert.deepEqual(run([[[1, 2]]]).toArray(), [[[3]]]);
  assert.deepEqual((await runAsync([[[1, 2]]])).toArray(), [[[3]]]);
  assert.match(describe(), /^conv2d of 1×1×2/);
  const { toJSON } = t;
  assert.deepEqual(toJSON('key'), { shape: [2, 3], data: [0, 1, 2, 3, 4, 5] });
});

test('Symbol.dispose is a method like dispose', async (context) => {
  if (Symbol.dispose === undefined) return context.skip('this engine has no Symbol.dispose');
  const weight = [[[[1, 1]]]];
  const owners = [
    await loadVariant(),
    c.ones([2]),
    c.planConv2d({ inputShape: [1, 1, 2], weight }),
  ];
  const message = 'dispose: the number of arguments is 1; expected none';
  for (const owner of owners) {
    const { [Symbol.dispose]: dispose } = owner;
    expectError(c, 'INVALID_ARGUMENT', message, () => dispose(1));
    dispose();
  }
  assert.throws(() => owners[0].memory(), { code: 'DISPOSED' });
  assert.throws(() => owners[1].data, { code: 'DISPOSED' });
  assert.throws(() => owners[2].run([[[1, 2]]]), { code: 'DISPOSED' });
});

test('methods of a prototype do not work without an object', () => {
  const message = 'this is a proxy of an instance or inherits from one; expected an instance';
  const prototype = Object.getPrototypeOf(c);
  for (const call of [() => prototype.memory(), () => prototype.relu([1])]) {
    expectError(c, 'INVALID_ARGUMENT', message, call);
  }
});

test('a tensor converts to JSON, and one of a single element to a number', () => {
  assert.equal(JSON.stringify({ t }), '{"t":{"shape":[2,3],"data":[0,1,2,3,4,5]}}');
  assert.deepEqual(c.tensor(JSON.parse(JSON.stringify(t))).toArray(), t.toArray());
  assert.equal(JSON.stringify(c.tensor([Number.NaN])), '{"shape":[1],"data":[null]}');
  assert.equal(t.sum() + 1, 16);
  assert.equal(`${c.tensor([2])}`, 'tensor([2.])');
  const message = 'item: the tensor of shape 2×3 has 6 elements; expected 1';
  for (const convert of [() => t + 1, () => +t, () => t < 1, () => 2 * t]) {
    expectError(c, 'SHAPE_MISMATCH', message, convert);
  }
});

test('`using` disposes of an instance', async () => {
  const one = await loadVariant();
  // Engines without the symbol do not support the declaration.
  if (Symbol.dispose === undefined) one.dispose();
  else one[Symbol.dispose]();
  assert.throws(() => one.memory(), { code: 'DISPOSED' });
});
