#include "grid_notes.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace continuo::tokens {
namespace {

// By time, voice and pitch; of equal strikes the longest and loudest first.
bool stands_before(const GridNote& a, const GridNote& b) {
  if (a.onset != b.onset) return a.onset < b.onset;
  if (a.voice != b.voice) return a.voice < b.voice;
  if (a.pitch != b.pitch) return a.pitch < b.pitch;
  return std::tie(b.duration, b.velocity) < std::tie(a.duration, a.velocity);
}

// Notes mostly come almost in order, which insertion sorts in little more than one pass; it gives up when that is not
// so.
void sort_notes(std::vector<GridNote>& notes) {
  std::size_t moves_left = 8 * notes.size();
  for (std::size_t i = 1; i < notes.size(); ++i) {
    if (!stands_before(notes[i], notes[i - 1])) continue;
    const GridNote note = notes[i];
    std::size_t to = i;
    for (; to > 0 && stands_before(note, notes[to - 1]); --to) notes[to] = notes[to - 1];
    notes[to] = note;
    if (i - to > moves_left) return std::sort(notes.begin(), notes.end(), stands_before);
    moves_left -= i - to;
  }
}

bool same_strike(const GridNote& a, const GridNote& b) {
  return a.onset == b.onset && a.voice == b.voice && a.pitch == b.pitch;
}

}  // namespace

Status check_score(const score::Score& score) {
  if (score.ticks_per_quarter <= 0) return Error{ErrorCode::malformed, "the piece has no division of the quarter note"};
  if (score.note_count() == 0) return Error{ErrorCode::no_notes, "the piece has no notes"};
  for (std::size_t i = 0; i < score.tracks.size(); ++i) {
    for (const score::Note& note : score.tracks[i].notes) {
      if (note.onset.value <= kMaxTicks && note.duration.value <= kMaxTicks) continue;
      return Error{ErrorCode::too_large, "a note lies beyond " + std::to_string(kMaxTicks) + " ticks",
                   "track " + std::to_string(i + 1)};
    }
  }
  return {};
}

Status check_length(const std::vector<GridNote>& notes, int steps_per_quarter) {
  if (notes.back().onset <= kMaxQuarters * steps_per_quarter) return {};
  return Error{ErrorCode::too_large, "the piece is longer than " + std::to_string(kMaxQuarters) + " quarter notes"};
}

std::int64_t nearest_step(score::Ticks time, int steps_per_quarter, std::int32_t ticks_per_quarter) {
  const std::int64_t ticks = std::clamp<std::int64_t>(time.value, 0, 2 * kMaxTicks);
  return (2 * ticks * steps_per_quarter + ticks_per_quarter) / (2 * std::int64_t{ticks_per_quarter});
}

GridNote snap_note(const score::Note& note, int steps_per_quarter, std::int32_t ticks_per_quarter) {
  GridNote snapped;
  snapped.onset = nearest_step(note.onset, steps_per_quarter, ticks_per_quarter);
  snapped.duration =
      std::max<std::int64_t>(1, nearest_step(note.end(), steps_per_quarter, ticks_per_quarter) - snapped.onset);
  snapped.pitch = std::min<std::uint8_t>(note.pitch, 127);
  snapped.velocity = std::clamp<std::uint8_t>(note.velocity, 1, 127);
  snapped.source = note.onset;
  return snapped;
}

void resolve_overlaps(std::vector<GridNote>& notes) {
  sort_notes(notes);
  std::size_t kept = 0;
  for (const GridNote& note : notes) {
    if (kept > 0 && same_strike(notes[kept - 1], note)) {
      notes[kept - 1].velocity = std::max(notes[kept - 1].velocity, note.velocity);
    } else {
      notes[kept++] = note;
    }
  }
  notes.resize(kept);

  std::uint16_t highest_voice = 0;
  for (const GridNote& note : notes) highest_voice = std::max(highest_voice, note.voice);
  std::vector<std::int32_t> last((std::size_t(highest_voice) + 1) * 128, -1);
  for (std::size_t i = 0; i < notes.size(); ++i) {
    std::int32_t& previous = last[std::size_t(notes[i].voice) * 128 + notes[i].pitch];
    if (previous >= 0) {
      GridNote& earlier = notes[std::size_t(previous)];
      earlier.duration = std::min(earlier.duration, notes[i].onset - earlier.onset);
    }
    previous = std::int32_t(i);
  }
}

int shorten_silences(std::vector<GridNote>& notes, std::int64_t max_steps, SilenceFrom from) {
  std::int64_t reached = 0, removed = 0;
  int shortened = 0;
  for (GridNote& note : notes) {
    note.onset -= removed;
    const std::int64_t surplus = note.onset - reached - max_steps;
    if (surplus > 0) {
      note.onset -= surplus;
      removed += surplus;
      ++shortened;
    }
    reached = std::max(reached, from == SilenceFrom::kLastEnd ? note.end() : note.onset);
  }
  return shortened;
}

bool takes_drums(const score::Score& score, bool wants_drums) {
  const bool found = std::any_of(score.tracks.begin(), score.tracks.end(), [&](const score::Track& track) {
    return track.is_drum == wants_drums && !track.notes.empty();
  });
  return found ? wants_drums : !wants_drums;
}

std::vector<GridNote> one_voice(const score::Score& score, int steps_per_quarter, bool wants_drums) {
  const bool drums = takes_drums(score, wants_drums);
  std::vector<GridNote> notes;
  for (const score::Track& track : score.tracks) {
    if (track.is_drum != drums) continue;
    for (const score::Note& note : track.notes)
      notes.push_back(snap_note(note, steps_per_quarter, score.ticks_per_quarter));
  }
  return notes;
}

bool all_drums(std::span<const score::Score> corpus) {
  bool any_notes = false;
  for (const score::Score& score : corpus) {
    for (const score::Track& track : score.tracks) {
      if (track.notes.empty()) continue;
      if (!track.is_drum) return false;
      any_notes = true;
    }
  }
  return any_notes;
}

DecodedNote decoded_note(const GridNote& note, std::int64_t ticks_per_step) {
  const bool is_drum = note.voice == kDrumVoice;
  return {.note = score_note(note, ticks_per_step),
          .track = note.voice,
          .program = is_drum ? std::uint8_t{0} : static_cast<std::uint8_t>(note.voice),
          .is_drum = is_drum};
}

std::vector<score::Track> tracks_of(const std::vector<GridNote>& notes, std::int64_t ticks_per_step) {
  std::array<std::vector<score::Note>, kVoices> voices;
  for (const GridNote& note : notes) voices[note.voice].push_back(score_note(note, ticks_per_step));
  std::vector<score::Track> tracks;
  for (int voice = 0; voice < kVoices; ++voice) {
    std::vector<score::Note>& of_voice = voices[std::size_t(voice)];
    if (of_voice.empty()) continue;
    std::sort(of_voice.begin(), of_voice.end());
    score::Track track;
    track.is_drum = voice == kDrumVoice;
    track.program = track.is_drum ? 0 : std::uint8_t(voice);
    track.notes = std::move(of_voice);
    tracks.push_back(std::move(track));
  }
  return tracks;
}

}  // namespace continuo::tokens
