// What holds for every convolution, whatever its numbers: seeded random problems, and float64 in plain
// JavaScript where something is to be compared with. With whole numbers float32 sums are exact, so most
// of what must be equal is compared bit by bit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertTensor, expectError, generator, sharedInstance, sizeOf } from './helpers.mjs';

const c = await sharedInstance();

/** Calls `run` with a generator per seed; every tensor it passes to `keep` is disposed of. */
function forEachSeed(count, run) {
  for (let seed = 0; seed < count; seed++) {
    const made = [];
    const keep = (tensor) => {
      made.push(tensor);
      return tensor;
    };
    try {
      run(generator(seed), keep, `seed ${seed}`);
    } finally {
      for (const tensor of made) tensor.dispose();
    }
  }
}

/** A random problem: `x`, `w`, options, sizes. `make` fills tensors: exact or uniform of a generator. */
function problem({ whole, pick, ...draw }, { make = 'exact', padding = true, same = {} } = {}) {
  const groups = pick([1, 1, 2, 3]);
  const [ci, co] = [groups * whole(1, 3), groups * whole(1, 3)];
  const [kh, kw] = [whole(1, 4), whole(1, 4)];
  const stride = [whole(1, 3), whole(1, 3)];
  const dilation = [whole(1, 2), whole(1, 3)];
  const pads = padding ? [whole(0, 2), whole(0, 2), whole(0, 2), whole(0, 2)] : [0, 0, 0, 0];
  const windows = [(kh - 1) * dilation[0] + 1, (kw - 1) * dilation[1] + 1];
  const h = Math.max(1, windows[0] - pads[0] - pads[1]) + whole(0, 6);
  const w = Math.max(1, windows[1] - pads[2] - pads[3]) + whole(0, 9);
  const sizes = { n: whole(1, 2), ci, co, kh, kw, h, w, groups };
  const options = { stride, dilation, groups, padding: pads, ...same };
  return {
    x: draw[make](sizes.n, ci, h, w),
    w: draw[make](co, ci / groups, kh, kw),
    options,
    sizes,
  };
}

const mapped = ({ data, shape }, change) => ({ shape, data: Array.from(data, change) });
const plus = (a, b, factor = 1) => mapped(a, (value, i) => value + factor * b.data[i]);

/** Equal in shape and values; 0 is -0. */
function assertSame(actual, expected, what) {
  assertTensor(
    mapped(actual, (value) => value + 0),
    [...expected.shape],
    Array.from(expected.data, (value) => value + 0),
    what,
  );
}

/** The channels from `begin` to `end` of axis `axis`. */
function slice({ data, shape }, axis, begin, end) {
  const inner = sizeOf(shape.slice(axis + 1));
  const step = shape[axis] * inner;
  const rows = [];
  for (let at = 0; at < data.length; at += step) {
    rows.push(...data.slice(at + begin * inner, at + end * inner));
  }
  return { shape: shape.with(axis, end - begin), data: rows };
}

/** Tensors joined along axis 1, all of one batch size. */
function joined(parts) {
  const [{ shape }] = parts;
  const channels = parts.map((part) => part.shape[1]);
  const data = [];
  for (let n = 0; n < shape[0]; n++) {
    for (const part of parts) data.push(...slice(part, 0, n, n + 1).data);
  }
  return {
    shape: shape.with(
      1,
      channels.reduce((sum, one) => sum + one),
    ),
    data,
  };
}

// ---------------------------------------------------------------------------------------------
// Float64, in plain JavaScript

/** The row of the input that stands at `i`, in an axis of `n`; undefined for a zero. */
const inside = {
  zeros: (i, n) => (i >= 0 && i < n ? i : undefined),
  replicate: (i, n) => Math.min(Math.max(i, 0), n - 1),
  reflect: (i, n) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i),
  circular: (i, n) => (i + n) % n,
};

/** conv2d in float64: `{ shape, data, magnitude }`, the latter of the absolute values. */
function conv2d64(x, w, bias, { stride, dilation, groups, padding, paddingMode = 'zeros' }) {
  const [n, ci, h, width] = x.shape;
  const [co, each, kh, kw] = w.shape;
  const [top, bottom, left, right] = padding;
  const rows = Math.floor((h + top + bottom - (kh - 1) * dilation[0] - 1) / stride[0]) + 1;
  const columns = Math.floor((width + left + right - (kw - 1) * dilation[1] - 1) / stride[1]) + 1;
  const shape = [n, co, rows, columns];
  const data = [];
  const magnitude = [];
  const at = inside[paddingMode];
  for (let b = 0; b < n; b++) {
    for (let o = 0; o < co; o++) {
      const first = Math.floor(o / (co / groups)) * each;
      for (let y = 0; y < rows; y++) {
        for (let z = 0; z < columns; z++) {
          let sum = bias?.[o] ?? 0;
          let size = Math.abs(sum);
          for (let i = 0; i < each; i++) {
            for (let k = 0; k < kh; k++) {
              const row = at(y * stride[0] + k * dilation[0] - top, h);
              if (row === undefined) continue;
              for (let l = 0; l < kw; l++) {
                const column = at(z * stride[1] + l * dilation[1] - left, width);
                if (column === undefined) continue;
                const value = x.data[((b * ci + first + i) * h + row) * width + column];
                const product = value * w.data[((o * each + i) * kh + k) * kw + l];
                sum += product;
                size += Math.abs(product);
              }
            }
          }
          data.push(sum);
          magnitude.push(size);
        }
      }
    }
  }
  return { shape, data, magnitude, terms: each * kh * kw + 1 };
}

/** Within the bound of any order of float32 summation. */
function assertNear(actual, { shape, data, magnitude, terms }, what) {
  assert.deepEqual(actual.shape, shape, what);
  actual.data.forEach((value, i) => {
    const bound = (terms + 1) * 2 ** -24 * magnitude[i];
    if (!(Math.abs(value - data[i]) <= bound)) {
      assert.fail(`${what}: element ${i} is ${value}, not ${data[i]} ± ${bound}`);
    }
  });
}

const dot = (a, b) => a.data.reduce((sum, value, i) => sum + value * b.data[i], 0);

// ---------------------------------------------------------------------------------------------

test('conv2d is within its bound of float64', () => {
  forEachSeed(300, (random, keep, what) => {
    const { x, w, options, sizes } = problem(random, { make: 'uniform' });
    const bias = random.uniform(sizes.co);
    const result = keep(c.conv2d(x, w, { ...options, bias }));
    assertNear(result, conv2d64(x, w, bias.data, options), what);
  });
});

test('linearity: in the input, and in the weight', () => {
  forEachSeed(150, (random, keep, what) => {
    const { x, w, options } = problem(random);
    const [other, taps] = [random.exact(...x.shape), random.exact(...w.shape)];
    const factor = random.whole(-3, 3);
    const conv = (input, weight) => keep(c.conv2d(input, weight, options));
    const one = conv(x, w);
    assertSame(conv(plus(x, other, factor), w), plus(one, conv(other, w), factor), what);
    assertSame(conv(x, plus(w, taps, factor)), plus(one, conv(x, taps), factor), what);
  });
});

test('a bias adds to each output channel', () => {
  forEachSeed(100, (random, keep, what) => {
    const { x, w, options, sizes } = problem(random);
    const bias = random.exact(sizes.co);
    const plain = keep(c.conv2d(x, w, options));
    const plane = plain.shape[2] * plain.shape[3];
    const expected = mapped(plain, (v, i) => v + bias.data[Math.floor(i / plane) % sizes.co]);
    assertSame(keep(c.conv2d(x, w, { ...options, bias })), expected, what);
  });
});

test('shift equivariance: a shifted input gives the shifted output', () => {
  forEachSeed(150, (random, keep, what) => {
    const { x, w, options, sizes } = problem(random, { padding: false });
    const [down, over] = [random.whole(0, 3), random.whole(0, 3)];
    const [sh, sw] = options.stride;
    // As many more rows and columns in front as `down` and `over` strides are.
    const moved = keep(c.pad(x, [over * sw, 0, down * sh, 0], 'constant', 5));
    const one = keep(c.conv2d(x, w, options));
    const other = keep(c.conv2d(moved, w, options));
    const [rows, columns] = other.shape.slice(2);
    const cropped = keep(c.pad(other, [-over, 0, -down, 0]));
    assert.deepEqual([rows - down, columns - over], one.shape.slice(2), what);
    assertSame(cropped, one, what);
    // With circular padding and no stride, it is so all around.
    const around = {
      groups: sizes.groups,
      padding: [sizes.kh - 1, 0, 0, sizes.kw - 1].map((pad, i) =>
        Math.min(pad, i < 2 ? sizes.h : sizes.w),
      ),
      paddingMode: 'circular',
    };
    if (sizes.kh > sizes.h || sizes.kw > sizes.w) return;
    const roll = (tensor) => {
      const [, , h, width] = tensor.shape;
      const source = Array.from(tensor.data);
      return mapped(tensor, (_, i) => {
        const [plane, y, z] = [Math.floor(i / (h * width)), Math.floor(i / width) % h, i % width];
        return source[(plane * h + ((y + down) % h)) * width + ((z + over) % width)];
      });
    };
    const still = keep(c.conv2d(x, w, around));
    assertSame(keep(c.conv2d(roll(x), w, around)), roll(still), `${what}, circular`);
  });
});

test('groups are the concatenation of their parts', () => {
  forEachSeed(150, (random, keep, what) => {
    const { x, w, options, sizes } = problem(random);
    const { groups, ci, co } = sizes;
    const parts = Array.from({ length: groups }, (_, g) =>
      keep(
        c.conv2d(
          slice(x, 1, (g * ci) / groups, ((g + 1) * ci) / groups),
          slice(w, 0, (g * co) / groups, ((g + 1) * co) / groups),
          { ...options, groups: 1 },
        ),
      ),
    );
    assertSame(keep(c.conv2d(x, w, options)), joined(parts), what);
  });
});

test('stride is subsampling', () => {
  forEachSeed(150, (random, keep, what) => {
    const { x, w, options } = problem(random);
    const strided = keep(c.conv2d(x, w, options));
    const all = keep(c.conv2d(x, w, { ...options, stride: 1 }));
    const [, , rows, columns] = strided.shape;
    const expected = mapped(strided, (_, i) => {
      const plane = Math.floor(i / (rows * columns));
      const y = (Math.floor(i / columns) % rows) * options.stride[0];
      return all.data[
        (plane * all.shape[2] + y) * all.shape[3] + (i % columns) * options.stride[1]
      ];
    });
    assertSame(strided, expected, what);
  });
});

test('dilation is a kernel with zeros between', () => {
  forEachSeed(150, (random, keep, what) => {
    const { x, w, options, sizes } = problem(random);
    const [dh, dw] = options.dilation;
    const shape = [...w.shape.slice(0, 2), (sizes.kh - 1) * dh + 1, (sizes.kw - 1) * dw + 1];
    const data = new Array(sizeOf(shape)).fill(0);
    w.data.forEach((value, i) => {
      const plane = Math.floor(i / (sizes.kh * sizes.kw));
      const y = (Math.floor(i / sizes.kw) % sizes.kh) * dh;
      data[(plane * shape[2] + y) * shape[3] + (i % sizes.kw) * dw] = value;
    });
    const expected = keep(c.conv2d(x, { shape, data }, { ...options, dilation: 1 }));
    assertSame(keep(c.conv2d(x, w, options)), expected, what);
  });
});

test('padding is pad, in every mode', () => {
  forEachSeed(200, (random, keep, what) => {
    const { x, w, options, sizes } = problem(random);
    const paddingMode = random.pick(['zeros', 'reflect', 'replicate', 'circular']);
    const most = { reflect: -1, circular: 0 }[paddingMode] ?? 9;
    const padding = options.padding.map((pad, i) =>
      Math.min(pad, (i < 2 ? sizes.h : sizes.w) + most),
    );
    const [top, bottom, left, right] = padding;
    const [kh, kw] = [sizes.kh, sizes.kw].map((k, i) => (k - 1) * options.dilation[i] + 1);
    if (kh > sizes.h + top + bottom || kw > sizes.w + left + right) return;
    const mode = paddingMode === 'zeros' ? 'constant' : paddingMode;
    const padded = keep(c.pad(x, [left, right, top, bottom], mode));
    const expected = keep(c.conv2d(padded, w, { ...options, padding: 0 }));
    const result = keep(c.conv2d(x, w, { ...options, padding, paddingMode }));
    assertSame(result, expected, `${what}, ${paddingMode}`);
  });
});

test('the transpose is the adjoint: ⟨conv(x), y⟩ = ⟨x, convT(y)⟩', () => {
  forEachSeed(200, (random, keep, what) => {
    const { x, w, options, sizes } = problem(random);
    const forward = keep(c.conv2d(x, w, options));
    const y = random.exact(...forward.shape);
    const [top, bottom, left, right] = options.padding;
    const rest = [
      [sizes.h + top + bottom, sizes.kh],
      [sizes.w + left + right, sizes.kw],
    ].map(([size, k], axis) => {
      const window = (k - 1) * options.dilation[axis] + 1;
      return (size - window) % options.stride[axis];
    });
    // A conv2d weight, Co×(Ci/groups), is a convTranspose2d weight whose inputs are the outputs.
    const back = keep(c.convTranspose2d(y, w, { ...options, outputPadding: rest }));
    assert.deepEqual(back.shape, x.shape, what);
    assert.equal(dot(forward, y), dot(back, x), what);
    // And it is what conv2dBackward gives for the input.
    const gradients = c.conv2dBackward(y, x, w, options);
    for (const one of Object.values(gradients)) keep(one);
    assertSame(gradients.input, back, what);
    assert.equal(dot(gradients.weight, w), dot(forward, y), what);
  });
});

test('gradients are those of central differences in float64', () => {
  forEachSeed(60, (random, keep, what) => {
    const { x, w, options, sizes } = problem(random, { make: 'uniform' });
    const paddingMode = random.pick(['zeros', 'reflect', 'replicate', 'circular']);
    const most = { reflect: -1, circular: 0 }[paddingMode] ?? 9;
    const padding = options.padding.map((pad, i) =>
      Math.min(pad, (i < 2 ? sizes.h : sizes.w) + most),
    );
    const all = { ...options, padding, paddingMode };
    const windows = [sizes.kh, sizes.kw].map((k, i) => (k - 1) * options.dilation[i] + 1);
    if (windows[0] > sizes.h + padding[0] + padding[1]) return;
    if (windows[1] > sizes.w + padding[2] + padding[3]) return;
    const bias = random.uniform(sizes.co);
    const shape = conv2d64(x, w, bias.data, all).shape;
    const dy = random.uniform(...shape);
    const gradients = c.conv2dBackward(dy, x, w, all);
    const given = { input: x, weight: w, bias };
    for (const [name, gradient] of Object.entries(gradients)) {
      keep(gradient);
      assert.deepEqual(gradient.shape, given[name].shape, `${what}: ${name}`);
      const values = Float64Array.from(given[name].data);
      const loss = () => {
        const changed = { ...given, [name]: { shape: given[name].shape, data: values } };
        return dot(conv2d64(changed.input, changed.weight, changed.bias.data, all), dy);
      };
      for (let turn = 0; turn < 6; turn++) {
        const i = random.whole(0, values.length - 1);
        const [value, step] = [values[i], 2 ** -10];
        values[i] = value + step;
        const above = loss();
        values[i] = value - step;
        const below = loss();
        values[i] = value;
        // It is linear in each of them: the difference is the gradient but for float64's rounding, and
        // float32's: at most (terms + 1)·2⁻²⁴ times the sum of as many products below 1.
        const expected = (above - below) / (2 * step);
        const terms = name === 'input' ? sizes.co * windows[0] * windows[1] * 16 : dy.data.length;
        const bound = (terms + 1) * terms * 2 ** -24 + 1e-9;
        const error = Math.abs(gradient.data[i] - expected);
        if (!(error <= Math.min(bound, 1e-4))) {
          assert.fail(
            `${what}, ${paddingMode}: ${name}[${i}] is ${gradient.data[i]}, not ${expected}`,
          );
        }
      }
    }
  });
});

test('two stacked kernels equal one larger kernel', () => {
  forEachSeed(150, (random, keep, what) => {
    const { whole, exact } = random;
    const [kh, kw, lh, lw] = [whole(1, 4), whole(1, 4), whole(1, 4), whole(1, 4)];
    const x = exact(1, 1, kh + lh + whole(0, 6), kw + lw + whole(0, 9));
    const [first, second] = [exact(kh, kw), exact(lh, lw)];
    const image = ({ shape, data }) => ({ shape: [1, 1, ...shape], data });
    const twice = keep(c.conv2d(keep(c.conv2d(x, image(first))), image(second)));
    const both = keep(c.convolve2d(first, second));
    assert.deepEqual(both.shape, [kh + lh - 1, kw + lw - 1]);
    assertSame(keep(c.conv2d(x, image(both))), twice, what);
  });
});

test('two stacked layers equal one whose kernels are larger', () => {
  forEachSeed(60, (random, keep, what) => {
    const { whole, exact } = random;
    const [ci, cm, co] = [whole(1, 3), whole(1, 4), whole(1, 3)];
    const [kh, kw, lh, lw] = [whole(1, 3), whole(1, 3), whole(1, 3), whole(1, 3)];
    const x = exact(2, ci, kh + lh + whole(0, 4), kw + lw + whole(0, 7));
    const [first, second] = [exact(cm, ci, kh, kw), exact(co, cm, lh, lw)];
    const twice = keep(c.conv2d(keep(c.conv2d(x, first)), second));
    const shape = [co, ci, kh + lh - 1, kw + lw - 1];
    const kernel = (tensor, o, i) => slice(slice(tensor, 0, o, o + 1), 1, i, i + 1);
    const plane = ({ shape: all, data }) => ({ shape: all.slice(2), data });
    const data = [];
    for (let o = 0; o < co; o++) {
      for (let i = 0; i < ci; i++) {
        let sum = { shape: shape.slice(2), data: new Array(shape[2] * shape[3]).fill(0) };
        for (let m = 0; m < cm; m++) {
          const [a, b] = [plane(kernel(first, m, i)), plane(kernel(second, o, m))];
          sum = plus(sum, keep(c.convolve2d(a, b)));
        }
        data.push(...sum.data);
      }
    }
    assertSame(keep(c.conv2d(x, { shape, data })), twice, what);
  });
});

test('unfold and matmul equal conv2d', () => {
  forEachSeed(150, (random, keep, what) => {
    const { x, w, options, sizes } = problem(random, { same: { groups: 1 } });
    const weight = random.exact(sizes.co, sizes.ci, sizes.kh, sizes.kw);
    const [top, , left] = options.padding;
    const padding = [top, left];
    const windows = [w.shape[2], w.shape[3]].map((k, i) => (k - 1) * options.dilation[i] + 1);
    if (windows[0] > sizes.h + 2 * top || windows[1] > sizes.w + 2 * left) return;
    const { stride, dilation } = options;
    const columns = keep(c.unfold(x, [sizes.kh, sizes.kw], { stride, dilation, padding }));
    const matrix = { shape: [sizes.co, sizes.ci * sizes.kh * sizes.kw], data: weight.data };
    const product = keep(c.matmul(matrix, columns));
    const expected = keep(c.conv2d(x, weight, { stride, dilation, padding }));
    const image = keep(product.reshape(expected.shape));
    assertSame(image, expected, what);
    // fold is unfold's adjoint.
    const y = random.exact(...columns.shape);
    const kernel = [sizes.kh, sizes.kw];
    const folded = keep(c.fold(y, [sizes.h, sizes.w], kernel, { stride, dilation, padding }));
    assert.equal(dot(columns, y), dot(folded, x), what);
  });
});

test('block-diagonal channel mixing by 1×1 equals groups', () => {
  forEachSeed(150, (random, keep, what) => {
    const { whole, exact } = random;
    const [groups, i, o] = [whole(1, 5), whole(1, 4), whole(1, 4)];
    const [ci, co] = [groups * i, groups * o];
    const x = exact(whole(1, 2), ci, whole(1, 6), whole(1, 9));
    const w = exact(co, i, 1, 1);
    const data = new Array(co * ci).fill(0);
    w.data.forEach((value, at) => {
      const row = Math.floor(at / i);
      data[row * ci + Math.floor(row / o) * i + (at % i)] = value;
    });
    const whole1x1 = keep(c.conv2d(x, { shape: [co, ci, 1, 1], data }));
    assertSame(keep(c.conv2d(x, w, { groups })), whole1x1, what);
    // The chapter's 1×1 layer is the same matrix product.
    const chapter = keep(c.corr2dMultiInOut1x1(slice(x, 0, 0, 1), { shape: [co, ci, 1, 1], data }));
    assertSame(keep(chapter.reshape([1, ...chapter.shape])), slice(whole1x1, 0, 0, 1), what);
  });
});

test('layouts are permutations', () => {
  const permuted = ({ shape, data }, from, to) => {
    const steps = Array.from(from, (_, axis) => sizeOf(shape.slice(axis + 1)));
    const order = Array.from(to, (letter) => from.indexOf(letter));
    const sizes = order.map((axis) => shape[axis]);
    const result = [];
    const walk = (axis, at) => {
      if (axis === order.length) result.push(data[at]);
      else for (let i = 0; i < sizes[axis]; i++) walk(axis + 1, at + i * steps[order[axis]]);
    };
    walk(0, 0);
    return { shape: sizes, data: result };
  };
  forEachSeed(100, (random, keep, what) => {
    const { x, w, options } = problem(random);
    const expected = keep(c.conv2d(x, w, options));
    for (const layout of ['nchw', 'nhwc']) {
      for (const weightLayout of ['oihw', 'hwio', 'ohwi', 'ihwo']) {
        const args = [permuted(x, 'nchw', layout), permuted(w, 'oihw', weightLayout)];
        const result = keep(c.conv2d(...args, { ...options, layout, weightLayout }));
        assertSame(
          result,
          permuted(expected, 'nchw', layout),
          `${what}: ${layout} ${weightLayout}`,
        );
      }
    }
  });
});

test('cost: doubling both channel counts makes the multiply-adds and the weights 4×', () => {
  forEachSeed(40, (random, _keep, what) => {
    const { sizes, options } = problem(random, { same: { groups: 1 } });
    const plan = (factor) => {
      const shape = [factor * sizes.co, factor * sizes.ci, sizes.kh, sizes.kw];
      const weight = { shape, data: new Array(sizeOf(shape)).fill(0) };
      const inputShape = [sizes.n, factor * sizes.ci, sizes.h, sizes.w];
      const made = c.planConv2d({ inputShape, weight, ...options });
      const { macs, flops, outputShape, weightBytes } = made;
      made.dispose();
      assert.equal(macs, sizeOf(outputShape) * sizeOf(shape.slice(1)), what);
      assert.equal(flops, 2 * macs, what);
      assert.ok(weightBytes >= 4 * sizeOf(shape), what);
      return macs;
    };
    assert.equal(plan(2), 4 * plan(1), what);
  });
});

// ---------------------------------------------------------------------------------------------
// Pictures

test('filter2d is the correlation of R, G and B, rounded and clamped, with alpha kept', () => {
  forEachSeed(150, (random, _keep, what) => {
    const { whole, pick } = random;
    const border = pick(['replicate', 'reflect', 'zeros']);
    const [kh, kw] = [whole(1, 6), whole(1, 6)];
    // A picture can be reflected where it is larger than half the kernel.
    const least = (k) => (border === 'reflect' ? Math.floor(k / 2) + 1 : 1);
    const [height, width] = [least(kh) + whole(0, 9), least(kw) + whole(0, 30)];
    const data = Uint8ClampedArray.from({ length: height * width * 4 }, () => whole(0, 255));
    const kernel = {
      shape: [kh, kw],
      data: Array.from({ length: kh * kw }, () => whole(-4, 6) / 8),
    };
    const bias = whole(-40, 40) + 1 / 16; // So that nothing is halfway between two bytes.
    const at = inside[border];
    const expected = Uint8ClampedArray.from(data, (value, i) => {
      const [y, x, channel] = [Math.floor(i / (4 * width)), Math.floor(i / 4) % width, i % 4];
      if (channel === 3) return value;
      let sum = bias;
      for (let k = 0; k < kh; k++) {
        for (let l = 0; l < kw; l++) {
          const row = at(y + k - Math.floor(kh / 2), height);
          const column = at(x + l - Math.floor(kw / 2), width);
          if (row === undefined || column === undefined) continue;
          sum += kernel.data[k * kw + l] * data[(row * width + column) * 4 + channel];
        }
      }
      return sum;
    });
    const how = `${what}: ${height}×${width} by ${kh}×${kw}, ${border}`;
    const original = data.slice();
    const result = c.filter2d({ data, width, height }, kernel, { bias, border });
    assert.deepEqual([result.width, result.height], [width, height], how);
    assert.deepEqual(result.data, expected, how);
    assert.deepEqual(data, original, how);
    const picture = { data, width, height };
    assert.equal(c.filter2d(picture, kernel, { bias, border, out: picture }), picture, how);
    assert.deepEqual(data, expected, `${how}, in place`);
  });
});

test('filter2d: bad arguments', () => {
  const picture = { data: new Uint8ClampedArray(4 * 5 * 6), width: 5, height: 6 };
  const refused = (code, message, run) => expectError(c, code, message, run);
  const kernel = [[1]];
  for (const bad of [null, undefined, 3, {}, { ...picture, data: [1] }]) {
    refused('INVALID_ARGUMENT', /^filter2d: imageData/, () => c.filter2d(bad, kernel));
  }
  for (const bad of [null, 'x', {}, [[1], [2, 3]]]) {
    refused('INVALID_ARGUMENT', /^filter2d: kernel/, () => c.filter2d(picture, bad));
  }
  for (const bad of [1, [1, 2], [[[1]]]]) {
    refused('SHAPE_MISMATCH', /^filter2d: kernel/, () => c.filter2d(picture, bad));
  }
  const withOptions = (options) => () => c.filter2d(picture, kernel, options);
  for (const border of ['wrap', 'constant', 'Reflect', '', null, 0]) {
    refused('INVALID_ARGUMENT', /^filter2d: border/, withOptions({ border }));
  }
  for (const bias of ['0', null, [0], true]) {
    refused('INVALID_ARGUMENT', /^filter2d: bias/, withOptions({ bias }));
  }
  for (const name of ['scale', 'Bias', 'boundary', 'padding']) {
    refused('INVALID_ARGUMENT', new RegExp(`^filter2d: .*${name}`), withOptions({ [name]: 1 }));
  }
  for (const out of [null, 3, {}]) {
    refused('INVALID_ARGUMENT', /^filter2d: out/, withOptions({ out }));
  }
  refused('SHAPE_MISMATCH', /^filter2d: imageData/, () =>
    c.filter2d({ ...picture, width: 4 }, kernel),
  );
  const out = { data: new Uint8ClampedArray(4 * 5 * 6), width: 6, height: 5 };
  refused('SHAPE_MISMATCH', /^filter2d: out/, withOptions({ out }));
});
