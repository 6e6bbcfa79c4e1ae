#include "sustain.h"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

namespace continuo::tokens {
namespace {

using score::Note;
using score::Ticks;

constexpr std::uint8_t kPedalDownFrom = 64;

// When a note that ends at `end` falls silent, its pitch not being struck again.
Ticks release_time(const std::vector<PedalSpan>& spans, Ticks end) {
  const auto after = std::partition_point(spans.begin(), spans.end(), [end](const PedalSpan& span) {
    return span.down < end || (span.down == end && span.holds_ends_at_down);
  });
  return after == spans.begin() ? end : std::max(end, std::prev(after)->up);
}

}  // namespace

std::vector<PedalSpan> pedal_spans(const score::Track& track) {
  std::vector<score::ControlChange> pedal;
  for (const score::ControlChange& change : track.controls)
    if (change.controller == kSustainController) pedal.push_back(change);
  std::stable_sort(pedal.begin(), pedal.end(), [](const auto& a, const auto& b) {
    return std::tie(a.onset, a.place) < std::tie(b.onset, b.place);
  });

  std::vector<PedalSpan> spans;
  bool is_down = false;
  for (const score::ControlChange& change : pedal) {
    const bool goes_down = change.value >= kPedalDownFrom;
    if (goes_down && !is_down)
      spans.push_back({change.onset, change.onset, change.place == score::TickPlace::before_ends});
    if (!goes_down && is_down) spans.back().up = change.onset;
    is_down = goes_down;
  }
  if (is_down) {
    for (const Note& note : track.notes) spans.back().up = std::max(spans.back().up, note.end());
  }
  return spans;
}

std::vector<Note> sustained_notes(const score::Track& track) {
  std::vector<Note> notes = track.notes;
  std::sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
    return std::tie(a.onset, a.pitch, a.duration) < std::tie(b.onset, b.pitch, b.duration);
  });
  const std::vector<PedalSpan> spans = pedal_spans(track);
  if (spans.empty()) return notes;

  constexpr Ticks kNever{std::numeric_limits<std::int64_t>::max()};
  std::array<Ticks, 256> nearest_onset, next_onset;  // per pitch: at or after the note at hand, and strictly after it
  nearest_onset.fill(kNever);
  next_onset.fill(kNever);
  for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
    if (note->onset < nearest_onset[note->pitch]) next_onset[note->pitch] = nearest_onset[note->pitch];
    nearest_onset[note->pitch] = note->onset;
    const Ticks limit = std::max(note->end(), next_onset[note->pitch]);
    note->duration = std::min(release_time(spans, note->end()), limit) - note->onset;
  }
  return notes;
}

}  // namespace continuo::tokens
