#include "kernels/phase_correlation.hpp"

namespace corr2d {
namespace {

using Lanes = UnfusedF64;
using Numbers = Complex<Lanes>;

}  // namespace

void fft_radix4(const RadixStep& step) {
  const std::ptrdiff_t quarter = kStripDoubles * std::ptrdiff_t{step.size / 4};
  const std::ptrdiff_t stride = kStripDoubles * std::ptrdiff_t{step.stride};
  const double* in = step.from;
  double* out = step.to;
  const double* const end = in + quarter;
  // The twiddle factors of number 1 are `turn` doubles from the start, those of number 2 twice as
  // far.
  std::ptrdiff_t turn = 0;
  while (in != end) {
    const double* const first = step.roots + turn;
    const double* const second = first + turn;
    const double* const third = second + turn;
    const double* const last = in + stride;
    CORR2D_NO_UNROLL
    for (; in != last; in += kStripDoubles, out += kStripDoubles) {
      const Numbers a = load_complex<Lanes>(in), c = load_complex<Lanes>(in + 2 * quarter);
      const Numbers b = load_complex<Lanes>(in + quarter);
      const Numbers d = load_complex<Lanes>(in + 3 * quarter);
      const Numbers ac = a + c, bd = b + d, a_c = a - c, b_d = b - d;
      store_complex(out, ac + bd);
      store_complex(out + stride, multiply_by_twiddle<true>(subtract_i_times(a_c, b_d), first));
      store_complex(out + 2 * stride, multiply_by_twiddle<true>(ac - bd, second));
      store_complex(out + 3 * stride, multiply_by_twiddle<true>(add_i_times(a_c, b_d), third));
    }
    out += 3 * stride;
    turn += 2 * step.stride;
  }
}

CORR2D_SMALL void fft_any_radix(const RadixStep& step) {
  const std::int32_t radix = step.radix, groups = step.size / radix;
  const std::ptrdiff_t distance = kStripDoubles * std::ptrdiff_t{groups};
  const std::ptrdiff_t stride = kStripDoubles * std::ptrdiff_t{step.stride};
  double* out = step.to;
  std::int32_t turn = 0;
  for (std::int32_t i = 0; i < groups; ++i, out += kStripDoubles) {
    double* const in = step.from + kStripDoubles * std::ptrdiff_t{i};
    if (i - turn == step.stride) {
      turn = i;
      out += (radix - 1) * stride;
    }
    if (radix == 2) {
      const Numbers a = load_complex<Lanes>(in), b = load_complex<Lanes>(in + distance);
      store_complex(out, a + b);
      store_complex(out + stride, multiply_by_twiddle<true>(a - b, step.roots + 2 * turn));
      continue;
    }
    // Numbers r and radix - r become their sum and their difference.
    double* low = in + distance;
    double* high = in + distance * (radix - 1);
    for (; low < high; low += distance, high -= distance) {
      const Numbers a = load_complex<Lanes>(low), b = load_complex<Lanes>(high);
      store_complex(low, a + b);
      store_complex(high, a - b);
    }
    const double* const end = high;
    // Frequencies k and radix - k have the same products.
    for (std::int32_t k = 0; 2 * k < radix; ++k) {
      Numbers even = load_complex<Lanes>(in), odd = {wasm_f64x2_splat(0), wasm_f64x2_splat(0)};
      std::int32_t angle = 0;
      low = in;
      high = in + distance * radix;
      CORR2D_NO_UNROLL
      while (low < end) {
        low += distance;
        high -= distance;
        angle += k * groups;
        if (angle >= step.size) angle -= step.size;
        const double* const root = step.roots + 2 * std::ptrdiff_t{angle};
        const v128_t cosine = Lanes::splat(root), sine = Lanes::splat(root + 1);
        const Numbers sum = load_complex<Lanes>(low), difference = load_complex<Lanes>(high);
        even = {Lanes::madd(sum.re, cosine, even.re), Lanes::madd(sum.im, cosine, even.im)};
        odd = {Lanes::madd(difference.re, sine, odd.re), Lanes::madd(difference.im, sine, odd.im)};
      }
      const auto store = [&](std::int32_t frequency, const Numbers& value) CORR2D_INLINE_LAMBDA {
        store_complex(
            out + stride * frequency,
            multiply_by_twiddle<true>(value, step.roots + 2 * std::ptrdiff_t{turn} * frequency));
      };
      store(k, subtract_i_times(even, odd));
      store(k == 0 ? 0 : radix - k, add_i_times(even, odd));
    }
  }
}

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

void multiply_and_sum(const double* a, const double* b, std::int32_t count, double* products,
                      double* sum) {
  Numbers total = {wasm_f64x2_splat(0), wasm_f64x2_splat(0)};
  CORR2D_NO_UNROLL
  for (std::ptrdiff_t i = 0; i < kStripDoubles * std::ptrdiff_t{count}; i += kStripDoubles) {
    const Numbers x = load_complex<Lanes>(a + i), y = load_complex<Lanes>(b + i);
    const Numbers product = {Lanes::nmadd(x.im, y.im, Lanes::mul(x.re, y.re)),
                             Lanes::madd(x.im, y.re, Lanes::mul(x.re, y.im))};
    store_complex(products + i, product);
    total = total + product;
  }
  store_complex(sum, total);
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
