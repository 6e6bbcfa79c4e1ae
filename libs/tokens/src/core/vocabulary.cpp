#include "continuo/tokens/vocabulary.h"

#include <algorithm>
#include <cctype>

namespace continuo::tokens {

Result<Vocabulary> Vocabulary::make(std::vector<std::string> words) {
  Vocabulary vocabulary;
  vocabulary.words_ = {"PAD", "BOS", "EOS", "MASK"};
  vocabulary.words_.reserve(words.size() + kSpecialTokens);
  for (std::string& word : words) vocabulary.words_.push_back(std::move(word));
  vocabulary.ids_.reserve(vocabulary.words_.size());
  for (std::size_t id = 0; id < vocabulary.words_.size(); ++id) {
    const std::string& word = vocabulary.words_[id];
    if (!vocabulary.ids_.emplace(word, TokenId(id)).second)
      return Error{ErrorCode::malformed, "the vocabulary holds the word '" + word + "' twice"};
  }
  return vocabulary;
}

std::optional<TokenId> Vocabulary::find(std::string_view word) const {
  const auto found = ids_.find(std::string(word));
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::string Vocabulary::kind(TokenId id) const {
  const std::string_view text = word(id);
  const std::string_view name = text.substr(0, text.find('_'));
  const bool is_name =
      name.size() > 1 && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
  return is_name ? std::string(name) : "other";
}

}  // namespace continuo::tokens
