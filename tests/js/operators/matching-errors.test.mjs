// Errors of matchTemplate, findTemplate and planMatchTemplate. Each leaves the memory as it was.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectError } from '../helpers.mjs';
import { bytes, toPixels } from '../matching-oracle.mjs';
import {
  c,
  expectRejected,
  expectUnknownRejected,
  NOT_FLAGS,
  NOT_POSITIVE,
  NOT_TENSORS,
  ones,
} from './bad-options.mjs';

const image = { shape: [6, 7], data: Float32Array.from({ length: 42 }, (_, i) => (i * 5) % 13) };
const template = { shape: [3, 2], data: Float32Array.of(1, 4, 2, 8, 5, 7) };
const colours = bytes(1, 3, 6, 7);

/** Each function as a call with a picture and a template, and the name of its picture. */
const calls = {
  matchTemplate: (a, b, options) => c.matchTemplate(a, b, options).dispose(),
  findTemplate: (a, b, options) => c.findTemplate(a, b, options),
  planMatchTemplate: (a, b, options) =>
    c.planMatchTemplate({ template: b, imageShape: a?.shape, ...options }).dispose(),
};

for (const [where, run] of Object.entries(calls)) {
  const takesImage = where !== 'planMatchTemplate';

  test(`${where} rejects pictures and templates that are not tensors`, () => {
    for (const bad of NOT_TENSORS) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: template`), () => run(image, bad));
      if (!takesImage) continue;
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: image`), () => run(bad, template));
    }
    for (const bad of [[], [3], 3, 'image', { width: 3, height: 3 }]) {
      const message = new RegExp(`^${where}: image`);
      const call = () => (takesImage ? run(bad, template) : run({ shape: bad }, template));
      assert.throws(call, { name: 'Corr2dError', message });
    }
    if (!takesImage) return;
    const bigints = { shape: [6, 7], data: new BigInt64Array(42) };
    expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: image`), () =>
      run(bigints, template),
    );
    const short = { shape: [6, 7], data: new Uint8Array(41) };
    assert.throws(() => run(short, template), {
      name: 'Corr2dError',
      message: new RegExp(`^${where}: image.*41`),
    });
  });

  test(`${where} rejects templates that do not fit the picture`, () => {
    for (const [a, b] of [
      // Larger than the picture.
      [image, ones(7, 2)],
      [image, ones(3, 8)],
      [image, ones(7, 8)],
      [colours, ones(3, 7, 2)],
      // Other channels.
      [colours, template],
      [image, ones(3, 2, 2)],
      [colours, ones(1, 2, 2)],
      [colours, ones(4, 2, 2)],
      // Empty.
      [image, ones(0, 2)],
      [image, ones(2, 0)],
      [ones(0, 7), template],
      [ones(6, 0), template],
      [ones(0, 0), ones(0, 0)],
      [ones(0, 6, 7), ones(0, 2, 2)],
      // Other numbers of axes.
      [image, ones(3)],
      [ones(9), ones(3)],
      [ones(2, 1, 6, 7), ones(2, 1, 2, 2)],
      [image, ones(2, 1, 3, 2)],
    ]) {
      const message = new RegExp(`^${where}: (image|template|imageShape) (is|has) .*expected`);
      expectError(c, 'SHAPE_MISMATCH', message, () => run(a, b));
    }
  });

  test(`${where} rejects masks of other shapes, and those that leave nothing to compare`, () => {
    const mismatch = (a, b, mask) =>
      expectError(c, 'SHAPE_MISMATCH', new RegExp(`^${where}: mask (is|has) .*expected`), () =>
        run(a, b, { mask }),
      );
    for (const shape of [[2, 3], [3, 3], [6], [1], [6, 7], [2, 1, 3, 2], [3, 3, 2], [0, 2]]) {
      mismatch(image, template, ones(...shape));
    }
    for (const shape of [[2, 3], [4, 3, 2], [2, 3, 2], [3, 2, 3], [3]]) {
      mismatch(colours, ones(3, 3, 2), ones(...shape));
    }
    for (const zero of [0, -0]) {
      const mask = { shape: [3, 2], data: new Float32Array(6).fill(zero) };
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: mask .*expected`), () =>
        run(image, template, { mask }),
      );
      const zeros = { shape: [3, 3, 2], data: new Float32Array(18).fill(zero) };
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: mask .*expected`), () =>
        run(colours, ones(3, 3, 2), { mask: zeros }),
      );
    }
    for (const bad of ['mask', true, {}, [[1, 2], [3]], { shape: [2], data: 'ab' }]) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: mask`), () =>
        run(image, template, { mask: bad }),
      );
    }
    // Means, which two methods subtract, are divided by the sum of the mask.
    const balanced = { shape: [3, 2], data: Float32Array.of(1, -1, 2, -2, 0.5, -0.5) };
    for (const method of ['ccoeff', 'ccoeff-normed']) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: mask .*0; expected`), () =>
        run(image, template, { mask: balanced, method }),
      );
    }
    run(image, template, { mask: balanced, method: 'sqdiff' });
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      const mask = { shape: [3, 2], data: Float32Array.of(1, 1, value, 1, 1, 1) };
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: mask .*expected`), () =>
        run(image, template, { mask }),
      );
    }
    if (!takesImage) return;
    const transparent = toPixels(bytes(2, 3, 2, 2), () => 0);
    expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: `), () => run(colours, transparent));
  });

  test(`${where} rejects unknown methods and options`, () => {
    const bad = ['CCOEFF', 'ccoeff_normed', 'TM_CCOEFF', 'ncc', '', 'toString', 5, null, true, {}];
    expectRejected(where, (options) => run(image, template, options), 'method', bad);
    const message = new RegExp(`^${where}: method is "ncc"; expected .*sqdiff.*ccoeff-normed`);
    expectError(c, 'INVALID_ARGUMENT', message, () => run(image, template, { method: 'ncc' }));
    if (takesImage) expectUnknownRejected(where, (options) => run(image, template, options));
    else {
      for (const name of ['stride', 'weight', 'inputShape', 'threshold']) {
        expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: unknown option "${name}"`), () =>
          run(image, template, { [name]: 1 }),
        );
      }
    }
  });

  test(`${where} rejects tensors that are disposed or of another instance, and surplus arguments`, () => {
    const disposed = c.tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
    disposed.dispose();
    const message = new RegExp(`^${where}: `);
    expectError(c, 'DISPOSED', message, () => run(image, disposed));
    expectError(c, 'DISPOSED', message, () => run(image, ones(2, 2), { mask: disposed }));
    if (takesImage) {
      expectError(c, 'DISPOSED', message, () => run(disposed, ones(2, 2)));
      expectError(c, 'INVALID_ARGUMENT', message, () => c[where](image, template, {}, 1));
    } else {
      expectError(c, 'INVALID_ARGUMENT', message, () => c[where]({}, 1));
      expectError(c, 'INVALID_ARGUMENT', message, () => c[where]());
    }
  });
}

test('findTemplate rejects bad thresholds, numbers of results and distances', () => {
  const run = (options) => c.findTemplate(image, template, options);
  const notNumbers = [Number.NaN, Infinity, -Infinity, '1', null, true, {}, [1], 2n];
  expectRejected('findTemplate', run, 'threshold', notNumbers);
  const notCounts = NOT_POSITIVE.filter((value) => value !== 2 ** 31);
  expectRejected('findTemplate', run, 'maxResults', notCounts);
  expectRejected('findTemplate', run, 'minDistance', [-1, -0.1, ...notNumbers]);
  expectRejected('findTemplate', run, 'subpixel', NOT_FLAGS);
});

test('planMatchTemplate rejects a missing template and bad shapes of pictures', () => {
  const run = (options) => c.planMatchTemplate(options);
  const bad = [undefined, null, 3, '6x7', {}, [6.5, 7], [-6, 7], ['6', 7], [6, Number.NaN]];
  for (const imageShape of bad) {
    expectError(c, 'INVALID_ARGUMENT', /^planMatchTemplate: imageShape/, () =>
      run({ template, imageShape }),
    );
  }
  expectError(c, 'INVALID_ARGUMENT', /^planMatchTemplate: template/, () =>
    run({ imageShape: [6, 7] }),
  );
});

test('pictures that are too large for their memory are refused, and the instance stays usable', () => {
  const huge = [2 ** 15, 2 ** 16];
  assert.throws(() => c.planMatchTemplate({ template: ones(9, 9), imageShape: huge }).run(image), {
    name: 'Corr2dError',
  });
  const scores = c.matchTemplate(image, template);
  assert.deepEqual(scores.shape, [4, 6]);
  scores.dispose();
});
