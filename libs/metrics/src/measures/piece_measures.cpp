#include "continuo/metrics/piece_measures.h"

#include <array>
#include <vector>

#include "continuo/metrics/collection_statistics.h"

namespace continuo::metrics {
namespace {

using P = PieceMeasures;
using Value = std::optional<double>;

bool is_pitched(const P& p) { return p.muspy.n_pitches_used > 0; }

Value if_pitched(const P& p, double value) { return is_pitched(p) ? Value(value) : Value(); }

// What is between two notes.
Value if_several(double notes, double value) { return notes > 1 ? Value(value) : Value(); }

// The fields of PieceStatistics are known by their place in statistic_fields().
template <std::size_t index>
Value statistic(const P& p) {
  const StatisticField& field = statistic_fields()[index];
  return field.of_pitch ? if_pitched(p, field.value(p.statistics)) : Value(field.value(p.statistics));
}

template <std::size_t... indices>
void add_statistics(std::vector<MeasureField>& fields, std::index_sequence<indices...>) {
  (fields.push_back({"continuo", statistic_fields()[indices].name, statistic<indices>}), ...);
}

constexpr std::array kOthers = {
    MeasureField{"muspy", "n_pitches_used", [](const P& p) { return if_pitched(p, p.muspy.n_pitches_used); }},
    MeasureField{"muspy", "n_pitch_classes_used",
                 [](const P& p) { return if_pitched(p, p.muspy.n_pitch_classes_used); }},
    MeasureField{"muspy", "pitch_range", [](const P& p) { return if_pitched(p, p.muspy.pitch_range); }},
    MeasureField{"muspy", "empty_beat_rate", [](const P& p) { return p.muspy.empty_beat_rate; }},
    MeasureField{"muspy", "empty_measure_rate", [](const P& p) { return p.muspy.empty_measure_rate; }},
    MeasureField{"muspy", "polyphony", [](const P& p) { return p.muspy.polyphony; }},
    MeasureField{"muspy", "polyphony_rate",
                 [](const P& p) { return is_pitched(p) ? p.muspy.polyphony_rate : Value(); }},
    MeasureField{"muspy", "scale_consistency", [](const P& p) { return p.muspy.scale_consistency; }},
    MeasureField{"muspy", "drum_pattern_consistency", [](const P& p) { return p.muspy.drum_pattern_consistency; }},
    MeasureField{"muspy", "pitch_entropy", [](const P& p) { return p.muspy.pitch_entropy; }},
    MeasureField{"muspy", "pitch_class_entropy", [](const P& p) { return p.muspy.pitch_class_entropy; }},
    MeasureField{"muspy", "groove_consistency", [](const P& p) { return p.muspy.groove_consistency; }},
    MeasureField{"musdr", "pitch_class_entropy_1", [](const P& p) { return p.musdr.pitch_class_entropy_1; }},
    MeasureField{"musdr", "pitch_class_entropy_4", [](const P& p) { return p.musdr.pitch_class_entropy_4; }},
    MeasureField{"musdr", "grooving_similarity", [](const P& p) { return p.musdr.grooving_similarity; }},
    MeasureField{"musdr", "chord_irregularity", [](const P& p) { return p.musdr.chord_irregularity; }},
    MeasureField{"musdr", "structureness_short", [](const P& p) { return p.structure.structureness_short; }, true},
    MeasureField{"musdr", "structureness_mid", [](const P& p) { return p.structure.structureness_mid; }, true},
    MeasureField{"musdr", "structureness_long", [](const P& p) { return p.structure.structureness_long; }, true},
    MeasureField{"mgeval", "note_count", [](const P& p) { return if_pitched(p, p.mgeval.note_count); }},
    MeasureField{"mgeval", "pitch_interval",
                 [](const P& p) { return if_several(p.mgeval.note_count, p.mgeval.pitch_interval); }},
    MeasureField{"mgeval", "inter_onset_interval",
                 [](const P& p) { return if_several(double(p.statistics.notes), p.mgeval.inter_onset_interval); }},
    MeasureField{"faults", "equal_bars", [](const P& p) { return Value(p.faults.equal_bars); }},
    MeasureField{"faults", "silent_quarters", [](const P& p) { return Value(p.faults.silent_quarters); }},
    MeasureField{"faults", "longest_note_bars", [](const P& p) { return Value(p.faults.longest_note_bars); }},
};

std::vector<MeasureField> all_fields() {
  std::vector<MeasureField> fields;
  add_statistics(fields, std::make_index_sequence<kStatisticFields>());
  fields.insert(fields.end(), kOthers.begin(), kOthers.end());
  return fields;
}

}  // namespace

std::span<const MeasureField> measure_fields() {
  static const std::vector<MeasureField> fields = all_fields();
  return fields;
}

PieceMeasures measure_piece(const score::Score& score, bool structure) {
  return {.statistics = piece_statistics(score),
          .muspy = muspy_measures(score),
          .musdr = musdr_measures(score),
          .mgeval = mgeval_features(score),
          .faults = piece_faults(score),
          .structure = structure ? structure_measures(score) : StructureMeasures()};
}

}  // namespace continuo::metrics
