#pragma once

#include <cstddef>
#include <vector>

#include "note_words.h"

namespace continuo::generate {

// Notes of a cell that stay, among new ones: the model reads them where they are, as if it had drawn them.
//
// Places, and pitches at one place, rise. So whatever lies beyond the next locked note is left out until that note has
// been reached, and the cell does not end before the last of them.
class LockedNotes {
 public:
  // `is_locked`: by token, the pitches of which no other note may be struck.
  LockedNotes(const tokens::TrackCells& cells, std::vector<NoteWords> locked,
              const std::vector<std::uint8_t>& is_locked);

  bool empty() const { return locked_.empty(); }
  // Takes out of `legal`, what the rules leave of the words of the grammar, those that would pass a locked note by.
  // `grammar`: what the grammar alone allows; a locked note is struck whatever the rules are.
  void limit(std::span<const std::uint8_t> grammar, std::span<std::uint8_t> legal) const;
  void take(TokenId token);

 private:
  bool is_at_next() const { return next_ < locked_.size() && place_.position() == locked_[next_].position; }
  bool passes_next(TokenId token) const;

  const tokens::TrackCells& cells_;
  const std::vector<std::uint8_t>& is_locked_;
  std::vector<NoteWords> locked_;
  std::size_t next_ = 0;
  CellPlace place_;
};

}  // namespace continuo::generate
