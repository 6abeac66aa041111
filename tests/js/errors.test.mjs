// Bad input: each kind of it, in each argument of each function, gets a Corr2dError that says what is
// wrong, and changes nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Corr2dError } from 'corr2d';
import { account, assertComputes, expectError, generator, held, loadTested } from './helpers.mjs';

let c;
let other;
let scene;
before(async () => {
  [c, other] = await Promise.all([loadTested(), loadTested()]);
  scene = c.arange(6).reshape([2, 3]);
});
after(() => {
  c.dispose();
  other.dispose();
});

/** A test that ends with the instance being as usable as before, and holding what it held. */
function testErrors(name, run) {
  test(name, () => {
    const before = held(c);
    run();
    assertComputes(c);
    assert.deepEqual(scene.toArray(), [
      [0, 1, 2],
      [3, 4, 5],
    ]);
    assert.deepEqual(held(c), before);
  });
}

const invalid = (message, run) => expectError(c, 'INVALID_ARGUMENT', message, run);
const mismatch = (message, run) => expectError(c, 'SHAPE_MISMATCH', message, run);

/** Every argument that takes a TensorLike: how messages call it, and a call with all else right. */
const TENSOR_ARGUMENTS = {
  'tensor: values': (x) => c.tensor(x),
  'tensor: values ': (x) => c.tensor(x, [3]),
  'stack: tensors[0]': (x) => c.stack([x]),
  'stack: tensors[1]': (x) => c.stack([[1], x, [2]]),
  'matmul: a': (x) => c.matmul(x, [[1]]),
  'matmul: b': (x) => c.matmul([[1]], x),
  'corr2d: X': (x) => c.corr2d(x, [[1]]),
  'corr2d: K': (x) => c.corr2d([[1]], x),
  'corr2dMultiIn: X': (x) => c.corr2dMultiIn(x, [[[1]]]),
  'corr2dMultiIn: K': (x) => c.corr2dMultiIn([[[1]]], x),
  'corr2dMultiInOut: X': (x) => c.corr2dMultiInOut(x, [[[[1]]]]),
  'corr2dMultiInOut: K': (x) => c.corr2dMultiInOut([[[1]]], x),
  'corr2dMultiInOut1x1: X': (x) => c.corr2dMultiInOut1x1(x, [[[[1]]]]),
  'corr2dMultiInOut1x1: K': (x) => c.corr2dMultiInOut1x1([[[1]]], x),
  'toImageData: tensor': (x) => c.toImageData(x),
  'add: the argument': (x) => scene.add(x),
  'sub: the argument': (x) => scene.sub(x),
  'mul: the argument': (x) => scene.mul(x),
};

/** Each with each of these; `message` follows the argument's name. */
function forEachTensorArgument(cases, code = 'INVALID_ARGUMENT') {
  for (const [argument, call] of Object.entries(TENSOR_ARGUMENTS)) {
    for (const [bad, message] of cases) {
      expectError(c, code, `${argument.trim()}${message}`, () => call(bad));
    }
  }
}

const wanted = 'must be a tensor, nested arrays of numbers, or { data, shape }';

testErrors('what is no tensor at all', () => {
  class Foo {}
  forEachTensorArgument([
    [undefined, ` is undefined, ${wanted}`],
    [null, ` is null, ${wanted}`],
    [true, ` is true, ${wanted}`],
    ['text', ` is "text", ${wanted}`],
    ['', ` is "", ${wanted}`],
    ['x'.repeat(1000), ` is "${'x'.repeat(40)}…", ${wanted}`],
    [10n, ` is 10n, ${wanted}`],
    [2n ** 900n, ` is ${String(2n ** 900n).slice(0, 40)}…n, ${wanted}`],
    [Symbol('s'), ` is a symbol, ${wanted}`],
    [() => [1], ` is a function, ${wanted}`],
    [class {}, ` is a function, ${wanted}`],
    [{}, ` is an object, ${wanted}`],
    [Object.create(null), ` is an object, ${wanted}`],
    [new Foo(), ` is an object, ${wanted}`],
    [{ length: 1, 0: 1 }, ` is an object, ${wanted}`],
    [{ data: [1] }, ` is an object, ${wanted}`],
    [{ shape: [1] }, ` is an object, ${wanted}`],
    [new Map(), ` is an object of type Map, ${wanted}`],
    [new Date(0), ` is an object of type Date, ${wanted}`],
    [new Number(1), ` is an object of type Number, ${wanted}`],
    [new ArrayBuffer(4), ` is an object of type ArrayBuffer, ${wanted}`],
    [new DataView(new ArrayBuffer(4)), ` is an object of type DataView, ${wanted}`],
    [new BigInt64Array(1), ` is an object of type BigInt64Array, ${wanted}`],
    [new BigUint64Array(1), ` is an object of type BigUint64Array, ${wanted}`],
    [Promise.resolve([1]), ` is an object of type Promise, ${wanted}`],
    [new Set([1]), ` is an object of type Set, ${wanted}`],
  ]);
});

testErrors('what is no number inside of arrays', () => {
  const cyclic = [];
  cyclic.push(cyclic, 1);
  let deep = 1;
  for (let i = 0; i < 65; i++) deep = [deep];
  const holes = [1, 2, 3];
  delete holes[1];
  forEachTensorArgument([
    [['1'], '[0] is "1", must be a number'],
    [[1, null, 2], '[1] is null, must be a number'],
    [[undefined], '[0] is undefined, must be a number'],
    [holes, '[1] is undefined, must be a number'],
    [new Array(3), '[0] is undefined, must be a number'],
    [new Array(1e6), '[0] is undefined, must be a number'],
    [[1, 2n], '[1] is 2n, must be a number'],
    [[Symbol('s')], '[0] is a symbol, must be a number'],
    [[() => 1], '[0] is a function, must be a number'],
    [[{}], '[0] is an object, must be a number'],
    [[new Number(1)], '[0] is an object of type Number, must be a number'],
    [[true], '[0] is true, must be a number'],
    [
      [
        [1, 2],
        [3, '4'],
      ],
      '[1][1] is "4", must be a number',
    ],
    [[[[1]], [[{ valueOf: () => 1 }]]], '[1][0][0] is an object, must be a number'],
    [[c.memory], '[0] is a function, must be a number'],
    [[new BigInt64Array(1)], '[0] is an object of type BigInt64Array, must be a number'],
    [[{ data: [1], shape: [1] }], '[0] is an object, must be a number'],
    [cyclic, ' is nested deeper than 64 levels'],
    [deep, ' is nested deeper than 64 levels'],
  ]);
});

testErrors('tensors inside of arrays are no numbers either', () => {
  const [t, single] = [c.tensor([1]), c.tensor(5)];
  const advice = '; c.stack makes one tensor of several';
  forEachTensorArgument([
    [[t, t], `[0] is a tensor of [1], must be a number${advice}`],
    [[2, scene], `[1] is a tensor of 2×3, must be a number${advice}`],
    [
      [[1], t],
      `[1] is a tensor of [1], must be an array of length 1: nested arrays may not be ragged${advice}`,
    ],
    [
      { data: [single], shape: [1] },
      `.data[0] is a tensor of a single number (0-d), must be a number${advice}`,
    ],
  ]);
  t.dispose();
  single.dispose();
});

testErrors('ragged arrays', () => {
  const ragged = (at, found, length) =>
    `${at} is ${found}, must be an array of length ${length}: nested arrays may not be ragged`;
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
    [[[1, 2, 3], cyclic], '[1][0] is an array of length 2, must be a number'],
    [cyclic, ragged('[1]', 'an array of length 3', 2)],
  ]);
  // One level too many is no number where one should be.
  forEachTensorArgument([[[1, [2]], '[1] is an array of length 1, must be a number']]);
});

testErrors('an array that holds another one many times over', () => {
  let shared = [1, 2];
  for (let i = 0; i < 40; i++) shared = [shared, shared];
  for (const [argument, call] of Object.entries(TENSOR_ARGUMENTS)) {
    const message = new RegExp(
      `^${argument.trim().replace(/[[\]]/g, '\\$&')} of shape (2×)+2 is larger`,
    );
    expectError(c, 'OUT_OF_MEMORY', message, () => call(shared));
  }
});

testErrors('{ data, shape } with a bad shape', () => {
  const size = (at, shown) => `.shape[${at}] is ${shown}, must be a whole number of at least 0`;
  const data = [1, 2, 3];
  forEachTensorArgument([
    [{ data, shape: 3 }, '.shape is 3, must be an array of sizes'],
    [{ data, shape: undefined }, '.shape is undefined, must be an array of sizes'],
    [{ data, shape: null }, '.shape is null, must be an array of sizes'],
    [{ data, shape: '3' }, '.shape is "3", must be an array of sizes'],
    [{ data, shape: { 0: 3, length: 1 } }, '.shape is an object, must be an array of sizes'],
    [
      { data, shape: Int32Array.of(3) },
      '.shape is an object of type Int32Array, must be an array of sizes',
    ],
    [{ data, shape: [1.5, 2] }, size(0, '1.5')],
    [{ data, shape: [-3] }, size(0, '-3')],
    [{ data, shape: [3, NaN] }, size(1, 'NaN')],
    [
      { data, shape: [Infinity] },
      '.shape[0] is Infinity, must be a whole number from 0 to 9007199254740991',
    ],
    [{ data, shape: ['3'] }, size(0, '"3"')],
    [{ data, shape: [3n] }, size(0, '3n')],
    [{ data, shape: [null] }, size(0, 'null')],
    [{ data, shape: new Array(1) }, size(0, 'undefined')],
    [{ data, shape: [[3]] }, size(0, 'an array of length 1')],
    [{ data, shape: [Symbol('s')] }, size(0, 'a symbol')],
    [
      { data, shape: [1e20] },
      '.shape[0] is 100000000000000000000, must be a whole number from 0 to 9007199254740991',
    ],
    [
      { data, shape: new Array(65).fill(1) },
      '.shape.length is 65, must be a whole number from 0 to 64',
    ],
  ]);
});

testErrors('{ data, shape } with bad data', () => {
  const flat = 'must be a flat array of numbers';
  const shape = [2];
  forEachTensorArgument([
    [{ data: undefined, shape }, `.data is undefined, ${flat}`],
    [{ data: null, shape }, `.data is null, ${flat}`],
    [{ data: 'ab', shape }, `.data is "ab", ${flat}`],
    [{ data: 2, shape: [] }, `.data is 2, ${flat}`],
    [{ data: {}, shape }, `.data is an object, ${flat}`],
    [{ data: [[1, 2]], shape }, `.data is an array of length 1, ${flat}`],
    [{ data: [[1], [2]], shape }, `.data is an array of length 2, ${flat}`],
    [{ data: new ArrayBuffer(8), shape }, `.data is an object of type ArrayBuffer, ${flat}`],
    [{ data: new BigInt64Array(2), shape }, `.data is an object of type BigInt64Array, ${flat}`],
    [{ data: ['1', 2], shape }, '.data[0] is "1", must be a number'],
    [{ data: [1, null], shape }, '.data[1] is null, must be a number'],
    [{ data: new Array(2), shape }, '.data[0] is undefined, must be a number'],
    [{ data: [1, [2]], shape }, '.data[1] is an array of length 1, must be a number'],
  ]);
  forEachTensorArgument(
    [
      [{ data: [1, 2, 3], shape }, ' has 3 elements, its shape [2] has 2'],
      [{ data: [1], shape: [3, 4] }, ' has 1 elements, its shape 3×4 has 12'],
      [{ data: [], shape: [] }, ' has 0 elements, its shape a single number (0-d) has 1'],
      [{ data: [1], shape: [0, 5] }, ' has 1 elements, its shape 0×5 has 0'],
      [
        { data: new Float32Array(1), shape: [2 ** 53 - 1, 2 ** 53 - 1] },
        ' has 1 elements, its shape 9007199254740991×9007199254740991 has 8.112963841460666e+31',
      ],
      [
        { data: new Float32Array(1), shape: [...new Array(40).fill(2 ** 53 - 1), 0] },
        ` has 1 elements, its shape ${'9007199254740991×'.repeat(40)}0 has 0`,
      ],
    ],
    'SHAPE_MISMATCH',
  );
});

testErrors('tensors of another instance', () => {
  const foreign = other.ones([2, 3]);
  const gone = other.ones([2, 3]);
  gone.dispose();
  const message = ' is a tensor of another corr2d instance, must be one of this instance';
  forEachTensorArgument([
    [foreign, message],
    [foreign.at(0), message],
    [gone, message],
  ]);
  assert.deepEqual(foreign.toArray(), [
    [1, 1, 1],
    [1, 1, 1],
  ]);
});

testErrors('tensors that have been disposed of', () => {
  const t = c.ones([2, 3]);
  t.dispose();
  expectAll(t);
  const base = c.ones([4, 2, 3]);
  const view = base.at(1);
  view.dispose();
  expectAll(view);
  base.dispose();

  function expectAll(gone) {
    for (const [argument, call] of Object.entries(TENSOR_ARGUMENTS)) {
      expectError(c, 'DISPOSED', `${argument.trim()} (shape 2×3) has been disposed`, () =>
        call(gone),
      );
    }
    for (const [name, use] of Object.entries({
      data: () => gone.data,
      toArray: () => gone.toArray(),
      item: () => gone.item(),
      toString: () => gone.toString(),
      reshape: () => gone.reshape([6]),
      at: () => gone.at(0),
      add: () => gone.add(1),
      sub: () => gone.sub(gone),
      mul: () => gone.mul([1, 2, 3]),
      abs: () => gone.abs(),
      sum: () => gone.sum(),
      clone: () => gone.clone(),
    })) {
      expectError(c, 'DISPOSED', `${name}: the tensor (shape 2×3) has been disposed`, use);
    }
    expectError(c, 'DISPOSED', /^toString: /, () => `${gone}`);
    expectError(c, 'DISPOSED', /^item: /, () => Number(gone));
    // Also where another argument is wrong.
    expectError(c, 'DISPOSED', /^reshape: /, () => gone.reshape('bad'));
    expectError(c, 'DISPOSED', /^add: the tensor/, () => gone.add('bad'));
  }
});

// ---------------------------------------------------------------------------------------------
// Shapes and numbers

/** Every function that takes a shape. */
const SHAPES = {
  zeros: (shape) => c.zeros(shape),
  ones: (shape) => c.ones(shape),
  full: (shape) => c.full(shape, 1),
  normal: (shape) => c.normal(0, 1, shape),
  reshape: (shape) => scene.reshape(shape),
};

testErrors('bad shapes', () => {
  for (const [name, call] of Object.entries({
    ...SHAPES,
    tensor: (shape) => (shape === undefined ? c.zeros(shape) : c.tensor([1], shape)),
  })) {
    // There it stands for the size that is left.
    const others = name === 'reshape' ? ', or -1' : '';
    for (const [bad, shown] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [5, '5'],
      [NaN, 'NaN'],
      ['2,3', '"2,3"'],
      [{}, 'an object'],
      [{ length: 0 }, 'an object'],
      [Int32Array.of(1), 'an object of type Int32Array'],
      [scene, 'a tensor of 2×3'],
      [() => [1], 'a function'],
      [Symbol('s'), 'a symbol'],
      [1n, '1n'],
    ]) {
      const where = name === 'tensor' && bad === undefined ? 'zeros' : name;
      invalid(`${where}: shape is ${shown}, must be an array of sizes`, () => call(bad));
    }
    for (const [bad, shown] of [
      [1.5, '1.5'],
      [-2, '-2'],
      [NaN, 'NaN'],
      [-Infinity, '-Infinity'],
      ['1', '"1"'],
      [null, 'null'],
      [undefined, 'undefined'],
      [true, 'true'],
      [[1], 'an array of length 1'],
      [{}, 'an object'],
      [1n, '1n'],
      [Symbol('s'), 'a symbol'],
      [() => 1, 'a function'],
    ]) {
      invalid(`${name}: shape[1] is ${shown}, must be a whole number of at least 0${others}`, () =>
        call([1, bad]),
      );
    }
    invalid(
      `${name}: shape[0] is 100000000000000000000, must be a whole number from 0 to 9007199254740991${others}`,
      () => call([1e20]),
    );
    invalid(`${name}: shape[0] is undefined, must be a whole number of at least 0${others}`, () =>
      call(new Array(2)),
    );
    invalid(`${name}: shape.length is 65, must be a whole number from 0 to 64`, () =>
      call(new Array(65).fill(1)),
    );
    invalid(`${name}: shape.length is 100000000, must be a whole number from 0 to 64`, () =>
      call(new Array(1e8)),
    );
  }
});

testErrors('tensor: a shape that the values do not fill', () => {
  for (const values of [[1, 2, 3], Float32Array.of(1, 2, 3), { data: [1, 2, 3], shape: [3] }]) {
    mismatch('tensor: values has 3 elements, its shape 2×2 has 4', () => c.tensor(values, [2, 2]));
    mismatch('tensor: values has 3 elements, its shape [0] has 0', () => c.tensor(values, [0]));
    mismatch('tensor: values has 3 elements, its shape a single number (0-d) has 1', () =>
      c.tensor(values, []),
    );
  }
  mismatch('tensor: values has 6 elements, its shape [4] has 4', () => c.tensor(scene, [4]));
});

testErrors('reshape: another size, and every misuse of -1', () => {
  mismatch('reshape: shape 2×3 has 6 elements, [4] has 4', () => scene.reshape([4]));
  mismatch('reshape: shape 2×3 has 6 elements, a single number (0-d) has 1', () =>
    scene.reshape([]),
  );
  mismatch('reshape: shape 2×3 has 6 elements, 0×6 has 0', () => scene.reshape([0, 6]));
  const none = (shown) =>
    `reshape: shape 2×3 has 6 elements, no size in place of the -1 makes ${shown} have as many`;
  mismatch(none('4×-1'), () => scene.reshape([4, -1]));
  mismatch(none('-1×0'), () => scene.reshape([-1, 0]));
  mismatch(none('-1×9007199254740991×9007199254740991'), () =>
    scene.reshape([-1, 2 ** 53 - 1, 2 ** 53 - 1]),
  );
  invalid('reshape: shape[0] and shape[1] are -1, only one size may be -1', () =>
    scene.reshape([-1, -1]),
  );
  invalid('reshape: shape[1] and shape[2] are -1, only one size may be -1', () =>
    scene.reshape([2, -1, -1, -1]),
  );
  const sizes = 'must be a whole number of at least 0, or -1';
  invalid(`reshape: shape[0] is -2, ${sizes}`, () => scene.reshape([-2, 2]));
  invalid(`reshape: shape[1] is -2, ${sizes}`, () => scene.reshape([-1, -2]));
  invalid(`reshape: shape[0] is 1.5, ${sizes}`, () => scene.reshape([1.5, -1]));
  const hole = [1, -1];
  delete hole[0];
  invalid(`reshape: shape[0] is undefined, ${sizes}`, () => scene.reshape(hole));
  const empty = c.zeros([0]);
  mismatch(/^reshape: shape \[0\] has 0 elements, no size in place of the -1/, () =>
    empty.reshape([0, -1]),
  );
  empty.dispose();
});

testErrors('at: a bad index, or nothing to slice', () => {
  for (const [bad, shown] of [
    [2, '2'],
    [-3, '-3'],
    [0.5, '0.5'],
    [NaN, 'NaN'],
    ['0', '"0"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [1e20, '100000000000000000000'],
    [0n, '0n'],
    [[0], 'an array of length 1'],
    [Symbol('s'), 'a symbol'],
  ]) {
    invalid(`at: index is ${shown}, must be a whole number from -2 to 1`, () => scene.at(bad));
  }
  const [single, empty] = [c.tensor(1), c.zeros([0, 3])];
  mismatch('at: a tensor without axes has no slices', () => single.at(0));
  invalid('at: axis 0 has no slices, its length is 0', () => empty.at(0));
  single.dispose();
  empty.dispose();
});

testErrors('item and Number(): not exactly one element', () => {
  const empty = c.zeros([2, 0]);
  for (const use of [(t) => t.item(), (t) => Number(t), (t) => t > 1, (t) => t * 1, (t) => +t]) {
    mismatch('item: the tensor of shape 2×3 has 6 elements, must have 1', () => use(scene));
    mismatch('item: the tensor of shape 2×0 has 0 elements, must have 1', () => use(empty));
  }
  empty.dispose();
});

const NO_NUMBERS = [
  [undefined, 'undefined'],
  [null, 'null'],
  ['1', '"1"'],
  [true, 'true'],
  [1n, '1n'],
  [Symbol('s'), 'a symbol'],
  [() => 1, 'a function'],
  [[1], 'an array of length 1'],
  [{ valueOf: () => 1 }, 'an object'],
  [new Number(1), 'an object of type Number'],
];

testErrors('full, arange, normal, stack: bad numbers', () => {
  for (const [bad, shown] of NO_NUMBERS) {
    invalid(`full: value is ${shown}, must be a number`, () => c.full([1], bad));
    invalid(`normal: mean is ${shown}, must be a number`, () => c.normal(bad, 1, [1]));
    invalid(`normal: std is ${shown}, must be a number`, () => c.normal(0, bad, [1]));
    invalid(`arange: n is ${shown}, must be a whole number of at least 0`, () => c.arange(bad));
    if (bad !== undefined) {
      invalid(`stack: axis is ${shown}, must be a whole number from -2 to 1`, () =>
        c.stack([[1]], bad),
      );
      invalid(`normal: seed is ${shown}, must be a whole number of at least 0`, () =>
        c.normal(0, 1, [1], { seed: bad }),
      );
    }
  }
  for (const bad of [NaN, Infinity, -Infinity]) {
    invalid(`normal: mean is ${bad}, must be finite`, () => c.normal(bad, 1, [1]));
    invalid(`normal: std is ${bad}, must be finite`, () => c.normal(0, bad, [1]));
  }
  invalid('normal: std is -0.5, must not be negative', () => c.normal(0, -0.5, [1]));
  for (const bad of [-1, 0.5, NaN, Infinity]) {
    const open = bad === Infinity ? 'from 0 to 9007199254740991' : 'of at least 0';
    invalid(`arange: n is ${bad}, must be a whole number ${open}`, () => c.arange(bad));
    invalid(`normal: seed is ${bad}, must be a whole number ${open}`, () =>
      c.normal(0, 1, [1], { seed: bad }),
    );
  }
  invalid(
    'normal: seed is 9007199254740992, must be a whole number from 0 to 9007199254740991',
    () => c.normal(0, 1, [1], { seed: 2 ** 53 }),
  );
  for (const bad of [2, -3, 0.5, NaN]) {
    invalid(`stack: axis is ${bad}, must be a whole number from -2 to 1`, () =>
      c.stack([[1]], bad),
    );
  }
  invalid('normal: unknown option "sed"; the options are: seed', () =>
    c.normal(0, 1, [1], { sed: 1 }),
  );
  for (const [bad, shown] of [
    [null, 'null'],
    [42, '42'],
    [[42], 'an array of length 1'],
  ]) {
    invalid(`normal: options is ${shown}, must be an object`, () => c.normal(0, 1, [1], bad));
  }
});

testErrors('stack: what is no list, and parts of different shapes', () => {
  for (const [bad, shown] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [[], 'an array of length 0'],
    [scene, 'a tensor of 2×3'],
    [3, '3'],
    ['ab', '"ab"'],
    [{ 0: [1], length: 1 }, 'an object'],
    [new Set([[1]]), 'an object of type Set'],
    [Float32Array.of(1), 'an object of type Float32Array'],
  ]) {
    invalid(`stack: tensors is ${shown}, must be an array of at least one tensor`, () =>
      c.stack(bad),
    );
  }
  mismatch('stack: tensors[1] is [3], must be [2] as tensors[0] is', () =>
    c.stack([
      [1, 2],
      [1, 2, 3],
    ]),
  );
  mismatch('stack: tensors[2] is 1×2, must be [2] as tensors[0] is', () =>
    c.stack([[1, 2], [3, 4], [[5, 6]]]),
  );
  mismatch('stack: tensors[1] is a single number (0-d), must be 2×3 as tensors[0] is', () =>
    c.stack([scene, 1]),
  );
  invalid(/^stack: tensors\[1\] is undefined/, () => c.stack(Object.assign(new Array(2), [[1]])));
});

testErrors('add, sub, mul: shapes that do not broadcast', () => {
  for (const name of ['add', 'sub', 'mul']) {
    const no = (shown, a, b) =>
      `${name}: shapes 2×3 and ${shown} do not broadcast: ${a} and ${b} are neither equal nor 1`;
    mismatch(no('[2]', 3, 2), () => scene[name]([1, 2]));
    mismatch(no('3×3', 2, 3), () =>
      scene[name]([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ]),
    );
    mismatch(no('[0]', 3, 0), () => scene[name]([]));
    mismatch(no('4×1×1×2', 3, 2), () =>
      scene[name]({ data: new Float32Array(8), shape: [4, 1, 1, 2] }),
    );
  }
});

testErrors('matmul: shapes that do not meet', () => {
  const axes = (name) => `matmul: ${name} is a single number (0-d), must have at least one axis`;
  mismatch(axes('a'), () => c.matmul(1, [1]));
  mismatch(axes('b'), () => c.matmul([1], 1));
  mismatch(axes('a'), () => c.matmul(1, 1));
  const meet = (a, b, k, rows) =>
    `matmul: a is ${a} and b is ${b}, ${k} columns of a do not meet ${rows} rows of b`;
  mismatch(meet('2×3', '2×3', 3, 2), () => c.matmul(scene, scene));
  mismatch(meet('[3]', '[2]', 3, 2), () => c.matmul([1, 2, 3], [1, 2]));
  mismatch(meet('2×3', '[2]', 3, 2), () => c.matmul(scene, [1, 2]));
  mismatch(meet('[1]', '2×3', 1, 2), () => c.matmul([1], scene));
  mismatch(meet('[0]', '2×3', 0, 2), () => c.matmul([], scene));
  const batches = (a, b, sizes) =>
    `matmul: a is ${a} and b is ${b}, their batch axes (all but the last two) do not broadcast: ` +
    `${sizes} are neither equal nor 1`;
  mismatch(batches('3×2×3', '2×3×2', '3 and 2'), () => c.matmul(zeros(3, 2, 3), zeros(2, 3, 2)));
  mismatch(batches('5×1×2×3', '4×2×3×1', '5 and 4'), () =>
    c.matmul(zeros(5, 1, 2, 3), zeros(4, 2, 3, 1)),
  );
});

// ---------------------------------------------------------------------------------------------
// The chapter's functions

const zeros = (...shape) => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape });

testErrors('the wrong rank, and axes in front that are longer than 1', () => {
  for (const [name, axesX, axesK] of [
    ['corr2d', 'h×w', 'kh×kw'],
    ['corr2dMultiIn', 'ci×h×w', 'ci×kh×kw'],
    ['corr2dMultiInOut', 'ci×h×w', 'co×ci×kh×kw'],
    ['corr2dMultiInOut1x1', 'ci×h×w', 'co×ci×1×1'],
  ]) {
    const [rankX, rankK] = [axesX, axesK].map((axes) => axes.split('×').length);
    const ones = (rank) => zeros(...new Array(rank).fill(1));
    for (const [side, rank, axes, call] of [
      ['X', rankX, axesX, (x) => c[name](x, ones(rankK))],
      ['K', rankK, axesK, (x) => c[name](ones(rankX), x)],
    ]) {
      for (let fewer = 0; fewer < rank; fewer++) {
        const shown = ['a single number (0-d)', '[1]', '1×1', '1×1×1'][fewer];
        mismatch(`${name}: ${side} is ${shown}, must be ${axes}`, () => call(ones(fewer)));
      }
      mismatch(`${name}: ${side} is a single number (0-d), must be ${axes}`, () => call(5));
      const inner = new Array(rank).fill(1);
      for (const front of [[2], [0], [1, 2], [2, 1]]) {
        const shape = [...front, ...inner];
        mismatch(`${name}: ${side} is ${shape.join('×')}, must be ${axes}`, () =>
          call(zeros(...shape)),
        );
      }
    }
  }
});

testErrors('channels that do not match', () => {
  const channels = (name, k, x) => `${name}: K has ${k} input channels, X has ${x}`;
  mismatch(channels('corr2dMultiIn', 3, 2), () => c.corr2dMultiIn(zeros(2, 4, 4), zeros(3, 2, 2)));
  mismatch(channels('corr2dMultiInOut', 1, 2), () =>
    c.corr2dMultiInOut(zeros(2, 4, 4), zeros(5, 1, 2, 2)),
  );
  mismatch(channels('corr2dMultiInOut1x1', 2, 3), () =>
    c.corr2dMultiInOut1x1(zeros(3, 4, 4), zeros(5, 2, 1, 1)),
  );
  mismatch(channels('corr2dMultiIn', 0, 2), () => c.corr2dMultiIn(zeros(2, 4, 4), zeros(0, 2, 2)));
});

testErrors('a kernel larger than the input', () => {
  const larger = (name, k, x) =>
    `${name}: K is ${k}, its kernel must not be larger than the input: X is ${x}`;
  mismatch(larger('corr2d', '3×1', '2×5'), () => c.corr2d(zeros(2, 5), zeros(3, 1)));
  mismatch(larger('corr2d', '1×6', '2×5'), () => c.corr2d(zeros(2, 5), zeros(1, 6)));
  mismatch(larger('corr2dMultiIn', '2×5×5', '2×4×9'), () =>
    c.corr2dMultiIn(zeros(2, 4, 9), zeros(2, 5, 5)),
  );
  // In the words of the caller: with the axis in front.
  mismatch(larger('corr2dMultiIn', '1×2×5×5', '1×2×4×9'), () =>
    c.corr2dMultiIn(zeros(1, 2, 4, 9), zeros(1, 2, 5, 5)),
  );
  mismatch(larger('corr2dMultiInOut', '3×2×1×2', '2×1×1'), () =>
    c.corr2dMultiInOut(zeros(2, 1, 1), zeros(3, 2, 1, 2)),
  );
});

testErrors('the 1×1 layer with a kernel that is not 1×1', () => {
  for (const [kh, kw] of [
    [1, 2],
    [2, 1],
    [3, 3],
    [0, 1],
    [1, 0],
  ]) {
    mismatch(`corr2dMultiInOut1x1: K is 2×3×${kh}×${kw}, must be co×ci×1×1`, () =>
      c.corr2dMultiInOut1x1(zeros(3, 4, 4), zeros(2, 3, kh, kw)),
    );
  }
});

testErrors('an empty kernel or image', () => {
  const empty = (name, x, k) =>
    `${name}: X is ${x} and K is ${k}, must not have an axis of length 0`;
  const shown = ({ shape }) => shape.join('×');
  for (const [name, X, K] of [
    ['corr2d', zeros(0, 3), zeros(1, 1)],
    ['corr2d', zeros(3, 0), zeros(1, 1)],
    ['corr2d', zeros(3, 3), zeros(0, 1)],
    ['corr2d', zeros(3, 3), zeros(1, 0)],
    ['corr2d', zeros(0, 0), zeros(0, 0)],
    ['corr2dMultiIn', zeros(0, 3, 3), zeros(0, 1, 1)],
    ['corr2dMultiIn', zeros(2, 0, 3), zeros(2, 1, 1)],
    ['corr2dMultiInOut', zeros(2, 3, 3), zeros(0, 2, 1, 1)],
    ['corr2dMultiInOut', zeros(0, 3, 3), zeros(2, 0, 1, 1)],
    ['corr2dMultiInOut', zeros(2, 3, 3), zeros(2, 2, 0, 1)],
    ['corr2dMultiInOut1x1', zeros(2, 0, 3), zeros(2, 2, 1, 1)],
    ['corr2dMultiInOut1x1', zeros(2, 3, 3), zeros(0, 2, 1, 1)],
    ['corr2dMultiInOut1x1', zeros(0, 3, 3), zeros(1, 0, 1, 1)],
  ]) {
    mismatch(empty(name, shown(X), shown(K)), () => c[name](X, K));
    const [tensorX, tensorK] = [c.tensor(X), c.tensor(K)];
    mismatch(empty(name, shown(X), shown(K)), () => c[name](tensorX, tensorK));
    tensorX.dispose();
    tensorK.dispose();
  }
  mismatch(empty('corr2d', '1×0', '1×1'), () => c.corr2d([[]], [[1]]));
});

// ---------------------------------------------------------------------------------------------
// Code of the caller's own, and everything at once

testErrors('what a getter of the caller’s throws comes out as it is', () => {
  const own = new Error('my own');
  const thrower = () => {
    throw own;
  };
  const traps = [
    Object.defineProperty({ shape: [1] }, 'data', { get: thrower, enumerable: true }),
    Object.defineProperty({ data: [1] }, 'shape', { get: thrower, enumerable: true }),
    Object.defineProperty([1, 2], 1, { get: thrower }),
  ];
  const before = account(c);
  for (const call of Object.values(TENSOR_ARGUMENTS)) {
    for (const trap of traps) assert.throws(() => call(trap), own);
  }
  assert.deepEqual(account(c), before);
});

testErrors('an array that changes while it is read', () => {
  const rows = [
    [1, 2],
    [3, 4],
  ];
  const changing = (values) =>
    Object.defineProperty([...rows], 1, { get: () => values.shift() ?? rows[1] });
  // Looked at three times: for its length, for its elements, and for the message.
  invalid('tensor: values changes while it is read', () => c.tensor(changing([rows[1], [5]])));
  invalid('tensor: values changes while it is read', () => c.tensor(changing([rows[1], [5, '6']])));
  invalid('tensor: values[1][1] is "6", must be a number', () =>
    c.tensor(changing([rows[1], [5, '6'], rows[1], [5, '6']])),
  );
});

testErrors('where several things are wrong, lengths are named before elements', () => {
  invalid(/^tensor: values\[2\] is an array of length 1, must be an array of length 2/, () =>
    c.tensor([[1, '2'], [3, 4], [5]]),
  );
  invalid('tensor: values[1][0] is null, must be a number', () =>
    c.tensor([
      [1, 2],
      [null, '4'],
    ]),
  );
});

testErrors('a message is made of anything', () => {
  const hostile = Object.defineProperty({}, Symbol.toStringTag, {
    get() {
      throw new Error('my own');
    },
  });
  const tagged = { [Symbol.toStringTag]: 'T'.repeat(100) };
  const odd = { toString: () => assert.fail('called'), toJSON: () => assert.fail('called') };
  forEachTensorArgument([
    [hostile, ` is an object, ${wanted}`],
    [tagged, ` is an object of type ${'T'.repeat(40)}…, ${wanted}`],
    [odd, ` is an object, ${wanted}`],
  ]);
});

testErrors('an argument that disposes of another one, or of itself', () => {
  const t = c.ones([2, 2]);
  const sly = {
    get data() {
      t.dispose();
      return [1];
    },
    shape: [1, 1],
  };
  const before = held(c);
  assert.throws(() => c.corr2d(t, sly), { name: 'Corr2dError', code: 'DISPOSED' });
  assert.deepEqual(held(c), {
    ...before,
    liveTensors: before.liveTensors - 1,
    liveBytes: before.liveBytes - 16,
    allocatedBytes: before.allocatedBytes - 16,
  });
});

test('any arguments at all: a result or a Corr2dError, and nothing left behind', async () => {
  const c = await loadTested();
  const foreign = other.ones([1]);
  const t = c.arange(6).reshape([1, 2, 3]);
  const gone = c.ones([1]);
  gone.dispose();
  const cyclic = [];
  cyclic.push(cyclic);
  const before = held(c);
  const pool = [
    undefined,
    null,
    true,
    false,
    0,
    1,
    2,
    3,
    -1,
    -0,
    0.5,
    NaN,
    Infinity,
    -Infinity,
    1e20,
    2 ** 31,
    2 ** 53,
    '',
    '1',
    'relu',
    5n,
    Symbol('s'),
    () => 1,
    class {},
    {},
    [],
    [[]],
    [[[]]],
    [1],
    [1, 2],
    [[1]],
    [
      [1, 2],
      [3, 4],
    ],
    [[1, 2], [3]],
    [[[1]]],
    [[[[1]]]],
    [
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
    [null],
    ['1'],
    [1n],
    Object.assign(new Array(2), { 1: 1 }),
    [-1],
    [1, -1],
    [2, 3],
    [0],
    [0, 0],
    [1.5],
    [1e20],
    [2 ** 20, 2 ** 20],
    cyclic,
    new Float32Array(0),
    new Float32Array(4),
    new Uint8ClampedArray(16),
    new BigInt64Array(2),
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    new Date(0),
    /x/,
    new Map(),
    new Error('e'),
    { data: [1], shape: [1] },
    { data: [1], shape: [1, 1] },
    { data: [1], shape: [1, 1, 1, 1] },
    { data: new Float32Array(4), shape: [2, 2] },
    { data: [1, 2], shape: [3] },
    { data: 1, shape: 1 },
    { data: new Float32Array(8), shape: [2, 1, 2, 2] },
    { data: [], shape: [0, 3] },
    { data: new Uint8ClampedArray(16), width: 2, height: 2 },
    { data: new Uint8ClampedArray(16), width: 4, height: 2 },
    { data: [], width: 0, height: 0 },
    { seed: 1 },
    { seed: -1 },
    { channels: 4 },
    { channels: 2 },
    { min: 0, max: 2 },
    { min: 2 },
    { scale: 1e300 },
    { x: undefined },
    t,
    gone,
    foreign,
    [t],
    [t, t],
    [foreign],
    [gone],
    c,
    other,
    Object.create(null),
    new Proxy([1], {}),
    new Proxy({}, {}),
    Object.freeze([1]),
    globalThis,
  ];
  const methods = [
    ...['tensor', 'zeros', 'ones', 'full', 'arange', 'normal', 'stack', 'matmul', 'corr2d'],
    ...['corr2dMultiIn', 'corr2dMultiInOut', 'corr2dMultiInOut1x1', 'fromImageData', 'toImageData'],
  ].map((name) => [c, name]);
  for (const name of ['reshape', 'at', 'add', 'sub', 'mul', 'abs', 'sum', 'clone', 'item']) {
    methods.push([t, name]);
  }
  const { pick, whole } = generator(12);
  const outcomes = {};
  for (let i = 0; i < 60_000; i++) {
    const [owner, name] = pick(methods);
    const given = Array.from({ length: whole(0, 4) }, () => pick(pool));
    let outcome = 'result';
    try {
      const result = owner[name](...given);
      result?.dispose?.();
    } catch (error) {
      if (!(error instanceof Corr2dError)) {
        throw new Error(`call ${i}, ${name}: ${error?.stack ?? error}`);
      }
      assert.ok(error.message.length < 400, error.message);
      outcome = error.code;
    }
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (i % 100 === 0) assert.deepEqual(held(c), before, `call ${i}, ${name}`);
  }
  assert.deepEqual(held(c), before);
  assert.equal(t.toString(), 'tensor([[[0., 1., 2.],\n         [3., 4., 5.]]])');
  assertComputes(c);
  c.dispose();
  // All of them have been seen, results too.
  assert.deepEqual(Object.keys(outcomes).sort(), [
    'DISPOSED',
    'INVALID_ARGUMENT',
    'OUT_OF_MEMORY',
    'SHAPE_MISMATCH',
    'result',
  ]);
  for (const count of Object.values(outcomes)) assert.ok(count > 50, JSON.stringify(outcomes));
});
