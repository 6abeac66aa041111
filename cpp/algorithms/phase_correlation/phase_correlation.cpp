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
//   select    one task: the largest |r| of all
//
// and, for fractions of a pixel:
//
//   refine    one row of the finer grid each: the largest |r|
//   select    one task
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
  std::int32_t y, x;
};

/// The memory that the stages share, before the arrays.
struct Shared {
  Inspection a;
  std::int64_t y, x;  // the shift, in steps of 1 / upsample pixels
};

class PhaseCorrelation : public Executor {
 public:
  explicit PhaseCorrelation(const Problem& p)
      : height_(p.input_height),
        width_(p.input_width),
        upsample_(p.upsample),
        has_window_(p.hann_window != 0),
        region_(p.upsample == 1 ? 0 : divide_up(3 * p.upsample, 2)),
        pairs_(width_ / 2 + 1),
        rows_(width_),
        columns_(height_) {
    const std::int32_t row_pairs = divide_up(height_, 2), blocks = divide_up(pairs_, kPairs);
    const std::int32_t tasks[] = {1, row_pairs, blocks, row_pairs, 1, region_, region_ > 0};
    std::int32_t end = 0;
    for (std::size_t i = 0; i < kStages; ++i) ends_[i] = end += tasks[i];
    grid_.columns = end;
    peaks_ = std::max(row_pairs, region_);
    sums_ = blocks;
    const std::int64_t elements = std::int64_t{height_} * width_;
    constexpr std::int64_t kFloats = sizeof(double) / sizeof(float);
    shared_floats_ = static_cast<std::int64_t>(sizeof(Shared) / sizeof(float)) +
                     static_cast<std::int64_t>(sizeof(Peak) / sizeof(float)) * peaks_ +
                     kFloats * (sums_ + 2 * elements);
    if (region_ > 0) {
      shared_floats_ += kFloats * kStripDoubles * std::int64_t{height_} * pairs_;
    }
    // Two strips, or those of `refine`.
    strip_doubles_ = kStripDoubles * std::max(rows_.padded_size(), columns_.padded_size());
    workspace_floats_ = kFloats * std::max(std::int64_t{2} * strip_doubles_,
                                           kStripDoubles * (height_ + std::int64_t{3} * pairs_));
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
  enum Stage { kInspect, kRows, kColumns, kPeaks, kSelect, kRefine, kSelectRefined, kStages };

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

  static Shared& shared_of(const TaskData& data) { return *reinterpret_cast<Shared*>(data.shared); }
  static Peak* peaks_of(const TaskData& data) {
    return reinterpret_cast<Peak*>(&shared_of(data) + 1);
  }
  /// The sums of |P| of the tasks of kColumns.
  double* sums_of(const TaskData& data) const {
    return reinterpret_cast<double*>(peaks_of(data) + peaks_);
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
    double* plane = plane_of(data);
    double* strip = reinterpret_cast<double*>(data.workspace);
    switch (stage) {
      case kInspect:
        shared_of(data).a = inspect(data.input_floats(), height_ * width_);
        break;
      case kRows:
        transform_rows(data, plane, strip, 2 * index);
        break;
      case kColumns:
        correlate_columns(data, plane, strip, index);
        break;
      case kPeaks:
        find_peak(data, plane, strip, 2 * index);
        break;
      case kRefine:
        refine(data, strip, index);
        break;
      default:
        select(data, stage);
    }
  }

  /// The strip that receives transforms.
  double* second(double* strip) const { return strip + strip_doubles_; }

  /// The distance from row `y` to the one that shares its strip, in doubles; the last row may share
  /// it with itself.
  std::ptrdiff_t next_row(std::int32_t y) const {
    return y + 1 < height_ ? 2 * std::ptrdiff_t{width_} : 0;
  }

  void transform_rows(const TaskData& data, double* plane, double* strip, std::int32_t y) const {
    const std::ptrdiff_t next = next_row(y), row = std::ptrdiff_t{y} * width_;
    for (std::int32_t lane = 0; lane < 2; ++lane) {
      const std::ptrdiff_t from = row + lane * next / 2;
      const float* a = data.input_floats() + from;
      const float* b = b_.data() + from;
      const double factor = windows_.data()[width_ + (next == 0 ? y : y + lane)];
      const double a_factor = factor * shared_of(data).a.scale;
      const double b_factor = factor * b_inspection_.scale;
      double* out = strip + lane;
      for (std::int32_t x = 0; x < width_; ++x, out += kStripDoubles) {
        const double window = windows_.data()[x];
        out[0] = a[x] * (a_factor * window);
        out[2] = b[x] * (b_factor * window);
      }
    }
    rows_.run(strip, second(strip));
    transpose_pairs(DoublePairs::of_strip(second(strip)),
                    {plane + 2 * row, plane + 2 * row + next, 2}, width_);
  }

  void correlate_columns(const TaskData& data, double* plane, double* strip,
                         std::int32_t block) const {
    const std::ptrdiff_t step = 2 * std::ptrdiff_t{width_};
    double sum = 0;
    for (std::int32_t kx = block * kPairs; kx < std::min(pairs_, (block + 1) * kPairs); ++kx) {
      const std::int32_t opposite = kx == 0 ? 0 : width_ - kx;
      const DoublePairs pair = {plane + 2 * kx, plane + 2 * opposite, step};
      transpose_pairs(pair, DoublePairs::of_strip(strip), height_);
      columns_.run(strip, second(strip));
      const double magnitudes = normalise_spectrum(second(strip), height_, strip);
      sum += kx == opposite ? magnitudes : 2 * magnitudes;
      if (region_ > 0) {
        const std::ptrdiff_t doubles = kStripDoubles * std::ptrdiff_t{height_};
        std::memcpy(spectrum_of(data) + kx * doubles, strip,
                    static_cast<std::size_t>(doubles) * sizeof(double));
      }
      columns_.run(strip, second(strip));
      transpose_pairs(DoublePairs::of_strip(second(strip)), pair, height_);
    }
    sums_of(data)[block] = sum;
  }

  void find_peak(const TaskData& data, double* plane, double* strip, std::int32_t y) const {
    plane += 2 * std::ptrdiff_t{y} * width_;
    transpose_pairs({plane, plane + next_row(y), 2}, DoublePairs::of_strip(strip), width_);
    rows_.run(strip, second(strip));
    Peak peak = {0, 0, 0};
    for (std::int32_t lane = 0; lane < 2; ++lane) {
      const double* number = second(strip) + lane;
      for (std::int32_t x = 0; x < width_; ++x, number += kStripDoubles) {
        const double magnitude = std::abs(*number);
        if (magnitude > peak.magnitude) peak = {magnitude, y + lane, x};
      }
    }
    peaks_of(data)[y / 2] = peak;
  }

  /// Selects the largest peak of the stage before.
  void select(const TaskData& data, std::int32_t stage) const {
    Shared& shared = shared_of(data);
    Peak peak = {0, 0, 0};
    for (std::int32_t i = 0; i < ends_[stage - 1] - ends_[stage - 2]; ++i) {
      if (peaks_of(data)[i].magnitude > peak.magnitude) peak = peaks_of(data)[i];
    }
    if (stage == kSelect) {
      shared.y = std::int64_t{upsample_} * (peak.y > height_ / 2 ? peak.y - height_ : peak.y);
      shared.x = std::int64_t{upsample_} * (peak.x > width_ / 2 ? peak.x - width_ : peak.x);
      if (region_ > 0) return;
    } else {
      shared.y += peak.y - region_ / 2;
      shared.x += peak.x - region_ / 2;
    }
    double sum = 0;
    for (std::int32_t i = 0; i < sums_; ++i) sum += sums_of(data)[i];
    float* output = data.output_floats();
    // If an element of a or b is not finite, the sum is NaN, and so is the response.
    const bool is_empty =
        !std::isnan(sum) && (shared.a.is_constant || b_inspection_.is_constant || sum == 0);
    output[0] = is_empty || height_ == 1 ? 0 : static_cast<float>(shared.y);
    output[1] = is_empty || width_ == 1 ? 0 : static_cast<float>(shared.x);
    output[2] = is_empty ? 0 : static_cast<float>(peak.magnitude / sum);
  }

  /// exp(-2 pi i f s / upsample) for the frequency f at index k of an axis and a shift of s steps.
  Root rotation(std::int64_t k, std::int32_t size, std::int64_t s) const {
    const std::int64_t turn = std::int64_t{size} * upsample_;
    const std::int64_t part = (2 * k < size ? -k : size - k) * s % turn;
    return root_of_unity(part < 0 ? part + turn : part, turn);
  }

  /// Rotations by s steps along a row, for kx and -kx.
  void set_rotations(std::int64_t s, double* strip) const {
    for (std::int32_t kx = 0; kx < pairs_; ++kx, strip += kStripDoubles) {
      set_lanes(rotation(kx, width_, s), rotation(width_ - kx, width_, s), strip);
    }
  }

  void refine(const TaskData& data, double* factors, std::int32_t row) const {
    double* sums = factors + kStripDoubles * std::ptrdiff_t{height_};
    double* rotations = sums + kStripDoubles * std::ptrdiff_t{pairs_};
    double* steps = rotations + kStripDoubles * std::ptrdiff_t{pairs_};
    const Shared& shared = shared_of(data);
    for (std::int32_t ky = 0; ky < height_; ++ky) {
      const Root root = rotation(ky, height_, shared.y - region_ / 2 + row);
      set_lanes(root, root, factors + kStripDoubles * std::ptrdiff_t{ky});
    }
    const double* spectrum = spectrum_of(data);
    for (std::int32_t kx = 0; kx < pairs_; ++kx) {
      double* sum = sums + kStripDoubles * std::ptrdiff_t{kx};
      f64_fft_multiply({spectrum, factors, sum, 1, height_});
      spectrum += kStripDoubles * std::ptrdiff_t{height_};
      // These columns are their own opposite.
      if (kx == 0 || 2 * kx == width_) sum[1] = sum[3] = 0;
    }
    set_rotations(shared.x - region_ / 2, rotations);
    set_rotations(1, steps);
    Peak peak = {0, row, 0};
    for (std::int32_t x = 0; x < region_; ++x) {
      double sum[kStripDoubles];
      f64_fft_multiply({sums, rotations, sum, 1, pairs_});
      f64_fft_multiply({rotations, steps, rotations, pairs_, 1});
      const double re = sum[0] + sum[1], im = sum[2] + sum[3];
      const double magnitude = std::sqrt(re * re + im * im);
      if (magnitude > peak.magnitude) peak = {magnitude, row, x};
    }
    peaks_of(data)[row] = peak;
  }

  const std::int32_t height_, width_, upsample_;
  const bool has_window_;
  const std::int32_t region_;  // rows and columns of the finer grid; 0 if there is none
  const std::int32_t pairs_;   // of columns kx and -kx; the first one, and the last if the width is
                               // even, consist of the same column twice
  AnySizeTransform rows_, columns_;
  std::int32_t ends_[kStages];  // the task after each stage
  std::int32_t peaks_, sums_;   // elements of the arrays
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
