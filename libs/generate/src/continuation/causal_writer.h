#pragma once

#include <memory>
#include <optional>
#include <span>

#include "continuo/base/rng.h"
#include "continuo/engine/model.h"
#include "continuo/sampling/sampler.h"

#include "../request/history.h"
#include "../request/request.h"
#include "../rules/next_token.h"
#include "bar_loop.h"
#include "note_loop.h"

namespace continuo::generate {

// Draws the tokens of one piece from a causal model. The caller feeds each token back to the model, so that several
// pieces can be one batch:
//
//   open();
//   while (token = choose()) session()->full() ? reread() : set_logits(session()->step(token, place()));
class CausalWriter {
 public:
  // `request` and `history` outlive it.
  CausalWriter(const Request& request, History& history, std::uint64_t seed);

  // Starts a session and prefills it with the history. Errors: unsupported (the model is not causal).
  Status open();
  // The same, from a writer of an equal history that is open. No token has been chosen yet.
  void open_like(const CausalWriter& other);
  // Draws the next token and appends it to the history. Nothing: the piece ends here.
  std::optional<TokenId> choose();

  // In place of choose(): appends a token that is given, or draws one of this kind of touch. Errors: invalid_tokens
  // (the grammar does not allow the token, or none of this kind).
  Status give(TokenId token);
  Result<TokenId> choose_touch(tokens::Touch touch);
  // The same, of what `limit` leaves.
  Result<TokenId> choose_within(const NextToken::Limit& limit);

  // Feeds the token that was given or drawn last to the model.
  void read_last();

  // Of the token after the one that was chosen last.
  MusicalPlace place() const { return history_.place(); }
  engine::Session* session() { return session_.get(); }
  // Shape: logits [vocab], valid until the next choose().
  void set_logits(std::span<const float> logits) { logits_ = logits; }
  // For a full context: starts the session again from the latest half of it, the last token included.
  void reread();
  void report() const;

 private:
  // Feeds the latest tokens of the history to the session, at most `limit`.
  void read(std::size_t limit);
  std::size_t drawn() const { return history_.size() - first_; }
  std::size_t bars() const { return history_.bars() - first_bar_; }
  std::optional<NextTokenRules> rules() const;
  NextTokenRules bar_limit_rules(NextTokenRules rules) const;
  TokenId within_goal(TokenId token) const;
  bool ends_piece(TokenId token) const;
  // Errors: invalid_tokens (nothing is legal), as `problem` says.
  Result<TokenId> draw(std::span<const std::uint8_t> legal, const char* problem);

  const Request& request_;
  History& history_;
  std::size_t first_, first_bar_;  // tokens and bars of the history before the first drawn token
  std::unique_ptr<engine::Session> session_;
  std::span<const float> logits_;
  NextToken next_;
  sampling::Sampler sampler_;
  BarLoop bar_loop_;
  NoteLoop note_loop_;
  Rng rng_;
  std::size_t tokens_in_bar_ = 0;
  bool leading_to_bar_ = false;  // some of the tokens that precede a bar line have been drawn
};

}  // namespace continuo::generate
