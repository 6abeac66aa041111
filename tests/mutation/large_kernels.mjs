// @ts-check
// Faults in what is for large kernels, transforms and passes, in cpp/algorithms/ and cpp/kernels/:
// [file, what is wrong, what stands there, what takes its place]

/** @type {import('./faults.mjs').Fault[]} */
export const largeKernelFaults = [
  [
    'cpp/algorithms/fft.cpp',
    'wrong task bounds: the last tile has no pair',
    'pairs_(divide_up(c_.images * rows_.tiles * columns_.tiles, 2))',
    'pairs_(std::max(c_.images * rows_.tiles * columns_.tiles / 2, 1))',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'the second tile of a pair is dropped',
    'store(second, bias, row, second_lines, output);',
    '',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'a second tile where there is none',
    'if (image == c_.images) return {};',
    '',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'wrong sign in the third twiddle',
    'put(c * c2 - s * s2,',
    'put(c * c2 + s * s2,',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'twiddles of another step',
    'data_.data() + (quarter - 2) * kTwiddleFloats;',
    'data_.data() + (quarter / 2 - 1) * kTwiddleFloats;',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'missing bias',
    'clamp_.high}, bias, rows,',
    'clamp_.high}, 0 * bias, rows,',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'no upper end',
    'finish_rows({lines, line_pitch_, clamp_.low, clamp_.high}',
    'finish_rows({lines, line_pitch_, clamp_.low, std::numeric_limits<float>::infinity()}',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'off-by-one tile',
    'std::min(numbers - reach, axis.output)',
    'std::min(numbers - reach + 1, axis.output)',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'wrong scale where tiles are not square',
    'static_cast<float>(rows_.size * columns_.size);',
    'static_cast<float>(rows_.size * rows_.size);',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'rows that nobody reads are stale',
    'lines + (row < rows ? columns : 0)',
    'lines + columns',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'columns that nobody reads disturb the others',
    'const std::int32_t columns = tile.columns + columns_.reach;',
    'const std::int32_t columns = tile.columns == 0 ? columns_.reach : columns_.size;',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'rows that nobody reads disturb the others',
    'std::clamp(tile.rows + rows_.reach - first, 0, kLanes)',
    'kLanes',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'every image is the first',
    'return {image, row, column,',
    'return {0, row, column,',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'every group has the spectra of the first',
    'spectra_.data() + std::ptrdiff_t{group} *',
    'spectra_.data() + std::ptrdiff_t{0 * group} *',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'convolves: the spectra are not conjugated',
    'if (i % kStripFloats >= kLanes) spectrum[i] = -spectrum[i];',
    '',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'flipped kernel',
    'row_phase_.place(y) * row_phase_.spacing',
    'y * row_phase_.spacing',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'the last row of the kernel is not transformed',
    'row <= rows_.reach; row += kLanes',
    'row < rows_.reach; row += kLanes',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'the planes of the last output channels are overwritten',
    'planes + std::ptrdiff_t{plane_floats_} * std::max(c_.inputs, c_.outputs);',
    'planes + std::ptrdiff_t{plane_floats_} * c_.inputs;',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'no stride between columns of the output',
    'output[x * c_.output.column] = lines[x];',
    'output[x] = lines[x];',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'fuses where it must not',
    'if (!c.fusing) return "as its rounding is not deterministic";',
    '',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'spectra cost nothing where they serve once',
    'if (use == Use::kOnce) {',
    'if (use != Use::kOnce) {',
  ],
  [
    'cpp/algorithms/fft.cpp',
    'spectra of any size are kept',
    'if (2 * spectra > kMostSpectra) effort',
    'if (spectra < 0) effort',
  ],
  // kernels
  [
    'cpp/kernels/fft.cpp',
    'the way back is the way there',
    'strip + (back ? 3 : 1) * kStripFloats',
    'strip + (back ? 1 : 1) * kStripFloats',
  ],
  ['cpp/kernels/fft.cpp', 'flipped sign of the third', 'ac - bd);', 'bd - ac);'],
  [
    'cpp/kernels/fft.cpp',
    'flipped sign of a pair',
    'store_complex(strip + kStripFloats, a - b);',
    'store_complex(strip + kStripFloats, b - a);',
  ],
  [
    'cpp/kernels/fft.cpp',
    'the last four are missing',
    'for (; count > 0; --count) {',
    'for (; count > 1; --count) {',
  ],
  [
    'cpp/kernels/fft.cpp',
    'squares are copied, not transposed',
    'transpose(in, in_step, rows);',
    'for (std::int32_t r = 0; r < 4; ++r) rows[r] = wasm_v128_load(in + r * in_step);',
  ],
  ['cpp/kernels/fft.cpp', 'imaginary parts stay behind', 'part < 2; ++part', 'part < 1; ++part'],
  ['cpp/kernels/fft.cpp', 'the last square is missing', 'i = count; i > 0;', 'i = count; i > 1;'],
  [
    'cpp/kernels/fft.hpp',
    'twiddles turn the other way',
    '{Madd::madd(a.im, sine, re), Madd::nmadd(a.re, sine, im)}',
    '{Madd::nmadd(a.im, sine, re), Madd::madd(a.re, sine, im)}',
  ],
  [
    'cpp/kernels/fft.hpp',
    'the third has the twiddle of the second',
    'twiddled<Madd, true>(ac - bd, twiddle + 2)',
    'twiddled<Madd, true>(ac - bd, twiddle)',
  ],
  [
    'cpp/kernels/fft.hpp',
    'back, the fourth has the twiddle of the third',
    'load_complex(fourth), twiddle + 4)',
    'load_complex(fourth), twiddle + 2)',
  ],
  [
    'cpp/kernels/fft.hpp',
    'back, the second and the fourth have changed places',
    'store_complex(second, plus_turned(a_c, b_d));\n    store_complex(fourth, minus_turned(a_c, b_d));',
    'store_complex(fourth, plus_turned(a_c, b_d));\n    store_complex(second, minus_turned(a_c, b_d));',
  ],
  [
    'cpp/kernels/fft.hpp',
    'the square of i is 1',
    'Madd::nmadd(x.im, w.im, sum.re)',
    'Madd::madd(x.im, w.im, sum.re)',
  ],
  [
    'cpp/kernels/fft.hpp',
    'every input channel has the spectrum of the first',
    'w = load_complex(weight + c * step);',
    'w = load_complex(weight);',
  ],
  [
    'cpp/kernels/fft.hpp',
    'imaginary parts lie on top of real ones',
    'wasm_v128_store(at + 4, value.im);',
    'wasm_v128_store(at, value.im);',
  ],
];
