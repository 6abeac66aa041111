// Template matching by a client: results and errors of an instance, signals, progress, handles and plans.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createSharedClient } from './client-support.mjs';
import { assertSameBits, createRandom, expectRejection, loadVariant } from './helpers.mjs';
import { bytes, cutOut, draw, METHODS, toPixels } from './matching-oracle.mjs';

const c = await loadVariant();
after(() => c.dispose());
const client = await createSharedClient();

const { uniform } = createRandom(1);
const image = uniform(3, 60, 70);
const template = cutOut(image, [21, 33], [11, 12]);
const mask = draw([11, 12], (y, x) => ((x + y) % 3) / 2);

const liveTensors = async () => (await client.memory()).liveTensors;

test('matchTemplate and findTemplate give the results of an instance, for every method', async () => {
  for (const method of METHODS) {
    for (const options of [{ method }, { method, mask }]) {
      const expected = c.matchTemplate(image, template, options);
      assertSameBits(await client.matchTemplate(image, template, options), expected, method);
      expected.dispose();
      const isDistance = method.startsWith('sqdiff');
      const more = { ...options, threshold: isDistance ? 1e9 : -1e9, maxResults: 9 };
      for (const subpixel of [false, true]) {
        const all = { ...more, subpixel };
        assert.deepEqual(
          await client.findTemplate(image, template, all),
          c.findTemplate(image, template, all),
        );
      }
    }
  }
  assert.equal(await liveTensors(), 0);
});

test('bytes and ImageData reach the worker as they are', async () => {
  const [planes, small] = [bytes(2, 3, 30, 31), bytes(3, 3, 6, 7)];
  const pixels = [toPixels(planes), toPixels(small, (i) => (i * 7) % 256)];
  for (const args of [[planes, small], pixels, [pixels[0], small]]) {
    const expected = c.matchTemplate(...args);
    assertSameBits(await client.matchTemplate(...args), expected);
    expected.dispose();
  }
  const found = await client.findTemplate(
    toPixels(planes),
    toPixels(cutOut(planes, [9, 4], [8, 8])),
  );
  assert.deepEqual([found.length, found[0].x, found[0].y], [1, 4, 9]);
});

test('handles serve as pictures, templates and masks, and scores may stay in the worker', async () => {
  const given = [image, template, mask];
  const [a, b, m] = await Promise.all(given.map((one) => client.tensor(one.data, one.shape)));
  const kept = await client.matchTemplate(a, b, { mask: m, keep: true });
  const expected = c.matchTemplate(image, template, { mask });
  assertSameBits({ shape: kept.shape, data: await kept.data() }, expected);
  expected.dispose();
  assert.deepEqual(
    await client.findTemplate(a, b, { mask: m }),
    c.findTemplate(image, template, { mask }),
  );
  for (const one of [a, b, m, kept]) one.dispose();
  assert.equal(await liveTensors(), 0);
});

test('a plan stays in the worker and matches one picture after the other', async () => {
  const options = { template, imageShape: image.shape, mask };
  const [plan, own] = [await client.planMatchTemplate(options), c.planMatchTemplate(options)];
  assert.deepEqual(plan.outputShape, own.outputShape);
  assert.equal(plan.describe(), own.describe());
  for (const picture of [image, uniform(3, 60, 70)]) {
    const expected = own.run(picture);
    assertSameBits(await plan.run(picture), expected);
    const reports = [];
    const observed = await plan.run(picture, { onProgress: (...report) => reports.push(report) });
    assertSameBits(observed, expected);
    assert.deepEqual(reports.at(-1), [plan.tasks, plan.tasks]);
    expected.dispose();
  }
  own.dispose();
  plan.dispose();
  await expectRejection('DISPOSED', /^run: the plan has been disposed/, plan.run(image));
  assert.equal(await liveTensors(), 0);
});

test('aborted calls reject with the reason of their signal', async () => {
  const reason = new Error('my own reason');
  const signal = AbortSignal.abort(reason);
  for (const name of ['matchTemplate', 'findTemplate']) {
    await assert.rejects(client[name](image, template, { signal }), reason);
    const controller = new AbortController();
    const calls = [
      client[name](image, template),
      client[name](image, template, { signal: controller.signal }),
    ];
    controller.abort(reason);
    const [done, aborted] = await Promise.allSettled(calls);
    assert.equal(done.status, 'fulfilled');
    assert.equal(aborted.reason, reason);
  }
  assert.equal(await liveTensors(), 0);
});

test('errors are those of an instance', async () => {
  const large = uniform(3, 61, 12);
  for (const [name, ...args] of [
    ['matchTemplate', image, large],
    ['findTemplate', image, large],
    ['matchTemplate', image, template, { method: 'ncc' }],
    ['findTemplate', image, template, { threshold: Number.NaN }],
    ['matchTemplate', image, template, { mask: uniform(3, 3) }],
    ['planMatchTemplate', { template: large, imageShape: image.shape }],
  ]) {
    let error;
    try {
      c[name](...args);
    } catch (thrown) {
      error = thrown;
    }
    await expectRejection(error.code, error.message, client[name](...args));
  }
});
