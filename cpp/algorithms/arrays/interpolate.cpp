// Resizing. A task resamples tiles of output planes: each input row of a tile is resampled along
// its columns once, into a ring of rows, which are then combined to output rows. With one channel,
// four columns are computed at a time; with several, a pixel at a time.
//
// kNearest is exact. |error| <= (taps of both axes + 4) eps sum |w| |x| with eps = 2^-24.

#include <algorithm>
#include <memory>

#include "algorithms/arrays/array_operators.hpp"
#include "algorithms/arrays/sample_weights.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/rows/resample.hpp"

namespace corr2d {
namespace {

/// The floats of a ring of rows, if it has several columns. They stay in the second-level cache.
constexpr std::int32_t kRing = 16 * 1024;
/// A task computes about this many products.
constexpr std::int64_t kTaskProducts = 4 * kTaskElements;

class Interpolate : public Executor {
 public:
  /// Returns false if memory runs out.
  bool prepare(const Problem& p) {
    input_rows_ = p.input_height;
    input_columns_ = p.input_width;
    rows_ = p.sizes.at[1];
    columns_ = p.sizes.at[2];
    channels_ = p.sizes.at[3];
    const std::int32_t lanes = channels_ == 1 ? kBlock : 1;
    if (!row_weights_.prepare(p, p.row_scale, input_rows_, rows_, 1) ||
        !column_weights_.prepare(p, p.column_scale, input_columns_, columns_, lanes) ||
        !prepare_columns(lanes) || !prepare_ring(lanes)) {
      return false;
    }
    const std::int64_t row_products =
        std::int64_t{ring_step_} * (row_weights_.taps() + std::int64_t{column_weights_.taps()} *
                                                              divide_up(input_rows_, rows_));
    row_parts_ = task_count(rows_, row_products, kTaskProducts);
    tiles_ = p.sizes.at[0] * row_parts_ * column_parts_;
    const std::int64_t tile_products = row_products * divide_up(rows_, row_parts_);
    grid_.rows = task_count(tiles_, tile_products, kTaskProducts);
    return true;
  }

 private:
  /// The columns of a block of the one channel of a plane.
  static constexpr std::int32_t kBlock = 4;

  /// Finds the blocks that are read from neighbouring inputs. With several channels, turns the
  /// numbers of inputs into offsets.
  bool prepare_columns(std::int32_t lanes) {
    const std::int32_t taps = column_weights_.taps();
    blocks_ = divide_up(columns_, lanes);
    if (lanes == 1) {
      std::int32_t* const indices = column_weights_.indices(0);
      for (std::int32_t i = 0; i < blocks_ * taps; ++i) indices[i] *= channels_;
      return true;
    }
    const auto blocks = static_cast<std::size_t>(blocks_);
    if (!bases_.reset(blocks) || !lanes_.reset(kBlock * blocks)) {
      return false;
    }
    doubles_ = taps == 1 && columns_ == 2 * input_columns_;
    for (std::int32_t block = 0; block < blocks_; ++block) {
      const std::int32_t* const indices = column_weights_.indices(block);
      const std::int32_t base = indices[0];
      bool are_neighbours = true;  // the inputs of each lane
      for (std::int32_t i = kBlock; i < kBlock * taps; ++i) {
        are_neighbours = are_neighbours && indices[i] == indices[i - kBlock] + 1;
      }
      const bool is_near = are_neighbours && base + taps + kBlock - 1 <= input_columns_ &&
                           indices[kBlock - 1] - base < kBlock;
      for (std::int32_t lane = 0; lane < kBlock; ++lane) {
        const std::int32_t column = std::min(block * kBlock + lane, columns_ - 1);
        doubles_ = doubles_ && indices[lane] == column / 2;
        const std::int32_t distance = is_near ? indices[lane] - base : 0;
        lanes_.data()[block * kBlock + lane] = 0x03020100 + distance * 0x04040404;
      }
      bases_.data()[block] = is_near ? base : are_neighbours && taps == 2 ? kPairs : -1;
    }
    return true;
  }

  /// Divides the columns into tiles, and computes the offsets of resampled rows in the ring.
  bool prepare_ring(std::int32_t lanes) {
    const std::int32_t taps = row_weights_.taps();
    const std::int32_t block = lanes * channels_;
    column_parts_ = divide_up(blocks_, std::clamp(kRing / taps / block, 1, blocks_));
    ring_step_ = divide_up(blocks_, column_parts_) * block;
    workspace_floats_ = std::int64_t{taps} * ring_step_;
    const auto count = static_cast<std::size_t>(rows_) * static_cast<std::size_t>(taps);
    if (workspace_floats_ > kMaxElements || !ring_offsets_.reset(count)) return false;
    for (std::size_t i = 0; i < count; ++i) {
      ring_offsets_[i] = row_weights_.indices(0)[i] % taps * ring_step_;
    }
    return true;
  }

  void run(const TaskData& data, const TaskIndex& task) const override {
    const Range tiles = range_of(tiles_, grid_.rows, task.rows);
    for (std::int32_t i = tiles.first; i < tiles.first + tiles.count; ++i) {
      const std::int32_t place = i / column_parts_, plane = place / row_parts_;
      run_tile(data.input_floats() + plane * input_rows_ * input_columns_ * channels_,
               range_of(rows_, row_parts_, place % row_parts_),
               range_of(blocks_, column_parts_, i % column_parts_), data.workspace,
               data.output_floats() + plane * rows_ * columns_ * channels_);
    }
  }

  void run_tile(const float* in, const Range& rows, const Range& blocks, float* ring,
                float* out) const {
    const std::int32_t taps = row_weights_.taps();
    const std::int32_t block = channels_ == 1 ? kBlock : channels_;
    const std::int32_t first = blocks.first * block;
    const std::int32_t width = std::min(blocks.count * block, columns_ * channels_ - first);
    std::int32_t next = 0;  // input rows before it are in the ring or not needed
    const float* resampled = nullptr;
    for (std::int32_t y = rows.first; y < rows.first + rows.count; ++y) {
      const std::int32_t* const indices = row_weights_.indices(y);
      float* const to = out + y * columns_ * channels_ + first;
      if (taps == 1) {
        if (next <= indices[0]) {
          // Whole blocks are written.
          float* const row = width == blocks.count * block ? to : ring;
          resample(in + indices[0] * input_columns_ * channels_, blocks, row);
          resampled = row;
          next = indices[0] + 1;
        }
        if (resampled != to) copy_row(resampled, width, to);
        continue;
      }
      next = std::max(next, indices[0]);
      for (; next <= indices[taps - 1]; ++next) {
        resample(in + next * input_columns_ * channels_, blocks, ring + next % taps * ring_step_);
      }
      add_weighted_rows(ring, ring_offsets_.data() + y * taps, row_weights_.weights(y), taps, to,
                        width);
    }
  }

  /// Resamples a row along its columns.
  void resample(const float* in, const Range& blocks, float* out) const {
    const std::int32_t taps = column_weights_.taps();
    const std::int32_t* const indices = column_weights_.indices(blocks.first);
    const float* const weights = column_weights_.weights(blocks.first);
    if (doubles_) {
      const std::int32_t begin = blocks.first * kBlock / 2;
      double_row(in + begin, std::min(blocks.count * kBlock / 2, input_columns_ - begin), out);
    } else if (channels_ == 1) {
      resample_row(in,
                   {taps, indices, weights, bases_.data() + blocks.first,
                    lanes_.data() + blocks.first * kBlock},
                   blocks.count, out);
    } else {
      for (std::int32_t i = 0; i < blocks.count; ++i) {
        add_weighted_rows(in, indices + i * taps, weights + i * taps, taps, out + i * channels_,
                          channels_);
      }
    }
  }

  SampleWeights row_weights_, column_weights_;
  std::int32_t input_rows_, input_columns_, rows_, columns_, channels_;
  bool doubles_ = false;  // each input of a row is two outputs
  std::int32_t blocks_;   // of columns: kBlock columns, or one with all channels
  std::int32_t row_parts_, column_parts_, tiles_;
  std::int32_t ring_step_;              // floats between the rows of the ring
  Buffer<std::int32_t> ring_offsets_;   // for each tap of the output rows
  Buffer<std::int32_t> bases_, lanes_;  // see BlockWeights
};

}  // namespace

Executor* new_interpolation(const Problem& problem) {
  std::unique_ptr<Interpolate> made(new Interpolate);
  return made == nullptr || !made->prepare(problem) ? nullptr : made.release();
}

}  // namespace corr2d
