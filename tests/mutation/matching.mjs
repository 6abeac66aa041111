// @ts-check
// Mutations of template matching and of the search for peaks.

const match = 'cpp/algorithms/matching/match_template.cpp';
const region = 'cpp/algorithms/matching/match_region.cpp';
const model = 'cpp/algorithms/matching/template_model.cpp';
const terms = 'cpp/algorithms/matching/score_terms.cpp';
const peaks = 'cpp/algorithms/peaks.cpp';
const scores = 'cpp/kernels/matching/match_scores.cpp';
const sums = 'cpp/kernels/matching/window_sums.cpp';

/** @type {import('./types.mjs').Mutation[]} */
export const matchingMutations = [
  // match_template.cpp
  [
    match,
    'squares are not the squares of their channel',
    'planes[i] * task->region.planes[i]',
    'planes[i]',
  ],
  [
    match,
    'column sums keep the row above the windows',
    'y == 0 ? zeros : plane',
    'y <= 1 ? zeros : plane',
  ],
  [match, 'no window is recomputed', 'if (scales[x] <= limit &&', 'if (scales[x] < 0 &&'],
  [
    match,
    'windows that are flat in one channel count as flat',
    '+ x] < p_.kernel_height',
    '+ x] < p_.kernel_height && c > 0',
  ],
  [
    match,
    'the centre of a recomputed window lacks the reference',
    'terms.centre = task.region.scale * static_cast<double>(reference);',
    '',
  ],
  [
    match,
    'elements that are not finite count where the mask is 0',
    'if (mask[i] != 0) or_bytes',
    'or_bytes',
  ],
  [match, 'a template with NaN has scores', '!model_.is_finite() || (bad', '(bad'],
  [
    match,
    'the mean of a mask with fractions is not linear',
    'squares - 2 * mean * (sum - weighted)',
    'squares',
  ],
  // score_terms.cpp
  [terms, 'differences ignore the scale of the template', 'terms.norm *= ratio;', ''],
  [terms, 'masked differences are limited to 1', 'model.has_mask() ? kInfinity : 1', '1'],
  [terms, 'differences without energy have the score 0', 'terms.empty = 1;', 'terms.empty = 0;'],
  [
    terms,
    'differences ignore the variance of the window',
    'terms.variance = 1;',
    'terms.variance = 0;',
  ],
  [
    terms,
    'scores that are not normed have the scale of the template',
    '*factor /= unit;',
    '*factor /= scale;',
  ],
  [terms, 'no window is inaccurate', 'kNumeratorError / kTolerance', '0'],
  // match_region.cpp
  [
    region,
    'the bad elements of another region remain',
    'if (!has_bad) std::fill(bad, bad + plane_floats(), 0.0f);',
    '',
  ],
  [region, 'bad elements are not marked', 'bad[y * columns + x] = 1;', ''],
  [
    region,
    'every region begins in the first column',
    '* p.input_width + width.first;',
    '* p.input_width;',
  ],
  [region, 'elements that are not finite remain', 'if (!std::isfinite(row[x])) out[x] = 0;', ''],
  [
    region,
    'every region has the scale 1',
    'std::ldexp(1.0, -std::clamp(exponent, -kMaxExponent, kMaxExponent))',
    '1.0',
  ],
  [
    region,
    'centres are not scaled',
    'std::rint(centres[c] * scale / kGrid)',
    'std::rint(centres[c] / kGrid)',
  ],
  // template_model.cpp
  [
    model,
    'a mask with fractions counts as binary',
    'is_binary &= mask[i] == 0 || mask[i] == 1;',
    '',
  ],
  [model, 'NaN counts where the mask is 0', 'if (m == 0) continue;', ''],
  [model, 'every channel has the mask of the first', 'p.mask_channels > 1 ? c * taps : 0', '0'],
  [model, 'a flat template has a variance', 'is_flat &= value == some_value;', 'is_flat = false;'],
  [model, 'weights have a sum other than 0', ' - correction * m)', ')'],
  [
    model,
    'a mask whose sum is 0 is accepted',
    'channel.mask == 0) return',
    'channel.mask != channel.mask) return',
  ],
  [
    model,
    'an infinite mask is accepted',
    'if (!std::isfinite(mask[i])) return Status::kNotFinite;',
    '',
  ],
  // peaks.cpp
  [
    peaks,
    'elements at the threshold are missing',
    'score(scores, i) >= threshold',
    'score(scores, i) > threshold',
  ],
  [
    peaks,
    'equal elements are in no order',
    '~static_cast<std::uint32_t>(index)',
    'static_cast<std::uint32_t>(index)',
  ],
  [
    peaks,
    'peaks in cells to the right do not count',
    'std::min(x / cell_ + 1, last_column)',
    'x / cell_',
  ],
  [
    peaks,
    'peaks at the distance are suppressed',
    'static_cast<float>(distance) < p_',
    'static_cast<float>(distance) <= p_',
  ],
  [
    peaks,
    'the second child of the heap is not compared',
    'std::int64_t{at} + 3)',
    'std::int64_t{at} + 2)',
  ],
  [peaks, 'the offset has the wrong sign', '(left - right) / (2', '(right - left) / (2'],
  [peaks, 'slopes have a vertex', 'left <= middle && right <= middle && curvature', 'curvature'],
  [peaks, 'places without a peak are 0', 'std::numeric_limits<float>::quiet_NaN()', '0.0f'],
  // match_scores.cpp
  [
    scores,
    'the centre is not added to the mean',
    'wasm_f64x2_splat(terms.centre)',
    'wasm_f64x2_const(0, 0)',
  ],
  [
    scores,
    'the energy lacks the weight',
    'wasm_f64x2_mul(wasm_f64x2_mul(weight, mean), mean)',
    'wasm_f64x2_mul(mean, mean)',
  ],
  [
    scores,
    'windows without energy are divided by 0',
    'wasm_f64x2_gt(energy, wasm_f64x2_const(0, 0))',
    'wasm_f64x2_ge(energy, wasm_f64x2_const(0, 0))',
  ],
  [
    scores,
    'scores have no upper limit',
    'value = wasm_f64x2_pmin(value, wasm_f64x2_splat(terms.high));',
    '',
  ],
  [scores, 'an odd row writes beyond its end', 'if (x + 1 < count) {', 'if (x < count) {'],
  [
    scores,
    'the least sum misses the last window',
    'wasm_f64x2_splat(a[count - 1] + b[count - 1]);',
    'wasm_f64x2_splat(a[0] + b[0]);',
  ],
  // window_sums.cpp
  [sums, 'the squares of an odd column are wrong', '(a - b) * (a + b)', '(a - b) * (a - b)'],
  [
    sums,
    'the squares of two columns are wrong',
    'wasm_f64x2_mul(sum, wasm_f64x2_add(a, b))',
    'wasm_f64x2_mul(sum, sum)',
  ],
  [sums, 'nothing leaves the sum of a window', 'leaving = wasm_v128_load(columns + x);', ''],
  [sums, 'the rest of a row is not centred', 'row[x] * scale - centre', 'row[x] * scale'],
  [
    sums,
    'rows of different numbers count as flat',
    'previous[x] == row[x]',
    'previous[x] == previous[x]',
  ],
  [
    sums,
    'a window contains elements of the next row',
    'if (count >= 4) return',
    'if (count >= 1) return',
  ],
  [
    sums,
    'elements that are not finite count in windows',
    'wasm_v128_and(difference, is_finite)',
    'difference',
  ],
  [sums, 'the weights of all rows are those of the first', 'w += window.columns;', ''],
];
