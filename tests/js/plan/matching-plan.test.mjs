// planMatchTemplate: repeated searches for one template, with the scores of matchTemplate.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertSameBits,
  createRandom,
  createSharedInstance,
  expectError,
  memoryInUse,
} from '../helpers.mjs';
import { bytes, draw, METHODS, toPixels } from '../matching-oracle.mjs';

const c = await createSharedInstance();

const { uniform } = createRandom(1);
const mask = draw([9, 12], (y, x) => ((x + 2 * y) % 4) / 2);
/** Pictures of the same shape, and templates for them. */
const cases = [
  ['floats', [uniform(40, 50), uniform(40, 50)], uniform(9, 12)],
  ['large template', [uniform(96, 97), uniform(96, 97)], uniform(33, 32)],
  ['bytes', [bytes(1, 40, 50), bytes(2, 40, 50)], bytes(3, 9, 12)],
  ['colours', [uniform(3, 40, 50), uniform(3, 40, 50)], uniform(3, 9, 12)],
  ['masked', [uniform(40, 50), bytes(2, 40, 50)], uniform(9, 12), mask],
  ['masked colours', [uniform(3, 30, 31), uniform(3, 30, 31)], uniform(3, 9, 12), mask],
  ['as large as the picture', [uniform(9, 12), uniform(9, 12)], uniform(9, 12)],
];

for (const [name, images, template, weights] of cases) {
  test(`a plan gives the bits of matchTemplate for each picture: ${name}`, async () => {
    for (const method of METHODS) {
      const options = weights ? { method, mask: weights } : { method };
      const imageShape = images[0].shape;
      const plan = c.planMatchTemplate({ template, imageShape, ...options });
      assert.deepEqual(plan.outputShape, [
        imageShape.at(-2) - template.shape.at(-2) + 1,
        imageShape.at(-1) - template.shape.at(-1) + 1,
      ]);
      const out = c.zeros(plan.outputShape);
      for (const image of [...images, ...images]) {
        const expected = c.matchTemplate(image, template, options);
        const tensor = c.tensor(image.data, image.shape);
        const results = [plan.run(image), plan.run(tensor), await plan.runAsync(image)];
        for (const scores of results) {
          assertSameBits(scores, expected, method);
          scores.dispose();
        }
        assert.equal(plan.run(image, out), out);
        assertSameBits(out, expected, `${method}, out`);
        out.data.fill(0);
        assert.equal(await plan.runAsync(tensor, { out }), out);
        assertSameBits(out, expected, `${method}, runAsync and out`);
        for (const one of [expected, tensor]) one.dispose();
      }
      for (const one of [plan, out]) one.dispose();
    }
  });
}

test('ccoeff-normed is the default method of a plan', () => {
  const [, [image], template] = cases[0];
  const plan = c.planMatchTemplate({ template, imageShape: image.shape });
  const [scores, expected] = [plan.run(image), c.matchTemplate(image, template)];
  assertSameBits(scores, expected);
  for (const one of [plan, scores, expected]) one.dispose();
});

test('a plan takes ImageData as pictures and as its template', () => {
  const [planes, cut] = [bytes(4, 3, 30, 40), bytes(5, 3, 8, 9)];
  for (const alpha of [() => 255, (i) => (i * 41) % 256]) {
    const [image, template] = [toPixels(planes), toPixels(cut, alpha)];
    const plan = c.planMatchTemplate({ template, imageShape: [3, 30, 40] });
    const [scores, expected] = [plan.run(image), c.matchTemplate(image, template)];
    assertSameBits(scores, expected);
    for (const one of [plan, scores, expected]) one.dispose();
  }
});

test('a plan keeps its template: changing or disposing the arguments changes nothing', () => {
  const [, [image], given] = cases[0];
  const template = c.tensor(given.data, given.shape);
  const weights = c.tensor(mask.data, mask.shape);
  const expected = c.matchTemplate(image, template, { mask: weights });
  const plan = c.planMatchTemplate({ template, imageShape: image.shape, mask: weights });
  template.data.fill(7);
  weights.data.fill(0);
  template.dispose();
  weights.dispose();
  const scores = plan.run(image);
  assertSameBits(scores, expected);
  for (const one of [plan, scores, expected]) one.dispose();
});

test('a plan describes itself, and runAsync reports its tasks', async () => {
  const [image, template] = [uniform(200, 220), uniform(32, 32)];
  const plan = c.planMatchTemplate({ template, imageShape: image.shape });
  const text = plan.describe();
  assert.match(text, /169\s*×\s*189/);
  assert.ok(plan.tasks >= 1 && plan.workspaceBytes >= 0);
  const reports = [];
  const scores = await plan.runAsync(image, {
    onProgress: (done, tasks) => reports.push([done, tasks]),
  });
  assert.deepEqual(reports.at(-1), [plan.tasks, plan.tasks]);
  assert.ok(reports.every(([done], i) => i === 0 || done > reports[i - 1][0]));
  for (const one of [plan, scores]) one.dispose();
});

test('an aborted run of a plan rejects with the reason, and the plan stays usable', async () => {
  const [image, template] = [uniform(120, 130), uniform(16, 16)];
  const plan = c.planMatchTemplate({ template, imageShape: image.shape });
  const before = memoryInUse(c);
  const reason = new Error('my own reason');
  await assert.rejects(plan.runAsync(image, { signal: AbortSignal.abort(reason) }), reason);
  assert.deepEqual(memoryInUse(c), before);
  const controller = new AbortController();
  const run = plan.runAsync(image, {
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await assert.rejects(run, reason);
  assert.deepEqual(memoryInUse(c), before);
  const [scores, expected] = [plan.run(image), c.matchTemplate(image, template)];
  assertSameBits(scores, expected);
  for (const one of [plan, scores, expected]) one.dispose();
});

test('a plan rejects other shapes, and everything after dispose', () => {
  const [, [image], template] = cases[0];
  const plan = c.planMatchTemplate({ template, imageShape: image.shape });
  const out = c.zeros([32, 38]);
  for (const [input, to] of [
    [uniform(40, 51)],
    [uniform(3, 40, 50)],
    [uniform(50, 40)],
    [toPixels(bytes(1, 3, 40, 50))],
    [image, out],
  ]) {
    expectError(c, 'SHAPE_MISMATCH', /^planMatchTemplate|^run: /, () => plan.run(input, to));
  }
  out.dispose();
  plan.dispose();
  plan.dispose();
  expectError(c, 'DISPOSED', /disposed/, () => plan.run(image));
});

test('plans leave no memory allocated', () => {
  const before = memoryInUse(c);
  for (const [, [image], template, weights] of cases) {
    for (const method of METHODS) {
      const options = weights ? { method, mask: weights } : { method };
      const plan = c.planMatchTemplate({ template, imageShape: image.shape, ...options });
      plan.run(image).dispose();
      plan.dispose();
      assert.deepEqual(memoryInUse(c), before);
    }
  }
});
