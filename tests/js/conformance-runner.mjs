// Runs the cases of tests/fixtures/conformance, whose README says what they are. Nothing here belongs to
// Node, so that a page can run them too.

/** Why `actual`, a tensor, is not what the case expects; undefined where it is. */
function difference(actual, { expected, tolerance }) {
  if (actual.shape.join() !== expected.shape.join()) {
    return `the shape is ${actual.shape.join('×')}, not ${expected.shape.join('×')}`;
  }
  const { data } = actual;
  for (let i = 0; i < expected.data.length; i++) {
    const value = expected.data[i];
    const most = allowed(value, tolerance);
    // Not >: NaN is never within.
    if (!(Math.abs(data[i] - value) <= most)) {
      return `element ${i} is ${data[i]}, not ${value} ± ${most}`;
    }
  }
  return undefined;
}

function allowed(value, { metric, atol, rtol }) {
  if (metric === 'allclose') return atol + rtol * Math.abs(value);
  if (metric !== 'exact') throw new Error(`no such tolerance: ${metric}`);
  if (value === 0) return 0;
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -126) - 23);
}

/** What `outputSizes` adds to the output, for each axis. */
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

/** The ways to compute a case: name → tensor. */
function ways(c, one) {
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
  if (op !== 'conv2d') throw new Error(`no such op: ${op}`);
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

/** Runs every case of a suite (its JSON) on the instance `c`: `{ count, failures }`, texts. */
export function runConformance(c, { suite, cases }) {
  const failures = [];
  for (const one of cases) {
    for (const [how, compute] of Object.entries(ways(c, one))) {
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
