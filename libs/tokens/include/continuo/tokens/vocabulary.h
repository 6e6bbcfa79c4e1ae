#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/base/token_id.h"

namespace continuo::tokens {

// Every vocabulary begins with these four words, at these ids.
inline constexpr TokenId kPad = 0;   // fills a batch; never part of a piece
inline constexpr TokenId kBos = 1;   // a piece begins
inline constexpr TokenId kEos = 2;   // a piece has ended
inline constexpr TokenId kMask = 3;  // to be filled in (bidirectional models)
inline constexpr int kSpecialTokens = 4;

// The words of a tokenisation in the order of their ids: "PAD", "BOS", "EOS", "MASK", then its own such as
// "Pitch_60". Immutable; a copy copies all words.
class Vocabulary {
 public:
  // `words` are the tokenisation's own, without the special four. Errors: malformed, when a word occurs twice.
  static Result<Vocabulary> make(std::vector<std::string> words);

  int size() const { return int(words_.size()); }
  // Requires: 0 <= id < size().
  const std::string& word(TokenId id) const { return words_[std::size_t(id)]; }
  std::optional<TokenId> find(std::string_view word) const;
  const std::vector<std::string>& words() const { return words_; }
  // The name that a word begins with: "Pitch" of Pitch_60 and of the subword Pitch_60&Velocity_8, "Bar" of Bar; "other"
  // of words that begin with no name, such as the chords of note_chord and the subword Bar&Position_0.
  std::string kind(TokenId id) const;

 private:
  std::vector<std::string> words_;
  std::unordered_map<std::string, TokenId> ids_;
};

}  // namespace continuo::tokens
