#include "loss_list.h"

#include <algorithm>
#include <array>
#include <utility>

#include "grid_notes.h"
#include "sustain.h"

namespace continuo::tokens {
namespace {

std::size_t control_changes(const score::Score& score, bool sustain) {
  std::size_t count = 0;
  for (const score::Track& track : score.tracks)
    for (const score::ControlChange& change : track.controls)
      count += (change.controller == kSustainController) == sustain;
  return count;
}

}  // namespace

void LossList::add(std::size_t count, std::string_view singular, std::string_view plural) {
  if (count == 0) return;
  add_if(true, std::to_string(count) + " " + std::string(count == 1 ? singular : plural));
}

void LossList::add_if(bool is_lost, std::string_view what) {
  if (!is_lost) return;
  if (!sentence_.empty()) sentence_ += ", ";
  sentence_ += what;
}

std::size_t pedal_changes(const score::Score& score) { return control_changes(score, true); }

bool shares_instruments(const score::Score& score) {
  std::array<bool, kVoices> taken{};
  for (const score::Track& track : score.tracks)
    if (!track.notes.empty() && std::exchange(taken[voice_of(track)], true)) return true;
  return false;
}

void add_common_losses(const score::Score& score, LossList& losses, Kept kept) {
  std::size_t bends = 0, pressures = 0, releases = 0;
  for (const score::Track& track : score.tracks) {
    bends += track.pitch_bends.size();
    pressures += track.pressures.size();
    releases += static_cast<std::size_t>(std::ranges::count_if(track.notes, &score::Note::has_release_velocity));
  }
  losses.add(kept.bends ? 0 : bends, "pitch bend", "pitch bends");
  losses.add(releases, "release velocity", "release velocities");
  losses.add(pressures, "pressure change", "pressure changes");
  losses.add(control_changes(score, false), "control change", "control changes");
  losses.add(kept.keys ? 0 : score.key_signatures.size(), "key signature", "key signatures");
  losses.add(score.chord_symbols.size(), "chord symbol", "chord symbols");
  losses.add(score.markers.size(), "marker", "markers");
}

void add_time_losses(const score::Score& score, LossList& losses) {
  losses.add(score.tempos.size(), "tempo", "tempos");
  losses.add(score.time_signatures.size(), "time signature", "time signatures");
  losses.add_if(pedal_changes(score) > 0, "the sustain pedal");
  add_common_losses(score, losses);
}

void add_instrument_losses(const score::Score& score, LossList& losses) {
  std::array<std::size_t, 2> tracks{};
  bool other_instrument = false;
  for (const score::Track& track : score.tracks) {
    if (track.notes.empty()) continue;
    ++tracks[track.is_drum];
    other_instrument |= !track.is_drum && track.program != 0;
  }
  for (const std::size_t count : tracks)
    losses.add_if(count > 1, "which of " + std::to_string(count) + " tracks a note belongs to");
  losses.add_if(other_instrument, "instruments");
}

void add_track_losses(const score::Score& score, bool decodes_drums, LossList& losses) {
  const bool drums = takes_drums(score, decodes_drums);
  std::size_t taken = 0, left_out = 0;
  bool other_instrument = false;
  for (const score::Track& track : score.tracks) {
    if (track.notes.empty()) continue;
    (track.is_drum == drums ? taken : left_out) += 1;
    other_instrument |= !track.is_drum && track.program != 0 && track.is_drum == drums;
  }
  losses.add(left_out, drums ? "pitched track" : "drum track", drums ? "pitched tracks" : "drum tracks");
  losses.add_if(taken > 1, "which of " + std::to_string(taken) + " tracks a note belongs to");
  losses.add_if(taken > 0 && drums != decodes_drums, drums ? "that it is drums" : "that it is not drums");
  losses.add_if(other_instrument, "instruments");
}

}  // namespace continuo::tokens
