#pragma once

#include "core/correlation.hpp"

namespace corr2d {

/// The sizes of a correlation as floats: no product of them overflows.
struct ProblemSizes {
  explicit ProblemSizes(const Correlation& c)
      : groups(static_cast<float>(c.groups)),
        rows(static_cast<float>(c.images) * static_cast<float>(c.rows.output)),
        columns(rows * static_cast<float>(c.columns.output)),
        inputs(static_cast<float>(c.inputs)),
        outputs(static_cast<float>(c.outputs)),
        depth(static_cast<float>(c.channels) * taps_of(c.planes) * taps_of(c.rows) *
              taps_of(c.columns)),
        input_floats(groups * inputs * static_cast<float>(c.images) *
                     static_cast<float>(c.rows.input) * static_cast<float>(c.columns.input)),
        output_floats(groups * outputs * columns) {}

  float groups;
  float rows;             // output rows of one channel, in all images
  float columns;          // outputs of one channel, in all images
  float inputs, outputs;  // channels of a group
  float depth;            // products in an output
  float input_floats, output_floats;

 private:
  /// The taps along one axis that an output reads, on average.
  static float taps_of(const CorrelationAxis& axis) {
    const auto taps = static_cast<float>(axis.kernel);
    return axis.fractional_stride ? taps / static_cast<float>(axis.stride) : taps;
  }
};

}  // namespace corr2d
