#pragma once

#include "corr2d/problem.hpp"

namespace corr2d {

/// The implementations of correlation that a plan chooses from, in the order of the cost table.
/// Each is an AlgorithmEntry (algorithms/algorithm.hpp). An algorithm with several implementations
/// gives its own name to the most general one.
#define CORR2D_ENTRIES(ENTRY)                                \
  ENTRY(kDirect, "direct")                                   \
  ENTRY(kGemm, "gemm")                                       \
  ENTRY(kDepthwiseNhwcStreaming, "depthwise_nhwc_streaming") \
  ENTRY(kDepthwiseNhwc, "depthwise_nhwc")                    \
  ENTRY(kDepthwiseStreaming, "depthwise_streaming")          \
  ENTRY(kDepthwise, "depthwise")                             \
  ENTRY(kWinograd, "winograd")                               \
  ENTRY(kSeparable, "separable")                             \
  ENTRY(kFft, "fft")

#define CORR2D_ENTRY(enumerator, name) enumerator,
enum class EntryId : std::int32_t { CORR2D_ENTRIES(CORR2D_ENTRY) };
#undef CORR2D_ENTRY

/// For tools and tests.
#define CORR2D_ENTRY(enumerator, name) name,
constexpr const char* kEntryNames[] = {CORR2D_ENTRIES(CORR2D_ENTRY)};
#undef CORR2D_ENTRY

/// The operation counts of an implementation for one problem. An operation of a kind takes about
/// the same time wherever it occurs. Each implementation documents its kinds at its `op_counts`.
struct OpCounts {
  static constexpr int kKinds = 4;
  float counts[kKinds];
};

/// Estimates the time of one thread, in nanoseconds, by the prices in cost_table.hpp.
float cost_of(EntryId entry, const OpCounts& op_counts);

}  // namespace corr2d
