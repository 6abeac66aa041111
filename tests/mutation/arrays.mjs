// @ts-check
// Mutations of the array kinds and of their functions on rows.

const copy = 'cpp/algorithms/arrays/copy.cpp';
const elementwise = 'cpp/algorithms/arrays/elementwise.cpp';
const loops = 'cpp/algorithms/arrays/loops.cpp';
const normalisation = 'cpp/algorithms/arrays/normalisation.cpp';
const reduce = 'cpp/algorithms/arrays/reduce.cpp';
const combine = 'cpp/kernels/rows/elementwise.cpp';
const reduction = 'cpp/kernels/rows/reduction.cpp';

/** @type {import('./types.mjs').Mutation[]} */
export const arrayMutations = [
  [copy, 'the output is not ordered by its steps', 'step_of(j - 1) < step_of(j)', 'false'],
  [
    copy,
    'rows that are not contiguous are copied as if they were',
    'in_step == 1 && out_step == 1',
    'true',
  ],
  [copy, 'gaps between the elements of the output are ignored', 'out[i * out_step] =', 'out[i] ='],
  [copy, 'a transpose takes the rows of another loop', 'if (transposes_) rows = i;', ''],
  [copy, 'tiles ignore the columns of a part', 'columns.first * inner_.steps[0];', '0;'],
  [
    elementwise,
    'an operand with a repeated axis counts as contiguous',
    'loop.steps[operand] != loop.steps[kOutputArray]',
    'loop.steps[operand] > loop.steps[kOutputArray]',
  ],
  [elementwise, 'a gathered row is used for every row', 'gathered[k].offset != offset ||', ''],
  [
    elementwise,
    'a gathered row is used for longer ones',
    ' || gathered[k].entries < entries.count',
    '',
  ],
  [
    elementwise,
    'parts of a row begin at its start',
    'offsets[k] + entries.first *',
    'offsets[k] + 0 *',
  ],
  [
    elementwise,
    'gathered rows share their memory',
    'data.workspace + k * row_floats_',
    'data.workspace',
  ],
  [
    loops,
    'loops are joined although their steps differ',
    'is_one && at[i].steps[a] ==',
    'true || at[i].steps[a] ==',
  ],
  [loops, 'the size of a joined loop is lost', 'at[i].size *= outer_size;', ''],
  [loops, 'the index of a loop is not divided', 'index /= at[i].size;', ''],
  [loops, 'reduced axes have steps in the output', '(p.reduced_axes >> i & 1) == 0', 'true'],
  [
    loops,
    'the third operand is the second',
    '&p.second_steps, &p.third_steps};',
    '&p.second_steps, &p.second_steps};',
  ],
  [
    normalisation,
    'the largest element is not subtracted',
    'repeated(&maximum), out, depth_',
    'repeated(in), out, depth_',
  ],
  [
    normalisation,
    'all rows have the scales of the first group',
    'index % p_.groups * channels_',
    '0',
  ],
  [
    normalisation,
    'epsilon is not added to the variance',
    'variance + double{p_.epsilon}',
    'variance',
  ],
  [
    normalisation,
    'the mean is never subtracted first',
    '!(std::abs(mean) * factor <= kMaxCentre)',
    'false',
  ],
  [
    normalisation,
    'the shift lacks the bias',
    'shift + (centre - mean) * scale',
    '(centre - mean) * scale',
  ],
  [reduce, 'parts of columns all begin at the first', 'offsets[0] + columns.first', 'offsets[0]'],
  [reduce, 'a mean is a sum', 'reduction_ == Reduction::kMean ? elements_ : 1', '1'],
  [
    reduce,
    'only one of the outer loops is reduced',
    'for (std::int32_t i = 0; i < outer_; ++i) {\n      const',
    'for (std::int32_t i = 0; i < 1; ++i) {\n      const',
  ],
  [
    reduce,
    'the last of equal elements wins',
    'row = rows_.size - 1; row >= 0; --row',
    'row = 0; row < rows_.size; ++row',
  ],
  [
    reduce,
    'the smallest element is the largest',
    'reduction_ == Reduction::kMin || reduction_ == Reduction::kArgMin',
    'false',
  ],
  [
    combine,
    'a repeated operand is read as a row',
    'blocks.steps[i] = repeats ? 0 : kBlock;',
    'blocks.steps[i] = kBlock;',
  ],
  [
    combine,
    'the last elements are the first ones',
    'std::copy_n(data + count - rest, rest, ends[i]);',
    'std::copy_n(data, rest, ends[i]);',
  ],
  [combine, 'the last elements are not written', 'if (rest == 0) return;', 'return;'],
  [
    combine,
    'NaN is clamped',
    'wasm_f32x4_pmin(wasm_f32x4_pmax(a, b), c)',
    'wasm_f32x4_pmin(c, wasm_f32x4_pmax(b, a))',
  ],
  [
    combine,
    'where chooses the other operand',
    'wasm_v128_bitselect(b, c, wasm_f32x4_ne',
    'wasm_v128_bitselect(c, b, wasm_f32x4_ne',
  ],
  [reduction, 'NaN is not an extreme element', 'wasm_v128_or(found, nan)', 'found'],
  [reduction, 'the first vector of a tree counts twice', 'x[i + width]', 'x[i]'],
  [reduction, 'the sum lacks the elements after the last vector', 'total += row[i];', ''],
  [
    reduction,
    'NaN among whole blocks is ignored',
    'wasm_v128_any_true(wasm_f32x4_ne(sum, sum))',
    'false',
  ],
  [
    reduction,
    'blocks with infinities of both signs are skipped',
    '    i = 0;\n  } else',
    '  } else',
  ],
  [
    reduction,
    'squares are products of neighbours',
    'wasm_f64x2_mul(low, low)',
    'wasm_f64x2_mul(low, high)',
  ],
  [
    reduction,
    'NaN is not found',
    'value == value ? wasm_f32x4_eq(x, wanted)',
    'true ? wasm_f32x4_eq(x, wanted)',
  ],
];
