#pragma once

#include "algorithms/algorithm.hpp"
#include "algorithms/large_kernel/fft_guard.hpp"
#include "algorithms/large_kernel/fft_tiling.hpp"
#include "algorithms/large_kernel/fft_transform.hpp"
#include "algorithms/tiling/epilogue.hpp"

namespace corr2d {

/// The executor of FFT (fft.cpp).
class FftExecutor : public Executor {
 public:
  explicit FftExecutor(const Correlation& correlation)
      : FftExecutor(correlation, best_fft_tiling(correlation)) {}

  Status prepare(const float* weight, const float* bias);

 private:
  /// Rows or columns that are processed at once.
  static constexpr std::int32_t kLanes = 4;

  using Tile = FftTile;

  FftExecutor(const Correlation& correlation, const FftTiling& tiling);

  void run(const TaskData& data, const TaskIndex& task) const override;
  void transform_weights(const float* weight, float* plane);
  /// Tile `number`, counted over all images. Past the last one, a tile without rows.
  Tile tile_at(std::int32_t number) const;
  void fetch(const Tile& tile, const float* input, std::int32_t channel, std::int32_t first,
             float* lines) const;
  void store(const Tile& tile, float bias, std::int32_t first, float* lines, const TaskData& data,
             float* output) const;

  /// The 4 x 4 blocks of complex numbers in four rows of a tile, in a strip, and in four columns of
  /// a plane.
  ComplexBlocks squares_of_lines(float* lines) const {
    return {lines, line_pitch_, kLanes * line_pitch_, 4};
  }
  static ComplexBlocks squares_of_strip(float* strip) {
    return {strip, kStripFloats, 4, 4 * kStripFloats};
  }
  ComplexBlocks squares_of_columns(float* plane) const {
    return {plane, kStripFloats, 4, plane_pitch_};
  }

  const Correlation c_;
  const ActivationEpilogue epilogue_;
  PhaseProblem phase_;
  const FftAxis rows_, columns_;
  const std::int32_t plane_pitch_;   // floats of four rows of a plane
  const std::int32_t plane_floats_;  // floats of a plane
  const std::int32_t strip_floats_;  // floats of four columns of a plane
  const std::int32_t line_pitch_;    // floats of a row of a tile
  const TaskGrid tile_grid_;         // the tiles of a group
  FftGuard guard_;                   // unused unless c_.local_accuracy
  FftTransform transform_;
  Buffer<float> bias_;
  Buffer<float> spectra_;  // [group][four columns][output channel][input channel][strip]
};

}  // namespace corr2d
