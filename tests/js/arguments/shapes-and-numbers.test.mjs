// Arguments that are shapes, indices or numbers, and shapes that do not fit together.

import assert from 'node:assert/strict';
import { c, expectInvalid, expectMismatch, matrix, testErrors, zeros } from './support.mjs';

/** For every function that takes a shape, a call with that shape. */
const SHAPES = {
  zeros: (shape) => c.zeros(shape),
  ones: (shape) => c.ones(shape),
  full: (shape) => c.full(shape, 1),
  normal: (shape) => c.normal(0, 1, shape),
  reshape: (shape) => matrix.reshape(shape),
};

testErrors('functions reject a shape that is not an array of whole numbers', () => {
  for (const [name, call] of Object.entries({
    ...SHAPES,
    tensor: (shape) => (shape === undefined ? c.zeros(shape) : c.tensor([1], shape)),
  })) {
    // reshape also accepts -1 for one size.
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
      [matrix, 'a tensor of 2×3'],
      [() => [1], 'a function'],
      [Symbol('s'), 'a symbol'],
      [1n, '1n'],
    ]) {
      const where = name === 'tensor' && bad === undefined ? 'zeros' : name;
      expectInvalid(`${where}: shape is ${shown}; expected an array of sizes`, () => call(bad));
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
      expectInvalid(
        `${name}: shape[1] is ${shown}; expected a whole number of at least 0${others}`,
        () => call([1, bad]),
      );
    }
    expectInvalid(
      `${name}: shape[0] is 100000000000000000000; expected a whole number from 0 to 9007199254740991${others}`,
      () => call([1e20]),
    );
    expectInvalid(
      `${name}: shape[0] is undefined; expected a whole number of at least 0${others}`,
      () => call(new Array(2)),
    );
    expectInvalid(`${name}: shape.length is 65; expected a whole number from 0 to 64`, () =>
      call(new Array(65).fill(1)),
    );
    expectInvalid(`${name}: shape.length is 100000000; expected a whole number from 0 to 64`, () =>
      call(new Array(1e8)),
    );
  }
});

testErrors('tensor rejects a shape that does not match the number of values', () => {
  for (const values of [[1, 2, 3], Float32Array.of(1, 2, 3), { data: [1, 2, 3], shape: [3] }]) {
    expectMismatch('tensor: values has 3 elements; expected 4 for the shape 2×2', () =>
      c.tensor(values, [2, 2]),
    );
    expectMismatch('tensor: values has 3 elements; expected 0 for the shape [0]', () =>
      c.tensor(values, [0]),
    );
    expectMismatch(
      'tensor: values has 3 elements; expected 1 for the shape a single number (0-d)',
      () => c.tensor(values, []),
    );
  }
  expectMismatch('tensor: values has 6 elements; expected 4 for the shape [4]', () =>
    c.tensor(matrix, [4]),
  );
});

testErrors('reshape rejects a different number of elements and every misuse of -1', () => {
  expectMismatch('reshape: shape [4] has 4 elements; expected 6, like 2×3', () =>
    matrix.reshape([4]),
  );
  expectMismatch('reshape: shape a single number (0-d) has 1 elements; expected 6, like 2×3', () =>
    matrix.reshape([]),
  );
  expectMismatch('reshape: shape 0×6 has 0 elements; expected 6, like 2×3', () =>
    matrix.reshape([0, 6]),
  );
  const none = (shown) =>
    `reshape: shape ${shown} has no size for its -1; expected 6 elements, like 2×3`;
  expectMismatch(none('4×-1'), () => matrix.reshape([4, -1]));
  expectMismatch(none('-1×0'), () => matrix.reshape([-1, 0]));
  expectMismatch(none('-1×9007199254740991×9007199254740991'), () =>
    matrix.reshape([-1, 2 ** 53 - 1, 2 ** 53 - 1]),
  );
  expectInvalid('reshape: shape[0] and shape[1] are -1; expected at most one -1', () =>
    matrix.reshape([-1, -1]),
  );
  expectInvalid('reshape: shape[1] and shape[2] are -1; expected at most one -1', () =>
    matrix.reshape([2, -1, -1, -1]),
  );
  const sizes = 'expected a whole number of at least 0, or -1';
  expectInvalid(`reshape: shape[0] is -2; ${sizes}`, () => matrix.reshape([-2, 2]));
  expectInvalid(`reshape: shape[1] is -2; ${sizes}`, () => matrix.reshape([-1, -2]));
  expectInvalid(`reshape: shape[0] is 1.5; ${sizes}`, () => matrix.reshape([1.5, -1]));
  const hole = [1, -1];
  delete hole[0];
  expectInvalid(`reshape: shape[0] is undefined; ${sizes}`, () => matrix.reshape(hole));
  const empty = c.zeros([0]);
  expectMismatch(/^reshape: shape 0×-1 has no size for its -1/, () => empty.reshape([0, -1]));
  empty.dispose();
});

testErrors('at rejects a bad index and tensors without slices', () => {
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
    expectInvalid(`at: index is ${shown}; expected a whole number from -2 to 1`, () =>
      matrix.at(bad),
    );
  }
  const [single, empty] = [c.tensor(1), c.zeros([0, 3])];
  expectMismatch('at: the tensor is a single number (0-d); expected at least one axis', () =>
    single.at(0),
  );
  expectInvalid('at: axis 0 has length 0; expected at least 1', () => empty.at(0));
  single.dispose();
  empty.dispose();
});

testErrors('item and Number() reject tensors that do not have exactly one element', () => {
  const empty = c.zeros([2, 0]);
  for (const use of [(t) => t.item(), (t) => Number(t), (t) => t > 1, (t) => t * 1, (t) => +t]) {
    expectMismatch('item: the tensor of shape 2×3 has 6 elements; expected 1', () => use(matrix));
    expectMismatch('item: the tensor of shape 2×0 has 0 elements; expected 1', () => use(empty));
  }
  empty.dispose();
});

const NOT_NUMBERS = [
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

testErrors('full, arange, normal and stack reject bad numbers', () => {
  for (const [bad, shown] of NOT_NUMBERS) {
    expectInvalid(`full: value is ${shown}; expected a number`, () => c.full([1], bad));
    expectInvalid(`normal: mean is ${shown}; expected a number`, () => c.normal(bad, 1, [1]));
    expectInvalid(`normal: std is ${shown}; expected a number`, () => c.normal(0, bad, [1]));
    expectInvalid(`arange: n is ${shown}; expected a whole number of at least 0`, () =>
      c.arange(bad),
    );
    if (bad !== undefined) {
      expectInvalid(`stack: axis is ${shown}; expected a whole number from -2 to 1`, () =>
        c.stack([[1]], bad),
      );
      expectInvalid(`normal: seed is ${shown}; expected a whole number of at least 0`, () =>
        c.normal(0, 1, [1], { seed: bad }),
      );
    }
  }
  for (const bad of [NaN, Infinity, -Infinity]) {
    const expected = `${bad}; expected a finite float32 number`;
    expectInvalid(`normal: mean is ${expected}`, () => c.normal(bad, 1, [1]));
    expectInvalid(`normal: std is ${expected}`, () => c.normal(0, bad, [1]));
  }
  expectInvalid('normal: std is -0.5; expected a number of at least 0', () =>
    c.normal(0, -0.5, [1]),
  );
  for (const bad of [-1, 0.5, NaN, Infinity]) {
    const open = bad === Infinity ? 'from 0 to 9007199254740991' : 'of at least 0';
    expectInvalid(`arange: n is ${bad}; expected a whole number ${open}`, () => c.arange(bad));
    expectInvalid(`normal: seed is ${bad}; expected a whole number ${open}`, () =>
      c.normal(0, 1, [1], { seed: bad }),
    );
  }
  expectInvalid(
    'normal: seed is 9007199254740992; expected a whole number from 0 to 9007199254740991',
    () => c.normal(0, 1, [1], { seed: 2 ** 53 }),
  );
  for (const bad of [2, -3, 0.5, NaN]) {
    expectInvalid(`stack: axis is ${bad}; expected a whole number from -2 to 1`, () =>
      c.stack([[1]], bad),
    );
  }
  expectInvalid('normal: unknown option "sed"; expected one of seed', () =>
    c.normal(0, 1, [1], { sed: 1 }),
  );
  for (const [bad, shown] of [
    [null, 'null'],
    [42, '42'],
    [[42], 'an array of length 1'],
  ]) {
    expectInvalid(`normal: options is ${shown}; expected an object such as { seed: … }`, () =>
      c.normal(0, 1, [1], bad),
    );
  }
});

testErrors('stack rejects anything but an array of tensors of one shape', () => {
  for (const [bad, shown] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [[], 'an array of length 0'],
    [matrix, 'a tensor of 2×3'],
    [3, '3'],
    ['ab', '"ab"'],
    [{ 0: [1], length: 1 }, 'an object'],
    [new Set([[1]]), 'an object of type Set'],
    [Float32Array.of(1), 'an object of type Float32Array'],
  ]) {
    expectInvalid(`stack: tensors is ${shown}; expected an array of at least one tensor`, () =>
      c.stack(bad),
    );
  }
  expectMismatch('stack: tensors[1] is [3]; expected [2], like tensors[0]', () =>
    c.stack([
      [1, 2],
      [1, 2, 3],
    ]),
  );
  expectMismatch('stack: tensors[2] is 1×2; expected [2], like tensors[0]', () =>
    c.stack([[1, 2], [3, 4], [[5, 6]]]),
  );
  expectMismatch('stack: tensors[1] is a single number (0-d); expected 2×3, like tensors[0]', () =>
    c.stack([matrix, 1]),
  );
  expectInvalid(/^stack: tensors\[1\] is undefined/, () =>
    c.stack(Object.assign(new Array(2), [[1]])),
  );
});

testErrors('add, sub and mul reject shapes that do not broadcast', () => {
  for (const name of ['add', 'sub', 'mul']) {
    const no = (shown, a, b) =>
      `${name}: shapes 2×3 and ${shown} do not broadcast: ${a} and ${b}; expected equal sizes, or 1`;
    expectMismatch(no('[2]', 3, 2), () => matrix[name]([1, 2]));
    expectMismatch(no('3×3', 2, 3), () =>
      matrix[name]([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ]),
    );
    expectMismatch(no('[0]', 3, 0), () => matrix[name]([]));
    expectMismatch(no('4×1×1×2', 3, 2), () =>
      matrix[name]({ data: new Float32Array(8), shape: [4, 1, 1, 2] }),
    );
  }
});

testErrors('matmul rejects shapes that do not match', () => {
  const axes = (name) => `matmul: ${name} is a single number (0-d); expected at least one axis`;
  expectMismatch(axes('a'), () => c.matmul(1, [1]));
  expectMismatch(axes('b'), () => c.matmul([1], 1));
  expectMismatch(axes('a'), () => c.matmul(1, 1));
  const meet = (a, b, k, rows) =>
    `matmul: a is ${a} and b is ${b}; expected as many columns of a (${k}) as rows of b (${rows})`;
  expectMismatch(meet('2×3', '2×3', 3, 2), () => c.matmul(matrix, matrix));
  expectMismatch(meet('[3]', '[2]', 3, 2), () => c.matmul([1, 2, 3], [1, 2]));
  expectMismatch(meet('2×3', '[2]', 3, 2), () => c.matmul(matrix, [1, 2]));
  expectMismatch(meet('[1]', '2×3', 1, 2), () => c.matmul([1], matrix));
  expectMismatch(meet('[0]', '2×3', 0, 2), () => c.matmul([], matrix));
  const batches = (a, b, sizes) =>
    `matmul: a is ${a} and b is ${b}, whose batch axes (all but the last two) do not broadcast: ` +
    `${sizes}; expected equal sizes, or 1`;
  expectMismatch(batches('3×2×3', '2×3×2', '3 and 2'), () =>
    c.matmul(zeros(3, 2, 3), zeros(2, 3, 2)),
  );
  expectMismatch(batches('5×1×2×3', '4×2×3×1', '5 and 4'), () =>
    c.matmul(zeros(5, 1, 2, 3), zeros(4, 2, 3, 1)),
  );
});

testErrors('an error that no other error caused has no property cause', () => {
  // Consoles would print `[cause]: undefined`.
  const error = expectInvalid('ones: shape is 5; expected an array of sizes', () => c.ones(5));
  assert.ok(!('cause' in error));
});
