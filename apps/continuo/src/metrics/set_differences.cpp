#include "set_differences.h"

namespace continuo::app {
namespace {

using metrics::DensityComparison;
using metrics::FeatureComparison;

std::vector<metrics::MgevalFeatures> features_of(const MeasuredSet& set) {
  std::vector<metrics::MgevalFeatures> features;
  for (const auto& piece : set.pieces)
    if (piece.measures.mgeval.note_count > 0) features.push_back(piece.measures.mgeval);
  return features;
}

std::optional<double> mean_overlap(std::span<const FeatureComparison> comparisons,
                                   std::optional<DensityComparison> FeatureComparison::*member) {
  double sum = 0, count = 0;
  for (const FeatureComparison& comparison : comparisons) {
    if (!(comparison.*member)) continue;
    sum += (comparison.*member)->overlap;
    ++count;
  }
  if (count == 0) return {};
  return sum / count;
}

}  // namespace

SetDifferences differences(const MeasuredSet& a, const MeasuredSet& b, ThreadPool& threads) {
  SetDifferences found;
  for (const auto& field : metrics::measure_fields())
    found.overlaps.push_back(metrics::shared_area(a.values(field), b.values(field)));
  const auto of_a = features_of(a), of_b = features_of(b);
  if (of_a.size() < 2 || of_b.size() < 2) return found;
  found.distances = metrics::compare_sets(of_a, of_b, threads);
  found.mean_overlap_a = mean_overlap(*found.distances, &FeatureComparison::a_to_between);
  found.mean_overlap_b = mean_overlap(*found.distances, &FeatureComparison::b_to_between);
  return found;
}

}  // namespace continuo::app
