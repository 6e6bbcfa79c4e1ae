#pragma once

#include <memory>

#include "continuo/tokens/token_grammar.h"

#include "remi_words.h"

namespace continuo::tokens {

// The remi tokenisation's grammar:
//   piece    = Bar TimeSig Position_0 Tempo ... ; ends after any whole unit once it has a note
//   bar      = Bar [TimeSig] { Position ( Tempo | [Tempo] note... ) }
//   note     = [Program] Pitch Velocity Duration
// Positions rise within a bar and lie within its meter; notes at one position rise by program, then pitch; TimeSig,
// Tempo and Program stand only where they change something, and every bar's first note names its program.
// A copy shares the words.
class RemiGrammar final : public TokenGrammar {
 public:
  explicit RemiGrammar(std::shared_ptr<const RemiWords> words) : words_(std::move(words)) {}
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<RemiGrammar>(*this); }
  void reset() override { state_ = {}; }
  void legal_tokens(std::span<std::uint8_t> legal) const override;
  bool is_legal(TokenId token) const override;
  void accept(TokenId token) override;
  bool can_end() const override;
  int tokens_to_close() const override;
  int tokens_to_close_after(TokenId token) const override;

 private:
  struct State {
    RemiKind last = RemiKind::kNone;
    int meter = -1;  // -1: none so far, as for the next
    int tempo = -1;
    int position = -1;      // in this bar
    int program = -1;       // in this bar
    int last_program = -1;  // of the notes at this position
    int last_pitch = -1;    // of the notes at this position and program
    int empty_bars = 0;     // in a row, this one included
    bool has_notes = false;
  };

  static void advance(State& state, RemiWord word);
  static int tokens_to_close(const State& state);
  static bool can_end(const State& state);
  // The values of a kind that are legal: those from `from` up to, without, `to`, apart from `except`.
  struct Values {
    int from = 0, to = 0, except = -1;
    bool contains(int value) const { return value >= from && value < to && value != except; }
  };
  Values legal_values(RemiKind kind) const;
  Values legal_positions() const;
  bool bar_is_legal() const;

  std::shared_ptr<const RemiWords> words_;
  State state_;
};

}  // namespace continuo::tokens
