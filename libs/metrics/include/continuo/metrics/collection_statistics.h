#pragma once

#include <array>
#include <span>
#include <string_view>

#include "continuo/metrics/piece_statistics.h"

namespace continuo::metrics {

// One number of PieceStatistics, by name ("polyphony", "notes_per_bar" ...), for tables and reports.
struct StatisticField {
  std::string_view name;
  double (*value)(const PieceStatistics&);
  bool of_pitch = false;  // pieces of drums alone have none
};
// All of them but the pitch-class histogram, in the order in which they are declared.
std::span<const StatisticField> statistic_fields();

inline constexpr std::size_t kStatisticFields = 15;

struct MeanAndDeviation {
  double mean = 0;
  double deviation = 0;    // of the sample (n - 1); 0 for fewer than two pieces
  std::size_t pieces = 0;  // that have the statistic; the others do not count
};

MeanAndDeviation mean_and_deviation(std::span<const double> values);

// What many pieces are like, each piece counting the same however long.
struct CollectionStatistics {
  std::size_t pieces = 0;
  std::size_t pitched_pieces = 0;                         // with a note that is no drum
  std::array<MeanAndDeviation, kStatisticFields> fields;  // in the order of statistic_fields()
  // Mean of the pieces' histograms, pieces without pitched notes left out.
  std::array<double, 12> pitch_classes{};

  // Requires: a name of statistic_fields().
  const MeanAndDeviation& field(std::string_view name) const;
};

// Errors: none; no pieces give zeros.
CollectionStatistics collection_statistics(std::span<const PieceStatistics> pieces);

// How alike two histograms are. Requires: each sums to 1 or is all 0 (overlap 0 and divergence 1 then, unless both
// are). Range: 0 (disjoint) to 1 (the same).
double histogram_overlap(std::span<const double> a, std::span<const double> b);
// Units: bits. Range: 0 (the same) to 1 (disjoint). Source: Lin, "Divergence measures based on the Shannon entropy",
// IEEE Trans. Inf. Theory 37(1), 1991.
double jensen_shannon_divergence(std::span<const double> a, std::span<const double> b);

}  // namespace continuo::metrics
