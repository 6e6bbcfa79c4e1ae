#include "note_words.h"

#include <algorithm>

namespace continuo::generate {

std::vector<NoteWords> notes_in(const tokens::TrackCells& cells, std::span<const TokenId> tokens) {
  std::vector<NoteWords> notes;
  TokenId position = -1;
  for (const TokenId token : tokens) {
    if (cells.is_position(token)) {
      position = token;
    } else if (cells.pitch(token)) {
      notes.push_back({.position = position, .pitch = token, .rest = {}});
    } else if (!notes.empty()) {
      notes.back().rest.push_back(token);
    }
  }
  return notes;
}

void CellPlace::take(TokenId token) {
  if (!rest_.empty() && rest_.front() == token) rest_.erase(rest_.begin());
  if (cells_->is_position(token)) position_ = token;
  if (cells_->is_position(token) || cells_->pitch(token)) rest_.clear();
}

void CellPlace::limit_rest(std::span<std::uint8_t> legal) const {
  if (!rest_.empty() && legal[std::size_t(rest_.front())] != 0) leave_only(rest_.front(), legal);
}

void leave_only(TokenId token, std::span<std::uint8_t> legal) {
  std::ranges::fill(legal, std::uint8_t{0});
  legal[std::size_t(token)] = 1;
}

}  // namespace continuo::generate
