#pragma once

#include <span>
#include <vector>

#include "continuo/tokens/track_cells.h"

namespace continuo::generate {

// A note of a cell in its words.
struct NoteWords {
  TokenId position = -1, pitch = -1;
  std::vector<TokenId> rest;  // what follows the pitch: loudness, duration
};

// The notes of a cell, in their order.
std::vector<NoteWords> notes_in(const tokens::TrackCells& cells, std::span<const TokenId> tokens);

// Follows the words of a cell: which place has been reached, and which words have to come next.
class CellPlace {
 public:
  explicit CellPlace(const tokens::TrackCells& cells) : cells_(&cells) {}

  void take(TokenId token);
  // -1 before the first.
  TokenId position() const { return position_; }
  // Makes `note` the one whose words come next, once its pitch has been taken.
  void finish_as(const NoteWords& note) { rest_ = note.rest; }
  // Leaves of `legal` only the word that has to come next, where one has to and may.
  void limit_rest(std::span<std::uint8_t> legal) const;

 private:
  const tokens::TrackCells* cells_;
  TokenId position_ = -1;
  std::vector<TokenId> rest_;  // in their order
};

// Leaves of `legal` no word but this one.
void leave_only(TokenId token, std::span<std::uint8_t> legal);

}  // namespace continuo::generate
