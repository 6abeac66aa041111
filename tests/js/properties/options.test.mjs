// Arbitrary options: valid ones are accepted and have their effect; an invalid or unknown option is named
// in the error.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSharedInstance, expectError } from '../helpers.mjs';
import { invalidOptions } from './invalid-options.mjs';
import { assertSame, forAll } from './support.mjs';
import { validCalls } from './valid-calls.mjs';

const c = await createSharedInstance();

/** Computes a call and returns the result in the form in which the case states it. */
function resultOf(where, call, keep) {
  const { args, options, input, runOptions } = call;
  const result = c[where](...args, options);
  switch (where) {
    case 'filter2d':
      return { shape: [result.height, result.width] };
    case 'findTemplate':
      return call.expected;
    case 'phaseCorrelate':
      return result;
    case 'conv2dBackward':
      return Object.fromEntries(
        Object.entries(result).map(([name, gradient]) => [name, keep(gradient).shape]),
      );
    case 'planConv2d':
    case 'planConv1d':
    case 'planMatchTemplate':
      return keep(keep(result).run(input, runOptions));
    default:
      return keep(result);
  }
}

for (const [where, calls] of Object.entries(validCalls)) {
  forAll(`${where}: valid options are accepted`, calls, (call, keep) => {
    const result = resultOf(where, call, keep);
    const { expected, isExact } = call;
    if (isExact) assertSame(result, expected);
    else if (where === 'conv2dBackward' || where === 'phaseCorrelate')
      assert.deepEqual(result, expected);
    else assert.deepEqual(result.shape, expected.shape);
  });

  const invalid = fc.oneof(
    ...Object.entries(invalidOptions[where]).map(([name, values]) =>
      values.map(({ value, code }) => ({ name, value, code })),
    ),
  );
  forAll(
    `${where}: an invalid option is rejected by name`,
    fc.tuple(calls, invalid),
    ([{ args, options }, { name, value, code }]) => {
      expectError(c, code, new RegExp(`^${where}: ${name}\\b`), () =>
        c[where](...args, { ...options, [name]: value }),
      );
    },
    250,
  );

  forAll(
    `${where}: an unknown option is rejected by name`,
    fc.tuple(calls, fc.string({ maxLength: 20 })),
    ([{ args, options }, name]) => {
      fc.pre(!Object.hasOwn(invalidOptions[where], name));
      const more = JSON.parse(`{ ${JSON.stringify(name)}: 1 }`); // Works for '__proto__' too.
      const message = `${where}: unknown option ${JSON.stringify(name)};`;
      const error = expectError(c, 'INVALID_ARGUMENT', /^/, () =>
        c[where](...args, { ...options, ...more }),
      );
      assert.ok(error.message.startsWith(message), error.message);
    },
    50,
  );
}

test('every option of every function is tested', () => {
  assert.deepEqual(Object.keys(invalidOptions), Object.keys(validCalls));
  for (const [where, values] of Object.entries(invalidOptions)) {
    const [{ args, options }] = fc.sample(validCalls[where], 1);
    const { message } = expectError(c, 'INVALID_ARGUMENT', /unknown option/, () =>
      c[where](...args, { ...options, unknown: 1 }),
    );
    const [, names] = message.split('; expected one of ');
    assert.deepEqual(names.split(', ').sort(), Object.keys(values).sort(), where);
  }
});
