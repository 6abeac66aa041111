#pragma once

#include <cstdint>

namespace corr2d {

/// The base of a block of two taps whose inputs are neighbours.
constexpr std::int32_t kPairs = -2;

/// The inputs and weights of blocks of four outputs along a row.
struct BlockWeights {
  std::int32_t taps;
  const std::int32_t* indices;  // [block][tap][lane]
  const float* weights;         // [block][tap][lane]
  /// A number for each block: b if the index of tap t and lane l is b + t + d[l] with d[l] from 0
  /// to 3, and four inputs from b + t on lie within the row; otherwise kPairs or -1.
  const std::int32_t* bases;
  const std::int32_t* lanes;  // [block][lane]: the four bytes of element d[l] of a vector
};

/// Computes the sums of weighted inputs of `blocks` blocks of outputs, tap by tap. The bits are the
/// same on every machine.
void resample_row(const float* in, const BlockWeights& weights, std::int32_t blocks, float* out);

/// out[2 i] = out[2 i + 1] = in[i] for `count` elements of `in`.
void double_row(const float* in, std::int32_t count, float* out);

/// out[i] = the sum over `taps` taps t of weights[t] in[offsets[t] + i], for `count` elements.
/// `out` must not overlap the inputs. The bits are the same on every machine.
void add_weighted_rows(const float* in, const std::int32_t* offsets, const float* weights,
                       std::int32_t taps, float* out, std::int32_t count);

}  // namespace corr2d
