// Phase correlation: the cyclic shift between two pictures a and b, from the phases of their
// spectra A and B (Kuglin, Hines: The phase correlation image alignment method, 1975):
//
//   P = conj(A) B / max(|A B|, 100 * 2^-52)    r = the transform of P
//
// The shift is where |r| is largest. Both pictures are divided by their largest magnitude and
// packed into one complex transform. Fractions of a pixel come from evaluating r on a finer grid
// around the largest element, as a matrix product (Guizar-Sicairos, Thurman, Fienup: Efficient
// subpixel image registration algorithms, 2008). The conventions are those of scikit-image's
// phase_cross_correlation.
//
// The tasks form stages:
//
//   inspect   one task: the largest magnitude of a, and whether a is constant
//   rows      2 rows each: the transforms of a + i b along rows
//   columns   4 columns kx and 4 columns -kx each: transforms along columns, P, and back
//   peaks     2 rows each: the transforms along rows, which give r, and the largest |r|
//   refine    for fractions of a pixel, one row of the finer grid each: the largest |r|
//   select    one task: the largest |r| of all
//
// All sums are in float64 and in an order that depends on the problem alone.

#include "algorithms/phase_correlation/phase_correlation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "algorithms/phase_correlation/any_size_transform.hpp"
#include "algorithms/tiling/partition.hpp"
#include "core/root_of_unity.hpp"
#include "kernels/phase_correlation.hpp"

namespace corr2d {
namespace {

/// Pairs of columns that a task transforms: their numbers fill a cache line of a row.
constexpr std::int32_t kPairs = 4;

struct Inspection {
  double scale;  // the reciprocal of the largest magnitude
  bool is_constant;
};

Inspection inspect(const float* data, std::int32_t count) {
  float low = *data, high = *data;
  for (std::int32_t i = 0; i < count; ++i) {
    low = std::min(low, data[i]);
    high = std::max(high, data[i]);
  }
  const double largest = std::max(-low, high);
  return {largest > 0 ? 1 / largest : 0, low == high};
}

/// An element of r, or of the finer grid.
struct Peak {
  double magnitude;
  std::int64_t y, x;  // the shift, in steps of 1 / upsample pixels
};

/// The peak with the largest magnitude: the first one if there are several.
Peak largest_of(const Peak* peaks, std::int32_t count) {
  Peak largest = {0, 0, 0};
  for (; count > 0; --count, ++peaks) {
    if (peaks->magnitude > largest.magnitude) largest = *peaks;
  }
  return largest;
}

class PhaseCorrelation : public Executor {
 public:
  explicit PhaseCorrelation(const Problem& p)
      : height_(p.input_height),
        width_(p.input_width),
        upsample_(p.upsample),
        has_window_(p.hann_window != 0),
        region_(p.upsample == 1 ? 0 : divide_up(3 * p.upsample, 2)),
        pairs_(width_ / 2 + 1),
        row_pairs_(divide_up(height_, 2)),
        sums_(divide_up(pairs_, kPairs)),
        rows_(width_),
        columns_(height_) {
    const std::int32_t tasks[] = {1, row_pairs_, sums_, row_pairs_, region_, 1};
    std::int32_t end = 0;
    for (std::size_t i = 0; i < kStages; ++i) ends_[i] = end += tasks[i];
    grid_.columns = end;
    constexpr std::int64_t kFloats = sizeof(double) / sizeof(float);
    const std::int64_t strip = kStripDoubles * std::int64_t{height_};
    shared_floats_ =
        static_cast<std::int64_t>(sizeof(Inspection) / sizeof(float)) +
        static_cast<std::int64_t>(sizeof(Peak) / sizeof(float)) * (row_pairs_ + region_) +
        kFloats * (sums_ + strip * width_ / 2 + (region_ > 0 ? strip * pairs_ : 0));
    // Two strips, or those of `refine`: three and a number of a strip.
    const std::int64_t longest = kStripDoubles * std::int64_t{std::max(height_, width_)};
    strip_doubles_ = static_cast<std::ptrdiff_t>(longest);
    workspace_floats_ = kFloats * (3 * longest + kStripDoubles);
  }

  Status prepare(const float* b) {
    if (std::max(workspace_floats_, shared_floats_) > kMaxElements) return Status::kTooLarge;
    const auto elements = static_cast<std::size_t>(height_ * width_);
    if (!b_.reset(elements) || !windows_.reset(static_cast<std::size_t>(width_ + height_)) ||
        !rows_.prepare() || !columns_.prepare()) {
      return Status::kOutOfMemory;
    }
    b_inspection_ = inspect(b, height_ * width_);
    std::memcpy(b_.data(), b, elements * sizeof(float));
    fill_window(width_, windows_.data());
    fill_window(height_, windows_.data() + width_);
    weight_bytes_ = b_.bytes() + rows_.bytes() + columns_.bytes() + windows_.bytes();
    return Status::kOk;
  }

  std::int32_t stage_end(std::int32_t task) const override { return ends_[stage_of(task)]; }

 private:
  enum Stage { kInspect, kRows, kColumns, kPeaks, kRefine, kSelect, kStages };

  std::int32_t stage_of(std::int32_t task) const {
    std::int32_t stage = 0;
    while (ends_[stage] <= task) ++stage;
    return stage;
  }

  /// The window along one axis: symmetric Hann, or ones.
  void fill_window(std::int32_t size, double* window) const {
    const std::int32_t last = size - 1;
    for (std::int32_t i = 0; i < size; ++i) {
      window[i] = has_window_ && last > 0 ? 0.5 - 0.5 * root_of_unity(i % last, last).cosine : 1;
    }
  }

  // The memory that the stages share: the inspection of a, the peaks of kPeaks and kRefine, the
  // sums of |P| of the tasks of kColumns, the plane and the spectrum.
  static Inspection& a_of(const TaskData& data) {
    return *reinterpret_cast<Inspection*>(data.shared);
  }
  static Peak* peaks_of(const TaskData& data) { return reinterpret_cast<Peak*>(&a_of(data) + 1); }
  double* sums_of(const TaskData& data) const {
    return reinterpret_cast<double*>(peaks_of(data) + row_pairs_ + region_);
  }
  /// The transform along rows, then along columns, then P transformed along columns.
  double* plane_of(const TaskData& data) const { return sums_of(data) + sums_; }
  /// P, for kRefine: a strip for each pair of columns.
  double* spectrum_of(const TaskData& data) const {
    return plane_of(data) + 2 * std::ptrdiff_t{height_} * width_;
  }

  void run(const TaskData& data, const TaskIndex& task) const override {
    const std::int32_t stage = stage_of(task.columns);
    const std::int32_t index = task.columns - (stage > 0 ? ends_[stage - 1] : 0);
    double* strip = reinterpret_cast<double*>(data.workspace);
    switch (stage) {
      case kInspect:
        a_of(data) = inspect(data.input_floats(), height_ * width_);
        break;
      case kColumns:
        correlate_columns(data, strip, index);
        break;
      case kRefine:
        refine(data, strip, index);
        break;
      case kSelect:
        select(data);
        break;
      default:
        transform_rows(data, strip, index, stage == kPeaks);
    }
  }

  /// Transforms two rows or columns of the plane. Returns the strip with the frequencies: `strip`
  /// or the one after it.
  double* transform(const AnySizeTransform& axis, const DoublePairs& lines, std::int32_t count,
                    double* strip) const {
    transpose_pairs(lines, DoublePairs::of_strip(strip), count);
    return axis.run(strip, strip + strip_doubles_);
  }

  /// A task of kRows or, if `finds_peak`, of kPeaks.
  void transform_rows(const TaskData& data, double* strip, std::int32_t index,
                      bool finds_peak) const {
    const std::int32_t first = 2 * index, last = std::min(first + 1, height_ - 1);
    double* const plane = plane_of(data);
    const std::ptrdiff_t row = 2 * std::ptrdiff_t{width_};
    const DoublePairs rows = {plane + first * row, plane + last * row, 2};
    if (!finds_peak) {
      const float* a = data.input_floats() + first * width_;
      const float* b = b_.data() + first * width_;
      double* out = rows.first;
      for (std::int32_t y = first; y <= last; ++y) {
        const double factor = windows_.data()[width_ + y];
        for (std::int32_t x = 0; x < width_; ++x) {
          const double window = factor * windows_.data()[x];
          *out++ = *a++ * (window * a_of(data).scale);
          *out++ = *b++ * (window * b_inspection_.scale);
        }
      }
    }
    double* const numbers = transform(rows_, rows, width_, strip);
    if (!finds_peak) {
      transpose_pairs(DoublePairs::of_strip(numbers), rows, width_);
      return;
    }
    Peak peak = {0, 0, 0};
    for (std::int32_t y = first; y <= last; ++y) {
      for (std::int32_t x = 0; x < width_; ++x) {
        const double magnitude = std::abs(numbers[kStripDoubles * std::ptrdiff_t{x} + (y - first)]);
        if (magnitude > peak.magnitude) {
          peak = {magnitude, steps_of(y, height_), steps_of(x, width_)};
        }
      }
    }
    peaks_of(data)[index] = peak;
  }

  /// The shift of an element of r along an axis.
  std::int64_t steps_of(std::int32_t index, std::int32_t size) const {
    return std::int64_t{upsample_} * (index > size / 2 ? index - size : index);
  }

  void correlate_columns(const TaskData& data, double* strip, std::int32_t block) const {
    double* const plane = plane_of(data);
    double sum = 0;
    for (std::int32_t kx = block * kPairs; kx < std::min(pairs_, (block + 1) * kPairs); ++kx) {
      const std::int32_t opposite = kx == 0 ? 0 : width_ - kx;
      const DoublePairs pair = {plane + 2 * kx, plane + 2 * opposite, 2 * std::ptrdiff_t{width_}};
      double* const columns = transform(columns_, pair, height_, strip);
      double* const power = columns == strip ? strip + strip_doubles_ : strip;
      const double magnitudes = normalise_spectrum(columns, height_, power);
      sum += kx == opposite ? magnitudes : 2 * magnitudes;
      if (region_ > 0) {
        const std::ptrdiff_t doubles = kStripDoubles * std::ptrdiff_t{height_};
        std::memcpy(spectrum_of(data) + kx * doubles, power,
                    static_cast<std::size_t>(doubles) * sizeof(double));
      }
      transpose_pairs(DoublePairs::of_strip(columns_.run(power, columns)), pair, height_);
    }
    sums_of(data)[block] = sum;
  }

  void select(const TaskData& data) const {
    const Peak* const peaks = peaks_of(data);
    const Peak peak =
        region_ > 0 ? largest_of(peaks + row_pairs_, region_) : largest_of(peaks, row_pairs_);
    double sum = 0;
    for (std::int32_t i = 0; i < sums_; ++i) sum += sums_of(data)[i];
    float* output = data.output_floats();
    // If an element of a or b is not finite, the sum is NaN, and so is the response.
    const bool is_empty =
        !std::isnan(sum) && (a_of(data).is_constant || b_inspection_.is_constant || sum == 0);
    output[0] = is_empty || height_ == 1 ? 0 : static_cast<float>(peak.y);
    output[1] = is_empty || width_ == 1 ? 0 : static_cast<float>(peak.x);
    output[2] = is_empty ? 0 : static_cast<float>(peak.magnitude / sum);
  }

  /// exp(-2 pi i f s / upsample) for the frequency f at index k of an axis and a shift of s steps.
  Root rotation(std::int64_t k, std::int32_t size, std::int64_t s) const {
    const std::int64_t turn = std::int64_t{size} * upsample_;
    const std::int64_t part = (2 * k < size ? -k : size - k) * s % turn;
    return root_of_unity(part < 0 ? part + turn : part, turn);
  }

  /// Writes rotations by `s` steps for the first `count` indices of an axis; those of the second
  /// lane are of the opposite frequencies if `sign` is -1.
  void set_rotations(std::int32_t count, std::int32_t size, std::int64_t s, double sign,
                     double* strip) const {
    for (std::int32_t k = 0; k < count; ++k) {
      const auto [cosine, sine] = rotation(k, size, s);
      *strip++ = cosine;
      *strip++ = cosine;
      *strip++ = sine;
      *strip++ = sign * sine;
    }
  }

  void refine(const TaskData& data, double* rotations, std::int32_t row) const {
    double* const sums = rotations + strip_doubles_;
    double* const products = sums + strip_doubles_;
    double* const sum = products + strip_doubles_;
    const Peak centre = largest_of(peaks_of(data), row_pairs_);
    Peak peak = {0, centre.y - region_ / 2 + row, 0};
    set_rotations(height_, height_, peak.y, 1, rotations);
    for (std::int32_t kx = 0; kx < pairs_; ++kx) {
      double* const at = sums + kStripDoubles * std::ptrdiff_t{kx};
      multiply_and_sum(spectrum_of(data) + kStripDoubles * std::ptrdiff_t{height_} * kx, rotations,
                       height_, products, at);
      // These columns are their own opposite.
      if (kx == 0 || 2 * kx == width_) at[1] = at[3] = 0;
    }
    std::int64_t x = centre.x - region_ / 2;
    set_rotations(pairs_, width_, x, -1, rotations);
    for (std::int32_t i = 0; i < region_; ++i, ++x) {
      multiply_and_sum(sums, rotations, pairs_, sums, sum);
      if (i == 0) set_rotations(pairs_, width_, 1, -1, rotations);
      const double re = sum[0] + sum[1], im = sum[2] + sum[3];
      const double magnitude = std::sqrt(re * re + im * im);
      if (magnitude > peak.magnitude) {
        peak.magnitude = magnitude;
        peak.x = x;
      }
    }
    peaks_of(data)[row_pairs_ + row] = peak;
  }

  const std::int32_t height_, width_, upsample_;
  const bool has_window_;
  const std::int32_t region_;  // rows and columns of the finer grid; 0 if there is none
  const std::int32_t pairs_;   // of columns kx and -kx; the first one, and the last if the width is
                               // even, consist of the same column twice
  const std::int32_t row_pairs_;
  const std::int32_t sums_;  // tasks of kColumns
  AnySizeTransform rows_, columns_;
  std::int32_t ends_[kStages];  // the task after each stage
  std::ptrdiff_t strip_doubles_;
  Inspection b_inspection_;
  Buffer<float> b_;
  Buffer<double> windows_;  // along a row, then along a column
};

}  // namespace

Status prepare_phase_correlation(const Problem& problem, const float* b,
                                 std::unique_ptr<Executor>* executor) {
  std::unique_ptr<PhaseCorrelation> made(new PhaseCorrelation(problem));
  if (made == nullptr) return Status::kOutOfMemory;
  const Status status = made->prepare(b);
  if (status == Status::kOk) *executor = std::move(made);
  return status;
}

}  // namespace corr2d
