// @ts-check
// Mutations of phase correlation.

const phase = 'cpp/algorithms/phase_correlation/phase_correlation.cpp';
const transform = 'cpp/algorithms/phase_correlation/any_size_transform.cpp';
const kernels = 'cpp/kernels/phase_correlation.cpp';

/** @type {import('./types.mjs').Mutation[]} */
export const registrationMutations = [
  [phase, 'NaN counts as a constant picture', '!std::isnan(sum) && (', '('],
  [phase, 'constant pictures have a shift', 'shared.a.is_constant || b_', 'b_'],
  [phase, 'a picture of zeros is divided by 0', 'largest > 0 ? 1 / largest : 0', '1 / largest'],
  [phase, 'the scale depends on positive elements only', 'std::max(-low, high)', 'high'],
  [
    phase,
    'the window is periodic',
    'const std::int32_t last = size - 1;',
    'const std::int32_t last = size;',
  ],
  [phase, 'the window of a single row is 0', 'has_window_ && last > 0', 'has_window_ && last >= 0'],
  [
    phase,
    'the last row of an odd number overwrites the next',
    'y + 1 < height_ ?',
    'y < height_ ?',
  ],
  [
    phase,
    'columns that stand for two count once',
    'magnitudes : 2 * magnitudes',
    'magnitudes : magnitudes',
  ],
  [
    phase,
    'half of an even height is a negative shift',
    'peak.y > height_ / 2',
    'peak.y >= height_ / 2',
  ],
  [
    phase,
    'half of an even width is a negative shift',
    'peak.x > width_ / 2',
    'peak.x >= width_ / 2',
  ],
  [phase, 'a single row has a fraction of a shift', 'is_empty || height_ == 1', 'is_empty'],
  [
    phase,
    'the finer grid is not centred',
    'shared.y += peak.y - region_ / 2',
    'shared.y += peak.y',
  ],
  [phase, 'the finer grid is too small', 'divide_up(3 * p.upsample, 2)', 'p.upsample'],
  [phase, 'the highest frequency has the wrong sign', '2 * k < size ? -k', '2 * k <= size ? -k'],
  [
    phase,
    'columns that are their own opposite count twice',
    'sum[1] = sum[3] = 0',
    'sum[1] = sum[1]',
  ],
  [phase, 'all rows of the finer grid are the first', '- region_ / 2 + row)', '- region_ / 2)'],
  [
    phase,
    'the finer grid has the memory of the plane',
    'kFloats * (sums_ + 2 * elements)',
    'kFloats * sums_',
  ],
  [transform, 'the chirp wraps around', 'if (padded_ > size) padded_ *= 2;', ''],
  [transform, 'the chirp has no numbers before the first', '((padded_ - k) & (padded_ - 1))', '0'],
  [
    transform,
    'rest of the strip is not cleared',
    'std::fill(strip + kStripDoubles * std::ptrdiff_t{size_}',
    'std::fill(strip + kStripDoubles * padded_',
  ],
  [
    transform,
    'the convolution is read forwards',
    'sort(output, -1, size_, strip);',
    'sort(output, 1, size_, strip);',
  ],
  [transform, 'odd powers of two lack their last step', 'if (left == 2)', 'if (left == 3)'],
  [
    kernels,
    'the spectrum of a is not conjugated',
    'Lanes::madd(a_im, b_im,',
    'Lanes::nmadd(a_im, b_im,',
  ],
  [kernels, 'the opposite frequency is that of another row', '(k == count ?', '(k == 0 ?'],
  [
    'cpp/core/root_of_unity.cpp',
    'the second quarter is the first',
    '(octant + 2) & 4',
    'octant & 4',
  ],
  [kernels, 'lanes are not transposed', 'wasm_i64x2_shuffle(a, b, 0, 2)', 'a'],
  [
    kernels,
    'the real part of b has the wrong sign',
    'b_re = Lanes::add(z.im, im)',
    'b_re = Lanes::sub(z.im, im)',
  ],
  [
    kernels,
    'small spectra are not suppressed',
    'wasm_f64x2_splat(4 * 100 * 0x1p-52)',
    'wasm_f64x2_splat(0x1p-1000)',
  ],
];
