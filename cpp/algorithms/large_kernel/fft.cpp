// FFT: correlations of stride 1 by the convolution theorem (overlap-save), for large kernels, with
// any dilation, padding, groups and layout; transposed and backward too. The outputs are cut into
// tiles, each of which reads as many rows and columns of the padded input as a transform has
// numbers. Tiles are real and so is the kernel: two tiles make one complex tile, and what comes
// back is the outputs of both, with nothing to be taken apart. A task makes such a pair, in all
// channels of a group:
//
//   1. the rows of each input channel are transformed, four at a time;
//   2. four columns at a time are transformed, multiplied by the spectra of the kernels, which were
//      made once, summed over the input channels and transformed back, for each output channel;
//   3. the rows of each output channel are transformed back, with bias and activation.
//
// Lanes are rows at first and columns then: in between, squares of 4 x 4 are transposed.
// Frequencies are never put in order (kernels/fft.hpp).
//
// Error bound, for K = Ci kh kw products and where no sum over a tile overflows:
// |error| <= 2 (K + 1) eps * (|bias| + sum over Ci of max |x| * sum |w|) with eps = 2^-24, where
// the maximum is that of the pair of tiles. It is measured, not derived: of 20,000 problems of the
// sweep (tests/sweep), whose data lies between -1 and 1, the largest error is 0.9 (K + 1) eps times
// that sum with 1 for every |x| and |w|.
//
// The root mean square of the errors, by that of direct's (tests/cpp/fft_test.cpp):
//
//                                         5 x 5 of 1   11 x 11      25 x 25      5 x 5 of 32
//   values of mean 0                      1.9 - 2.0    0.9          0.4 - 0.5    0.4
//   pictures                              1.3 - 2.1    0.6 - 1.1    0.2 - 0.4    0.3
//   values of mean 0, below 0 made 0      1.8 - 2.7    0.8 - 1.3    0.4 - 0.7    0.4 - 0.5
//
// Everything in a pair of tiles is summed with everything else in it, so that a NaN or an infinity
// in what they read makes NaN of all their outputs; the two are neighbours in a row of tiles, the
// last of one row and the first of the next, or the last of one image and the first of the next. A
// kernel that holds one makes NaN of all outputs of its output channel.

#include "algorithms/large_kernel/fft.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "algorithms/tiling/input_plane.hpp"
#include "algorithms/tiling/packing.hpp"
#include "algorithms/tiling/phase.hpp"
#include "core/problem_sizes.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/activation.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

/// Numbers of a transform.
constexpr std::int32_t kLeastSize = 4;
constexpr std::int32_t kMostSize = 1024;
/// So that the same place of every strip does not meet in the cache.
constexpr std::int32_t kGap = 16;
/// Rows or columns that are worked on at once.
constexpr std::int32_t kLanes = 4;

/// Rows or columns of the input that the kernel reaches over, less one.
std::int64_t reach_of(const CorrelationAxis& axis) {
  return std::int64_t{axis.kernel - 1} * axis.dilation;
}

/// One axis of the outputs in tiles.
struct TiledAxis {
  TiledAxis(const CorrelationAxis& axis, std::int32_t numbers)
      : size(numbers),
        reach(static_cast<std::int32_t>(reach_of(axis))),
        tile(std::min(numbers - reach, axis.output)),
        tiles(divide_up(axis.output, tile)) {}

  std::int32_t size;   // of a transform: positions of the input that a tile reads
  std::int32_t reach;  // by which they are more than its outputs
  std::int32_t tile;   // outputs of a tile
  std::int32_t tiles;
};

/// Steps of two in the transform of a tile.
float steps_of(std::int32_t rows, std::int32_t columns) {
  return static_cast<float>(__builtin_ctz(static_cast<unsigned>(rows * columns)));
}

/// Numbers of all pairs of tiles and channels that are transformed; likewise, times the steps of
/// two that these take; their products; those of which the spectra of kernels are not in a cache.
OpCounts effort_of(const Correlation& c, std::int32_t rows, std::int32_t columns) {
  constexpr float kCacheFloats = 1 << 19;
  /// To take neighbours one by one, apart in memory, takes as long as so many transformed numbers.
  constexpr float kGather = 2;
  const ProblemSizes v(c);
  const std::int64_t tiles =
      std::int64_t{c.images} * TiledAxis(c.rows, rows).tiles * TiledAxis(c.columns, columns).tiles;
  const auto size = static_cast<float>(rows * columns);
  const float numbers = size * v.groups * static_cast<float>((tiles + 1) / 2);
  const float transformed = numbers * (v.inputs + v.outputs);
  const float gathered = c.input.column == 1 && c.output.column == 1
                             ? 0
                             : kGather * (v.input_floats + v.output_floats);
  const float products = numbers * v.inputs * v.outputs;
  const float spectra = 2 * size * v.groups * v.inputs * v.outputs;
  return {{transformed + gathered, transformed * steps_of(rows, columns), products,
           spectra > kCacheFloats ? products : 0}};
}

}  // namespace

FftCut cut_for_fft(const Correlation& c) {
  FftCut best = {};
  best.cost = std::numeric_limits<float>::infinity();
  for (std::int32_t rows = kLeastSize; rows <= kMostSize; rows *= 2) {
    if (rows <= reach_of(c.rows)) continue;
    for (std::int32_t columns = kLeastSize; columns <= kMostSize; columns *= 2) {
      if (columns <= reach_of(c.columns)) continue;
      const OpCounts op_counts = effort_of(c, rows, columns);
      const float cost = cost_of(Algorithm::kFft, op_counts);
      if (cost < best.cost) best = {rows, columns, op_counts, cost};
    }
  }
  return best;
}

namespace {

/// The twiddles of every step: [quarter = 2, 4, 8 …][j < quarter], see FftStep.
class Twiddles {
 public:
  /// For transforms of up to `size` numbers. False where memory runs out.
  bool prepare(std::int32_t size) {
    if (!data_.reset(static_cast<std::size_t>(size / 2 * kTwiddleFloats))) return false;
    float* out = data_.data();
    const auto put = [&](double cosine, double sine) {
      *out++ = static_cast<float>(cosine);
      *out++ = static_cast<float>(sine);
    };
    // Of a turn by 1 / (4 quarter), which is half of the one before.
    double cosine = 0, sine = 1;
    for (std::int32_t quarter = 2; quarter <= size / 4; quarter *= 2) {
      cosine = std::sqrt((1 + cosine) / 2);
      sine /= 2 * cosine;
      double c = 1, s = 0;
      for (std::int32_t j = 0; j < quarter; ++j) {
        const double c2 = c * c - s * s, s2 = 2 * c * s;
        put(c, s);
        put(c2, s2);
        put(c * c2 - s * s2, c * s2 + s * c2);
        const double next = c * cosine - s * sine;
        s = c * sine + s * cosine;
        c = next;
      }
    }
    return true;
  }

  const float* of(std::int32_t quarter) const {
    return data_.data() + (quarter - 2) * kTwiddleFloats;
  }
  std::size_t bytes() const { return data_.bytes(); }

 private:
  Buffer<float> data_;
};

class Fft : public Executor {
 public:
  explicit Fft(const Correlation& correlation) : Fft(correlation, cut_for_fft(correlation)) {}

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    const std::int64_t kernels = std::int64_t{c_.groups} * c_.inputs * c_.outputs;
    const std::int64_t spectra = 2 * kernels * rows_.size * columns_.size;
    const std::int64_t planes = std::int64_t{plane_floats_} * std::max(c_.inputs, c_.outputs);
    workspace_floats_ =
        planes + std::int64_t{strip_floats_} * (c_.inputs + 1) + 2 * kLanes * line_pitch_;
    if (spectra > kMaxElements || workspace_floats_ > kMaxElements) return Status::kTooLarge;
    Buffer<float> workspace;
    if (!twiddles_.prepare(std::max(rows_.size, columns_.size)) ||
        !spectra_.reset(static_cast<std::size_t>(spectra)) ||
        !workspace.reset(static_cast<std::size_t>(plane_floats_))) {
      return Status::kOutOfMemory;
    }
    transform_weights(weight, workspace.data());
    weight_bytes_ = bias_.bytes() + spectra_.bytes() + twiddles_.bytes();
    tasks_ = c_.groups * pairs_;
    return Status::kOk;
  }

  void run_task(const TaskData& data, std::int32_t task) const override;

 private:
  /// One of a pair; without rows where there is none.
  struct Tile {
    std::int32_t image, row, column;  // the first output
    std::int32_t rows, columns;       // outputs
  };

  Fft(const Correlation& correlation, const FftCut& cut)
      : c_(correlation),
        clamp_(clamp_of(correlation.activation)),
        row_phase_(phase_of(correlation.rows, 0)),
        column_phase_(phase_of(correlation.columns, 0)),
        rows_(correlation.rows, cut.rows),
        columns_(correlation.columns, cut.columns),
        plane_pitch_(columns_.size * kStripFloats + kGap),
        plane_floats_(rows_.size / kLanes * plane_pitch_),
        strip_floats_(rows_.size * kStripFloats),
        line_pitch_(columns_.size + kGap),
        pairs_(divide_up(c_.images * rows_.tiles * columns_.tiles, 2)) {}

  void transform(float* strip, std::int32_t size) const;
  void transform_back(float* strip, std::int32_t size) const;
  void transform_weights(const float* weight, float* plane);
  Tile tile_at(std::int32_t index) const;
  void fetch(const Tile& tile, const float* input, std::int32_t first, float* lines) const;
  void store(const Tile& tile, float bias, std::int32_t first, float* lines, float* output) const;

  /// Lines as squares; four rows of a plane or four columns by themselves; four columns of a plane.
  ComplexBlocks lines_of(float* lines) const {
    return {lines, line_pitch_, kLanes * line_pitch_, 4};
  }
  static ComplexBlocks strip_of(float* strip) { return {strip, kStripFloats, 4, 4 * kStripFloats}; }
  ComplexBlocks columns_of(float* plane) const { return {plane, kStripFloats, 4, plane_pitch_}; }

  const Correlation c_;
  const Clamp clamp_;
  const AxisPhase row_phase_, column_phase_;
  const TiledAxis rows_, columns_;
  const std::int32_t plane_pitch_, plane_floats_, strip_floats_, line_pitch_;
  const std::int32_t pairs_;  // of tiles, in each group
  Buffer<float> bias_;
  Buffer<float> spectra_;  // [group][four columns][output channel][input channel][strip]
  Twiddles twiddles_;
};

void Fft::transform(float* strip, std::int32_t size) const {
  const Kernel<FftStep>& kernel = fft_forward_kernels().find(4, true);
  std::int32_t quarter = size / 4;
  for (; quarter > 1; quarter /= 4) kernel.run({strip, size / 4, quarter, twiddles_.of(quarter)});
  if (quarter == 1) {
    fft_radix4_without_twiddles(strip, size / 4, false);
  } else {
    fft_radix2(strip, size / 2);
  }
}

void Fft::transform_back(float* strip, std::int32_t size) const {
  const Kernel<FftStep>& kernel = fft_inverse_kernels().find(4, true);
  std::int32_t quarter = 2;
  if (__builtin_ctz(static_cast<unsigned>(size)) % 2 == 0) {
    fft_radix4_without_twiddles(strip, size / 4, true);
    quarter = 4;
  } else {
    fft_radix2(strip, size / 2);
  }
  for (; quarter < size; quarter *= 4)
    kernel.run({strip, size / 4, quarter, twiddles_.of(quarter)});
}

/// The conjugates of the spectra, as to correlate is to multiply by these.
void Fft::transform_weights(const float* weight, float* plane) {
  const float scale = 1.0f / static_cast<float>(rows_.size * columns_.size);
  const std::int32_t of_group = c_.outputs * c_.inputs;
  for (std::int32_t index = 0; index < c_.groups * of_group; ++index) {
    const std::int32_t group = index / of_group, kernel = index % of_group;
    const float* taps = weight + group * c_.weight.group + kernel / c_.inputs * c_.weight.image +
                        kernel % c_.inputs * c_.weight.channel;
    std::fill(plane, plane + plane_floats_, 0.0f);
    for (std::int32_t y = 0; y < c_.rows.kernel; ++y) {
      const std::int32_t row = row_phase_.place(y) * row_phase_.spacing;
      float* strip = plane + row / kLanes * plane_pitch_ + row % kLanes;
      for (std::int32_t x = 0; x < c_.columns.kernel; ++x) {
        strip[column_phase_.place(x) * column_phase_.spacing * kStripFloats] =
            scale * taps[y * c_.weight.row + x * c_.weight.column];
      }
    }
    for (std::int32_t row = 0; row <= rows_.reach; row += kLanes) {
      transform(plane + row / kLanes * plane_pitch_, columns_.size);
    }
    for (std::int32_t column = 0; column < columns_.size / kLanes; ++column) {
      const std::int32_t place = (group * columns_.size / kLanes + column) * of_group + kernel;
      float* spectrum = spectra_.data() + std::ptrdiff_t{place} * strip_floats_;
      transpose_complex_blocks(columns_of(plane + column * kLanes * kStripFloats),
                               strip_of(spectrum), rows_.size / 4);
      transform(spectrum, rows_.size);
      for (std::int32_t i = 0; i < strip_floats_; ++i) {
        if (i % kStripFloats >= kLanes) spectrum[i] = -spectrum[i];
      }
    }
  }
}

Fft::Tile Fft::tile_at(std::int32_t index) const {
  const std::int32_t column = index % columns_.tiles * columns_.tile;
  const std::int32_t row = index / columns_.tiles % rows_.tiles * rows_.tile;
  const std::int32_t image = index / columns_.tiles / rows_.tiles;
  if (image == c_.images) return {};
  return {image, row, column, std::min(rows_.tile, c_.rows.output - row),
          std::min(columns_.tile, c_.columns.output - column)};
}

/// Copies four rows of what a tile reads, from row `first` of it on. What only outputs beyond the
/// edge would read becomes 0, so that nothing of it disturbs the others.
void Fft::fetch(const Tile& tile, const float* input, std::int32_t first, float* lines) const {
  const PaddedPlane plane = input_plane(c_, input + tile.image * c_.input.image);
  const std::int32_t rows =
      tile.rows == 0 ? 0 : std::clamp(tile.rows + rows_.reach - first, 0, kLanes);
  const std::int32_t columns = tile.columns + columns_.reach;
  fetch_rows(plane, row_phase_.origin + tile.row + first, 1, rows,
             {plane, column_phase_.origin + tile.column, 1, columns}, lines, line_pitch_);
  for (std::int32_t row = 0; row < kLanes; ++row, lines += line_pitch_) {
    std::fill(lines + (row < rows ? columns : 0), lines + columns_.size, 0.0f);
  }
}

/// Stores what there is of four rows of a tile, from row `first` of it on.
void Fft::store(const Tile& tile, float bias, std::int32_t first, float* lines,
                float* output) const {
  const std::int32_t rows = std::min(tile.rows - first, kLanes);
  if (rows <= 0) return;
  add_bias_and_clamp({lines, line_pitch_, clamp_.low, clamp_.high}, bias, rows, tile.columns);
  output += tile.image * c_.output.image + (tile.row + first) * c_.output.row +
            tile.column * c_.output.column;
  for (std::int32_t row = 0; row < rows; ++row, lines += line_pitch_, output += c_.output.row) {
    if (c_.output.column == 1) {
      copy_row(lines, tile.columns, output);
    } else {
      for (std::int32_t x = 0; x < tile.columns; ++x) output[x * c_.output.column] = lines[x];
    }
    if (is_clamp(c_.activation)) continue;
    activate(output, 1, 0, tile.columns, c_.output.column, c_.activation, c_.activation_alpha);
  }
}

void Fft::run_task(const TaskData& data, std::int32_t task) const {
  // Of each channel a plane: [four rows][column][real parts, imaginary parts].
  float* const planes = data.workspace;
  float* const strips = planes + std::ptrdiff_t{plane_floats_} * std::max(c_.inputs, c_.outputs);
  float* const sum = strips + std::ptrdiff_t{strip_floats_} * c_.inputs;
  float* const lines = sum + strip_floats_;
  float* const second_lines = lines + kLanes * line_pitch_;
  const std::int32_t group = task / pairs_, pair = task % pairs_;
  const Tile tile = tile_at(2 * pair), second = tile_at(2 * pair + 1);

  const float* input = data.input_floats() + group * c_.input.group;
  for (std::int32_t i = 0; i < c_.inputs; ++i, input += c_.input.channel) {
    float* strip = planes + std::ptrdiff_t{i} * plane_floats_;
    for (std::int32_t row = 0; row < rows_.size; row += kLanes, strip += plane_pitch_) {
      fetch(tile, input, row, lines);
      fetch(second, input, row, second_lines);
      transpose_complex_blocks(lines_of(lines), strip_of(strip), columns_.size / 4);
      transform(strip, columns_.size);
    }
  }

  const Kernel<FftProducts>& multiply = fft_multiply_kernels().find(4, true);
  const float* spectra = spectra_.data() + std::ptrdiff_t{group} * columns_.size / kLanes *
                                               c_.outputs * c_.inputs * strip_floats_;
  const std::int32_t squares = rows_.size / 4;
  for (std::int32_t column = 0; column < columns_.size; column += kLanes) {
    float* const first = planes + column * kStripFloats;
    for (std::int32_t i = 0; i < c_.inputs; ++i) {
      float* strip = strips + i * strip_floats_;
      transpose_complex_blocks(columns_of(first + std::ptrdiff_t{i} * plane_floats_),
                               strip_of(strip), squares);
      transform(strip, rows_.size);
    }
    for (std::int32_t o = 0; o < c_.outputs; ++o, spectra += c_.inputs * strip_floats_) {
      multiply.run({strips, spectra, sum, rows_.size, c_.inputs});
      transform_back(sum, rows_.size);
      // Nobody reads these columns of the input channels any more.
      transpose_complex_blocks(strip_of(sum), columns_of(first + std::ptrdiff_t{o} * plane_floats_),
                               squares);
    }
  }

  float* output = data.output_floats() + group * c_.output.group;
  for (std::int32_t o = 0; o < c_.outputs; ++o, output += c_.output.channel) {
    float* strip = planes + std::ptrdiff_t{o} * plane_floats_;
    const float bias = bias_[static_cast<std::size_t>(group * c_.outputs + o)];
    for (std::int32_t row = 0; row < rows_.tile; row += kLanes, strip += plane_pitch_) {
      transform_back(strip, columns_.size);
      transpose_complex_blocks(strip_of(strip), lines_of(lines), columns_.size / 4);
      store(tile, bias, row, lines, output);
      store(second, bias, row, second_lines, output);
    }
  }
}

const char* refusal(const Correlation& c) {
  if (!c.fusing) return "as its rounding is not deterministic";
  if (c.rows.stride != 1 || c.columns.stride != 1) return "as it needs stride 1";
  if (std::max(reach_of(c.rows), reach_of(c.columns)) >= kMostSize) {
    return "as its kernel reaches over more than 1024 rows or columns";
  }
  return nullptr;
}

/// Spectra are larger than kernels: no more floats of them are kept without being asked for.
constexpr float kMostSpectra = 1 << 22;

OpCounts op_counts(const Correlation& c, Use use) {
  const FftCut cut = cut_for_fft(c);
  const ProblemSizes v(c);
  const float spectra =
      v.groups * v.inputs * v.outputs * static_cast<float>(cut.rows * cut.columns);
  OpCounts op_counts = cut.op_counts;
  if (use == Use::kOnce) {
    op_counts.counts[0] += spectra;
    op_counts.counts[1] += spectra * steps_of(cut.rows, cut.columns);
  }
  if (2 * spectra > kMostSpectra) op_counts.counts[0] = std::numeric_limits<float>::infinity();
  return op_counts;
}

}  // namespace

const AlgorithmEntry kFftAlgorithm = {Algorithm::kFft, "fft", refusal, prepare<Fft>, 2, op_counts};

}  // namespace corr2d
