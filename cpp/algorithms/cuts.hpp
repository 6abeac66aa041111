#pragma once

#include <cstdint>

#include "corr2d/memory.hpp"

namespace corr2d {

/// Where an axis of outputs is cut into blocks: its two edges, where there is something special
/// about them, and what is between in blocks of equal sizes but for the last.
class Cuts {
 public:
  /// Cuts `outputs` (1 or more) into edges of `lead` and `tail` and blocks of up to `block`. False
  /// where memory runs out.
  bool cut(std::int32_t outputs, std::int32_t lead, std::int32_t tail, std::int32_t block);

  std::int32_t count() const { return static_cast<std::int32_t>(starts_.size()) - 1; }
  std::int32_t start(std::int32_t index) const { return starts_[static_cast<std::size_t>(index)]; }
  std::int32_t size(std::int32_t index) const { return start(index + 1) - start(index); }

 private:
  Buffer<std::int32_t> starts_;
};

}  // namespace corr2d
