// @ts-check
// Mutations of phase correlation.

const phase = 'cpp/algorithms/phase_correlation/phase_correlation.cpp';
const transform = 'cpp/algorithms/phase_correlation/any_size_transform.cpp';
const kernels = 'cpp/kernels/phase_correlation.cpp';

/** @type {import('./types.mjs').Mutation[]} */
export const registrationMutations = [
  [phase, 'NaN counts as a constant picture', '!std::isnan(sum) && (', '('],
  [phase, 'constant pictures have a shift', '(a_of(data).is_constant || b_', '(b_'],
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
    'std::min(first + 1, height_ - 1)',
    'first + 1',
  ],
  [
    phase,
    'columns that stand for two count once',
    'magnitudes : 2 * magnitudes',
    'magnitudes : magnitudes',
  ],
  [phase, 'half of an even size is a negative shift', 'index > size / 2', 'index >= size / 2'],
  [phase, 'a single row has a fraction of a shift', 'is_empty || height_ == 1', 'is_empty'],
  [phase, 'the finer grid is not centred', 'x = centre.x - region_ / 2', 'x = centre.x'],
  [phase, 'the finer grid is too small', 'divide_up(3 * p.upsample, 2)', 'p.upsample'],
  [phase, 'the highest frequency has the wrong sign', '2 * k < size ? -k', '2 * k <= size ? -k'],
  [phase, 'columns that are their own opposite count twice', 'at[1] = at[3] = 0', 'at[1] = at[1]'],
  [phase, 'all rows of the finer grid are the first', '- region_ / 2 + row,', '- region_ / 2,'],
  [phase, 'the finer grid has the memory of the plane', '(region_ > 0 ? strip * pairs_ : 0)', '0'],
  [transform, 'each step has the same input', 'std::swap(strip, other);', ''],
  [transform, 'the last step of radix 2 is missing', 'stride < size_', '2 * stride < size_'],
  [transform, 'the input is the result', 'return strip;', 'return other;'],
  [transform, 'roots are conjugated', '*at++ = sine', '*at++ = -sine'],
  [transform, 'roots are those of another size', '(k, size_)', '(k, size_ + 1)'],
  [
    kernels,
    'numbers of an odd radix are not summed in pairs',
    'store_complex(low, a + b)',
    'store_complex(low, a - b)',
  ],
  [kernels, 'angles exceed a turn', 'angle -= step.size', 'angle -= 0'],
  [kernels, 'the highest frequencies are missing', '2 * k < radix', '2 * k + 2 < radix'],
  [
    kernels,
    'twiddle factors are those of another transform',
    'i - turn == step.stride',
    'i == step.stride',
  ],
  [kernels, 'sums rotate backwards', 'Lanes::nmadd(x.im, y.im,', 'Lanes::madd(x.im, y.im,'],
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
