#pragma once

#include "core/cost.hpp"

// Written by npm run calibrate.

namespace corr2d {

/// Nanoseconds per operation of each kind in an implementation's op_counts, by the number of the
/// implementation. Measured in Node 20.20.2 on AMD EPYC, variant simd.
constexpr float kPrices[][OpCounts::kKinds] = {
    {0.0672f, 0.386f, 0.0813f, 0},        // direct
    {0.0507f, 0.304f, 0.853f, 1.47e+3f},  // gemm
    {0.0640f, 0.0944f, 0, 0},             // depthwise_nhwc_streaming
    {0.0640f, 0.0944f, 0, 0},             // depthwise_nhwc
    {0.0640f, 0.0944f, 0, 0},             // depthwise_streaming
    {0.0792f, 0.0944f, 26.9f, 0},         // depthwise
    {0.747f, 0.993f, 0.0451f, 0.160f},    // winograd
    {1.47f, 0.0823f, 41.3f, 0},           // separable
    {1.02f, 0.254f, 0.685f, 0.111f},      // fft
};

}  // namespace corr2d
