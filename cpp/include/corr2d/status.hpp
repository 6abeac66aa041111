#pragma once

#include <cstdint>

namespace corr2d {

/// The result of a call. Nothing in the library throws: a call that does not return kOk has changed
/// nothing and holds no memory. status.inc lists the enumerators and their meanings.
enum class Status : std::int32_t {
#define CORR2D_STATUS(enumerator, name) enumerator,
#include "corr2d/status.inc"
};

}  // namespace corr2d
