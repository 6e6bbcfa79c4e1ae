#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "continuo/metrics/mgeval_features.h"
#include "continuo/metrics/musdr_measures.h"
#include "continuo/metrics/muspy_measures.h"
#include "continuo/metrics/piece_faults.h"
#include "continuo/metrics/piece_statistics.h"
#include "continuo/metrics/structure_measures.h"

namespace continuo::metrics {

// All that is measured of one piece.
struct PieceMeasures {
  PieceStatistics statistics;
  MuspyMeasures muspy;
  MusdrMeasures musdr;
  MgevalFeatures mgeval;
  PieceFaults faults;
  StructureMeasures structure;  // nothing unless it is asked for
};

// `structure`: takes a second or two for a piece of three minutes, all else some milliseconds.
PieceMeasures measure_piece(const score::Score& score, bool structure = false);

// One number of it, for tables and reports. Nothing where the piece has none: pitches of drums alone, grooves of a
// single bar ...
struct MeasureField {
  std::string_view group;  // "continuo", "muspy", "musdr", "mgeval" or "faults"
  std::string_view name;   // that of the member
  std::optional<double> (*value)(const PieceMeasures&);
  bool is_of_structure = false;
};

// All but histograms, and those of mgeval that MusPy has too; group by group.
std::span<const MeasureField> measure_fields();

}  // namespace continuo::metrics
