#include "kernels/phase_correlation.hpp"

namespace corr2d {
namespace {

using Lanes = UnfusedF64;
using Numbers = Complex<Lanes>;

}  // namespace

void transpose_pairs(const DoublePairs& from, const DoublePairs& to, std::int32_t count) {
  const double* in = from.first;
  double* out = to.first;
  const std::ptrdiff_t in_second = from.second - in, out_second = to.second - out;
  CORR2D_NO_UNROLL
  for (; count > 0; --count, in += from.step, out += to.step) {
    const v128_t a = wasm_v128_load(in), b = wasm_v128_load(in + in_second);
    wasm_v128_store(out, wasm_i64x2_shuffle(a, b, 0, 2));
    wasm_v128_store(out + out_second, wasm_i64x2_shuffle(a, b, 1, 3));
  }
}

double normalise_spectrum(const double* columns, std::int32_t count, double* spectrum) {
  // 100 times the precision of float64, as scikit-image has it; the products below are 4 times
  // those of the spectra.
  const v128_t smallest = wasm_f64x2_splat(4 * 100 * 0x1p-52);
  const double* opposite = columns;  // -ky
  v128_t sum = wasm_f64x2_splat(0);
  CORR2D_NO_UNROLL
  for (std::int32_t k = count; k > 0; --k, columns += kStripDoubles, spectrum += kStripDoubles) {
    const Numbers z = load_complex<Lanes>(columns);
    const v128_t re = wasm_i64x2_shuffle(wasm_v128_load(opposite), z.re, 1, 0);
    const v128_t im = wasm_i64x2_shuffle(wasm_v128_load(opposite + 2), z.im, 1, 0);
    opposite =
        (k == count ? columns + kStripDoubles * std::ptrdiff_t{count} : opposite) - kStripDoubles;
    // 2 A = z + w and 2 i B = z - w, with w = re - i im.
    const v128_t a_re = Lanes::add(z.re, re), a_im = Lanes::sub(z.im, im);
    const v128_t b_re = Lanes::add(z.im, im), b_im = Lanes::sub(re, z.re);
    const v128_t power_re = Lanes::madd(a_im, b_im, Lanes::mul(a_re, b_re));
    const v128_t power_im = Lanes::nmadd(a_im, b_re, Lanes::mul(a_re, b_im));
    const v128_t magnitude =
        wasm_f64x2_sqrt(Lanes::madd(power_im, power_im, Lanes::mul(power_re, power_re)));
    const v128_t divisor = wasm_f64x2_pmax(magnitude, smallest);
    store_complex(spectrum,
                  Numbers{wasm_f64x2_div(power_re, divisor), wasm_f64x2_div(power_im, divisor)});
    sum = Lanes::add(sum, wasm_f64x2_div(magnitude, divisor));
  }
  return wasm_f64x2_extract_lane(sum, 0);
}

}  // namespace corr2d
