#include "locked_notes.h"

#include <utility>

namespace continuo::generate {

using tokens::TrackCells;

LockedNotes::LockedNotes(const TrackCells& cells, std::vector<NoteWords> locked,
                         const std::vector<std::uint8_t>& is_locked)
    : cells_(cells), is_locked_(is_locked), locked_(std::move(locked)), place_(cells) {}

// Whether the next locked note could not be struck any more.
bool LockedNotes::passes_next(TokenId token) const {
  const NoteWords& next = locked_[next_];
  if (cells_.is_position(token)) return is_at_next() || token > next.position;
  if (cells_.pitch(token)) return is_at_next() && token > next.pitch;
  return cells_.role(token) != TrackCells::Role::kNote;
}

void LockedNotes::limit(std::span<const std::uint8_t> grammar, std::span<std::uint8_t> legal) const {
  for (TokenId token = 0; token < TokenId(legal.size()); ++token) {
    const bool is_passed = next_ < locked_.size() && passes_next(token);
    if (is_passed || is_locked_[std::size_t(token)] != 0) legal[std::size_t(token)] = 0;
  }
  if (next_ < locked_.size()) {
    const TokenId wanted = is_at_next() ? locked_[next_].pitch : locked_[next_].position;
    legal[std::size_t(wanted)] = grammar[std::size_t(wanted)];
  }
  place_.limit_rest(legal);
}

void LockedNotes::take(TokenId token) {
  const bool is_next = is_at_next() && token == locked_[next_].pitch;
  place_.take(token);
  if (!is_next) return;
  place_.finish_as(locked_[next_]);
  ++next_;
}

}  // namespace continuo::generate
