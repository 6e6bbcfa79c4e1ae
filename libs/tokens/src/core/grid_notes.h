#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/score/score.h"
#include "continuo/tokens/token_decoder.h"

namespace continuo::tokens {

// The instrument of a grid note: a General MIDI program, or this.
inline constexpr int kDrumVoice = 128;
inline constexpr int kVoices = 129;
// About 26 years at 480 ticks per quarter and 120 quarters per minute; products with a grid still fit 64 bits.
inline constexpr std::int64_t kMaxTicks = std::int64_t{1} << 40;
// The longest piece that is told in bars and beats.
inline constexpr std::int64_t kMaxQuarters = 1'000'000;

// The voice of a track's instrument.
inline std::uint16_t voice_of(const score::Track& track) {
  return track.is_drum ? kDrumVoice : std::min<std::uint8_t>(track.program, 127);
}

// A note on a tokenisation's own grid. Units: steps of that grid. Range: duration >= 1.
struct GridNote {
  std::int64_t onset = 0;
  std::int64_t duration = 1;
  std::uint16_t voice = 0;
  std::uint8_t pitch = 60;
  std::uint8_t velocity = 80;
  score::Ticks source;  // the onset in the piece that it comes from
  std::int64_t end() const { return onset + duration; }
};

// Whether a score can be put on a grid at all. Errors: malformed (no division), no_notes, too_large (a note or change
// beyond 2^40 ticks).
Status check_score(const score::Score& score);

// Errors: too_large, when the last of `notes` begins beyond kMaxQuarters. Requires: notes, sorted by onset.
Status check_length(const std::vector<GridNote>& notes, int steps_per_quarter);

// `time` on a grid of `steps_per_quarter`, to the nearest step, halves up; times before the start count as the start.
std::int64_t nearest_step(score::Ticks time, int steps_per_quarter, std::int32_t ticks_per_quarter);

// The note on the grid: both ends to the nearest step, at least one step long.
GridNote snap_note(const score::Note& note, int steps_per_quarter, std::int32_t ticks_per_quarter);

// Sorts by onset, voice, pitch. Of notes of one voice and pitch that start together the longest stays, as loud as the
// loudest; one that still sounds when its pitch is struck again ends there.
void resolve_overlaps(std::vector<GridNote>& notes);

enum class SilenceFrom { kLastOnset, kLastEnd };
// Shortens every wait longer than `max_steps` for the next onset, which also moves what follows. Returns how many
// there were. Requires: sorted by onset.
int shorten_silences(std::vector<GridNote>& notes, std::int64_t max_steps, SilenceFrom from);

// Whether a one-instrument tokenisation takes a piece's drum tracks (or its pitched ones): those wanted if there are
// any with notes, otherwise the others.
bool takes_drums(const score::Score& score, bool wants_drums);

// The notes that such a tokenisation takes, on its grid, track by track. Requires: check_score(score).ok().
std::vector<GridNote> one_voice(const score::Score& score, int steps_per_quarter, bool wants_drums);

// Whether there is a corpus and all its notes are drums'.
bool all_drums(std::span<const score::Score> corpus);

// A note of a score, a grid step being `ticks_per_step` ticks.
inline score::Note score_note(const GridNote& note, std::int64_t ticks_per_step) {
  return {score::Ticks(note.onset * ticks_per_step), score::Ticks(note.duration * ticks_per_step), note.pitch,
          note.velocity};
}
// The same for a tokenisation whose tracks are voices.
DecodedNote decoded_note(const GridNote& note, std::int64_t ticks_per_step);

// One track per voice in the order of voices, a grid step being `ticks_per_step` ticks.
std::vector<score::Track> tracks_of(const std::vector<GridNote>& notes, std::int64_t ticks_per_step);

}  // namespace continuo::tokens
