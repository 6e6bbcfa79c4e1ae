#include "word_grammar.h"

#include <algorithm>

#include "continuo/tokens/vocabulary.h"

namespace continuo::tokens {

WordGrammar::Values WordGrammar::within_limit(WordKind kind, Values legal) const {
  if (kind == WordKind::kDuration && longest_note_ < kNoNoteLimit) {
    legal.to = std::min(legal.to, std::max(legal.from + 1, durations_within(longest_note_)));
  }
  return legal;
}

bool WordGrammar::is_of_instruments(WordKind kind, int value) const {
  constexpr std::size_t kDrums = 128;
  switch (kind) {
    case WordKind::kProgram:
      return instruments_[std::size_t(value)];
    case WordKind::kDrumPitch:
    case WordKind::kDrumPitchEnd:
      return instruments_[kDrums];
    case WordKind::kPitch:
    case WordKind::kPitchEnd:
      // Where drums have no pitches of their own, these are theirs too.
      return !list_->has(WordKind::kDrumPitch) || instruments_.count() > std::size_t(instruments_[kDrums]);
    default:
      return true;
  }
}

bool WordGrammar::is_legal(TokenId token) const {
  if (token == kEos) return can_end();
  const Word word = list_->word(token);
  return word.kind != WordKind::kNone && within_limit(word.kind, legal_values(word.kind)).contains(word.value) &&
         (!picks(word.kind) || is_picked(word.kind, word.value)) && is_of_instruments(word.kind, word.value);
}

void WordGrammar::legal_tokens(std::span<std::uint8_t> legal) const {
  std::fill(legal.begin(), legal.end(), std::uint8_t{0});
  legal[kEos] = can_end();
  for (const WordKind kind : list_->kinds()) {
    const Values values = within_limit(kind, legal_values(kind));
    if (values.from >= values.to) continue;
    const auto first = legal.begin() + list_->first(kind);
    std::fill(first + values.from, first + values.to, std::uint8_t{1});
    if (values.except >= 0) first[values.except] = 0;
    const bool some = picks(kind);
    if (!some && instruments_.all()) continue;
    for (int value = values.from; value < values.to; ++value)
      first[value] &= std::uint8_t((!some || is_picked(kind, value)) && is_of_instruments(kind, value));
  }
}

}  // namespace continuo::tokens
