#include "kernels/fft/fft.hpp"

namespace corr2d {

void fft_fours(float* strip, std::int32_t count, bool back) {
  // The two directions are mirror images.
  float* second = strip + (back ? 3 : 1) * kStripFloats;
  float* fourth = strip + (back ? 1 : 3) * kStripFloats;
  CORR2D_NO_UNROLL
  for (; count > 0; --count) {
    const Complex a = load_complex(strip), b = load_complex(strip + kStripFloats);
    const Complex c = load_complex(strip + 2 * kStripFloats);
    const Complex d = load_complex(strip + 3 * kStripFloats);
    const Complex ac = a + c, bd = b + d, a_c = a - c, b_d = b - d;
    store_complex(strip, ac + bd);
    store_complex(strip + 2 * kStripFloats, ac - bd);
    store_complex(second, minus_turned(a_c, b_d));
    store_complex(fourth, plus_turned(a_c, b_d));
    strip += 4 * kStripFloats;
    second += 4 * kStripFloats;
    fourth += 4 * kStripFloats;
  }
}

void fft_pairs(float* strip, std::int32_t count) {
  CORR2D_NO_UNROLL
  for (; count > 0; --count, strip += 2 * kStripFloats) {
    const Complex a = load_complex(strip), b = load_complex(strip + kStripFloats);
    store_complex(strip, a + b);
    store_complex(strip + kStripFloats, a - b);
  }
}

void transpose_squares(const Squares& from, const Squares& to, std::int32_t count) {
  const std::int32_t in_step = from.row_step, in_next = from.next;
  const std::int32_t out_step = to.row_step, out_next = to.next;
  CORR2D_NO_UNROLL
  for (std::int32_t part = 0; part < 2; ++part) {
    const float* in = from.data + part * from.imaginary;
    float* out = to.data + part * to.imaginary;
    CORR2D_NO_UNROLL
    for (std::int32_t i = count; i > 0; --i, in += in_next, out += out_next) {
      v128_t rows[4];
      transpose(in, in_step, rows);
      for (std::int32_t r = 0; r < 4; ++r) wasm_v128_store(out + r * out_step, rows[r]);
    }
  }
}

}  // namespace corr2d
