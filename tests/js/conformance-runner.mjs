// Runs the cases that the README of tests/fixtures/conformance describes. Pages import this file, so it
// uses no Node APIs.

/** Describes how the tensor `actual` differs from what the case expects; undefined if it does not. */
function difference(actual, { expected, tolerance }) {
  if (actual.shape.join() !== expected.shape.join()) {
    return `the shape is ${actual.shape.join('×')}, not ${expected.shape.join('×')}`;
  }
  const { data } = actual;
  for (let i = 0; i < expected.data.length; i++) {
    const value = expected.data[i];
    const bound = allowedError(value, tolerance);
    // Negated, so that NaN fails.
    if (!(Math.abs(data[i] - value) <= bound)) {
      return `element ${i} is ${data[i]}, not ${value} ± ${bound}`;
    }
  }
  return undefined;
}

/** The largest absolute error that a tolerance allows; 'exact' means one ulp of float32. */
function allowedError(value, { metric, atol, rtol }) {
  if (metric === 'allclose') return atol + rtol * Math.abs(value);
  if (metric !== 'exact') throw new Error(`unknown tolerance: ${metric}`);
  if (value === 0) return 0;
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -126) - 23);
}

/** The output padding of each axis that gives `outputSizes`. */
function outputPadding({ input, filter, options }) {
  if (options.outputSizes === undefined) return options.outputPadding;
  const size = (tensor, layout, letter) => tensor.shape[layout.indexOf(letter)];
  return ['h', 'w'].map((letter, axis) => {
    const reached =
      (size(input, options.inputLayout, letter) - 1) * options.strides[axis] +
      (size(filter, options.filterLayout, letter) - 1) * options.dilations[axis] +
      1;
    const cropped = options.padding[2 * axis] + options.padding[2 * axis + 1];
    return options.outputSizes[axis] - (reached - cropped);
  });
}

/** The ways to compute a case, by name: functions that return a tensor. */
function waysToCompute(c, one) {
  const { op, input, filter, bias, options } = one;
  const translated = {
    bias,
    stride: options.strides,
    dilation: options.dilations,
    groups: options.groups,
    padding: options.padding,
    layout: options.inputLayout,
    weightLayout: options.filterLayout,
  };
  if (op === 'conv_transpose2d') {
    const all = { ...translated, outputPadding: outputPadding(one) };
    return { convTranspose2d: () => c.convTranspose2d(input, filter, all) };
  }
  if (op !== 'conv2d') throw new Error(`unknown op: ${op}`);
  return {
    conv2d: () => c.conv2d(input, filter, translated),
    planConv2d: () => {
      const plan = c.planConv2d({ inputShape: input.shape, weight: filter, ...translated });
      try {
        return plan.run(input);
      } finally {
        plan.dispose();
      }
    },
  };
}

/** Runs every case of a suite (its JSON) on `c`. Returns their count and a list of failures as text. */
export function runConformance(c, { suite, cases }) {
  const failures = [];
  for (const one of cases) {
    for (const [how, compute] of Object.entries(waysToCompute(c, one))) {
      let reason;
      try {
        const result = compute();
        reason = difference(result, one);
        result.dispose();
      } catch (error) {
        reason = String(error);
      }
      if (reason !== undefined) failures.push(`${suite}: ${one.name}, by ${how}: ${reason}`);
    }
  }
  return { count: cases.length, failures };
}
