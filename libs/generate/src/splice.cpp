#include "splice.h"

#include <algorithm>
#include <cmath>

#include "continuo/score/bar_grid.h"

namespace continuo::generate {
namespace {

using score::Score;
using score::Ticks;
using score::Track;

constexpr std::uint8_t kSustain = 64;

bool same_instrument(const Track& a, const Track& b) {
  return a.is_drum == b.is_drum && (a.is_drum || a.program == b.program);
}

Track* find_instrument(Score& score, const Track& wanted) {
  Track* found = nullptr;
  for (Track& track : score.tracks)
    if (same_instrument(track, wanted) && (!found || (found->notes.empty() && !track.notes.empty()))) found = &track;
  return found;
}

Track* busiest(Score& score, bool drums) {
  Track* found = nullptr;
  for (Track& track : score.tracks)
    if (track.is_drum == drums && !track.notes.empty() && (!found || track.notes.size() > found->notes.size()))
      found = &track;
  return found;
}

bool has_instrument(const Score& score, const Track& wanted) {
  return std::any_of(score.tracks.begin(), score.tracks.end(),
                     [&](const Track& track) { return !track.notes.empty() && same_instrument(track, wanted); });
}

// Index of the primer's track that `part` goes on with; a new one where there is none.
std::size_t target_track(Score& primer, const Score& image, const Track& part) {
  Track* track = find_instrument(primer, part);
  if (!track && has_instrument(image, part)) {
    track = busiest(primer, part.is_drum);
    if (!track) track = busiest(primer, !part.is_drum);
  }
  if (track) return std::size_t(track - primer.tracks.data());
  Track fresh;
  fresh.name = part.name;
  fresh.program = part.program;
  fresh.is_drum = part.is_drum;
  primer.tracks.push_back(fresh);
  return primer.tracks.size() - 1;
}

// The primer's notes that sound on at `time` or later. A new note may not strike their keys again, for that would end
// them early in any MIDI file.
std::vector<score::Note> ringing(const Track& track, Ticks time) {
  std::vector<score::Note> notes;
  std::copy_if(track.notes.begin(), track.notes.end(), std::back_inserter(notes),
               [&](const score::Note& note) { return note.onset < time && note.end() > time; });
  return notes;
}

bool strikes(const score::Note& note, const std::vector<score::Note>& sounding) {
  return std::any_of(sounding.begin(), sounding.end(),
                     [&](const score::Note& other) { return other.pitch == note.pitch && other.end() > note.onset; });
}

// Values that differ from the one in force before `begin`, moved into the primer's ticks.
template <typename Change, typename Same>
void add_changes(std::vector<Change>& to, const std::vector<Change>& from, const NewMusic& music,
                 const TickMapping& mapping, Change current, Same same) {
  for (Change change : from) {
    if (music.end && change.onset >= *music.end) break;
    const bool is_new = change.onset >= music.begin && !same(change, current);
    current = change;
    if (!is_new) continue;
    change.onset = mapping(change.onset);
    to.push_back(change);
  }
}

}  // namespace

Ticks TickMapping::operator()(Ticks decoded) const {
  switch (domain_) {
    case tokens::TimeDomain::kClock: {
      const auto offset = decoded_.to_seconds(decoded) - decoded_.to_seconds(joint_.decoded);
      return primer_.to_ticks(primer_.to_seconds(joint_.primer) + offset);
    }
    case tokens::TimeDomain::kMusical:
      break;
  }
  const double scale = double(primer_.ticks_per_quarter()) / decoded_.ticks_per_quarter();
  return joint_.primer + Ticks(std::llround(double((decoded - joint_.decoded).value) * scale));
}

void cut(Score& score, Ticks end) {
  for (Track& track : score.tracks) {
    std::erase_if(track.notes, [&](const score::Note& note) { return note.onset >= end; });
    for (auto& note : track.notes) note.duration = std::min(note.duration, end - note.onset);
  }
}

void add_notes(Score& primer, const NewMusic& music, const TickMapping& mapping, std::optional<Ticks> primer_end) {
  Score fresh = music.decoded;
  if (music.end) cut(fresh, *music.end);
  for (const Track& part : fresh.tracks) {
    std::vector<score::Note> notes;
    for (score::Note note : part.notes) {
      if (note.onset < music.begin) continue;
      const Ticks onset = mapping(note.onset);
      Ticks end = std::max(mapping(note.end()), onset + Ticks(1));
      if (primer_end) end = std::min(end, *primer_end);
      if (end <= onset) continue;
      note.onset = onset;
      note.duration = end - onset;
      notes.push_back(note);
    }
    if (notes.empty()) continue;
    auto& track = primer.tracks[target_track(primer, music.image, part)];
    const auto sounding = ringing(track, mapping(music.begin));
    std::erase_if(notes, [&](const score::Note& note) { return strikes(note, sounding); });
    track.notes.insert(track.notes.end(), notes.begin(), notes.end());
  }
}

void add_timing(Score& primer, const NewMusic& music, const TickMapping& mapping) {
  add_changes(primer.tempos, music.decoded.tempos, music, mapping, score::Tempo{},
              [](const auto& a, const auto& b) { return a.microseconds_per_quarter == b.microseconds_per_quarter; });
  add_changes(
      primer.time_signatures, music.decoded.time_signatures, music, mapping, score::TimeSignature{},
      [](const auto& a, const auto& b) { return a.numerator == b.numerator && a.denominator == b.denominator; });
}

void lift_pedals(Score& primer, Ticks time) {
  for (Track& track : primer.tracks) {
    bool down = false;
    auto after = track.controls.begin();
    for (auto control = track.controls.begin(); control != track.controls.end(); ++control) {
      if (control->onset > time) break;
      after = std::next(control);
      if (control->controller == kSustain) down = control->value >= 64;
    }
    if (down) track.controls.insert(after, {time, kSustain, 0});
  }
}

Ticks sounding_end(const Score& primer) {
  Ticks end = primer.end();
  for (const Track& track : primer.tracks) {
    if (track.notes.empty()) continue;
    bool down = false;
    for (const auto& control : track.controls) {
      if (control.controller != kSustain) continue;
      if (control.onset > primer.end()) {
        if (down && control.value < 64) end = std::max(end, control.onset);
        if (control.value < 64 || !down) break;
        continue;
      }
      down = control.value >= 64;
    }
  }
  return end;
}

void remove_notes(Score& score, Ticks begin, Ticks end) {
  for (Track& track : score.tracks)
    std::erase_if(track.notes, [&](const score::Note& note) { return note.onset >= begin && note.onset < end; });
}

Ticks bar_line(const Score& primer) {
  Ticks last_onset(0);
  for (const Track& track : primer.tracks)
    for (const auto& note : track.notes) last_onset = std::max(last_onset, note.onset);
  // What is played a little early belongs to the next bar, as on any tokenisation's grid.
  last_onset += Ticks(primer.ticks_per_quarter / 24);
  const score::BarGrid grid(primer);
  const auto& last = grid.bars().back();
  if (last_onset < last.end()) return grid.bars()[grid.index_at(last_onset)].end();
  return last.end() + last.time_signature.bar_length(primer.ticks_per_quarter);
}

}  // namespace continuo::generate
