#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "continuo/tokens/tokenizer.h"

#include "token_facts.h"

namespace continuo::generate {

// The piece so far: its tokens without BOS, with the grammar's state and the length after them, and where a context
// may begin. Movable.
class History {
 public:
  History(const tokens::Tokenizer& tokenizer, const TokenFacts& facts);

  std::span<const TokenId> tokens() const { return tokens_; }
  std::size_t size() const { return tokens_.size(); }
  const tokens::TokenGrammar& grammar() const { return *grammar_; }
  std::size_t bars() const { return meter_->bars_begun(); }
  double seconds() const { return meter_->elapsed().value; }
  // Where `token` would lead, without going there.
  double seconds_after(TokenId token) const;

  // Requires: grammar().is_legal(token).
  void push(TokenId token);
  // Errors: invalid_tokens, where the sequence leaves the grammar.
  Status append(std::span<const TokenId> tokens);
  // Lets time pass, as exactly as the words allow without passing `seconds`. Nothing where time has no words of its
  // own.
  void wait_until(double seconds);
  // Forgets the tokens from `size` on. O(size).
  void truncate(std::size_t size);

  // Where the piece ends, when that is known before what is open has been closed. Units: seconds of the length meter.
  void end_at(double seconds) { end_seconds_ = seconds; }
  std::optional<double> end_seconds() const { return end_seconds_; }

  // BOS and the latest tokens, `limit` in all at most. They begin with a bar, or else where no note sounds, or else
  // anywhere: the first of these that keeps at least half of the room filled. Requires: limit >= 2.
  std::vector<TokenId> context(std::size_t limit) const;

 private:
  std::size_t context_start(std::size_t room) const;

  const tokens::Tokenizer& tokenizer_;
  const TokenFacts& facts_;
  std::vector<TokenId> tokens_;
  std::vector<std::uint8_t> at_rest_;  // before each token: nothing is open
  std::unique_ptr<tokens::TokenGrammar> grammar_;
  std::unique_ptr<tokens::LengthMeter> meter_;
  std::optional<double> end_seconds_;
};

}  // namespace continuo::generate
