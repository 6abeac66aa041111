#pragma once

#include <cstdint>

#include "corr2d/memory.hpp"
#include "corr2d/problem.hpp"

namespace corr2d {

/// The inputs along one axis that a kInterpolate reads for each output, and their weights. All
/// outputs have the same number of taps; those that need fewer have more with the weight 0, which
/// read an input of another tap. The inputs of an output are neighbours in ascending order, and
/// neither the first nor the last one decreases from one output to the next.
class SampleWeights {
 public:
  /// Computes the table for an axis of `inputs` and `outputs` elements. Outputs are stored in
  /// blocks of `lanes`: [block][tap][lane]. Lanes beyond the last output repeat it. Returns false
  /// if memory runs out.
  bool prepare(const Problem& problem, float scale, std::int32_t inputs, std::int32_t outputs,
               std::int32_t lanes);

  std::int32_t taps() const { return taps_; }
  /// The inputs and weights of a block.
  std::int32_t* indices(std::int32_t block) const { return indices_.data() + block * step_; }
  const float* weights(std::int32_t block) const { return weights_.data() + block * step_; }

 private:
  std::int32_t taps_, step_;
  Buffer<std::int32_t> indices_;
  Buffer<float> weights_;
};

}  // namespace corr2d
