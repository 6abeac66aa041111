#include "core/cost.hpp"

#include "core/cost_table.hpp"

namespace corr2d {

float cost_of(EntryId entry, const OpCounts& op_counts) {
  float cost = 0;
  const float* prices = kPrices[static_cast<int>(entry)];
  for (int kind = 0; kind < OpCounts::kKinds; ++kind) cost += prices[kind] * op_counts.counts[kind];
  return cost;
}

}  // namespace corr2d
