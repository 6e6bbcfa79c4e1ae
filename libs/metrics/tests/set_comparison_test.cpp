#include "continuo/metrics/set_comparison.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace continuo::metrics {
namespace {

constexpr double kNear = 1e-6;

TEST(CompareDensities, EqualsSciPy) {
  // scipy 1.17: gaussian_kde, integrate.quad with epsabs 1e-12, stats.entropy over 1,000 places.
  const std::vector<double> a = {4, 0, 1, 2}, b = {1, 1.5, 3};
  const auto compared = compare_densities(a, b);
  ASSERT_TRUE(compared);
  EXPECT_NEAR(compared->overlap, 0.6487860321723361, kNear);
  EXPECT_NEAR(compared->divergence, 0.0013040018659002794, kNear);
  EXPECT_NEAR(compare_densities(b, a)->divergence, 0.0013182813667933588, kNear);
}

TEST(CompareDensities, Copies_MakeKernelsNarrower) {
  const std::vector<double> once = {0, 1, 2, 4}, b = {1, 1.5, 3};
  const std::vector<double> twice = {0, 0, 1, 1, 2, 2, 4, 4};
  EXPECT_NEAR(compare_densities(once, b, 2, 1)->overlap, 0.6728904814920038, kNear);
  EXPECT_NEAR(compare_densities(once, b, 2, 1)->divergence, 0.002420922576276647, kNear);
  EXPECT_NEAR(compare_densities(twice, b)->overlap, compare_densities(once, b, 2, 1)->overlap, 1e-12);
}

TEST(CompareDensities, ASetAndItself_AreTheSame) {
  const std::vector<double> a = {3, 4, 9, 10, 12};
  const auto compared = compare_densities(a, a);
  EXPECT_NEAR(*shared_area(a, a), 1, kNear);
  EXPECT_LT(compared->overlap, 0.8);
  EXPECT_NEAR(compared->divergence, 0, 1e-12);
}

TEST(CompareDensities, FarApart_NothingInCommon) {
  const std::vector<double> a = {0, 0.01, 10}, b = {100, 100.01, 110};
  EXPECT_NEAR(compare_densities(a, b)->overlap, 0, kNear);
  EXPECT_NEAR(*shared_area(a, b), 0, kNear);
}

TEST(CompareDensities, OneValue_HasNoDensity) {
  const std::vector<double> a = {1, 2}, same = {3, 3, 3}, one = {1}, none;
  EXPECT_FALSE(compare_densities(a, same));
  EXPECT_FALSE(compare_densities(same, a));
  EXPECT_FALSE(compare_densities(a, one));
  EXPECT_FALSE(compare_densities(none, a));
  EXPECT_FALSE(shared_area(a, same));
  EXPECT_FALSE(shared_area(none, a));
}

// Pieces that differ in their number of notes.
std::vector<MgevalFeatures> pieces(std::vector<double> note_counts) {
  std::vector<MgevalFeatures> set(note_counts.size());
  std::ranges::transform(note_counts, set.begin(), [](double notes) {
    MgevalFeatures features;
    features.note_count = notes;
    features.pitch_classes[std::size_t(notes) % 12] = 1;
    return features;
  });
  return set;
}

const FeatureComparison& of_feature(const std::array<FeatureComparison, kMgevalFeatures>& all, std::string_view name) {
  return *std::ranges::find(all, name, &FeatureComparison::feature);
}

TEST(CompareSets, Distances_WithinAndBetween) {
  ThreadPool threads(2);
  const auto a = pieces({10, 12, 16}), b = pieces({20, 24});
  const auto compared = compare_sets(a, b, threads);
  const auto& notes = of_feature(compared, "note_count");
  EXPECT_DOUBLE_EQ(notes.distance_within_a, (2 + 6 + 4) / 3.0);
  EXPECT_DOUBLE_EQ(notes.distance_within_b, 4);
  EXPECT_DOUBLE_EQ(notes.distance_between, (10 + 14 + 8 + 12 + 4 + 8) / 6.0);
  ASSERT_TRUE(notes.a_to_between);
  EXPECT_FALSE(notes.b_to_between);  // one distance within b
  // Histograms that have nothing in common are the diagonal of a square apart.
  EXPECT_DOUBLE_EQ(of_feature(compared, "pitch_classes").distance_within_a, std::sqrt(2.0));
  EXPECT_EQ(of_feature(compared, "pitch_range").distance_between, 0);
  EXPECT_FALSE(of_feature(compared, "pitch_range").a_to_between);
}

TEST(CompareSets, AnyNumberOfThreads_EqualToTheBit) {
  const auto a = pieces({10, 12, 16, 21}), b = pieces({20, 24, 11});
  ThreadPool one(1), three(3);
  const auto first = compare_sets(a, b, one), second = compare_sets(a, b, three);
  for (std::size_t i = 0; i < kMgevalFeatures; ++i) {
    EXPECT_EQ(first[i].distance_between, second[i].distance_between);
    ASSERT_EQ(first[i].b_to_between.has_value(), second[i].b_to_between.has_value());
    if (!first[i].b_to_between) continue;
    EXPECT_EQ(first[i].b_to_between->overlap, second[i].b_to_between->overlap);
  }
}

}  // namespace
}  // namespace continuo::metrics
