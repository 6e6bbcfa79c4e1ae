#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "continuo/base/thread_pool.h"
#include "continuo/metrics/mgeval_features.h"

namespace continuo::metrics {

// How alike two densities are. Source: Yang and Lerch 2020.
struct DensityComparison {
  // Area below both between the least and the greatest sample, as mgeval has it: less than 1 for a set and itself.
  // Range: 0 (disjoint) to 1.
  double overlap = 0;
  // Kullback-Leibler divergence of the first from the second, at 1,000 places from the least to the largest sample of
  // each, as mgeval has it: the n-th place of one against the n-th of the other. Units: nats. May be infinite.
  double divergence = 0;
};

// Of the densities that Gaussian kernels of Scott's width (scipy.stats.gaussian_kde) give two sets of numbers. Each
// number counts `copies` times, which only its width notices. Nothing where a set has fewer than two different numbers.
std::optional<DensityComparison> compare_densities(std::span<const double> a, std::span<const double> b,
                                                   int copies_of_a = 1, int copies_of_b = 1);

// The whole area below both of such densities. Range: 0 (disjoint) to 1 (the same). Nothing where a set has fewer than
// two different numbers.
std::optional<double> shared_area(std::span<const double> a, std::span<const double> b);

// One feature of two sets of pieces: Euclidean distances within each, each piece from all others of its set, and
// between both, each of one from each of the other.
struct FeatureComparison {
  std::string_view feature;
  double distance_within_a = 0, distance_within_b = 0, distance_between = 0;  // means
  // Of the distances within a set against those between: as far from one another as from the others.
  std::optional<DensityComparison> a_to_between, b_to_between;
};

// Requires: at least two pieces in each set. Equal for any number of threads.
std::array<FeatureComparison, kMgevalFeatures> compare_sets(std::span<const MgevalFeatures> a,
                                                            std::span<const MgevalFeatures> b, ThreadPool& threads);

}  // namespace continuo::metrics
