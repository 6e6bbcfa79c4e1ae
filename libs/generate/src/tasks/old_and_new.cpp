#include "old_and_new.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

namespace continuo::generate {

using score::Note;
using score::Track;

namespace {

// The note of this pitch whose onset, as `ticks_of` gives it, is nearest; as many as there are notes where none has the
// pitch.
std::size_t nearest(const std::vector<Note>& notes, std::uint8_t pitch, score::Ticks onset, const auto& ticks_of) {
  std::size_t nearest = notes.size();
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const std::int64_t distance = std::abs((ticks_of(notes[i]) - onset).value);
    if (notes[i].pitch != pitch || distance >= least) continue;
    nearest = i;
    least = distance;
  }
  return nearest;
}

// The new pitch of a note of the primer: that of the note which the tokens have in its place. A note that they lack,
// as one of many within a step, keeps its own.
std::uint8_t new_pitch(const Note& note, const OldAndNew& cells) {
  const std::size_t found =
      nearest(cells.old.notes, note.pitch, note.onset, [&](const Note& old) { return cells.mapping(old.onset); });
  return found < cells.fresh.notes.size() ? cells.fresh.notes[found].pitch : note.pitch;
}

// Whether the note could be played at another place, or as another one, among the others of its track.
bool is_free(const Track& track, const Note& note, const Note& changed) {
  return std::ranges::none_of(track.notes, [&](const Note& other) {
    return &other != &note && other.pitch == changed.pitch && other.onset < changed.end() &&
           changed.onset < other.end();
  });
}

}  // namespace

void change_pitches(Track& track, Region region, std::span<const PitchRange> locked, const OldAndNew& cells) {
  for (Note& note : track.notes) {
    if (!is_in(region, note.onset) || is_in(locked, note.pitch)) continue;
    Note changed = note;
    changed.pitch = new_pitch(note, cells);
    if (is_free(track, note, changed)) note = changed;
  }
}

void change_rhythm(Track& track, Region region, const OldAndNew& cells) {
  std::vector<Note> moved = track.notes;
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < std::min(cells.old.notes.size(), cells.fresh.notes.size()); ++i) {
    const Note &old = cells.old.notes[i], &fresh = cells.fresh.notes[i];
    if (old.onset == fresh.onset && old.duration == fresh.duration) continue;
    const std::size_t found =
        nearest(track.notes, old.pitch, cells.mapping(old.onset), [](const Note& note) { return note.onset; });
    const score::Ticks onset = cells.mapping(fresh.onset);
    if (found == track.notes.size() || !is_in(region, track.notes[found].onset) || !is_in(region, onset)) continue;
    moved[found].onset = onset;
    const score::Ticks end = std::min(cells.mapping(fresh.end()), region.end);
    moved[found].duration = std::max(end - moved[found].onset, score::Ticks(1));
    changed.push_back(found);
  }
  for (const std::size_t i : changed) {
    for (const Note& other : moved) {
      const bool follows = other.pitch == moved[i].pitch && other.onset > moved[i].onset;
      if (follows) moved[i].duration = std::min(moved[i].duration, other.onset - moved[i].onset);
    }
  }
  std::swap(track.notes, moved);
  for (const std::size_t i : changed)
    if (!is_free(track, track.notes[i], track.notes[i])) track.notes[i] = moved[i];
}

}  // namespace continuo::generate
