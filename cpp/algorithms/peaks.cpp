// Peaks: the best elements of a map of scores, each at least a given distance from all better ones
// (greedy non-maximum suppression). One task. The elements at or beyond the threshold form a heap,
// from which the best one is taken again and again. A grid of square cells holds the peaks so far.
// Cells are so small that none holds two peaks, so a candidate is compared with at most nine.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "algorithms/plane_operators.hpp"
#include "algorithms/tiling/partition.hpp"

namespace corr2d {
namespace {

/// Floats that hold a candidate.
constexpr std::int64_t kCandidateFloats = sizeof(std::uint64_t) / sizeof(float);
/// After this part of the candidates proved suppressed, all that are suppressed are removed.
constexpr std::int32_t kPruneShare = 16;

/// The rows and columns of a cell.
std::int32_t cell_of(const Problem& p) {
  const auto longest = static_cast<float>(std::max(p.input_height, p.input_width));
  // In this order, std::max replaces NaN.
  return static_cast<std::int32_t>(std::ceil(std::min(std::max(1.0f, p.peak_distance), longest)));
}

class Peaks : public Executor {
 public:
  explicit Peaks(const Problem& problem)
      : p_(problem), cell_(cell_of(problem)), cell_columns_(divide_up(p_.input_width, cell_)) {
    const std::int64_t cells = std::int64_t{divide_up(p_.input_height, cell_)} * cell_columns_;
    shared_floats_ = kCandidateFloats * std::int64_t{p_.input_height} * p_.input_width + cells;
  }

 private:
  /// Greater is better.
  float score(const float* scores, std::int32_t i) const {
    return p_.finds_minima != 0 ? -scores[i] : scores[i];
  }

  /// A candidate, so that greater is better: the score's bits in their order, then the index, the
  /// first of which is best.
  static std::uint64_t candidate_of(float score, std::int32_t index) {
    const auto bits = std::bit_cast<std::uint32_t>(score + 0.0f);  // -0 equals 0
    const std::uint32_t order = (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
    return std::uint64_t{order} << 32 | ~static_cast<std::uint32_t>(index);
  }
  static std::int32_t index_of(std::uint64_t candidate) {
    return static_cast<std::int32_t>(~static_cast<std::uint32_t>(candidate));
  }

  void run(const TaskData& data, const TaskIndex&) const override {
    const float* scores = data.input_floats();
    const std::int32_t size = p_.input_height * p_.input_width;
    auto* candidates = reinterpret_cast<std::uint64_t*>(data.shared);
    auto* cells = reinterpret_cast<std::int32_t*>(candidates + size);
    std::fill_n(cells, shared_floats_ - kCandidateFloats * std::int64_t{size}, -1);
    const float threshold = p_.finds_minima != 0 ? -p_.peak_threshold : p_.peak_threshold;
    std::int32_t count = 0;
    for (std::int32_t i = 0; i < size; ++i) {
      if (score(scores, i) >= threshold) candidates[count++] = candidate_of(score(scores, i), i);
    }
    heapify(candidates, count);
    float* out = data.output_floats();
    float* const end = out + std::int64_t{p_.max_peaks} * kPeakNumbers;
    std::int32_t suppressed = 0;
    while (count > 0 && out != end) {
      const std::int32_t best = index_of(candidates[0]);
      candidates[0] = candidates[--count];
      sift_down(candidates, count, 0);
      const std::int32_t y = best / p_.input_width, x = best % p_.input_width;
      if (is_suppressed(cells, y, x)) {
        // Removing all suppressed candidates at once is faster than one by one.
        if (++suppressed > count / kPruneShare) {
          suppressed = 0;
          count = prune(cells, candidates, count);
        }
        continue;
      }
      cells[y / cell_ * cell_columns_ + x / cell_] = best;
      *out++ = static_cast<float>(x) + vertex(scores, best, x, p_.input_width, 1);
      *out++ = static_cast<float>(y) + vertex(scores, best, y, p_.input_height, p_.input_width);
      *out++ = scores[best];
    }
    std::fill(out, end, std::numeric_limits<float>::quiet_NaN());
  }

  /// Removes the candidates that are suppressed. Returns how many are left.
  std::int32_t prune(const std::int32_t* cells, std::uint64_t* candidates,
                     std::int32_t count) const {
    std::uint64_t* end = std::remove_if(candidates, candidates + count, [&](std::uint64_t one) {
      const std::int32_t i = index_of(one);
      return is_suppressed(cells, i / p_.input_width, i % p_.input_width);
    });
    const auto left = static_cast<std::int32_t>(end - candidates);
    heapify(candidates, left);
    return left;
  }

  static void heapify(std::uint64_t* heap, std::int32_t count) {
    for (std::int32_t i = count / 2; i-- > 0;) sift_down(heap, count, i);
  }

  /// Restores the heap, whose first element is its best, below `at`.
  static void sift_down(std::uint64_t* heap, std::int32_t count, std::int32_t at) {
    for (;;) {
      std::int32_t best = at;
      // In 64 bits, because the index of a child may exceed 32 bits.
      for (std::int64_t child = 2 * std::int64_t{at} + 1;
           child < std::min<std::int64_t>(count, 2 * std::int64_t{at} + 3); ++child) {
        if (heap[child] > heap[best]) best = static_cast<std::int32_t>(child);
      }
      if (best == at) return;
      std::swap(heap[at], heap[best]);
      at = best;
    }
  }

  bool is_suppressed(const std::int32_t* cells, std::int32_t y, std::int32_t x) const {
    const std::int32_t last_row = (p_.input_height - 1) / cell_;
    const std::int32_t last_column = cell_columns_ - 1;
    for (std::int32_t row = std::max(y / cell_ - 1, 0); row <= std::min(y / cell_ + 1, last_row);
         ++row) {
      for (std::int32_t column = std::max(x / cell_ - 1, 0);
           column <= std::min(x / cell_ + 1, last_column); ++column) {
        const std::int32_t peak = cells[row * cell_columns_ + column];
        if (peak < 0) continue;
        const std::int32_t distance =
            std::max(std::abs(peak / p_.input_width - y), std::abs(peak % p_.input_width - x));
        if (static_cast<float>(distance) < p_.peak_distance) return true;
      }
    }
    return false;
  }

  /// The offset of the vertex of the parabola through a peak, at `position` of an axis of `length`
  /// elements, and its neighbours.
  float vertex(const float* scores, std::int32_t at, std::int32_t position, std::int32_t length,
               std::int32_t step) const {
    if (p_.subpixel == 0 || position == 0 || position == length - 1) return 0;
    const double left = static_cast<double>(score(scores, at - step));
    const double middle = static_cast<double>(score(scores, at));
    const double right = static_cast<double>(score(scores, at + step));
    const double curvature = left - 2 * middle + right;
    if (!(left <= middle && right <= middle && curvature < 0)) return 0;
    return static_cast<float>((left - right) / (2 * curvature));
  }

  const Problem p_;
  const std::int32_t cell_;  // rows and columns of a cell
  const std::int32_t cell_columns_;
};

}  // namespace

Executor* new_peaks(const Problem& problem) { return new Peaks(problem); }

}  // namespace corr2d
