#include "algorithms/large_kernel/low_rank.hpp"

#include <algorithm>
#include <cmath>

namespace corr2d {
namespace {

/// The rest of the kernel that may be neglected, as a part of the kernel, both squared: (2^-23)^2.
constexpr double kNegligible = 0x1p-46;

}  // namespace

bool LowRank::reset(const KernelsView& kernels, std::int32_t max_rank) {
  height_ = kernels.height;
  width_ = kernels.width;
  max_rank_ = std::min({max_rank, height_, width_});
  const std::int64_t elements =
      std::int64_t{max_rank_} * (height_ + width_) + std::int64_t{height_} * width_;
  return data_.reset(static_cast<std::size_t>(elements));
}

std::int32_t LowRank::factor(const KernelsView& kernels, std::int32_t kernel) {
  const float* taps = kernels.of(kernel);
  double* column = data_.data();
  double* row = column + max_rank_ * height_;
  double* const rest = row + max_rank_ * width_;
  is_integral_ = true;
  for (std::int32_t y = 0; y < height_; ++y) {
    for (std::int32_t x = 0; x < width_; ++x) {
      const float tap = taps[y * kernels.row_step + x * kernels.column_step];
      rest[y * width_ + x] = static_cast<double>(tap);
      is_integral_ = is_integral_ && tap == std::nearbyint(tap);
    }
  }
  double all = 0;
  for (std::int32_t rank = 0;; ++rank, column += height_, row += width_) {
    double left = 0, largest = 0;
    std::int32_t pivot = 0;
    for (std::int32_t i = 0; i < height_ * width_; ++i) {
      left += rest[i] * rest[i];
      if (std::abs(rest[i]) > std::abs(largest)) {
        largest = rest[i];
        pivot = i % width_;
      }
    }
    if (rank == 0) all = left;
    const bool is_finite = left - left == 0;
    if ((is_finite && left <= kNegligible * all) || rank == std::min(height_, width_)) return rank;
    if (rank == max_rank_) return max_rank_ + 1;

    double length = 0;
    std::fill(row, row + width_, 0.0);
    for (std::int32_t y = 0; y < height_; ++y) {
      const double* line = rest + y * width_;
      column[y] = line[pivot] / largest;
      length += column[y] * column[y];
      for (std::int32_t x = 0; x < width_; ++x) row[x] += column[y] * line[x];
    }
    for (std::int32_t x = 0; x < width_; ++x) row[x] /= length;
    for (std::int32_t y = 0; y < height_; ++y) {
      for (std::int32_t x = 0; x < width_; ++x) rest[y * width_ + x] -= column[y] * row[x];
    }
  }
}

void LowRank::copy(std::int32_t count, float* columns, float* rows) const {
  const double* from = data_.data();
  std::copy(from, from + count * height_, columns);
  from += max_rank_ * height_;
  std::copy(from, from + count * width_, rows);
}

}  // namespace corr2d
