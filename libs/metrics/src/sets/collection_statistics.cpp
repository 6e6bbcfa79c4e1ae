#include "continuo/metrics/collection_statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

namespace continuo::metrics {
namespace {

using P = PieceStatistics;

constexpr std::array<StatisticField, kStatisticFields> kFields = {{
    {"notes", [](const P& p) { return double(p.notes); }},
    {"seconds", [](const P& p) { return p.seconds; }},
    {"bars", [](const P& p) { return p.bars; }},
    {"notes_per_second", [](const P& p) { return p.notes_per_second; }},
    {"notes_per_bar", [](const P& p) { return p.notes_per_bar; }},
    {"polyphony", [](const P& p) { return p.polyphony; }},
    {"polyphony_rate", [](const P& p) { return p.polyphony_rate; }},
    {"pitch_class_entropy", [](const P& p) { return p.pitch_class_entropy; }, true},
    {"scale_consistency", [](const P& p) { return p.scale_consistency; }, true},
    {"groove_consistency", [](const P& p) { return p.groove_consistency; }},
    {"pitch_mean", [](const P& p) { return p.pitch_mean; }, true},
    {"pitch_range", [](const P& p) { return p.pitch_range; }, true},
    {"velocity_mean", [](const P& p) { return p.velocity_mean; }},
    {"velocity_deviation", [](const P& p) { return p.velocity_deviation; }},
    {"duration_mean_quarters", [](const P& p) { return p.duration_mean_quarters; }},
}};

double sum(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

bool is_pitched(const PieceStatistics& piece) { return sum(piece.pitch_classes) > 0; }

std::vector<double> values_of(std::span<const PieceStatistics> pieces, const StatisticField& field) {
  std::vector<double> values;
  for (const auto& piece : pieces) {
    if (!field.of_pitch || is_pitched(piece)) values.push_back(field.value(piece));
  }
  return values;
}

}  // namespace

MeanAndDeviation mean_and_deviation(std::span<const double> values) {
  const double n = double(values.size());
  MeanAndDeviation result{.pieces = values.size()};
  for (const double value : values) result.mean += value / n;
  if (values.size() < 2) return result;
  double squares = 0;
  for (const double value : values) squares += std::pow(value - result.mean, 2);
  result.deviation = std::sqrt(squares / (n - 1));
  return result;
}

std::span<const StatisticField> statistic_fields() { return kFields; }

const MeanAndDeviation& CollectionStatistics::field(std::string_view name) const {
  const auto found = std::find_if(kFields.begin(), kFields.end(), [&](const auto& f) { return f.name == name; });
  assert(found != kFields.end());
  return fields[std::size_t(found - kFields.begin())];
}

CollectionStatistics collection_statistics(std::span<const PieceStatistics> pieces) {
  CollectionStatistics collection;
  collection.pieces = pieces.size();
  if (pieces.empty()) return collection;
  for (std::size_t i = 0; i < kFields.size(); ++i)
    collection.fields[i] = mean_and_deviation(values_of(pieces, kFields[i]));
  for (const auto& piece : pieces) {
    if (!is_pitched(piece)) continue;
    ++collection.pitched_pieces;
    for (std::size_t i = 0; i < 12; ++i) collection.pitch_classes[i] += piece.pitch_classes[i];
  }
  if (collection.pitched_pieces > 0)
    for (double& share : collection.pitch_classes) share /= double(collection.pitched_pieces);
  return collection;
}

double histogram_overlap(std::span<const double> a, std::span<const double> b) {
  if (sum(a) == 0 && sum(b) == 0) return 1;
  double overlap = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) overlap += std::min(a[i], b[i]);
  return overlap;
}

double jensen_shannon_divergence(std::span<const double> a, std::span<const double> b) {
  if (sum(a) == 0 || sum(b) == 0) return sum(a) == sum(b) ? 0 : 1;
  double divergence = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const double middle = (a[i] + b[i]) / 2;
    if (a[i] > 0) divergence += a[i] / 2 * std::log2(a[i] / middle);
    if (b[i] > 0) divergence += b[i] / 2 * std::log2(b[i] / middle);
  }
  return std::clamp(divergence, 0.0, 1.0);
}

}  // namespace continuo::metrics
