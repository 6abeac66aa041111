// Every argument that takes a tensor rejects everything that is not one, with a message that names the
// argument and the offending element.

import assert from 'node:assert/strict';
import { expectError } from '../helpers.mjs';
import {
  c,
  EXPECTED_TENSOR,
  expectInvalid,
  forEachTensorArgument,
  matrix,
  other,
  TENSOR_ARGUMENTS,
  testErrors,
} from './support.mjs';

testErrors('values that are not tensors are rejected', () => {
  class Foo {}
  forEachTensorArgument([
    [undefined, ` is undefined; ${EXPECTED_TENSOR}`],
    [null, ` is null; ${EXPECTED_TENSOR}`],
    [true, ` is true; ${EXPECTED_TENSOR}`],
    ['text', ` is "text"; ${EXPECTED_TENSOR}`],
    ['', ` is ""; ${EXPECTED_TENSOR}`],
    ['x'.repeat(1000), ` is "${'x'.repeat(40)}…"; ${EXPECTED_TENSOR}`],
    [10n, ` is 10n; ${EXPECTED_TENSOR}`],
    [2n ** 900n, ` is ${String(2n ** 900n).slice(0, 40)}…n; ${EXPECTED_TENSOR}`],
    [Symbol('s'), ` is a symbol; ${EXPECTED_TENSOR}`],
    [() => [1], ` is a function; ${EXPECTED_TENSOR}`],
    [class {}, ` is a function; ${EXPECTED_TENSOR}`],
    [{}, ` is an object; ${EXPECTED_TENSOR}`],
    [Object.create(null), ` is an object; ${EXPECTED_TENSOR}`],
    [new Foo(), ` is an object; ${EXPECTED_TENSOR}`],
    [{ length: 1, 0: 1 }, ` is an object; ${EXPECTED_TENSOR}`],
    [{ data: [1] }, ` is an object; ${EXPECTED_TENSOR}`],
    [{ shape: [1] }, ` is an object; ${EXPECTED_TENSOR}`],
    [new Map(), ` is an object of type Map; ${EXPECTED_TENSOR}`],
    [new Date(0), ` is an object of type Date; ${EXPECTED_TENSOR}`],
    [new Number(1), ` is an object of type Number; ${EXPECTED_TENSOR}`],
    [new ArrayBuffer(4), ` is an object of type ArrayBuffer; ${EXPECTED_TENSOR}`],
    [new DataView(new ArrayBuffer(4)), ` is an object of type DataView; ${EXPECTED_TENSOR}`],
    [new BigInt64Array(1), ` is an object of type BigInt64Array; ${EXPECTED_TENSOR}`],
    [new BigUint64Array(1), ` is an object of type BigUint64Array; ${EXPECTED_TENSOR}`],
    [Promise.resolve([1]), ` is an object of type Promise; ${EXPECTED_TENSOR}`],
    [new Set([1]), ` is an object of type Set; ${EXPECTED_TENSOR}`],
  ]);
});

testErrors('array elements that are not numbers are rejected', () => {
  const cyclic = [];
  cyclic.push(cyclic, 1);
  let deep = 1;
  for (let i = 0; i < 65; i++) deep = [deep];
  const holes = [1, 2, 3];
  delete holes[1];
  forEachTensorArgument([
    [['1'], '[0] is "1"; expected a number'],
    [[1, null, 2], '[1] is null; expected a number'],
    [[undefined], '[0] is undefined; expected a number'],
    [holes, '[1] is undefined; expected a number'],
    [new Array(3), '[0] is undefined; expected a number'],
    [new Array(1e6), '[0] is undefined; expected a number'],
    [[1, 2n], '[1] is 2n; expected a number'],
    [[Symbol('s')], '[0] is a symbol; expected a number'],
    [[() => 1], '[0] is a function; expected a number'],
    [[{}], '[0] is an object; expected a number'],
    [[new Number(1)], '[0] is an object of type Number; expected a number'],
    [[true], '[0] is true; expected a number'],
    [
      [
        [1, 2],
        [3, '4'],
      ],
      '[1][1] is "4"; expected a number',
    ],
    [[[[1]], [[{ valueOf: () => 1 }]]], '[1][0][0] is an object; expected a number'],
    [[c.memory], '[0] is a function; expected a number'],
    [[new BigInt64Array(1)], '[0] is an object of type BigInt64Array; expected a number'],
    [[{ data: [1], shape: [1] }], '[0] is an object; expected a number'],
    [cyclic, ' is nested deeper than 64 levels'],
    [deep, ' is nested deeper than 64 levels'],
  ]);
});

testErrors('tensors in arrays are rejected, with a hint at c.stack', () => {
  const [t, single] = [c.tensor([1]), c.tensor(5)];
  const advice = '; c.stack makes one tensor of several';
  forEachTensorArgument([
    [[t, t], `[0] is a tensor of [1]; expected a number${advice}`],
    [[2, matrix], `[1] is a tensor of 2×3; expected a number${advice}`],
    [
      [[1], t],
      `[1] is a tensor of [1]; expected an array of length 1, since nested arrays cannot be ragged${advice}`,
    ],
    [
      { data: [single], shape: [1] },
      `.data[0] is a tensor of a single number (0-d); expected a number${advice}`,
    ],
  ]);
  t.dispose();
  single.dispose();
});

testErrors('ragged arrays are rejected', () => {
  const ragged = (at, found, length) =>
    `${at} is ${found}; expected an array of length ${length}, since nested arrays cannot be ragged`;
  const hole = [[1], [2]];
  delete hole[1];
  const cyclic = [[1, 2]];
  cyclic.push(cyclic);
  cyclic.push(3);
  forEachTensorArgument([
    [[[1, 2], [3]], ragged('[1]', 'an array of length 1', 2)],
    [[[1], [2, 3]], ragged('[1]', 'an array of length 2', 1)],
    [[[1, 2], []], ragged('[1]', 'an array of length 0', 2)],
    [[[], [1]], ragged('[1]', 'an array of length 1', 0)],
    [[[1, 2], 3], ragged('[1]', '3', 2)],
    [[[1, 2], null], ragged('[1]', 'null', 2)],
    [[[1, 2], 'ab'], ragged('[1]', '"ab"', 2)],
    [hole, ragged('[1]', 'undefined', 1)],
    [[[[1], [2]], [[3]]], ragged('[1]', 'an array of length 1', 2)],
    [
      [
        [[1], [2]],
        [[3], [4, 5]],
      ],
      ragged('[1][1]', 'an array of length 2', 1),
    ],
    [
      [
        [[1], [2]],
        [[3], 4],
      ],
      ragged('[1][1]', '4', 1),
    ],
    [[Float32Array.of(1, 2), [3]], ragged('[1]', 'an array of length 1', 2)],
    [[[1, 2], new BigInt64Array(2)], ragged('[1]', 'an object of type BigInt64Array', 2)],
    [[[1, 2, 3], cyclic], '[1][0] is an array of length 2; expected a number'],
    [cyclic, ragged('[1]', 'an array of length 3', 2)],
  ]);
  // An array in place of a number.
  forEachTensorArgument([[[1, [2]], '[1] is an array of length 1; expected a number']]);
});

testErrors('an array that contains the same array 2⁴⁰ times is rejected with OUT_OF_MEMORY', () => {
  let shared = [1, 2];
  for (let i = 0; i < 40; i++) shared = [shared, shared];
  for (const [argument, call] of Object.entries(TENSOR_ARGUMENTS)) {
    const message = new RegExp(
      `^${argument.trim().replace(/[[\]]/g, '\\$&')} of shape (2×)+2 is too large`,
    );
    expectError(c, 'OUT_OF_MEMORY', message, () => call(shared));
  }
});

testErrors('{ data, shape } with a bad shape is rejected', () => {
  const size = (at, shown) => `.shape[${at}] is ${shown}; expected a whole number of at least 0`;
  const data = [1, 2, 3];
  forEachTensorArgument([
    [{ data, shape: 3 }, '.shape is 3; expected an array of sizes'],
    [{ data, shape: undefined }, '.shape is undefined; expected an array of sizes'],
    [{ data, shape: null }, '.shape is null; expected an array of sizes'],
    [{ data, shape: '3' }, '.shape is "3"; expected an array of sizes'],
    [{ data, shape: { 0: 3, length: 1 } }, '.shape is an object; expected an array of sizes'],
    [
      { data, shape: Int32Array.of(3) },
      '.shape is an object of type Int32Array; expected an array of sizes',
    ],
    [{ data, shape: [1.5, 2] }, size(0, '1.5')],
    [{ data, shape: [-3] }, size(0, '-3')],
    [{ data, shape: [3, NaN] }, size(1, 'NaN')],
    [
      { data, shape: [Infinity] },
      '.shape[0] is Infinity; expected a whole number from 0 to 9007199254740991',
    ],
    [{ data, shape: ['3'] }, size(0, '"3"')],
    [{ data, shape: [3n] }, size(0, '3n')],
    [{ data, shape: [null] }, size(0, 'null')],
    [{ data, shape: new Array(1) }, size(0, 'undefined')],
    [{ data, shape: [[3]] }, size(0, 'an array of length 1')],
    [{ data, shape: [Symbol('s')] }, size(0, 'a symbol')],
    [
      { data, shape: [1e20] },
      '.shape[0] is 100000000000000000000; expected a whole number from 0 to 9007199254740991',
    ],
    [
      { data, shape: new Array(65).fill(1) },
      '.shape.length is 65; expected a whole number from 0 to 64',
    ],
  ]);
});

testErrors('{ data, shape } with bad data is rejected', () => {
  const flat = 'expected a flat array of numbers';
  const shape = [2];
  forEachTensorArgument([
    [{ data: undefined, shape }, `.data is undefined; ${flat}`],
    [{ data: null, shape }, `.data is null; ${flat}`],
    [{ data: 'ab', shape }, `.data is "ab"; ${flat}`],
    [{ data: 2, shape: [] }, `.data is 2; ${flat}`],
    [{ data: {}, shape }, `.data is an object; ${flat}`],
    [{ data: [[1, 2]], shape }, `.data is an array of length 1; ${flat}`],
    [{ data: [[1], [2]], shape }, `.data is an array of length 2; ${flat}`],
    [{ data: new ArrayBuffer(8), shape }, `.data is an object of type ArrayBuffer; ${flat}`],
    [{ data: new BigInt64Array(2), shape }, `.data is an object of type BigInt64Array; ${flat}`],
    [{ data: ['1', 2], shape }, '.data[0] is "1"; expected a number'],
    [{ data: [1, null], shape }, '.data[1] is null; expected a number'],
    [{ data: new Array(2), shape }, '.data[0] is undefined; expected a number'],
    [{ data: [1, [2]], shape }, '.data[1] is an array of length 1; expected a number'],
  ]);
  forEachTensorArgument(
    [
      [{ data: [1, 2, 3], shape }, ' has 3 elements; expected 2 for the shape [2]'],
      [{ data: [1], shape: [3, 4] }, ' has 1 elements; expected 12 for the shape 3×4'],
      [{ data: [], shape: [] }, ' has 0 elements; expected 1 for the shape a single number (0-d)'],
      [{ data: [1], shape: [0, 5] }, ' has 1 elements; expected 0 for the shape 0×5'],
      [
        { data: new Float32Array(1), shape: [2 ** 53 - 1, 2 ** 53 - 1] },
        ' has 1 elements; expected 8.112963841460666e+31 for the shape 9007199254740991×9007199254740991',
      ],
      [
        { data: new Float32Array(1), shape: [...new Array(40).fill(2 ** 53 - 1), 0] },
        ` has 1 elements; expected 0 for the shape ${'9007199254740991×'.repeat(40)}0`,
      ],
    ],
    'SHAPE_MISMATCH',
  );
});

testErrors('tensors of another instance are rejected', () => {
  const foreign = other.ones([2, 3]);
  const disposed = other.ones([2, 3]);
  disposed.dispose();
  const message = ' is a tensor of another corr2d instance; expected one of this instance';
  forEachTensorArgument([
    [foreign, message],
    [foreign.at(0), message],
    [disposed, message],
  ]);
  assert.deepEqual(foreign.toArray(), [
    [1, 1, 1],
    [1, 1, 1],
  ]);
});

testErrors('disposed tensors are rejected with DISPOSED', () => {
  const t = c.ones([2, 3]);
  t.dispose();
  expectAll(t);
  const base = c.ones([4, 2, 3]);
  const view = base.at(1);
  view.dispose();
  expectAll(view);
  base.dispose();

  function expectAll(disposed) {
    for (const [argument, call] of Object.entries(TENSOR_ARGUMENTS)) {
      expectError(c, 'DISPOSED', `${argument.trim()} (shape 2×3) has been disposed`, () =>
        call(disposed),
      );
    }
    for (const [name, use] of Object.entries({
      data: () => disposed.data,
      toArray: () => disposed.toArray(),
      item: () => disposed.item(),
      toString: () => disposed.toString(),
      reshape: () => disposed.reshape([6]),
      at: () => disposed.at(0),
      add: () => disposed.add(1),
      sub: () => disposed.sub(disposed),
      mul: () => disposed.mul([1, 2, 3]),
      abs: () => disposed.abs(),
      sum: () => disposed.sum(),
      clone: () => disposed.clone(),
    })) {
      expectError(c, 'DISPOSED', `${name}: the tensor (shape 2×3) has been disposed`, use);
    }
    expectError(c, 'DISPOSED', /^toString: /, () => `${disposed}`);
    expectError(c, 'DISPOSED', /^item: /, () => Number(disposed));
    // The disposed tensor is reported before another bad argument.
    expectError(c, 'DISPOSED', /^reshape: /, () => disposed.reshape('bad'));
    expectError(c, 'DISPOSED', /^add: the tensor/, () => disposed.add('bad'));
  }
});

testErrors('a wrong length is reported before a wrong element', () => {
  expectInvalid(/^tensor: values\[2\] is an array of length 1; expected an array of length 2/, () =>
    c.tensor([[1, '2'], [3, 4], [5]]),
  );
  expectInvalid('tensor: values[1][0] is null; expected a number', () =>
    c.tensor([
      [1, 2],
      [null, '4'],
    ]),
  );
});

testErrors('messages describe objects whose properties throw', () => {
  const throwing = Object.defineProperty({}, Symbol.toStringTag, {
    get() {
      throw new Error('my own');
    },
  });
  const tagged = { [Symbol.toStringTag]: 'T'.repeat(100) };
  const odd = { toString: () => assert.fail('called'), toJSON: () => assert.fail('called') };
  forEachTensorArgument([
    [throwing, ` is an object; ${EXPECTED_TENSOR}`],
    [tagged, ` is an object of type ${'T'.repeat(40)}…; ${EXPECTED_TENSOR}`],
    [odd, ` is an object; ${EXPECTED_TENSOR}`],
  ]);
});
