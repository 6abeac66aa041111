// A wrong value in each argument and each option of every method. The message must name the method, the
// argument, the value that it had and what was expected. Methods, arguments and options are read from the
// type declarations, so a new one is tested without a change here but for its valid call.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Corr2dError } from 'corr2d';
import { declaredMethods, declaredOptions } from '../declarations.mjs';
import { expectError, loadVariant, memoryInUse } from '../helpers.mjs';
import { validArguments } from '../valid-arguments.mjs';

const c = await loadVariant();
after(() => c.dispose());

const valid = validArguments(c);
const x = [[[1, 2], [3, 4]]]; // biome-ignore format: a matrix

/** Wrong values, as messages show them. */
const wrongValues = new Map([
  ['a symbol', Symbol('s')],
  ['5n', 5n],
  ['a function', () => 1],
  ['an object of type Date', new Date(0)],
  ['true', true],
  ['"wrong"', 'wrong'],
  ['an object', {}],
  ['null', null],
]);

/** Lengths that a proxy of an array may claim. */
const falseLengths = [Symbol('3'), 2n, Number.NaN, -1, 0.5, 2 ** 40, '2', null, undefined];

/** An array of numbers that returns a false length. */
const withLength = (length) =>
  new Proxy([1, 1], { get: (array, name) => (name === 'length' ? length : array[name]) });

/** Whether a value is right for a declared type, so that there is nothing to refuse. */
const isRight = (value, type) =>
  (typeof value === 'boolean' && /\bboolean\b/.test(type)) ||
  (typeof value === 'function' && /=>/.test(type)) ||
  (value?.constructor === Object && /Options\b|^Activation$/.test(type));

const owners = {
  Corr2d: () => c,
  Tensor: () => c.tensor([1]),
  Plan: () => c.planConv2d({ inputShape: [1, 2, 2], weight: [x] }),
};

/** Calls a method, and returns its error or the error of its promise. */
async function errorOf(className, name, args) {
  const owner = owners[className]();
  try {
    const result = await owner[name](...args);
    result?.dispose?.();
  } catch (error) {
    return error;
  } finally {
    if (className !== 'Corr2d') owner.dispose();
  }
}

/** Expects a message such as `conv2d: input is null; expected …`. */
async function assertNamed(className, name, args, argument, shown) {
  const before = memoryInUse(c);
  const error = await errorOf(className, name, args);
  assert.ok(error instanceof Corr2dError, `${argument} ${shown}: ${error?.stack ?? 'no error'}`);
  assert.equal(error.code, 'INVALID_ARGUMENT');
  const start = `${name}: ${argument}`;
  assert.ok(
    error.message.startsWith(`${start} is ${shown}; expected `),
    `expected "${start} is ${shown}; expected …": ${error.message}`,
  );
  assert.deepEqual(memoryInUse(c), before);
}

/** Calls a method with arrays of a false length, and expects a result or a Corr2dError. */
async function assertFalseLengths(className, name, withArray) {
  const before = memoryInUse(c);
  for (const length of falseLengths) {
    const error = await errorOf(className, name, withArray(withLength(length)));
    assert.ok(error === undefined || error instanceof Corr2dError, error?.stack);
  }
  assert.deepEqual(memoryInUse(c), before);
}

for (const className of Object.keys(valid)) {
  for (const [name, parameters] of declaredMethods(className)) {
    if (parameters.length === 0) continue;
    const call = valid[className][name];

    test(`${className}.${name} names each argument, its value and what it expects`, async () => {
      assert.ok(call, `no valid call of ${className}.${name}`);
      assert.equal(await errorOf(className, name, call), undefined);
      const full = parameters.map((_, i) => call[i]);
      for (const [i, { name: argument, type }] of parameters.entries()) {
        for (const [shown, value] of wrongValues) {
          if (isRight(value, type)) continue;
          await assertNamed(className, name, full.with(i, value), argument, shown);
        }
        await assertFalseLengths(className, name, (array) => full.with(i, array));
      }
    });

    const last = parameters.at(-1);
    const options = last.name === 'options' ? [...declaredOptions(last.type)] : [];
    if (last.name === 'options') assert.ok(options.length > 0, `${last.type} has no options`);
    for (const [option, type] of options) {
      test(`${className}.${name} names its option ${option}, its value and what it expects`, async () => {
        for (const [shown, value] of wrongValues) {
          if (isRight(value, type)) continue;
          const given = { ...call[parameters.length - 1], [option]: value };
          const args = [...call.slice(0, parameters.length - 1), given];
          await assertNamed(className, name, args, option, shown);
        }
        await assertFalseLengths(className, name, (array) => [
          ...call.slice(0, parameters.length - 1),
          { ...call[parameters.length - 1], [option]: array },
        ]);
      });
    }
    if (options.length > 0) {
      test(`${className}.${name} refuses an unknown option by its name`, async () => {
        const given = { ...call[parameters.length - 1], colour: 1 };
        const error = await errorOf(className, name, [
          ...call.slice(0, parameters.length - 1),
          given,
        ]);
        assert.equal(error?.code, 'INVALID_ARGUMENT');
        const names = options.map(([option]) => option);
        assert.ok(error.message.startsWith(`${name}: unknown option "colour"; expected one of `));
        const listed = error.message.split('expected one of ')[1].split(', ');
        // Options that the function knows and does not support are listed too.
        assert.deepEqual(
          names.filter((one) => !listed.includes(one)),
          [],
        );
      });
    }
  }
}

test('an activation without a type is refused', () => {
  const error = 'conv2d: activation is an object without a type; expected { type, alpha }';
  expectError(c, 'INVALID_ARGUMENT', error, () => c.conv2d(x, [x], { activation: {} }));
});

test('a bias as the third argument is refused, with a hint at the options', () => {
  const message = 'conv2d: options is a tensor of [1]; expected an object such as { bias: … }';
  const bias = c.tensor([1]);
  expectError(c, 'INVALID_ARGUMENT', message, () => c.conv2d(x, [x], bias));
  bias.dispose();
});
