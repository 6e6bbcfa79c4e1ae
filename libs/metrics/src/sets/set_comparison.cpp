#include "continuo/metrics/set_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "density.h"

namespace continuo::metrics {
namespace {

constexpr int kDivergencePlaces = 1000;
constexpr int kOverlapSteps = 4096;

double area_below_both(const Density& a, const Density& b, double from, double to) {
  double area = 0;  // by Simpson's rule
  for (int i = 0; i <= kOverlapSteps; ++i) {
    const double x = from + (to - from) * i / kOverlapSteps;
    const int weight = i == 0 || i == kOverlapSteps ? 1 : i % 2 == 1 ? 4 : 2;
    area += weight * std::min(a(x), b(x));
  }
  return area * (to - from) / kOverlapSteps / 3;
}

// The density at equal steps from the least to the greatest sample, as shares of their sum.
std::vector<double> shares_over_range(const Density& density) {
  std::vector<double> shares;
  for (int i = 0; i < kDivergencePlaces; ++i)
    shares.push_back(density(density.least() + (density.greatest() - density.least()) * i / (kDivergencePlaces - 1)));
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

double divergence(const Density& a, const Density& b) {
  const auto of_a = shares_over_range(a), of_b = shares_over_range(b);
  double nats = 0;
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    if (of_a[i] == 0) continue;
    if (of_b[i] == 0) return std::numeric_limits<double>::infinity();
    nats += of_a[i] * std::log(of_a[i] / of_b[i]);
  }
  return nats;
}

double distance(std::span<const double> a, std::span<const double> b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(squares);
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

// Each pair once; in mgeval each of the two meets the other.
std::vector<double> distances_within(std::span<const MgevalFeatures> set, const MgevalFeature& feature) {
  std::vector<double> distances;
  for (std::size_t i = 0; i < set.size(); ++i)
    for (std::size_t j = i + 1; j < set.size(); ++j)
      distances.push_back(distance(feature.values(set[i]), feature.values(set[j])));
  return distances;
}

std::vector<double> distances_between(std::span<const MgevalFeatures> a, std::span<const MgevalFeatures> b,
                                      const MgevalFeature& feature) {
  std::vector<double> distances;
  for (const auto& one : a)
    for (const auto& other : b) distances.push_back(distance(feature.values(one), feature.values(other)));
  return distances;
}

}  // namespace

std::optional<DensityComparison> compare_densities(std::span<const double> a, std::span<const double> b,
                                                   int copies_of_a, int copies_of_b) {
  const auto of_a = Density::of(a, copies_of_a), of_b = Density::of(b, copies_of_b);
  if (!of_a || !of_b) return {};
  const double least = std::min(of_a->least(), of_b->least());
  const double greatest = std::max(of_a->greatest(), of_b->greatest());
  return DensityComparison{.overlap = area_below_both(*of_a, *of_b, least, greatest),
                           .divergence = divergence(*of_a, *of_b)};
}

std::optional<double> shared_area(std::span<const double> a, std::span<const double> b) {
  const auto of_a = Density::of(a, 1), of_b = Density::of(b, 1);
  if (!of_a || !of_b) return {};
  const double reach = Density::kReach * std::max(of_a->width(), of_b->width());
  return area_below_both(*of_a, *of_b, std::min(of_a->least(), of_b->least()) - reach,
                         std::max(of_a->greatest(), of_b->greatest()) + reach);
}

std::array<FeatureComparison, kMgevalFeatures> compare_sets(std::span<const MgevalFeatures> a,
                                                            std::span<const MgevalFeatures> b, ThreadPool& threads) {
  constexpr int kBothWays = 2;
  std::array<FeatureComparison, kMgevalFeatures> comparisons;
  threads.for_each_task(kMgevalFeatures, [&](std::size_t i) {
    const MgevalFeature& feature = mgeval_feature_list()[i];
    const auto within_a = distances_within(a, feature), within_b = distances_within(b, feature);
    const auto between = distances_between(a, b, feature);
    comparisons[i] = {.feature = feature.name,
                      .distance_within_a = mean(within_a),
                      .distance_within_b = mean(within_b),
                      .distance_between = mean(between),
                      .a_to_between = compare_densities(within_a, between, kBothWays, 1),
                      .b_to_between = compare_densities(within_b, between, kBothWays, 1)};
  });
  return comparisons;
}

}  // namespace continuo::metrics
