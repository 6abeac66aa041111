#include "cost.hpp"

#include "cost_table.hpp"

namespace corr2d {

float cost_of(Algorithm algorithm, const Effort& effort) {
  float cost = 0;
  const float* prices = kPrices[static_cast<int>(algorithm)];
  for (int kind = 0; kind < Effort::kKinds; ++kind) cost += prices[kind] * effort.counts[kind];
  return cost;
}

}  // namespace corr2d
