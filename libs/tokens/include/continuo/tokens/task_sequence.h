#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "continuo/tokens/track_cells.h"

namespace continuo::tokens {

// Writes what a causal model is shown of a piece for a task, in the order of track_cells.h. Training and composing both
// write by it, so that a model meets when it composes what it has learned from.
class TaskSequence {
 public:
  // The cells must outlive it.
  explicit TaskSequence(const TrackCells& cells) : cells_(cells) {}

  // The bars after the gap that is to be filled, whole. Before anything else.
  void ahead(std::span<const CellBar> bars);
  // Begins a bar. `left`: how many bars follow it until the gap or the piece ends, where the model is to know.
  void head(std::span<const TokenId> head, std::optional<std::size_t> left = std::nullopt);
  // A track that is given, and a whole bar.
  void given(const TrackCell& cell);
  void given(const CellBar& bar);
  // What chords the bar has: after its given tracks, before those that are asked for.
  void chords(const score::BarChords& chords) { cells_.append_chords(chords, tokens_); }
  // The name of a track that is asked for in this bar, and how much it should play, where that is asked too. Its notes
  // follow, or that it is silent.
  void ask(TrackName track, std::optional<int> density = std::nullopt, std::optional<int> voices = std::nullopt);
  void silent() { tokens_.push_back(cells_.silent()); }
  void append(std::span<const TokenId> tokens) { tokens_.insert(tokens_.end(), tokens.begin(), tokens.end()); }

  const std::vector<TokenId>& tokens() const { return tokens_; }

 private:
  const TrackCells& cells_;
  std::vector<TokenId> tokens_;
};

}  // namespace continuo::tokens
