#pragma once

#include "continuo/tokens/traits.h"

#include "word_list.h"

namespace continuo::tokens {

// What a word does wherever words of its kind have their usual meaning. It completes no note: which word of a note
// comes last differs between tokenisations.
TokenTraits word_traits(Word word);

// `traits_of(word)` for each word of a list.
template <typename TraitsOf>
TokenizerTraits list_traits(TimeDomain time_domain, const WordList& words, const TraitsOf& traits_of) {
  TokenizerTraits traits{time_domain, std::vector<TokenTraits>(static_cast<std::size_t>(words.size()))};
  for (TokenId id = 0; id < words.size(); ++id) {
    const Word word = words.word(id);
    if (word.kind != WordKind::kNone) traits.tokens[static_cast<std::size_t>(id)] = traits_of(word);
  }
  return traits;
}

}  // namespace continuo::tokens
