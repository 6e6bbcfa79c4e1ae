#include "performed_notes.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "../core/loss_list.h"
#include "../core/sustain.h"
#include "../core/velocity_bins.h"
#include "performance_grammar.h"

namespace continuo::tokens {

using namespace performance_words;
using score::Seconds;

namespace {

std::int64_t step_of(Seconds time) { return std::llround(std::max(0.0, time.value) * kStepsPerSecond); }

}  // namespace

Result<std::vector<GridNote>> performed_notes(const score::Score& score, bool wants_drums, int& shortened) {
  CONTINUO_TRY(check_score(score));
  const bool drums = takes_drums(score, wants_drums);
  const score::TempoMap tempo_map = score.tempo_map();
  std::vector<GridNote> notes;
  for (const score::Track& track : score.tracks) {
    if (track.is_drum != drums) continue;
    for (const score::Note& note : sustained_notes(track)) {
      GridNote performed = snap_note(note, 1, score.ticks_per_quarter);
      performed.onset = step_of(tempo_map.to_seconds(note.onset));
      performed.duration =
          std::clamp<std::int64_t>(step_of(tempo_map.to_seconds(note.end())) - performed.onset, 1, kMaxNoteSteps);
      performed.velocity = velocity_of_bin(velocity_bin(performed.velocity));
      notes.push_back(performed);
    }
  }
  resolve_overlaps(notes);
  shortened = shorten_silences(notes, kMaxSilenceSteps, SilenceFrom::kLastEnd);
  return notes;
}

std::string performance_losses(const score::Score& score, bool wants_drums) {
  LossList losses;
  add_track_losses(score, wants_drums, losses);
  losses.add(score.tempos.size() > 1 ? score.tempos.size() - 1 : 0, "tempo change (its timing stays)",
             "tempo changes (their timing stays)");
  losses.add(score.time_signatures.size(), "time signature", "time signatures");
  losses.add_if(pedal_changes(score) > 0, "the sustain pedal (its notes are prolonged instead)");
  add_common_losses(score, losses);
  int shortened = 0;
  if (performed_notes(score, wants_drums, shortened).ok())
    losses.add(std::size_t(shortened), "silence beyond 60 s", "silences beyond 60 s");
  return losses.sentence();
}

}  // namespace continuo::tokens
