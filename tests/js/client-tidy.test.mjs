// `client.tidy` frees the handles that are created in it, except those that it returns.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSharedClient, createVariantClient } from './client-support.mjs';
import { expectRejection } from './helpers.mjs';

const client = await createSharedClient();

const liveTensors = async () => (await client.memory()).liveTensors;

/** Expects that exactly these handles are alive, and frees them. */
async function expectAlive(...handles) {
  assert.equal(await liveTensors(), handles.length);
  for (const one of handles) {
    assert.equal((await one.data()).length, one.size);
    one.dispose();
  }
  assert.equal(await liveTensors(), 0);
}

test('handles that are returned stay, also in arrays and plain objects', async () => {
  const y = await client.tidy(async (c) => {
    const x = await c.tensor([1, -2]);
    return c.relu(x, { keep: true });
  });
  assert.deepEqual([...(await y.data())], [1, 0]);
  await expectAlive(y);
  const { list, map } = await client.tidy(async (c) => {
    const all = await Promise.all([1, 2, 3, 4].map((value) => c.tensor(value)));
    return {
      list: [all[0], [all[1]]],
      map: { one: all[2], two: all[2], number: 5, nothing: null },
    };
  });
  await expectAlive(list[0], list[1][0], map.one);
  assert.equal(await client.tidy(() => 5), 5);
});

test('all handles are freed after an exception', async () => {
  const reason = new Error('my own');
  const failing = client.tidy(async (c) => {
    await c.tensor([1]);
    throw reason;
  });
  await assert.rejects(failing, (error) => error === reason);
  const throwing = client.tidy(() => {
    throw reason;
  });
  await assert.rejects(throwing, (error) => error === reason);
  await expectAlive();
});

test('tidies nest: what the inner one returns belongs to the outer one', async () => {
  let inner;
  const outer = await client.tidy(async (c) => {
    inner = await c.tidy(async (d) => {
      const t = await d.tensor([1]);
      return d.relu(t, { keep: true });
    });
    assert.equal(await liveTensors(), 1);
    return c.tensor([inner.size]);
  });
  await expectRejection('DISPOSED', /^data: /, inner.data());
  await expectAlive(outer);
});

test('keep exempts a handle from every enclosing tidy', async () => {
  let kept;
  await client.tidy(async (c) => {
    await c.tidy(async (d) => {
      kept = d.keep(await d.tensor([1]));
      await d.tensor([2]);
    });
    const own = await c.tensor([3]);
    assert.equal(client.keep(own), own);
    own.dispose();
  });
  await expectAlive(kept);
  assert.throws(() => client.keep([1]), {
    code: 'INVALID_ARGUMENT',
    message:
      'keep: handle is an array of length 1; expected a handle of a tensor or an image in the worker',
  });
});

test('keep refuses handles that are disposed of or belong to another client', async () => {
  const x = await client.tensor([1]);
  x.dispose();
  assert.throws(() => client.keep(x), {
    code: 'DISPOSED',
    message: 'keep: handle, the tensor (shape [1]), has been disposed',
  });
  const other = await createVariantClient();
  try {
    const y = await other.tensor([1]);
    assert.throws(() => client.keep(y), {
      code: 'INVALID_ARGUMENT',
      message: /^keep: handle is the tensor \(shape \[1\]\) of another client/,
    });
  } finally {
    other.dispose();
  }
});

test('tidies that run at the same time free only their own handles', async () => {
  const steps = [];
  const outside = [];
  const run = (name) =>
    client.tidy(async (c) => {
      const made = [];
      for (let i = 0; i < 5; i++) {
        made.push(await c.tensor([i]));
        outside.push(await client.tensor([i]));
        steps.push(name);
        // The other tidy has not freed these.
        for (const one of made) assert.equal((await one.data()).length, 1);
      }
      return made[4];
    });
  const [a, b] = await Promise.all([run('a'), run('b')]);
  assert.match(steps.join(''), /ab.*ab/);
  await expectAlive(a, b, ...outside);
});

test('a handle that arrives after its tidy has ended is freed', async () => {
  let late;
  await client.tidy((c) => {
    late = c.tensor([1]);
  });
  const handle = await late;
  await expectRejection('DISPOSED', /^data: /, handle.data());
  await expectAlive();
});

test('plans are not freed, and data is returned as it is', async () => {
  let plan;
  const { data } = await client.tidy(async (c) => {
    const weight = await c.tensor([[[[2]]]]);
    plan = await c.planConv2d({ inputShape: [1, 1, 1], weight });
    return plan.run([[[3]]]);
  });
  assert.deepEqual([...data], [6]);
  assert.deepEqual([...(await plan.run([[[4]]])).data], [8]);
  plan.dispose();
  await expectAlive();
  await expectRejection('INVALID_ARGUMENT', 'tidy: fn is 5; expected a function', client.tidy(5));
});

test('disposing of the client in a tidy ends the worker', async () => {
  const other = await createVariantClient();
  const t = await other.tidy(async (c) => {
    const kept = await c.tensor([1]);
    c.dispose();
    return kept;
  });
  await expectRejection('DISPOSED', /this corr2d client has been disposed/, t.data());
  t.dispose();
});
