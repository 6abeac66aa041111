// c.tidy disposes of the tensors that were created in it, and c.keep exempts a tensor.

import assert from 'node:assert/strict';
import { createContext, runInContext } from 'node:vm';
import { assertStillComputes, assertTensor, expectError, loadVariant } from '../helpers.mjs';
import { collectGarbage, testMemory } from './support.mjs';

/** The number of live tensors. */
const live = (c) => c.memory().liveTensors;

/** Expects every tensor to be disposed. */
function assertDisposed(...tensors) {
  for (const tensor of tensors) assert.throws(() => tensor.data, { code: 'DISPOSED' });
}

testMemory('tidy disposes of what was created in it, except its result', (c) => {
  const outside = c.ones([2]);
  let inner;
  const result = c.tidy(() => {
    inner = [c.ones([1, 3, 3]), c.zeros([4])];
    inner.push(inner[1].reshape([2, 2]), inner[0].at(0));
    return c.relu(inner[0]);
  });
  assertDisposed(...inner);
  assertTensor(result, [1, 3, 3], new Array(9).fill(1));
  assertTensor(outside, [2], [1, 1]);
  assert.equal(live(c), 2);
});

testMemory('a result that is no tensor is returned, and everything is disposed of', (c) => {
  const results = [undefined, null, 0, 'text', Symbol.iterator, () => {}, new Map(), 10n, /a/];
  for (const result of results) {
    const created = [];
    const run = () => {
      created.push(c.ones([1]));
      return result;
    };
    assert.equal(c.tidy(run), result);
    assertDisposed(...created);
  }
  assert.equal(
    c.tidy(() => c.ones([3]).sum().item()),
    3,
  );
  assert.deepEqual(
    c.tidy(() => c.ones([1, 2]).toArray()),
    [[1, 1]],
  );
  assert.equal(live(c), 0);
});

testMemory('tensors in arrays and plain objects are part of the result, at any depth', (c) => {
  const cyclic = { list: [] };
  const foreign = runInContext('({ deep: [null] })', createContext());
  const bare = Object.create(null);
  let deep = null;
  const result = c.tidy(() => {
    c.zeros([9]);
    cyclic.list.push(c.ones([1]), cyclic);
    foreign.deep[0] = c.full([1], 2);
    bare.t = c.full([1], 3);
    deep = c.full([1], 4);
    for (let i = 0; i < 100_000; i++) deep = i % 2 ? [deep] : { deep };
    const sparse = [];
    sparse[2 ** 31] = c.full([1], 5);
    const y = c.full([1], 6);
    return {
      cyclic,
      foreign,
      bare,
      deep,
      sparse,
      get y() {
        return y;
      },
    };
  });
  while (deep.shape === undefined) deep = Object.values(deep)[0];
  const { list } = result.cyclic;
  const found = [list[0], foreign.deep[0], bare.t, deep, result.sparse[2 ** 31], result.y];
  assert.deepEqual(
    found.map((tensor) => tensor.item()),
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal(live(c), 6);
});

testMemory('tensors in other objects are not part of the result', (c) => {
  class Layer {
    constructor(weight) {
      this.weight = weight;
    }
  }
  const wraps = [
    (t) => new Map([['t', t]]),
    (t) => new Set([t]),
    (t) => new Layer(t),
    (t) => () => t,
  ];
  for (const wrap of wraps) {
    let t;
    const run = () => {
      t = c.ones([1]);
      return wrap(t);
    };
    c.tidy(run);
    assertDisposed(t);
  }
});

testMemory('the result of an inner tidy belongs to the outer one', (c) => {
  let inner;
  let dropped;
  const result = c.tidy(() => {
    inner = c.tidy(() => {
      dropped = c.ones([2]);
      return [dropped.sum(), dropped.mul(3)];
    });
    assertDisposed(dropped);
    assert.equal(live(c), 2);
    return inner[1];
  });
  assertDisposed(inner[0]);
  assertTensor(result, [2], [3, 3]);
  assert.equal(live(c), 1);
});

testMemory('an outer tensor that an inner tidy returns still belongs to the outer one', (c) => {
  let outer;
  c.tidy(() => {
    outer = c.ones([1]);
    assert.equal(
      c.tidy(() => outer),
      outer,
    );
    assert.equal(outer.item(), 1);
  });
  assertDisposed(outer);
  const before = c.ones([1]);
  assert.equal(
    c.tidy(() => before),
    before,
  );
  assert.equal(before.item(), 1);
});

testMemory('after an exception everything is disposed of, and the error passes unchanged', (c) => {
  const error = new Error('mine');
  const created = [];
  const run = () => {
    created.push(c.ones([1]));
    c.tidy(() => {
      created.push(c.ones([2]), c.ones([3]).reshape([3, 1]));
      throw error;
    });
  };
  assert.throws(
    () => c.tidy(run),
    (thrown) => thrown === error,
  );
  assertDisposed(...created);
  assert.equal(live(c), 0);
  const getter = () => {
    const t = c.ones([1]);
    return {
      t,
      get broken() {
        throw error;
      },
    };
  };
  assert.throws(
    () => c.tidy(getter),
    (thrown) => thrown === error,
  );
  assert.equal(live(c), 0);
  c.tidy(() => created.push(c.ones([1])));
  assertDisposed(...created);
});

testMemory('an error of a function that is called in tidy keeps its stack trace', (c) => {
  function innermost() {
    c.zeros([-1]);
  }
  const error = expectError(c, 'INVALID_ARGUMENT', /^zeros: /, () => c.tidy(() => innermost()));
  assert.match(error.stack, /innermost/);
});

testMemory(
  'a promise or generator as result is refused, and everything is disposed of',
  async (c) => {
    const created = [];
    const make = () => created.push(c.ones([1]));
    const promise = /^tidy: fn returned a promise; expected a synchronous function/;
    const late = [];
    const functions = [
      async () => make(),
      async () => {
        make();
        await null;
        late.push(c.ones([1]));
        // A disposed tensor: the rejection must not be reported as unhandled.
        created[0].add(1);
      },
      () => {
        make();
        return Promise.reject(new Error('rejected'));
      },
      () => {
        make();
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what this tests
        return { then() {}, t: c.ones([1]) };
      },
      () => {
        make();
        // biome-ignore lint/suspicious/noThenProperty: the same as a function
        return Object.assign(() => {}, { then() {} });
      },
    ];
    for (const fn of functions) expectError(c, 'INVALID_ARGUMENT', promise, () => c.tidy(fn));
    assertDisposed(...created);
    await collectGarbage();
    // Code that runs after tidy has ended is not part of it.
    assert.equal(late[0].item(), 1);
    const generator = (tag) =>
      `tidy: fn returned a ${tag}, which has not run; expected a synchronous function`;
    expectError(c, 'INVALID_ARGUMENT', generator('Generator'), () => c.tidy(function* () {}));
    expectError(c, 'INVALID_ARGUMENT', generator('AsyncGenerator'), () =>
      c.tidy(async function* () {}),
    );
  },
);

testMemory('tidy and keep refuse other arguments', async (c) => {
  for (const value of [undefined, null, 3, {}, [() => {}], 'fn']) {
    expectError(c, 'INVALID_ARGUMENT', /^tidy: fn is .*; expected a function$/, () =>
      c.tidy(value),
    );
    expectError(c, 'INVALID_ARGUMENT', /^keep: tensor is .*; expected a tensor$/, () =>
      c.keep(value),
    );
  }
  const other = await loadVariant();
  const foreign = other.ones([1]);
  expectError(c, 'INVALID_ARGUMENT', /^keep: tensor is a tensor of another corr2d instance/, () =>
    c.keep(foreign),
  );
  const disposed = c.ones([1]);
  disposed.dispose();
  expectError(c, 'DISPOSED', /^keep: tensor \(shape \[1\]\) has been disposed$/, () =>
    c.keep(disposed),
  );
  other.dispose();
  assert.throws(() => other.tidy(() => {}), { code: 'DISPOSED', message: /^tidy: / });
  assert.throws(() => other.keep(foreign), { code: 'DISPOSED', message: /^keep: / });
});

testMemory('keep exempts a tensor from every tidy, in any of them', (c) => {
  let kept;
  c.tidy(() => {
    const outer = c.ones([1]);
    c.tidy(() => {
      const inner = c.full([1], 2);
      const both = c.full([1], 3);
      kept = [c.keep(outer), c.keep(inner), c.keep(both)];
      return both;
    });
  });
  assert.deepEqual(
    kept.map((tensor) => tensor.item()),
    [1, 2, 3],
  );
  assert.equal(live(c), 3);
  // Outside of tidy it returns its argument.
  assert.equal(c.keep(kept[0]), kept[0]);
  // Kept tensors survive exceptions too.
  assert.throws(() =>
    c.tidy(() => {
      kept.push(c.keep(c.full([1], 4)));
      throw new Error();
    }),
  );
  assert.equal(kept[3].item(), 4);
});

testMemory('keep of a view keeps its memory, not the other views', (c) => {
  let base;
  let view;
  c.tidy(() => {
    base = c.arange(6);
    view = c.keep(base.reshape([2, 3]).at(1));
  });
  assertDisposed(base);
  c.full([6], NaN).dispose();
  assertTensor(view, [3], [3, 4, 5]);
  assert.deepEqual([live(c), c.memory().liveBytes], [1, 24]);
});

testMemory('tensors that are disposed of in tidy, or twice, do no harm', (c) => {
  const result = c.tidy(() => {
    const gone = c.ones([4]);
    gone.dispose();
    const returned = c.ones([4]);
    returned.dispose();
    return [gone, returned, c.ones([1])];
  });
  assertDisposed(result[0], result[1]);
  assert.equal(result[2].item(), 1);
  assert.equal(live(c), 1);
});

testMemory('tensors of other instances are not part of tidy', async (c) => {
  const other = await loadVariant();
  let foreign;
  c.tidy(() => {
    foreign = other.ones([1]);
    other.tidy(() => c.ones([2]));
    assert.equal(live(c), 1);
    c.tidy(() => {
      foreign = other.keep(foreign);
    });
  });
  assert.equal(foreign.item(), 1);
  assert.equal(live(c), 0);
  other.dispose();
});

testMemory('plans that are made in tidy keep their memory', (c) => {
  let plan;
  let output;
  c.tidy(() => {
    const weight = c.full([1, 1, 1, 1], 3);
    plan = c.planConv2d({ inputShape: [1, 1, 2], weight });
    output = plan.run(c.ones([1, 1, 2]));
  });
  assertDisposed(output);
  assertTensor(plan.run([[[1, 2]]]), [1, 1, 2], [3, 6]);
  plan.dispose();
});

testMemory('tidy can be called in callbacks and getters while another is open', async (c) => {
  const plan = c.planConv2d({ inputShape: [1, 2, 2], weight: [[[[2]]]] });
  const x = c.ones([1, 2, 2]);
  let calls = 0;
  const onProgress = () => {
    calls++;
    assert.equal(
      c.tidy(() => c.ones([5]).sum().item()),
      5,
    );
  };
  const before = live(c);
  let run;
  c.tidy(() => {
    c.ones([3]);
    run = plan.runAsync(x, { onProgress });
  });
  // The output of a run that was started in tidy belongs to the caller who waits for it.
  const y = await run;
  assertTensor(y, [1, 2, 2], [2, 2, 2, 2]);
  assert.ok(calls > 0);
  assert.equal(live(c), before + 1);
  const options = {
    get padding() {
      return c.tidy(() => c.ones([1]).item());
    },
  };
  let inner;
  c.tidy(() => {
    inner = c.conv2d(x, [[[[1]]]], options);
    assert.deepEqual(inner.shape, [1, 4, 4]);
    // Tensors that a getter creates while a call runs belong to the tidy that is open.
    c.conv2d(x, [[[[1]]]], {
      get bias() {
        return c.ones([1]);
      },
    });
  });
  assertDisposed(inner);
  assert.equal(live(c), before + 1);
  plan.dispose();
});

testMemory('a generator that yields between calls of tidy does not mix them up', (c) => {
  function* steps() {
    for (;;) {
      const t = c.tidy(() => c.ones([2]).sum());
      yield t;
      t.dispose();
    }
  }
  const iterator = steps();
  const first = c.tidy(() => iterator.next().value);
  assert.equal(first.item(), 2);
  let second;
  c.tidy(() => {
    second = iterator.next().value;
  });
  assertDisposed(first, second);
});

testMemory('an instance can be disposed of in its tidy', async () => {
  const c = await loadVariant();
  c.tidy(() => {
    c.ones([3]);
    c.dispose();
  });
  assert.throws(() => c.memory(), { code: 'DISPOSED' });
});

testMemory('a synchronous loop with tidy needs no more memory than one round', (c) => {
  const weight = c.full([3, 1, 3, 3], 1 / 9);
  const round = () =>
    c.tidy(() => {
      const x = c.zeros([3, 480, 640]);
      c.relu(c.conv2d(x, weight, { groups: 3, padding: 1 }));
    });
  round();
  const { heapBytes } = c.memory();
  for (let i = 0; i < 1000; i++) round();
  assert.equal(c.memory().heapBytes, heapBytes);
  assertStillComputes(c);
});
