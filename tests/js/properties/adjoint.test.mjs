// Adjoints: transposed convolutions, gradients, fold and pools.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createSharedInstance } from '../helpers.mjs';
import { createProblem, PADDING_MODES, problems } from './arbitraries.mjs';
import { assertGradient } from './float64.mjs';
import { assertSame, dot, forAll, mapped, permuted } from './support.mjs';

const c = await createSharedInstance();

forAll(
  'the transpose is the adjoint: ⟨conv(x), y⟩ = ⟨x, convT(y)⟩',
  problems(),
  (problem, keep) => {
    const { x, w, options, sizes, exact } = createProblem(problem);
    const { paddingMode: _, ...transposable } = options;
    const forward = keep(c.conv2d(x, w, options));
    const y = exact(...forward.shape);
    const [top, bottom, left, right] = options.padding;
    // The number of rows and columns at the end that no window of the forward pass reads.
    const padded = [sizes.h + top + bottom, sizes.w + left + right];
    const outputPadding = padded.map(
      (size, axis) => (size - sizes.windows[axis]) % options.stride[axis],
    );
    // A conv2d weight, Co×(Ci/groups), is a convTranspose2d weight whose inputs are the outputs.
    const back = keep(c.convTranspose2d(y, w, { ...transposable, outputPadding }));
    assert.deepEqual(back.shape, x.shape);
    assert.equal(dot(forward, y), dot(back, x));
    // The gradient for the input is the same.
    const gradients = c.conv2dBackward(y, x, w, options);
    for (const one of Object.values(gradients)) keep(one);
    assertSame(gradients.input, back, 'the gradient for the input');
    assert.equal(dot(gradients.weight, w), dot(forward, y), 'the gradient for the weight');
  },
  200,
);

forAll(
  'the transpose of a convolution with a depth is its adjoint',
  fc.tuple(problems(), problems()),
  ([problem, other], keep) => {
    const { w, options, sizes, exact } = createProblem(problem);
    // The depth has the sizes of the rows of another problem.
    const { options: deep, sizes: depth } = createProblem(other);
    const [front, back] = deep.padding;
    const how = {
      groups: options.groups,
      stride: [deep.stride[0], ...options.stride],
      dilation: [deep.dilation[0], ...options.dilation],
      padding: [front, back, ...options.padding],
    };
    const x = exact(sizes.n, sizes.ci, depth.h, sizes.h, sizes.w);
    const weight = exact(w.shape[0], w.shape[1], depth.kh, sizes.kh, sizes.kw);
    const forward = keep(c.conv3d(x, weight, how));
    const y = exact(...forward.shape);
    const windows = [depth.windows[0], ...sizes.windows];
    const outputPadding = x.shape.slice(2).map((size, axis) => {
      const [before, after] = how.padding.slice(2 * axis);
      return (size + before + after - windows[axis]) % how.stride[axis];
    });
    const back3d = keep(c.convTranspose3d(y, weight, { ...how, outputPadding }));
    assert.deepEqual(back3d.shape, x.shape);
    assert.equal(dot(forward, y), dot(back3d, x));
  },
  200,
);

forAll(
  'layouts of gradients equal permutations of the axes',
  problems({ modes: PADDING_MODES }),
  (problem, keep) => {
    const { x, w, options, exact } = createProblem(problem);
    const dy = exact(...keep(c.conv2d(x, w, options)).shape);
    const { input, weight, bias } = c.conv2dBackward(dy, x, w, options);
    for (const one of [input, weight, bias]) keep(one);
    for (const layout of ['nchw', 'nhwc']) {
      for (const weightLayout of ['oihw', 'hwio', 'ohwi', 'ihwo']) {
        const images = [dy, x].map((one) => permuted(one, 'nchw', layout));
        const args = [...images, permuted(w, 'oihw', weightLayout)];
        const found = c.conv2dBackward(...args, { ...options, layout, weightLayout });
        for (const one of Object.values(found)) keep(one);
        const name = `${layout} ${weightLayout}`;
        assertSame(found.input, permuted(input, 'nchw', layout), name);
        assertSame(found.weight, permuted(weight, 'oihw', weightLayout), name);
        assertSame(found.bias, bias, name);
      }
    }
  },
  100,
);

forAll(
  'conv2dBackward computes the gradients that are named',
  fc.tuple(problems({ modes: PADDING_MODES }), fc.subarray(['input', 'weight', 'bias'])),
  ([problem, gradients], keep) => {
    const { x, w, options, exact } = createProblem(problem);
    const dy = exact(...keep(c.conv2d(x, w, options)).shape);
    const all = c.conv2dBackward(dy, x, w, options);
    const some = c.conv2dBackward(dy, x, w, { ...options, gradients });
    for (const one of [...Object.values(all), ...Object.values(some)]) keep(one);
    assert.deepEqual(Object.keys(some), gradients);
    for (const name of gradients) assertSame(some[name], all[name], name);
  },
  50,
);

forAll(
  'gradients equal central differences in float64',
  fc.tuple(
    problems({ modes: PADDING_MODES }),
    fc.uniqueArray(fc.nat(999), { minLength: 1, maxLength: 6 }),
  ),
  ([problem, places], keep) => {
    const { x, w, options, sizes, uniform } = createProblem(problem, 'uniform');
    const bias = uniform(sizes.co);
    const y = keep(c.conv2d(x, w, options));
    const dy = uniform(...y.shape);
    const gradients = c.conv2dBackward(dy, x, w, options);
    for (const one of Object.values(gradients)) keep(one);
    const given = { input: x, weight: w, bias };
    for (const [name, { shape }] of Object.entries(given)) {
      assert.deepEqual(gradients[name].shape, shape, name);
      for (const place of places) {
        const i = place % gradients[name].size;
        assertGradient(gradients[name], given, dy, options, name, i);
      }
    }
  },
  60,
);

forAll('fold is the adjoint of unfold', problems({ pads: 'pairs' }), (problem, keep) => {
  const { x, options, sizes, exact } = createProblem(problem);
  const [top, , left] = options.padding;
  const { stride, dilation } = options;
  const how = { stride, dilation, padding: [top, left] };
  const kernelSize = [sizes.kh, sizes.kw];
  const columns = keep(c.unfold(x, kernelSize, how));
  const y = exact(...columns.shape);
  const folded = keep(c.fold(y, [sizes.h, sizes.w], kernelSize, how));
  assert.deepEqual(folded.shape, x.shape);
  assert.equal(dot(columns, y), dot(folded, x));
});

/** The options of a pool from those of a convolution. Padding must be smaller than the dilated kernel. */
const poolOf = ({ options: { stride, dilation, padding }, sizes: { kh, kw, windows } }) => ({
  kernelSize: [kh, kw],
  how: { stride, dilation, padding: padding.map((pad, i) => Math.min(pad, windows[i >> 1] - 1)) },
  smaller: padding.map((pad, i) => Math.max(0, pad - windows[i >> 1] + 1)),
});

/** Images on which the windows of a pool fit, even if its padding is smaller than that of the problem. */
const pooled = (problem) => {
  const made = createProblem(problem);
  const { kernelSize, how, smaller } = poolOf(made);
  const [top, bottom, left, right] = smaller;
  const { n, ci, h, w } = made.sizes;
  return { ...made, kernelSize, how, x: made.exact(n, ci, h + top + bottom, w + left + right) };
};

forAll(
  'the gradient of avgPool2d is its adjoint',
  fc.tuple(problems(), fc.boolean()),
  ([problem, countIncludePad], keep) => {
    const { x, exact, kernelSize, how } = pooled(problem);
    const options = { ...how, countIncludePad };
    const y = keep(c.avgPool2d(x, kernelSize, options));
    const dy = exact(...y.shape);
    const dx = keep(c.avgPool2dBackward(dy, x.shape, kernelSize, options));
    assert.deepEqual(dx.shape, x.shape);
    // Both are the sum of the same products, each divided by a count. The sums of at most K terms in y
    // and dx are rounded K times, relative to the sum of the magnitudes.
    const magnitudes = keep(c.avgPool2d(mapped(x, Math.abs), kernelSize, options));
    const magnitude = dot(magnitudes, mapped(dy, Math.abs));
    const roundings = 2 * (kernelSize[0] * kernelSize[1] + 2);
    assert.ok(Math.abs(dot(y, dy) - dot(dx, x)) <= roundings * 2 ** -24 * magnitude);
  },
);

forAll(
  'the gradient of maxPool2d is that of a sum of the elements that are maxima',
  problems(),
  (problem, keep) => {
    const { x, exact, kernelSize, how } = pooled(problem);
    const y = keep(c.maxPool2d(x, kernelSize, how));
    const dy = exact(...y.shape);
    const dx = keep(c.maxPool2dBackward(dy, x, kernelSize, how));
    // Windows of padding only have no gradient.
    const finite = mapped(y, (value) => (Number.isFinite(value) ? value : 0));
    assert.equal(dot(dx, x), dot(finite, dy));
  },
);
