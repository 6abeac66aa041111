// Properties of every convolution. Sums of whole numbers are exact in float32, so that results that must
// be equal are compared bitwise.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createSharedInstance, sizeOf } from '../helpers.mjs';
import { createProblem, draw, integer, PADDING_MODES, problems } from './arbitraries.mjs';
import { assertNear, conv2d64 } from './float64.mjs';
import { assertSame, forAll, joined, mapped, permuted, plus, slice } from './support.mjs';

const c = await createSharedInstance();

forAll(
  'conv2d is within its bound of float64',
  problems({ modes: PADDING_MODES }),
  (problem, keep) => {
    const { x, w, options, sizes, uniform } = createProblem(problem, 'uniform');
    const bias = uniform(sizes.co);
    const result = keep(c.conv2d(x, w, { ...options, bias }));
    assertNear(result, conv2d64(x, w, bias.data, options), 'conv2d');
  },
  300,
);

// Other algorithms have their own bounds.
for (const algorithm of ['direct', 'gemm', 'depthwise']) {
  forAll(
    `algorithm '${algorithm}' is within its bound of float64, or UNSUPPORTED`,
    problems({ modes: PADDING_MODES }),
    (problem, keep) => {
      const { x, w, options } = createProblem(problem, 'uniform');
      let result;
      try {
        result = keep(c.conv2d(x, w, { ...options, algorithm }));
      } catch (error) {
        assert.equal(error.code, 'UNSUPPORTED', error.message);
        assert.equal(algorithm, 'depthwise', error.message);
        assert.ok(w.shape[0] > options.groups, error.message);
        return;
      }
      assertNear(result, conv2d64(x, w, undefined, options), algorithm);
    },
  );
}

/** The result of a call, or the code of its error. */
const resultOf = (call) => {
  try {
    return call();
  } catch (error) {
    return error.code;
  }
};

forAll(
  'a weight with two axes is a kernel for each channel, or for a plane',
  fc.tuple(
    problems({ modes: PADDING_MODES }),
    fc.constantFrom('auto', 'direct', 'gemm', 'depthwise', 'winograd', 'separable', 'fft'),
  ),
  ([problem, algorithm], keep) => {
    const [, channels, height, width] = problem.input;
    const { x, w, options, sizes, exact } = createProblem({
      ...problem,
      weight: [1, 1, ...problem.weight.slice(2)],
      options: { ...problem.options, groups: channels },
    });
    const kernel = { shape: [sizes.kh, sizes.kw], data: w.data };
    const repeated = {
      shape: [channels, 1, ...kernel.shape],
      data: new Array(channels).fill([...w.data]).flat(),
    };
    const given = { ...options, algorithm, bias: exact(channels) };
    const expected = resultOf(() => keep(c.conv2d(x, repeated, given)));
    const assertEqual = (call, wanted, what) => {
      const result = resultOf(() => keep(call()));
      if (typeof wanted === 'string') assert.equal(result, wanted, what);
      else assertSame(result, wanted, what);
    };
    assertEqual(() => c.conv2d(x, kernel, given), expected, 'conv2d');
    assertEqual(
      () => {
        const plan = c.planConv2d({ inputShape: x.shape, weight: kernel, ...given });
        keep(plan);
        return plan.run(x);
      },
      expected,
      'planConv2d',
    );
    const layouts = { ...given, layout: 'nhwc', weightLayout: 'hwio' };
    const ofLast = permuted(x, 'nchw', 'nhwc');
    const expectedLast = resultOf(() =>
      keep(c.conv2d(ofLast, repeated, { ...given, layout: 'nhwc' })),
    );
    assertEqual(() => c.conv2d(ofLast, kernel, layouts), expectedLast, 'channels last');

    const plane = { shape: [height, width], data: x.data.slice(0, height * width) };
    const alone = { ...given, groups: 1, bias: undefined };
    const image = { ...plane, shape: [1, height, width] };
    const expectedPlane = resultOf(() => keep(c.conv2d(image, w, alone)));
    const shape = expectedPlane.shape?.slice(1);
    const wanted = shape === undefined ? expectedPlane : { shape, data: expectedPlane.data };
    for (const layout of ['nchw', 'nhwc']) {
      assertEqual(
        () => c.conv2d(plane, kernel, { ...alone, layout }),
        wanted,
        `a plane, ${layout}`,
      );
    }
  },
);

// The error bounds of these algorithms use norms: the largest input value in place of each input value.
for (const [algorithm, refuses] of [
  ['separable', ({ w }) => w.shape[1] > 1],
  // A stride has no effect if there is only one output.
  [
    'fft',
    ({ options, sizes }) => options.stride.some((stride, axis) => stride > 1 && sizes[axis] > 1),
  ],
]) {
  forAll(
    `algorithm '${algorithm}' is within its bound of float64, or UNSUPPORTED`,
    problems({ modes: PADDING_MODES }),
    (problem, keep) => {
      const { x, w, options } = createProblem(problem, 'uniform');
      const exact = conv2d64(x, w, undefined, options);
      const isRefused = refuses({ w, options, sizes: exact.shape.slice(2) });
      let result;
      try {
        result = keep(c.conv2d(x, w, { ...options, algorithm }));
      } catch (error) {
        assert.equal(error.code, 'UNSUPPORTED', error.message);
        assert.ok(isRefused, error.message);
        return;
      }
      assert.ok(!isRefused);
      const largest = x.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const taps = w.data.length / w.shape[0];
      const norms = Array.from({ length: w.shape[0] }, (_, o) =>
        w.data.slice(o * taps, (o + 1) * taps).reduce((sum, value) => sum + Math.abs(value), 0),
      );
      const plane = exact.shape[2] * exact.shape[3];
      const magnitude = exact.data.map(
        (_, i) => 2 * largest * norms[Math.floor(i / plane) % norms.length],
      );
      assertNear(result, { ...exact, magnitude }, algorithm);
    },
  );
}

forAll(
  'conv2d is linear in the input and in the weight',
  fc.tuple(problems(), integer(-3, 3)),
  ([problem, factor], keep) => {
    const { x, w, options, exact } = createProblem(problem);
    const [other, taps] = [exact(...x.shape), exact(...w.shape)];
    const conv = (input, weight) => keep(c.conv2d(input, weight, options));
    const one = conv(x, w);
    assertSame(conv(plus(x, other, factor), w), plus(one, conv(other, w), factor), 'input');
    assertSame(conv(x, plus(w, taps, factor)), plus(one, conv(x, taps), factor), 'weight');
  },
);

forAll('a bias adds to each output channel', problems(), (problem, keep) => {
  const { x, w, options, sizes, exact } = createProblem(problem);
  const bias = exact(sizes.co);
  const plain = keep(c.conv2d(x, w, options));
  const plane = plain.shape[2] * plain.shape[3];
  const expected = mapped(plain, (v, i) => v + bias.data[Math.floor(i / plane) % sizes.co]);
  assertSame(keep(c.conv2d(x, w, { ...options, bias })), expected);
});

const shifts = fc.tuple(integer(0, 3), integer(0, 3));

forAll(
  'shift equivariance: a shifted input gives the shifted output',
  fc.tuple(problems({ pads: 'none' }), shifts),
  ([problem, [down, over]], keep) => {
    const { x, w, options } = createProblem(problem);
    const [sh, sw] = options.stride;
    // Prepends the rows and columns of `down` and `over` strides.
    const moved = keep(c.pad(x, [over * sw, 0, down * sh, 0], 'constant', 5));
    const one = keep(c.conv2d(x, w, options));
    const other = keep(c.conv2d(moved, w, options));
    const [rows, columns] = other.shape.slice(2);
    assert.deepEqual([rows - down, columns - over], one.shape.slice(2));
    assertSame(keep(c.pad(other, [-over, 0, -down, 0])), one);
  },
);

forAll(
  'shift equivariance: with circular padding and stride 1 a rolled input gives the rolled output',
  fc.tuple(problems({ pads: 'none' }), shifts),
  ([problem, [down, over]], keep) => {
    const { x, w, options, sizes } = createProblem(problem);
    const { windows } = sizes;
    const padding = [windows[0] - 1, 0, 0, windows[1] - 1];
    const around = { ...options, stride: 1, padding, paddingMode: 'circular' };
    const roll = (tensor) => {
      const [, , h, width] = tensor.shape;
      return mapped(tensor, (_, i) => {
        const [plane, y, z] = [Math.floor(i / (h * width)), Math.floor(i / width) % h, i % width];
        return tensor.data[(plane * h + ((y + down) % h)) * width + ((z + over) % width)];
      });
    };
    const still = keep(c.conv2d(x, w, around));
    assertSame(keep(c.conv2d(roll(x), w, around)), roll(still));
  },
);

forAll('groups equal the concatenation of separate convolutions', problems(), (problem, keep) => {
  const { x, w, options, sizes } = createProblem(problem);
  const { groups, ci, co } = sizes;
  const parts = Array.from({ length: groups }, (_, g) => {
    const part = (tensor, axis, channels) =>
      slice(tensor, axis, (g * channels) / groups, ((g + 1) * channels) / groups);
    return keep(c.conv2d(part(x, 1, ci), part(w, 0, co), { ...options, groups: 1 }));
  });
  assertSame(keep(c.conv2d(x, w, options)), joined(parts));
});

forAll('stride equals subsampling', problems(), (problem, keep) => {
  const { x, w, options } = createProblem(problem);
  const strided = keep(c.conv2d(x, w, options));
  const all = keep(c.conv2d(x, w, { ...options, stride: 1 }));
  const [, , rows, columns] = strided.shape;
  const expected = mapped(strided, (_, i) => {
    const plane = Math.floor(i / (rows * columns));
    const y = (Math.floor(i / columns) % rows) * options.stride[0];
    return all.data[(plane * all.shape[2] + y) * all.shape[3] + (i % columns) * options.stride[1]];
  });
  assertSame(strided, expected);
});

forAll('dilation equals a kernel with zeros between its elements', problems(), (problem, keep) => {
  const { x, w, options, sizes } = createProblem(problem);
  const [dh, dw] = options.dilation;
  const shape = [...w.shape.slice(0, 2), ...sizes.windows];
  const data = new Array(sizeOf(shape)).fill(0);
  w.data.forEach((value, i) => {
    const plane = Math.floor(i / (sizes.kh * sizes.kw));
    const y = (Math.floor(i / sizes.kw) % sizes.kh) * dh;
    data[(plane * shape[2] + y) * shape[3] + (i % sizes.kw) * dw] = value;
  });
  const expected = keep(c.conv2d(x, { shape, data }, { ...options, dilation: 1 }));
  assertSame(keep(c.conv2d(x, w, options)), expected);
});

forAll(
  'padding equals c.pad in every mode',
  problems({ modes: PADDING_MODES }),
  (problem, keep) => {
    const { x, w, options } = createProblem(problem);
    const { paddingMode } = options;
    const [top, bottom, left, right] = options.padding;
    const mode = paddingMode === 'zeros' ? 'constant' : paddingMode;
    const padded = keep(c.pad(x, [left, right, top, bottom], mode));
    const expected = keep(c.conv2d(padded, w, { ...options, padding: 0, paddingMode: 'zeros' }));
    assertSame(keep(c.conv2d(x, w, options)), expected);
  },
  200,
);

forAll(
  'layouts equal permutations of the axes',
  problems(),
  (problem, keep) => {
    const { x, w, options } = createProblem(problem);
    const expected = keep(c.conv2d(x, w, options));
    for (const layout of ['nchw', 'nhwc']) {
      for (const weightLayout of ['oihw', 'hwio', 'ohwi', 'ihwo']) {
        const args = [permuted(x, 'nchw', layout), permuted(w, 'oihw', weightLayout)];
        const result = keep(c.conv2d(...args, { ...options, layout, weightLayout }));
        assertSame(result, permuted(expected, 'nchw', layout), `${layout} ${weightLayout}`);
      }
    }
  },
  100,
);

forAll('conv1d equals conv2d of one row', problems(), (problem, keep) => {
  const { input, weight, options } = problem;
  const { exact } = draw(problem.values);
  const row = (shape) => exact(...shape.slice(0, 2), shape[3]);
  const [x, w] = [row(input), row(weight)];
  const raised = ({ shape, data }) => ({ shape: [shape[0], shape[1], 1, shape[2]], data });
  const [, stride] = options.stride;
  const [, dilation] = options.dilation;
  const [, , ...padding] = options.padding;
  const { groups } = options;
  const expected = keep(
    c.conv2d(raised(x), raised(w), {
      groups,
      stride: [1, stride],
      dilation: [1, dilation],
      padding: [0, 0, ...padding],
    }),
  );
  const result = keep(c.conv1d(x, w, { groups, stride, dilation, padding }));
  assertSame(raised(result), expected);
});
