#include "kept_pitches.h"

#include <utility>

namespace continuo::generate {

using tokens::TrackCells;

KeptPitches::KeptPitches(const TrackCells& cells, std::vector<NoteWords> old, double strength, Rng& rng)
    : cells_(cells), old_(std::move(old)), place_(cells) {
  for (std::size_t i = 0; i < old_.size(); ++i) stays_.push_back(std::uint8_t(rng.uniform() >= strength));
}

std::size_t KeptPitches::places_needed() const {
  std::size_t places = 1;
  for (std::size_t i = next_ + 1; i < old_.size(); ++i) places += std::size_t(old_[i].pitch <= old_[i - 1].pitch);
  return places;
}

void KeptPitches::limit(std::span<std::uint8_t> legal) const {
  const bool is_done = next_ == old_.size();
  for (TokenId token = 0; token < TokenId(legal.size()); ++token) {
    const bool is_pitch = cells_.pitch(token).has_value(), is_place = cells_.is_position(token);
    const bool ends = cells_.role(token) != TrackCells::Role::kNote;
    const bool breaks = is_done ? is_pitch || is_place : ends || (is_pitch && token != old_[next_].pitch);
    if (breaks) legal[std::size_t(token)] = 0;
  }
  if (!is_done) limit_positions(legal);
  place_.limit_rest(legal);
}

void KeptPitches::limit_positions(std::span<std::uint8_t> legal) const {
  std::size_t left = 0;
  for (TokenId token = 0; token < TokenId(legal.size()); ++token)
    left += std::size_t(legal[std::size_t(token)] != 0 && cells_.is_position(token));
  const std::size_t needed = places_needed();
  for (TokenId token = 0; token < TokenId(legal.size()); ++token) {
    if (legal[std::size_t(token)] == 0 || !cells_.is_position(token)) continue;
    if (left-- < needed) legal[std::size_t(token)] = 0;
  }
  if (!stays_[next_]) return;
  const NoteWords& note = old_[next_];
  const TokenId wanted = place_.position() == note.position ? note.pitch : note.position;
  if (legal[std::size_t(wanted)] != 0) leave_only(wanted, legal);
}

void KeptPitches::take(TokenId token) {
  place_.take(token);
  if (!cells_.pitch(token)) return;
  if (stays_[next_]) place_.finish_as(old_[next_]);
  ++next_;
}

}  // namespace continuo::generate
