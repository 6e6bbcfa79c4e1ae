#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "continuo/sampling/likelihood.h"
#include "continuo/tokens/track_cells.h"

#include "../request/request.h"

namespace continuo::generate {

// What of a piece in bars is asked of a model: what `tracks` play in the bars [begin, end). All else is given.
struct CellPlan {
  NoteRules rules;
  Keep keep = Keep::kNothing;         // of the old notes of asked cells
  std::optional<double> guidance;     // ComposeOptions::guidance
  double strength = 1;                // ComposeOptions::strength
  std::vector<PitchRange> locked;     // ComposeOptions::locked
  std::vector<tokens::CellBar> bars;  // the whole piece
  std::size_t begin = 0, end = 0;
  std::vector<score::BarChords> chords;   // of each asked bar; empty: as the model likes
  bool draws_chords = false;              // ComposeOptions::draws_chords
  std::vector<tokens::TrackName> tracks;  // within a bar in this order
  // Tracks that play: one that has been silent for half of the asked bars may not be so any longer. Where nothing at
  // all is given, the first one begins.
  std::vector<tokens::TrackName> must_play;
  std::optional<std::size_t> longest_rest;  // of must_play: bars in a row without a note
  std::size_t rests_from = 0;               // the asked bar from which on rests count
  // For each asked bar the earlier one, counted from `begin`, that it repeats; empty: all are new.
  std::vector<std::optional<std::size_t>> repeated;
  bool shows_ahead = false;  // the bars from `end` on are shown first
  bool counts_down = false;  // the model knows how many of the asked bars are left
};

// What a causal model has written: one element for each asked bar.
struct WrittenCells {
  std::vector<std::vector<tokens::TrackCell>> bars;  // those that stay silent left out
  std::vector<score::BarChords> chords;              // given or drawn; empty where there are none
};

// Has a causal model write cells, bar by bar.
// `likelihood` is what the model thinks of their notes, and of tracks being silent.
// Requires: a tokenisation with track cells; begin < end <= bars.size(); at least one track.
// Errors: interrupted; unsupported (the model is not causal).
Result<WrittenCells> write_cells(const Request& request, const CellPlan& plan, std::uint64_t seed,
                                 sampling::Likelihood& likelihood);

}  // namespace continuo::generate
