// Objects of options, whatever is in them: legal ones are accepted, and mean what they say; where one is
// not legal, or unknown, the function names it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSharedInstance, expectError } from '../helpers.mjs';
import { illegalOptions } from './illegal.mjs';
import { legalCalls } from './legal.mjs';
import { assertSame, forAll } from './support.mjs';

const c = await createSharedInstance();

/** What a call gives, as the call's `expected` has it. */
function resultOf(where, { args, options, input }, keep) {
  const result = c[where](...args, options);
  switch (where) {
    case 'filter2d':
      return { shape: [result.height, result.width] };
    case 'conv2dBackward':
      return Object.fromEntries(
        Object.entries(result).map(([name, gradient]) => [name, keep(gradient).shape]),
      );
    case 'planConv2d':
      return keep(keep(result).run(input));
    default:
      return keep(result);
  }
}

for (const [where, calls] of Object.entries(legalCalls)) {
  forAll(`${where}: legal options are accepted`, calls, (call, keep) => {
    const result = resultOf(where, call, keep);
    const { expected, isExact } = call;
    if (isExact) assertSame(result, expected);
    else if (where === 'conv2dBackward') assert.deepEqual(result, expected);
    else assert.deepEqual(result.shape, expected.shape);
  });

  const illegal = fc.oneof(
    ...Object.entries(illegalOptions[where]).map(([name, values]) =>
      values.map(({ value, code }) => ({ name, value, code })),
    ),
  );
  forAll(
    `${where}: one illegal option is refused by its name`,
    fc.tuple(calls, illegal),
    ([{ args, options }, { name, value, code }]) => {
      expectError(c, code, new RegExp(`^${where}: ${name}\\b`), () =>
        c[where](...args, { ...options, [name]: value }),
      );
    },
    250,
  );

  forAll(
    `${where}: an unknown option is refused by its name`,
    fc.tuple(calls, fc.string({ maxLength: 20 })),
    ([{ args, options }, name]) => {
      fc.pre(!Object.hasOwn(illegalOptions[where], name));
      const more = JSON.parse(`{ ${JSON.stringify(name)}: 1 }`); // Also where it is '__proto__'.
      const message = `${where}: unknown option ${JSON.stringify(name)};`;
      const error = expectError(c, 'INVALID_ARGUMENT', /^/, () =>
        c[where](...args, { ...options, ...more }),
      );
      assert.ok(error.message.startsWith(message), error.message);
    },
    50,
  );
}

test('every option of every function is tried', () => {
  assert.deepEqual(Object.keys(illegalOptions), Object.keys(legalCalls));
  for (const [where, values] of Object.entries(illegalOptions)) {
    const [{ args, options }] = fc.sample(legalCalls[where], 1);
    const { message } = expectError(c, 'INVALID_ARGUMENT', /unknown option/, () =>
      c[where](...args, { ...options, unknown: 1 }),
    );
    const [, names] = message.split('the options are: ');
    assert.deepEqual(names.split(', ').sort(), Object.keys(values).sort(), where);
  }
});
