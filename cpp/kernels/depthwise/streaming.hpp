#pragma once

#include "kernels/simd.hpp"

namespace corr2d {

/// Rows of one input channel, correlated with a kernel of 3 x 3 as they come. The output in row r
/// and column x reads rows s * r - 1, s * r and s * r + 1 of the input, s the stride, and of each
/// what stands left of, at and right of s * x. To either side the input may end there: then zero
/// stands in for the column beyond.
struct PlaneStream {
  static constexpr std::int32_t kMinColumns = 5;

  /// Column 0 of row s * r + 1 of the first output and, of stride 2, of row s * r.
  const float *next, *middle;
  std::int32_t row_step;  // floats from one `next` to the next
  const float* weight;    // 9, row by row
  float* sums[2];         // what outputs of rows to come have got so far: padded() floats each
  float* output;
  std::int32_t output_step;    // floats between rows of the output
  std::int32_t rows, columns;  // of the output; kMinColumns at least
  bool ends_left, ends_right;  // whether the input does

  static constexpr std::int32_t padded(std::int32_t columns) { return (columns + 3) / 4 * 4; }
};

/// What four neighbouring outputs find left of, at and right of their columns.
struct ThreeTaps {
  v128_t left, middle, right;
};

CORR2D_INLINE v128_t even(v128_t a, v128_t b) { return wasm_i32x4_shuffle(a, b, 0, 2, 4, 6); }
CORR2D_INLINE v128_t odd(v128_t a, v128_t b) { return wasm_i32x4_shuffle(a, b, 1, 3, 5, 7); }

/// `in` is where the first of the four outputs has its column.
template <int kStride>
CORR2D_INLINE ThreeTaps three_taps(const float* in) {
  if constexpr (kStride == 1) {
    return {wasm_v128_load(in - 1), wasm_v128_load(in), wasm_v128_load(in + 1)};
  } else {
    const v128_t a = wasm_v128_load(in), b = wasm_v128_load(in + 4);
    return {even(wasm_v128_load(in - 1), wasm_v128_load(in + 3)), even(a, b), odd(a, b)};
  }
}

/// The same where nothing stands left of `in`.
template <int kStride>
CORR2D_INLINE ThreeTaps first_three_taps(const float* in) {
  const v128_t zero = wasm_f32x4_splat(0);
  if constexpr (kStride == 1) {
    const v128_t middle = wasm_v128_load(in);
    return {wasm_i32x4_shuffle(zero, middle, 3, 4, 5, 6), middle, wasm_v128_load(in + 1)};
  } else {
    const v128_t a = wasm_v128_load(in), b = wasm_v128_load(in + 4), right = odd(a, b);
    return {wasm_i32x4_shuffle(zero, right, 3, 4, 5, 6), even(a, b), right};
  }
}

/// The same where nothing stands right of the last of the four.
template <int kStride>
CORR2D_INLINE ThreeTaps last_three_taps(const float* in) {
  const v128_t zero = wasm_f32x4_splat(0);
  const v128_t a = wasm_v128_load(in - 1);
  if constexpr (kStride == 1) {
    const v128_t middle = wasm_v128_load(in);
    return {a, middle, wasm_i32x4_shuffle(middle, zero, 1, 2, 3, 4)};
  } else {
    const v128_t b = wasm_v128_load(in + 3), left = even(a, b);
    return {left, odd(a, b), wasm_i32x4_shuffle(left, zero, 1, 2, 3, 4)};
  }
}

/// All nine weights stay in registers, and every row of the input is read once, from left to right:
/// of stride 1 it ends the sums of one row of the output, goes on with those of the next and begins
/// those after it. There is no register left for bias and clamping: finish_rows applies them to
/// what has been stored. Before the first output the sums have to hear of the rows above it, with
/// `output` a row that nobody reads: of stride 1 two of them, of stride 2 one, as `middle` too.
///
/// A wide picture stays a stream to the processor's caches, where a kernel that goes down in strips
/// hits few of their sets: 3 x 3, cycles for a vector of 4 outputs, in V8 11.3 unfused / 14.6
/// fused:
///
///                      1920 wide    512 wide     112 wide
///   from left to right  7.6 / 5.7    7.8 / 6.1    7.5 / 5.6
///   down in strips     12.8 / 9.4   31.9 / 29.5   9.0 / 6.9
template <typename Madd, int kStride, int kVectors>
void f32_plane_stream3(const PlaneStream& stream) {
  static_assert(kVectors == 1, "more would not fit into registers");
  v128_t w[3][3];
  for (int k = 0; k < 9; ++k) w[k / 3][k % 3] = wasm_v128_load32_splat(stream.weight + k);
  const auto add = [&](int ky, const ThreeTaps& x, v128_t sum) CORR2D_INLINE_LAMBDA {
    return Madd::madd(x.right, w[ky][2],
                      Madd::madd(x.middle, w[ky][1], Madd::madd(x.left, w[ky][0], sum)));
  };
  const auto begin = [&](const ThreeTaps& x) CORR2D_INLINE_LAMBDA {
    return Madd::madd(x.right, w[0][2],
                      Madd::madd(x.middle, w[0][1], wasm_f32x4_mul(x.left, w[0][0])));
  };
  // Copies, as stores to the output might change what `stream` says.
  float *const first = stream.sums[0], *const second = stream.sums[1];
  const float *next = stream.next, *middle = stream.middle;
  float* out = stream.output;
  const std::int32_t row_step = stream.row_step, output_step = stream.output_step;
  const std::int32_t columns = stream.columns;
  const bool ends_left = stream.ends_left, ends_right = stream.ends_right;

  // Loads of different rows stand apart by a store: V8 does all loads up to there first.
  const auto four = [&](std::int32_t x, auto taps_of, auto store) CORR2D_INLINE_LAMBDA {
    if constexpr (kStride == 1) {
      const ThreeTaps taps = taps_of(next);
      store(add(2, taps, wasm_v128_load(second + x)));
      wasm_v128_store(second + x, add(1, taps, wasm_v128_load(first + x)));
      wasm_v128_store(first + x, begin(taps));
    } else {
      const ThreeTaps taps = taps_of(next);
      const v128_t sum = add(2, taps, wasm_v128_load(first + x));
      wasm_v128_store(first + x, begin(taps));
      store(add(1, taps_of(middle), sum));
    }
  };
  // The last four end with the row, 1 to 4 of them are new: these are moved to the front.
  const std::int32_t whole = (columns - 1) / 4 * 4, rest = columns - whole;
  const v128_t lanes = wasm_i8x16_make(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const v128_t moved =
      wasm_i8x16_add(lanes, wasm_i8x16_splat(static_cast<std::int8_t>(16 - 4 * rest)));

  CORR2D_NO_UNROLL
  for (std::int32_t row = stream.rows; row > 0; --row) {
    four(
        0,
        [&](const float* in) CORR2D_INLINE_LAMBDA {
          return ends_left ? first_three_taps<kStride>(in) : three_taps<kStride>(in);
        },
        [&](v128_t sum) CORR2D_INLINE_LAMBDA { wasm_v128_store(out, sum); });
    CORR2D_NO_UNROLL
    for (std::int32_t x = 4; x < whole; x += 4) {
      four(
          x,
          [&](const float* in)
              CORR2D_INLINE_LAMBDA { return three_taps<kStride>(in + kStride * x); },
          [&](v128_t sum) CORR2D_INLINE_LAMBDA { wasm_v128_store(out + x, sum); });
    }
    four(
        whole,
        [&](const float* in) CORR2D_INLINE_LAMBDA {
          const float* last = in + kStride * (columns - 4);
          const ThreeTaps taps =
              ends_right ? last_three_taps<kStride>(last) : three_taps<kStride>(last);
          return ThreeTaps{wasm_i8x16_swizzle(taps.left, moved),
                           wasm_i8x16_swizzle(taps.middle, moved),
                           wasm_i8x16_swizzle(taps.right, moved)};
        },
        [&](v128_t sum) CORR2D_INLINE_LAMBDA {
          float* last = out + whole;
          if (rest == 4) {
            wasm_v128_store(last, sum);
          } else {
            wasm_v128_store32_lane(last, sum, 0);
            if (rest > 1) wasm_v128_store32_lane(last + 1, sum, 1);
            if (rest > 2) wasm_v128_store32_lane(last + 2, sum, 2);
          }
        });
    next += row_step;
    middle += row_step;
    out += output_step;
  }
}

/// The same of four channels that are neighbours in memory, for one row of the output.
struct ChannelsStream {
  /// Pixel 0 of row s * r + 1 and, of stride 2, of row s * r.
  const float *next, *middle;
  std::int32_t next_step, middle_step;  // floats between neighbours of these rows
  const float* weight;                  // of tap 0
  std::int32_t weight_step;             // floats between taps
  const float* bias;
  float* sums[2];  // 4 * columns floats each
  float* output;
  std::int32_t output_step;  // floats between neighbours of the output
  std::int32_t columns;      // of the output
  bool ends_left, ends_right;
};

/// Sums begin with the bias; clamping is left to finish_rows.
template <typename Madd, int kStride, int kVectors>
void f32_channels_stream3(const ChannelsStream& stream) {
  static_assert(kVectors == 1, "more would not fit into registers");
  v128_t w[3][3];
  for (int k = 0; k < 9; ++k) {
    w[k / 3][k % 3] = wasm_v128_load(stream.weight + k * stream.weight_step);
  }
  const auto add = [&](int ky, const ThreeTaps& x, v128_t sum) CORR2D_INLINE_LAMBDA {
    return Madd::madd(x.right, w[ky][2],
                      Madd::madd(x.middle, w[ky][1], Madd::madd(x.left, w[ky][0], sum)));
  };
  // Copies, as stores to the output might change what `stream` says. The bias is loaded again and
  // again: there is no register left.
  const float* bias = stream.bias;
  const std::int32_t next_step = stream.next_step, middle_step = stream.middle_step;
  const std::int32_t output_step = stream.output_step;
  const std::int32_t last = stream.columns - 1;
  const bool ends_left = stream.ends_left, ends_right = stream.ends_right;
  const float *next = stream.next, *middle = stream.middle;
  float *first = stream.sums[0], *second = stream.sums[1], *out = stream.output;

  // What one pixel reads last the next one reads first.
  const v128_t zero = wasm_f32x4_splat(0);
  ThreeTaps of_next = {zero, ends_left ? zero : wasm_v128_load(next - next_step), zero};
  ThreeTaps of_middle = {zero, ends_left ? zero : wasm_v128_load(middle - middle_step), zero};
  if constexpr (kStride == 1) {
    of_next.right = wasm_v128_load(next);
    next += next_step;
  } else {
    of_next.right = of_next.middle;
    of_middle.right = of_middle.middle;
  }
  const auto advance = [&](ThreeTaps& taps, const float*& in, std::int32_t step, bool right)
                           CORR2D_INLINE_LAMBDA {
                             if constexpr (kStride == 1) {
                               taps.left = taps.middle;
                               taps.middle = taps.right;
                             } else {
                               taps.left = taps.right;
                               taps.middle = wasm_v128_load(in);
                               in += step;
                             }
                             taps.right = right ? wasm_v128_load(in) : zero;
                             in += step;
                           };
  const auto one = [&](bool right) CORR2D_INLINE_LAMBDA {
    advance(of_next, next, next_step, right);
    if constexpr (kStride == 1) {
      wasm_v128_store(out, add(2, of_next, wasm_v128_load(second)));
      wasm_v128_store(second, add(1, of_next, wasm_v128_load(first)));
      wasm_v128_store(first, add(0, of_next, wasm_v128_load(bias)));
    } else {
      const v128_t sum = add(2, of_next, wasm_v128_load(first));
      wasm_v128_store(first, add(0, of_next, wasm_v128_load(bias)));
      advance(of_middle, middle, middle_step, right);
      wasm_v128_store(out, add(1, of_middle, sum));
    }
    first += 4;
    second += 4;
    out += output_step;
  };
  CORR2D_NO_UNROLL
  for (std::int32_t x = 0; x < last; ++x) one(true);
  one(!ends_right);
}

}  // namespace corr2d
