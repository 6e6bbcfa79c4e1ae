#include "continuo/corpus/stats.h"

#include <algorithm>

#include "continuo/corpus/read_entry.h"

namespace continuo::corpus {
namespace {

constexpr double kDefaultBpm = 120;  // Source: MIDI 1.0, where no tempo is given

}  // namespace

void MusicStats::add(const score::Score& score) {
  if (score.note_count() == 0) {
    ++unusable;
    return;
  }
  MusicStats own;
  own.pieces = 1;
  own.seconds = own.shortest_seconds = own.longest_seconds = score.duration().value;
  for (const score::Track& track : score.tracks) {
    own.notes += track.notes.size();
    if (track.is_drum) own.drum_notes += track.notes.size();
    if (track.is_drum) continue;
    own.programs[track.program & 127] += track.notes.size();
    for (const score::Note& note : track.notes) {
      own.lowest_pitch = std::min<int>(own.lowest_pitch, note.pitch);
      own.highest_pitch = std::max<int>(own.highest_pitch, note.pitch);
    }
  }
  for (const score::TimeSignature& meter : score.time_signatures)
    own.meters[std::to_string(meter.numerator) + "/" + std::to_string(meter.denominator)] = 1;
  if (own.meters.empty()) own.meters["4/4"] = 1;
  own.slowest_bpm = own.fastest_bpm = own.tempo_sum_bpm =
      score.tempos.empty() ? kDefaultBpm : score.tempos.front().quarters_per_minute();
  for (const score::Tempo& tempo : score.tempos) {
    own.slowest_bpm = std::min(own.slowest_bpm, tempo.quarters_per_minute());
    own.fastest_bpm = std::max(own.fastest_bpm, tempo.quarters_per_minute());
  }
  add(own);
}

void MusicStats::add(const MusicStats& other) {
  unusable += other.unusable;
  tokens += other.tokens;
  if (other.pieces == 0) return;
  const auto least = [&](double own, double another) { return pieces == 0 ? another : std::min(own, another); };
  shortest_seconds = least(shortest_seconds, other.shortest_seconds);
  longest_seconds = std::max(longest_seconds, other.longest_seconds);
  slowest_bpm = least(slowest_bpm, other.slowest_bpm);
  fastest_bpm = std::max(fastest_bpm, other.fastest_bpm);
  pieces += other.pieces;
  notes += other.notes;
  drum_notes += other.drum_notes;
  seconds += other.seconds;
  tempo_sum_bpm += other.tempo_sum_bpm;
  lowest_pitch = std::min(lowest_pitch, other.lowest_pitch);
  highest_pitch = std::max(highest_pitch, other.highest_pitch);
  for (std::size_t i = 0; i < programs.size(); ++i) programs[i] += other.programs[i];
  for (const auto& [meter, count] : other.meters) meters[meter] += count;
}

Result<CollectionStats> collect_stats(const Source& source, OrderedRun& run) {
  CollectionStats stats{source.name, source.layout, source.licence, {}, {}, source.skipped, source.notes};
  for (const Reject& reject : source.rejects) ++stats.rejects[std::string(to_string(reject.code))];
  run.add_to_total(source.entries.size());
  CONTINUO_TRY(run.run<MusicStats>(
      source.entries.size(), "reading",
      [&](std::size_t file) {
        MusicStats own;
        const auto scores = read_entry(source, file);
        if (!scores.ok()) ++own.unusable;
        for (std::size_t i = 0; scores.ok() && i < scores->size(); ++i) own.add((*scores)[i]);
        return own;
      },
      [&](std::size_t file, MusicStats&& own) {
        const auto split = source.entries[file].split;
        stats.parts[split ? std::string(to_string(*split)) : "all"].add(own);
        return Status();
      }));
  return stats;
}

}  // namespace continuo::corpus
