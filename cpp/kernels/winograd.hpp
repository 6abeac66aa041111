#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

// Winograd's minimal filtering F(n x n, 3 x 3) with n = 2 or 4 computes a tile of n x n outputs
// from (n + 2) x (n + 2) inputs d and 3 x 3 weights g,
//
//   At ((G g Gt) * (Bt d B)) A        where * is element-wise,
//
// with (n + 2)^2 multiplications instead of 9 n^2. The interpolation points are 0, +-1 and infinity
// for n = 2, and 0, +-sqrt(1/2), +-sqrt(2) and infinity for n = 4. The latter have half the
// rounding error of the usual 0, +-1, +-2 and infinity (Barabasz, Anderson, Soodhalter, Gregg:
// "Error analysis and improving the accuracy of Winograd convolution", 2020). In every kernel the
// four lanes of a vector are four tiles or four channels, and a kernel transforms one axis after
// the other.

/// Positions along one axis of a transformed tile with n outputs.
constexpr int winograd_positions(int outputs) { return outputs + 2; }

/// The one-dimensional transforms: Bt, G and At.
template <typename Madd, int kOutputs>
struct WinogradTransform;

template <typename Madd>
struct WinogradTransform<Madd, 2> {
  static CORR2D_INLINE void input(const v128_t (&d)[4], v128_t (&v)[4]) {
    v[0] = wasm_f32x4_sub(d[0], d[2]);
    v[1] = wasm_f32x4_add(d[1], d[2]);
    v[2] = wasm_f32x4_sub(d[2], d[1]);
    v[3] = wasm_f32x4_sub(d[3], d[1]);
  }

  static CORR2D_INLINE void weight(const v128_t (&g)[3], v128_t (&u)[4]) {
    const v128_t half = wasm_f32x4_splat(0.5f);
    const v128_t even = wasm_f32x4_mul(wasm_f32x4_add(g[0], g[2]), half);
    u[0] = g[0];
    u[1] = Madd::madd(g[1], half, even);
    u[2] = Madd::madd(g[1], wasm_f32x4_splat(-0.5f), even);
    u[3] = g[2];
  }

  static CORR2D_INLINE void output(const v128_t (&m)[4], v128_t (&y)[2]) {
    y[0] = wasm_f32x4_add(wasm_f32x4_add(m[1], m[2]), m[0]);
    y[1] = wasm_f32x4_add(wasm_f32x4_sub(m[1], m[2]), m[3]);
  }
};

template <typename Madd>
struct WinogradTransform<Madd, 4> {
  static constexpr float kRoot = 1.41421356237f;  // sqrt(2)

  static CORR2D_INLINE void input(const v128_t (&d)[6], v128_t (&v)[6]) {
    const v128_t minus_5_2 = wasm_f32x4_splat(-2.5f);
    v[0] = wasm_f32x4_add(Madd::madd(d[2], minus_5_2, d[0]), d[4]);
    v[5] = wasm_f32x4_add(Madd::madd(d[3], minus_5_2, d[1]), d[5]);
    // The points +-sqrt(1/2).
    const v128_t minus_2 = wasm_f32x4_splat(-2.0f);
    const v128_t even12 = Madd::madd(d[2], minus_2, d[4]);
    const v128_t odd12 =
        wasm_f32x4_mul(Madd::madd(d[1], minus_2, d[3]), wasm_f32x4_splat(kRoot / 2));
    v[1] = wasm_f32x4_add(even12, odd12);
    v[2] = wasm_f32x4_sub(even12, odd12);
    // The points +-sqrt(2).
    const v128_t minus_1_2 = wasm_f32x4_splat(-0.5f);
    const v128_t even34 = Madd::madd(d[2], minus_1_2, d[4]);
    const v128_t odd34 = wasm_f32x4_mul(Madd::madd(d[1], minus_1_2, d[3]), wasm_f32x4_splat(kRoot));
    v[3] = wasm_f32x4_add(even34, odd34);
    v[4] = wasm_f32x4_sub(even34, odd34);
  }

  static CORR2D_INLINE void weight(const v128_t (&g)[3], v128_t (&u)[6]) {
    // The points +point and -point.
    const auto pair = [&g](float scale, float point, v128_t* both) CORR2D_INLINE_LAMBDA {
      const v128_t even = Madd::madd(g[2], wasm_f32x4_splat(scale * point * point),
                                     wasm_f32x4_mul(g[0], wasm_f32x4_splat(scale)));
      const v128_t odd = wasm_f32x4_mul(g[1], wasm_f32x4_splat(scale * point));
      both[0] = wasm_f32x4_add(even, odd);
      both[1] = wasm_f32x4_sub(even, odd);
    };
    u[0] = g[0];
    pair(-2.0f / 3, kRoot / 2, u + 1);
    pair(1.0f / 6, kRoot, u + 3);
    u[5] = g[2];
  }

  static CORR2D_INLINE void output(const v128_t (&m)[6], v128_t (&y)[4]) {
    const v128_t sum12 = wasm_f32x4_add(m[1], m[2]), sum34 = wasm_f32x4_add(m[3], m[4]);
    const v128_t two = wasm_f32x4_splat(2);
    y[0] = wasm_f32x4_add(wasm_f32x4_add(sum12, sum34), m[0]);
    y[2] = Madd::madd(sum12, wasm_f32x4_splat(0.5f), wasm_f32x4_mul(sum34, two));
    const v128_t diff12 = wasm_f32x4_sub(m[1], m[2]), diff34 = wasm_f32x4_sub(m[3], m[4]);
    y[1] = wasm_f32x4_mul(Madd::madd(diff34, two, diff12), wasm_f32x4_splat(kRoot / 2));
    y[3] = Madd::madd(Madd::madd(diff34, wasm_f32x4_splat(8), diff12), wasm_f32x4_splat(kRoot / 4),
                      m[5]);
  }
};

/// First half of the input transform, Bt d, for one row of tiles. Neighbouring tiles share columns,
/// so the transforms of these columns are computed once.
struct WinogradColumns {
  const float* input;  // row 0, column 0 of the first tile
  std::int32_t row_step;
  float* output;         // [vector][position][4 columns]
  std::int32_t vectors;  // of 4 columns each
};

template <typename Madd, int kOutputs>
void f32_winograd_columns(const WinogradColumns& work) {
  constexpr int kPositions = winograd_positions(kOutputs);
  const float* in = work.input;
  float* out = work.output;
  CORR2D_NO_UNROLL
  for (std::int32_t i = work.vectors; i > 0; --i) {
    v128_t d[kPositions], v[kPositions];
    for (int u = 0; u < kPositions; ++u) d[u] = wasm_v128_load(in + u * work.row_step);
    WinogradTransform<Madd, kOutputs>::input(d, v);
    for (int u = 0; u < kPositions; ++u) wasm_v128_store(out + 4 * u, v[u]);
    in += 4;
    out += 4 * kPositions;
  }
}

/// Second half of the input transform, (Bt d) B, for any four tiles.
struct WinogradInput {
  /// For each tile, the output of f32_winograd_columns for its first n columns and for the two that
  /// follow.
  const float* leading[4];
  const float* trailing[4];
  float* output;               // [position][4 tiles]
  std::int32_t position_step;  // floats between positions
};

template <typename Madd, int kOutputs>
void f32_winograd_input(const WinogradInput& work) {
  constexpr int kPositions = winograd_positions(kOutputs);
  const auto pairs = [](const float* const(&at)[4], std::int32_t offset,
                        v128_t* both) CORR2D_INLINE_LAMBDA {
    const v128_t low =
        wasm_v128_load64_lane(at[1] + offset, wasm_v128_load64_zero(at[0] + offset), 1);
    const v128_t high =
        wasm_v128_load64_lane(at[3] + offset, wasm_v128_load64_zero(at[2] + offset), 1);
    both[0] = wasm_i32x4_shuffle(low, high, 0, 2, 4, 6);
    both[1] = wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
  };
  float* out = work.output;
  CORR2D_NO_UNROLL
  for (std::int32_t offset = 0; offset < 4 * kPositions; offset += 4) {
    v128_t d[kPositions], v[kPositions];
    if constexpr (kOutputs == 4) {
      transpose(wasm_v128_load(work.leading[0] + offset), wasm_v128_load(work.leading[1] + offset),
                wasm_v128_load(work.leading[2] + offset), wasm_v128_load(work.leading[3] + offset),
                d);
    } else {
      pairs(work.leading, offset, d);
    }
    pairs(work.trailing, offset, d + kOutputs);
    WinogradTransform<Madd, kOutputs>::input(d, v);
    for (int p = 0; p < kPositions; ++p) wasm_v128_store(out + p * work.position_step, v[p]);
    out += kPositions * work.position_step;
  }
}

/// The output transform, At m A, for four tiles, with bias and clamping.
struct WinogradOutput {
  const float* sums;           // [position][4 tiles]
  std::int32_t position_step;  // floats between positions
  float bias, low, high;       // clamps every element; NaN stays NaN
  float* output[4];            // row 0, column 0 of each tile; columns are contiguous
  std::int32_t row_step[4];    // floats between rows of each tile
};

template <typename Madd, int kOutputs>
void f32_winograd_output(const WinogradOutput& work) {
  constexpr int kPositions = winograd_positions(kOutputs);
  alignas(16) float columns[kPositions * kOutputs * 4];  // [position][row][4 tiles]
  const float* in = work.sums;
  CORR2D_NO_UNROLL
  for (std::int32_t p = 0; p < kPositions; ++p) {
    v128_t m[kPositions], y[kOutputs];
    for (int u = 0; u < kPositions; ++u) {
      m[u] = wasm_v128_load(in + u * kPositions * work.position_step);
    }
    WinogradTransform<Madd, kOutputs>::output(m, y);
    for (int r = 0; r < kOutputs; ++r) wasm_v128_store(columns + (p * kOutputs + r) * 4, y[r]);
    in += work.position_step;
  }
  CORR2D_NO_UNROLL
  for (std::int32_t r = 0; r < kOutputs; ++r) {
    v128_t m[kPositions], y[kOutputs];
    for (int p = 0; p < kPositions; ++p) m[p] = wasm_v128_load(columns + (p * kOutputs + r) * 4);
    WinogradTransform<Madd, kOutputs>::output(m, y);
    const v128_t bias = wasm_v128_load32_splat(&work.bias);
    for (v128_t& row : y) row = clamp(wasm_f32x4_add(row, bias), work.low, work.high);
    if constexpr (kOutputs == 4) {
      transpose(y[0], y[1], y[2], y[3], y);
      for (int t = 0; t < 4; ++t) wasm_v128_store(work.output[t] + r * work.row_step[t], y[t]);
    } else {
      const v128_t low = wasm_i32x4_shuffle(y[0], y[1], 0, 4, 1, 5);
      const v128_t high = wasm_i32x4_shuffle(y[0], y[1], 2, 6, 3, 7);
      wasm_v128_store64_lane(work.output[0] + r * work.row_step[0], low, 0);
      wasm_v128_store64_lane(work.output[1] + r * work.row_step[1], low, 1);
      wasm_v128_store64_lane(work.output[2] + r * work.row_step[2], high, 0);
      wasm_v128_store64_lane(work.output[3] + r * work.row_step[3], high, 1);
    }
  }
}

/// The weight transform, G g Gt, for one input channel and up to four output channels.
struct WinogradWeight {
  const float* weight;                               // the tap that reads the first row and column
  std::int32_t channel_step, row_step, column_step;  // floats
  std::int32_t channels;                             // 1 to 4; the remaining lanes become 0
  float* output;                                     // [position][4 channels]
  std::int32_t position_step;                        // floats between positions
};

template <typename Madd, int kOutputs>
CORR2D_SMALL void f32_winograd_weight(const WinogradWeight& work) {
  constexpr int kPositions = winograd_positions(kOutputs);
  alignas(16) float taps[9 * 4] = {};
  for (std::int32_t c = 0; c < work.channels; ++c) {
    const float* channel = work.weight + c * work.channel_step;
    for (int t = 0; t < 9; ++t) {
      taps[4 * t + c] = channel[t / 3 * work.row_step + t % 3 * work.column_step];
    }
  }
  alignas(16) float rows[kPositions * 3 * 4];  // [position][column][4 channels]
  CORR2D_NO_UNROLL
  for (std::int32_t x = 0; x < 3; ++x) {
    v128_t g[3], u[kPositions];
    for (int y = 0; y < 3; ++y) g[y] = wasm_v128_load(taps + (3 * y + x) * 4);
    WinogradTransform<Madd, kOutputs>::weight(g, u);
    for (int p = 0; p < kPositions; ++p) wasm_v128_store(rows + (p * 3 + x) * 4, u[p]);
  }
  float* out = work.output;
  CORR2D_NO_UNROLL
  for (std::int32_t p = 0; p < kPositions; ++p) {
    v128_t g[3], u[kPositions];
    for (int x = 0; x < 3; ++x) g[x] = wasm_v128_load(rows + (p * 3 + x) * 4);
    WinogradTransform<Madd, kOutputs>::weight(g, u);
    for (int q = 0; q < kPositions; ++q) wasm_v128_store(out + q * work.position_step, u[q]);
    out += kPositions * work.position_step;
  }
}

}  // namespace corr2d
