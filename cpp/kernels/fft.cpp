#include "kernels/fft.hpp"

namespace corr2d {

void fft_radix4_without_twiddles(float* strip, std::int32_t count, bool inverse) {
  using Lanes = F32x4;
  constexpr std::int32_t kStep = kStripFloats;
  // The inverse step swaps the second and the fourth output.
  float* second = strip + (inverse ? 3 : 1) * kStep;
  float* fourth = strip + (inverse ? 1 : 3) * kStep;
  CORR2D_NO_UNROLL
  for (; count > 0; --count) {
    const Complex<Lanes> a = load_complex<Lanes>(strip), b = load_complex<Lanes>(strip + kStep);
    const Complex<Lanes> c = load_complex<Lanes>(strip + 2 * kStep);
    const Complex<Lanes> d = load_complex<Lanes>(strip + 3 * kStep);
    const Complex<Lanes> ac = a + c, bd = b + d, a_c = a - c, b_d = b - d;
    store_complex(strip, ac + bd);
    store_complex(strip + 2 * kStep, ac - bd);
    store_complex(second, subtract_i_times(a_c, b_d));
    store_complex(fourth, add_i_times(a_c, b_d));
    strip += 4 * kStep;
    second += 4 * kStep;
    fourth += 4 * kStep;
  }
}

void fft_radix2(float* strip, std::int32_t count) {
  using Lanes = F32x4;
  constexpr std::int32_t kStep = kStripFloats;
  CORR2D_NO_UNROLL
  for (; count > 0; --count, strip += 2 * kStep) {
    const Complex<Lanes> a = load_complex<Lanes>(strip), b = load_complex<Lanes>(strip + kStep);
    store_complex(strip, a + b);
    store_complex(strip + kStep, a - b);
  }
}

void transpose_complex_blocks(const ComplexBlocks& from, const ComplexBlocks& to,
                              std::int32_t count) {
  const std::int32_t in_step = from.row_step, in_block_step = from.block_step;
  const std::int32_t out_step = to.row_step, out_block_step = to.block_step;
  CORR2D_NO_UNROLL
  for (std::int32_t part = 0; part < 2; ++part) {
    const float* in = from.data + part * from.imaginary_offset;
    float* out = to.data + part * to.imaginary_offset;
    CORR2D_NO_UNROLL
    for (std::int32_t i = count; i > 0; --i, in += in_block_step, out += out_block_step) {
      v128_t rows[4];
      transpose(in, in_step, rows);
      for (std::int32_t r = 0; r < 4; ++r) wasm_v128_store(out + r * out_step, rows[r]);
    }
  }
}

}  // namespace corr2d
