// The oracle of the properties: convolutions in float64, and bounds of the error of float32.

import assert from 'node:assert/strict';
import { dot, mapped } from './support.mjs';

/** The remainder of a division, with the sign of the divisor. */
const modulo = (i, n) => ((i % n) + n) % n;

/** The index of the element at position `i` of an axis of `n` elements; undefined for a zero. */
export const indexInside = {
  zeros: (i, n) => (i >= 0 && i < n ? i : undefined),
  replicate: (i, n) => Math.min(Math.max(i, 0), n - 1),
  reflect: (i, n) => (n === 1 ? 0 : n - 1 - Math.abs(n - 1 - modulo(i, 2 * n - 2))),
  circular: modulo,
  symmetric: (i, n) => Math.min(modulo(i, 2 * n), 2 * n - 1 - modulo(i, 2 * n)),
};

/**
 * `{ shape, data, magnitude, terms }`: each element of `data` is a sum of `terms` numbers, and `magnitude`
 * has the sum of their absolute values.
 */
export function conv2d64(x, w, bias, { stride, dilation, groups, padding, paddingMode }) {
  const [n, ci, h, width] = x.shape;
  const [co, each, kh, kw] = w.shape;
  const [top, bottom, left, right] = padding;
  const rows = Math.floor((h + top + bottom - (kh - 1) * dilation[0] - 1) / stride[0]) + 1;
  const columns = Math.floor((width + left + right - (kw - 1) * dilation[1] - 1) / stride[1]) + 1;
  const data = [];
  const magnitude = [];
  const at = indexInside[paddingMode];
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
  return { shape: [n, co, rows, columns], data, magnitude, terms: each * kh * kw + 1 };
}

/** The error bound of a float32 sum of `terms` products in any order. */
const bound = (terms, magnitude) => (terms + 1) * 2 ** -24 * magnitude;

/** Expects `value` within `tolerance` of `expected`. */
function assertClose(value, expected, tolerance, what) {
  // Negated, so that NaN fails.
  if (!(Math.abs(value - expected) <= tolerance)) {
    assert.fail(`${what} is ${value}, not ${expected} ± ${tolerance}`);
  }
}

/** Expects the tensor `actual` within its bound of the result of `conv2d64`. */
export function assertNear(actual, { shape, data, magnitude, terms }, what) {
  assert.deepEqual(actual.shape, shape, what);
  actual.data.forEach((value, i) => {
    assertClose(value, data[i], bound(terms, magnitude[i]), `${what}, element ${i},`);
  });
}

/**
 * The derivative of ⟨conv2d(input, weight, bias), dy⟩ with respect to element `i` of the argument `name`, and the error
 * bound of float64. The function is linear in each element, so a central difference is exact except for
 * rounding, for any step.
 */
function centralDifference(given, dy, options, name, i) {
  const [above, below] = [1, -1].map((step) => {
    const { shape, data } = given[name];
    const moved = { shape, data: Float64Array.from(data, (v, at) => (at === i ? v + step : v)) };
    const { input, weight, bias } = { ...given, [name]: moved };
    const y = conv2d64(input, weight, bias.data, options);
    const roundings = y.terms + y.data.length + 1;
    const magnitude = dot({ data: y.magnitude }, mapped(dy, Math.abs));
    return { loss: dot(y, dy), error: roundings * 2 ** -53 * magnitude };
  });
  return { value: (above.loss - below.loss) / 2, error: (above.error + below.error) / 2 };
}

/** Expects element `i` of a gradient to equal the central difference for the argument `name`. */
export function assertGradient(gradient, given, dy, options, name, i) {
  // The gradient is a sum of products. The same sum of absolute values is its magnitude, and the sum of
  // ones is its number of terms.
  const [sum, magnitude, terms] = [(v) => v, Math.abs, () => 1].map((change) => {
    const { input, weight, bias } = given;
    const changed = {
      input: mapped(input, change),
      weight: mapped(weight, change),
      bias: mapped(bias, change),
    };
    return centralDifference(changed, mapped(dy, change), options, name, i);
  });
  const tolerance = bound(terms.value, magnitude.value + magnitude.error) + sum.error;
  assertClose(gradient.data[i], sum.value, tolerance, `${name}[${i}]`);
}
