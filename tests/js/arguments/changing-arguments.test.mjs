// Arguments that change while they are read: a getter resizes a buffer, disposes of a tensor, a plan or
// the instance, or makes the heap grow. The call throws, or reads exactly what it was given.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertStillComputes,
  assertTensor,
  expectError,
  loadVariant,
  memoryInUse,
  memoryState,
} from '../helpers.mjs';
import { c, expectInvalid, TENSOR_ARGUMENTS, testErrors } from './support.mjs';

const changes = /changed during the call$/;

/** A typed array of these values in a resizable buffer, with functions that resize it. */
function createResizable(Type, ...values) {
  const buffer = new ArrayBuffer(values.length * Type.BYTES_PER_ELEMENT, {
    maxByteLength: 2 * values.length * Type.BYTES_PER_ELEMENT,
  });
  const data = new Type(buffer);
  data.set(values);
  return { data, shrink: () => buffer.resize(0), grow: () => buffer.resize(buffer.maxByteLength) };
}

/** Leaves known values in the heap where the next small blocks will be allocated. */
function leaveTraces() {
  c.full([64], 1234).dispose();
}

for (const change of ['shrink', 'grow']) {
  test(`elements that ${change} while another argument is read are rejected`, () => {
    leaveTraces();
    const rows = createResizable(Float32Array, 1, 2, 3, 4);
    const kernel = {
      get data() {
        rows[change]();
        return [1];
      },
      shape: [1, 1],
    };
    expectError(c, 'INVALID_ARGUMENT', changes, () =>
      c.corr2d({ data: rows.data, shape: [2, 2] }, kernel),
    );
  });

  test(`elements that ${change} while the shape is read are rejected`, () => {
    leaveTraces();
    const row = createResizable(Float32Array, 1, 2, 3, 4);
    const late = new Proxy([4], {
      get(target, name) {
        if (name === '0') row[change]();
        return target[name];
      },
    });
    expectError(c, 'SHAPE_MISMATCH', /elements/, () => c.tensor(row.data, late));
  });

  test(`a picture that ${change}s while the options are read is rejected`, () => {
    leaveTraces();
    const bytes = createResizable(Uint8ClampedArray, ...new Array(64).fill(7));
    const picture = { data: bytes.data, width: 4, height: 4 };
    const options = {
      get scale() {
        bytes[change]();
        return 1;
      },
    };
    expectError(c, 'INVALID_ARGUMENT', changes, () => c.fromImageData(picture, options));

    const filtered = createResizable(Uint8ClampedArray, ...new Array(64).fill(7));
    expectError(c, 'INVALID_ARGUMENT', changes, () =>
      c.filter2d(
        { data: filtered.data, width: 4, height: 4 },
        {
          shape: [1, 1],
          get data() {
            filtered[change]();
            return [1];
          },
        },
      ),
    );
  });
}

test('run throws DISPOSED if the plan is disposed of while its input is read', () => {
  const plan = c.planConv2d({ inputShape: [1, 3, 3], weight: [[[[1]]]] });
  const input = {
    get data() {
      plan.dispose();
      return new Float32Array(9);
    },
    shape: [1, 3, 3],
  };
  assert.throws(() => plan.run(input), { code: 'DISPOSED', message: /^run: the plan/ });
});

test('a call throws DISPOSED if a tensor is disposed of while another argument is read', () => {
  const t = c.ones([2, 2]);
  const kernel = {
    get data() {
      t.dispose();
      return [1];
    },
    shape: [1, 1],
  };
  assert.throws(() => c.corr2d(t, kernel), { code: 'DISPOSED' });
});

test('a call throws DISPOSED if the instance is disposed of while an argument is read', async () => {
  const own = await loadVariant();
  const kernel = {
    get data() {
      own.dispose();
      return [1];
    },
    shape: [1, 1],
  };
  assert.throws(() => own.corr2d([[1]], kernel), { code: 'DISPOSED' });
});

test('a getter may make the heap grow and call the instance', () => {
  const before = memoryInUse(c);
  const t = c.tensor([
    [1, 2],
    [3, 4],
  ]);
  const kernel = {
    get data() {
      c.zeros([2 ** 20]).dispose();
      assertStillComputes(c);
      return [2];
    },
    shape: [1, 1],
  };
  const result = c.corr2d(t, kernel);
  assertTensor(result, [2, 2], [2, 4, 6, 8]);
  result.dispose();
  t.dispose();
  assert.deepEqual(memoryInUse(c), before);
});

testErrors('an error thrown by a getter is passed on unchanged', () => {
  const own = new Error('my own');
  const thrower = () => {
    throw own;
  };
  const traps = [
    Object.defineProperty({ shape: [1] }, 'data', { get: thrower, enumerable: true }),
    Object.defineProperty({ data: [1] }, 'shape', { get: thrower, enumerable: true }),
    Object.defineProperty([1, 2], 1, { get: thrower }),
  ];
  const before = memoryState(c);
  for (const call of Object.values(TENSOR_ARGUMENTS)) {
    for (const trap of traps) assert.throws(() => call(trap), own);
  }
  assert.deepEqual(memoryState(c), before);
});

testErrors('a nested array that changes while it is read is rejected', () => {
  const rows = [
    [1, 2],
    [3, 4],
  ];
  const changing = (values) =>
    Object.defineProperty([...rows], 1, { get: () => values.shift() ?? rows[1] });
  // It is read three times: for its length, for its elements, and for the message.
  expectInvalid('tensor: values changed during the call', () => c.tensor(changing([rows[1], [5]])));
  expectInvalid('tensor: values changed during the call', () =>
    c.tensor(changing([rows[1], [5, '6']])),
  );
  expectInvalid('tensor: values[1][1] is "6"; expected a number', () =>
    c.tensor(changing([rows[1], [5, '6'], rows[1], [5, '6']])),
  );
});

testErrors(
  'a call that is rejected with DISPOSED frees only the tensor that was disposed of',
  () => {
    const t = c.ones([2, 2]);
    const kernel = {
      get data() {
        t.dispose();
        return [1];
      },
      shape: [1, 1],
    };
    const before = memoryInUse(c);
    assert.throws(() => c.corr2d(t, kernel), { name: 'Corr2dError', code: 'DISPOSED' });
    assert.deepEqual(memoryInUse(c), {
      ...before,
      liveTensors: before.liveTensors - 1,
      liveBytes: before.liveBytes - 16,
      allocatedBytes: before.allocatedBytes - 16,
    });
  },
);
