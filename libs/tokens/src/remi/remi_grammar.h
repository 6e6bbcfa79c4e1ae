#pragma once

#include <memory>

#include "../core/word_grammar.h"
#include "remi_words.h"

namespace continuo::tokens {

// The remi tokenisation's grammar:
//   piece    = Bar TimeSig Position_0 Tempo ... ; ends after any whole unit once it has a note
//   bar      = Bar [TimeSig] { Position ( Tempo | [Tempo] note... ) }
//   note     = [Program] Pitch Velocity Duration
// Positions rise within a bar and lie within its meter; notes at one position rise by program, then pitch; TimeSig,
// Tempo and Program stand only where they change something, and every bar's first note names its program.
// A copy shares the words.
class RemiGrammar final : public WordGrammar {
 public:
  explicit RemiGrammar(std::shared_ptr<const RemiWords> words) : WordGrammar(*words), words_(std::move(words)) {}
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<RemiGrammar>(*this); }
  void reset() override { state_ = {}; }
  void accept(TokenId token) override;
  bool can_end() const override;
  int tokens_to_close() const override;
  int tokens_to_close_after(TokenId token) const override;

 private:
  struct State {
    WordKind last = WordKind::kNone;
    int meter = -1;  // -1: none so far, as for the next
    int tempo = -1;
    int position = -1;      // in this bar
    int program = -1;       // in this bar
    int last_program = -1;  // of the notes at this position
    int last_pitch = -1;    // of the notes at this position and program
    int empty_bars = 0;     // in a row, this one included
    bool has_notes = false;
  };

  static void advance(State& state, Word word);
  static int tokens_to_close(const State& state);
  static bool can_end(const State& state);
  Values legal_values(WordKind kind) const override;
  int durations_within(double quarters) const override;
  Values legal_positions() const;
  bool bar_is_legal() const;

  std::shared_ptr<const RemiWords> words_;
  State state_;
};

}  // namespace continuo::tokens
