#pragma once

#include <array>
#include <optional>
#include <vector>

#include "continuo/base/thread_pool.h"
#include "continuo/metrics/set_comparison.h"

#include "measured_set.h"

namespace continuo::app {

// How far two sets are from one another.
struct SetDifferences {
  // For each of measure_fields() the area that the densities of both sets share; nothing where one has no spread.
  std::vector<std::optional<double>> overlaps;
  // mgeval's distances, of the pieces with pitched notes. Nothing where a set has fewer than two of them.
  std::optional<std::array<metrics::FeatureComparison, metrics::kMgevalFeatures>> distances;
  // Of the distances within a set with those between, as mgeval has it: means over the features that have one.
  std::optional<double> mean_overlap_a, mean_overlap_b;
};

SetDifferences differences(const MeasuredSet& a, const MeasuredSet& b, ThreadPool& threads);

}  // namespace continuo::app
