#pragma once

#include <memory>

#include "algorithms/algorithm.hpp"
#include "algorithms/matching/template_model.hpp"

namespace corr2d {

/// The division of the scores of a kMatchTemplate into blocks of equal size, but for one row and
/// one column.
struct MatchBlocks {
  std::int32_t grid_rows, grid_columns;
  std::int32_t rows, columns;  // of the largest block
};

/// The correlation that computes the numerators of a block, as a problem of its own.
Problem numerators_of(const Problem& problem, const TemplateModel& model,
                      const MatchBlocks& blocks);

/// Estimates the time of all blocks without the correlations, in nanoseconds.
float match_cost(const Problem& problem, const TemplateModel& model, const MatchBlocks& blocks);

/// Prepares a kMatchTemplate whose numerators `numerators` computes. Returns kOk, kOutOfMemory or
/// kTooLarge.
Status prepare_match(const Problem& problem, const Geometry& geometry, TemplateModel model,
                     const MatchBlocks& blocks, std::unique_ptr<Executor> numerators,
                     std::unique_ptr<Executor>* executor);

}  // namespace corr2d
