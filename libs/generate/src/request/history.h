#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "continuo/sampling/likelihood.h"
#include "continuo/tokens/tokenizer.h"

#include "../rules/token_facts.h"

namespace continuo::generate {

// The tokens that a model reads, with the musical place of the token after each.
struct Context {
  std::vector<TokenId> tokens;
  std::vector<MusicalPlace> places;
};

// The piece so far: its tokens without BOS, the grammar's state and the length after them, and where a model's context
// may begin. Movable.
class History {
 public:
  History(const tokens::Tokenizer& tokenizer, const TokenFacts& facts);

  std::span<const TokenId> tokens() const { return tokens_; }
  std::size_t size() const { return tokens_.size(); }
  const tokens::TokenGrammar& grammar() const { return *grammar_; }
  std::size_t bars() const { return meter_->bars_begun(); }
  double seconds() const { return meter_->elapsed().value; }
  // seconds() as it would be after `token`.
  double seconds_after(TokenId token) const;

  // Requires: grammar().is_legal(token).
  void push(TokenId token);
  // Errors: invalid_tokens, where the sequence breaks the grammar.
  Status append(std::span<const TokenId> tokens);
  // Appends waits up to `seconds`, as closely as the vocabulary allows without exceeding it. Does nothing in a
  // tokenisation without tokens that only wait.
  void wait_until(double seconds);
  // Ends what is open, in the fewest tokens: close_piece().
  Status close();
  // Removes the tokens from `size` on. O(size).
  void truncate(std::size_t size);

  // The end of the piece, for a model that reached a bar line without appending it: close() may let time pass
  // beyond it. Units: seconds of the length meter.
  void end_at(double seconds) { end_seconds_ = seconds; }
  std::optional<double> end_seconds() const { return end_seconds_; }

  // Of the tokens that a model has drawn, whichever of them were appended.
  sampling::Likelihood& likelihood() { return likelihood_; }
  const sampling::Likelihood& likelihood() const { return likelihood_; }

  std::unique_ptr<tokens::LengthMeter> meter() const { return meter_->clone(); }
  // Of the token that comes next.
  tokens::MusicalPosition position() const { return meter_->position(); }
  MusicalPlace place() const { return tokens::place_of(position()); }
  // BOS and the latest tokens, at most `limit` in all. They start at a bar line, or else where the piece could have
  // ended, or else anywhere: the first of these that fills at least half of the room. Requires: limit >= 2.
  Context context(std::size_t limit) const;
  // From here on no note and no silence is longer than these, where the grammar can see to it. Units: as those of
  // TokenGrammar::limit_notes() and limit_silence().
  struct Limits {
    double note = tokens::kNoNoteLimit, silence = tokens::kNoSilenceLimit;
  };
  void limit(const Limits& limits);
  // From here on notes are of these instruments alone, where the grammar can see to it.
  void limit_instruments(const tokens::Instruments& instruments) { grammar_->limit_instruments(instruments); }
  // Lets notes end that began before context(limit) begins, where the grammar can.
  void release_notes_outside(std::size_t limit);

 private:
  std::size_t context_start(std::size_t room) const;
  void limit_grammar(const Limits& limits);

  const tokens::Tokenizer& tokenizer_;
  const TokenFacts& facts_;
  std::vector<TokenId> tokens_;
  std::vector<std::uint8_t> could_end_;  // before each token: grammar().can_end()
  std::unique_ptr<tokens::TokenGrammar> grammar_;
  std::unique_ptr<tokens::LengthMeter> meter_;
  std::vector<MusicalPlace> places_;  // of each token, and of the next one
  std::vector<std::int64_t> steps_;   // MusicalPosition::step of each token
  std::optional<double> end_seconds_;
  Limits limits_;
  sampling::Likelihood likelihood_;
  std::size_t limited_from_ = 0;  // the first token that limits_ are for
};

}  // namespace continuo::generate
