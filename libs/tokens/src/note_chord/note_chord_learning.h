#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "continuo/tokens/note_chord.h"

#include "../core/grid_notes.h"
#include "note_chord_items.h"

namespace continuo::tokens {

// What a note_chord tokenisation is, besides its words.
struct NoteChordSetting {
  int steps_per_quarter = 4;
  int max_steps = 32;
  bool drums = false;                              // decoded music is drums
  std::int32_t microseconds_per_quarter = 500000;  // of decoded music
};

// The piece on the grid, no pitch sounding twice at a time. `shortened` counts waits beyond the limit.
Result<std::vector<GridNote>> chord_notes(const score::Score& score, const NoteChordSetting& setting, int& shortened);

// The items at one onset in their order, chords whole. Requires: notes of one onset, no pitch twice.
std::vector<ChordItem> group_into_items(std::span<const GridNote> notes);

// The run of notes that start together with notes[0].
std::span<const GridNote> first_onset(std::span<const GridNote> notes);

struct LearnedNoteChord {
  NoteChordSetting setting;
  std::vector<ChordItem> items;  // in order
};

// Errors: no_notes.
Result<LearnedNoteChord> learn_note_chord(std::span<const score::Score> corpus, const NoteChordOptions& options);

}  // namespace continuo::tokens
