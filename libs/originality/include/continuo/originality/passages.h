#pragma once

#include <cstddef>
#include <vector>

#include "continuo/originality/index.h"
#include "continuo/score/score.h"

namespace continuo::originality {

// Consecutive notes of a line that a line of the index has too, in any key and at any tempo. As long as it can be.
struct Passage {
  std::size_t notes = 0;
  std::size_t track = 0;            // of the piece
  int first_bar = 0, last_bar = 0;  // of the piece, counted from 1
  std::size_t source = 0;           // number of the piece in the index
  std::size_t source_track = 0;
  int source_first_bar = 0, source_last_bar = 0;  // counted from 1
  int transposition = 0;                          // Units: semitones from the source up
  // The share of its notes that follow the one before as the source's do, at the tempo at which most do. Range: 0 to 1
  double rhythm = 0;
};

// A piece of the index that shares passages.
struct Source {
  std::size_t piece = 0;  // its number
  Passage longest;
  std::size_t notes = 0;  // of the asked piece, in passages shared with this one
};

struct Report {
  std::size_t notes = 0;         // in lines
  std::size_t shared_notes = 0;  // in passages shared with any
  std::vector<Source> sources;   // by the length of the longest passage, then of all, then by number
  // 0 where nothing is shared.
  std::size_t longest() const { return sources.empty() ? 0 : sources[0].longest.notes; }
};

// What a piece shares with those of the index, in passages of `least` notes and more. Passages are found wherever they
// have at least 12 notes, some 8 of which have at least four different intervals between them, so that scales and
// trills are none; of shorter ones some are. Requires: least >= 1.
Report find_passages(const Index& index, const score::Score& piece, std::size_t least);

}  // namespace continuo::originality
