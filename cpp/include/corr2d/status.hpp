#pragma once

#include <cstdint>

namespace corr2d {

/// What a call of the library can answer. Nothing throws: a call that did not answer `kOk` has
/// changed nothing and holds no memory.
enum class Status : std::int32_t {
  kOk = 0,
  kBadEnum,           // kind, padding mode, activation or algorithm is no enumerator
  kBadSize,           // a count of channels, rows, columns or workers below 1, or a batch below 0
  kBadStride,         // below 1
  kBadDilation,       // below 1
  kBadPadding,        // below 0, a single row or column to be reflected, or not what the kind wants
  kBadOutputPadding,  // below 0, or not below both stride and dilation
  kBadGroups,         // below 1, or not a divisor of both channel counts
  kKernelTooLarge,    // the dilated kernel is larger than the padded input
  kEmptyOutput,       // padding crops all of a transposed output away
  kBadLayout,         // output strides that give two elements one place
  kTooLarge,          // a tensor would need, or reach over, more than `kMaxElements`
  kUnsupported,       // no algorithm, or not the one asked for by name, can do it, or not the kind
  kOutOfMemory,
  kWorkerFailed,  // a worker could not be started, or has not come back from a task
};

}  // namespace corr2d
