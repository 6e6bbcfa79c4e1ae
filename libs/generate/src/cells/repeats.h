#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "continuo/tokens/track_cells.h"

namespace continuo::generate {

// Which cells repeat the ones before, and what must not be repeated once more.
//
// Of 112 pieces of game music a track plays the same bar at most 6 times in a row in nine of ten, and all tracks
// together at most 4 times in 99 of 100 (docs/results/control.md).
class Repeats {
 public:
  Repeats(const tokens::TrackCells& cells, std::size_t tracks) : cells_(cells), tracks_(tracks) {}

  // The cells of a bar, track by track in their order.
  void begin_bar() { all_equal_ = true; }
  void begin_cell(std::size_t track);
  // The word at which a cell that has repeated the avoided one so far has to leave it: its first pitch from the middle
  // on, or else its last.
  std::optional<TokenId> avoided_word(std::span<const TokenId> notes) const;
  void end_cell(std::size_t track, std::span<const TokenId> notes);
  void end_bar() { equal_bars_ = all_equal_ ? equal_bars_ + 1 : 1; }

 private:
  // The last cell of a track, and how many times in a row it has been played.
  struct Last {
    std::vector<TokenId> notes;
    int count = 0;
  };

  const tokens::TrackCells& cells_;
  std::vector<Last> tracks_;
  bool all_equal_ = true;         // all cells of the bar at hand, to those of the bar before
  int equal_bars_ = 0;            // in a row
  std::vector<TokenId> avoided_;  // what the present cell must not repeat; empty: it may be anything
};

}  // namespace continuo::generate
