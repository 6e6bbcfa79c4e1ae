#include "note_chord_grammar.h"

#include <algorithm>

namespace continuo::tokens {

bool NoteChordGrammar::item_is_legal(TokenId token) const {
  const PitchSet& pitches = table_->item(token).pitches;
  return token > last_item_ && ((pitches.bits[0] & struck_.bits[0]) | (pitches.bits[1] & struck_.bits[1])) == 0;
}

int NoteChordGrammar::longest_advance() const {
  if (after_short_advance_) return 0;
  return std::min(table_->max_steps(), kMaxAdvances * table_->max_steps() - advanced_);
}

bool NoteChordGrammar::is_legal(TokenId token) const {
  if (token == kEos) return can_end();
  if (table_->is_item(token)) return item_is_legal(token);
  return table_->is_advance(token) && table_->advance(token) <= longest_advance();
}

void NoteChordGrammar::legal_tokens(std::span<std::uint8_t> legal) const {
  std::fill(legal.begin(), legal.end(), std::uint8_t{0});
  legal[kEos] = can_end();
  for (TokenId id = std::max(table_->first_item(), last_item_ + 1); id < table_->first_advance(); ++id)
    legal[std::size_t(id)] = item_is_legal(id);
  std::fill_n(legal.begin() + table_->first_advance(), longest_advance(), std::uint8_t{1});
}

void NoteChordGrammar::accept(TokenId token) {
  if (table_->is_item(token)) {
    const PitchSet& pitches = table_->item(token).pitches;
    struck_.bits[0] |= pitches.bits[0];
    struck_.bits[1] |= pitches.bits[1];
    last_item_ = token;
    advanced_ = 0;
    after_item_ = true;
    after_short_advance_ = false;
  } else if (table_->is_advance(token)) {
    struck_ = {};
    last_item_ = 0;
    advanced_ += table_->advance(token);
    after_item_ = false;
    after_short_advance_ = table_->advance(token) < table_->max_steps();
  }
}

}  // namespace continuo::tokens
