#include "word_list.h"

#include "continuo/tokens/vocabulary.h"

namespace continuo::tokens {

WordList::WordList() { words_.resize(kSpecialTokens); }

void WordList::add(WordKind kind, std::vector<std::string> texts) {
  first_[std::size_t(kind)] = TokenId(words_.size());
  counts_[std::size_t(kind)] = int(texts.size());
  kinds_.push_back(kind);
  for (std::size_t i = 0; i < texts.size(); ++i) words_.push_back({kind, std::int32_t(i)});
  std::move(texts.begin(), texts.end(), std::back_inserter(texts_));
}

std::vector<std::string> numbered(std::string_view prefix, int from, int count) {
  std::vector<std::string> words;
  for (int i = 0; i < count; ++i) words.push_back(std::string(prefix) + std::to_string(from + i));
  return words;
}

std::vector<std::string> numbered(std::string_view prefix, const std::vector<int>& values) {
  std::vector<std::string> words;
  for (const int value : values) words.push_back(std::string(prefix) + std::to_string(value));
  return words;
}

}  // namespace continuo::tokens
